import type { Difference } from './compare.js';
import type { OurAdu } from './records.js';

/**
 * Where we and tshark 4.0.17 differ on purpose. The list is closed: whatever it does not explain fails the test.
 */
export interface KnownDifference {
  readonly id: string;
  /** Why we do not do as tshark does. */
  readonly reason: string;
  explains(difference: Difference): boolean;
}

/** Modbus Messaging on TCP/IP 3.1.3: unit and a PDU of at most 253 bytes. */
const MAX_LENGTH = 254;

function ports(difference: Difference): readonly number[] {
  return [difference.facts?.sourcePort ?? 0, difference.facts?.destinationPort ?? 0];
}

function isBeginningOf(ours: unknown, theirs: unknown): boolean {
  return Array.isArray(ours) && Array.isArray(theirs) && ours.every((value, i) => value === theirs[i]);
}

function isExtra(difference: Difference): difference is Difference & { ourAdu: OurAdu } {
  return difference.what === 'extra' && difference.ourAdu !== undefined;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    id: 'not-first-copy',
    reason:
      'tshark does not decode segments that it takes for retransmitted or out of order, also where they are the first to bring their bytes (packets swapped on the way, or lost in the capture); we reassemble the stream and report every ADU once.',
    explains: (difference) =>
      isExtra(difference) && (difference.facts?.retransmission === true || difference.facts?.outOfOrder === true),
  },
  {
    id: 'repeated-copy',
    reason: 'tshark decodes a fast retransmission once more; we report an ADU once, however often its bytes were sent.',
    explains: ({ what, facts }) => what === 'missing' && facts?.retransmission === true,
  },
  {
    id: 'header-split',
    reason:
      'tshark never decodes an ADU whose first segment holds less than eight of its bytes; we reassemble the stream.',
    explains: (difference) => isExtra(difference) && startsInsideSmallSegment(difference),
  },
  {
    id: 'content-not-port',
    reason: 'tshark decodes Modbus on port 502 only; we recognise it by its content on any port.',
    explains: (difference) =>
      isExtra(difference) && !ports(difference).includes(502) && !difference.tshark.adus.has(difference.frame),
  },
  {
    id: 'impossible-length',
    reason:
      'After a header with an impossible length tshark waits for that many bytes and shows nothing until then; we report the malformed ADU and those that follow it. Where the capture cut such a packet, tshark takes the next one for another header, and we wait for a sound one.',
    explains: (difference) =>
      (isExtra(difference) && followsImpossibleLength(difference)) ||
      (difference.what === 'missing' && (difference.theirAdu?.length ?? 0) > MAX_LENGTH),
  },
  {
    id: 'protocol-id',
    reason: 'tshark leaves a segment with a protocol identifier other than 0 undecoded; we report it with its anomaly.',
    explains: (difference) => isExtra(difference) && difference.ourAdu.anomalies.includes('modbus.bad_protocol_id'),
  },
  {
    id: 'smuggled',
    reason: 'tshark does not look behind the end that the function implies; we report the ADU hidden there.',
    explains: (difference) => isExtra(difference) && difference.ourAdu.anomalies.includes('modbus.length_smuggling'),
  },
  {
    id: 'nothing-behind-function',
    reason:
      'tshark gives up on an exception without a code, and on functions 8 and 43 without a sub-code; we report what there is.',
    explains: (difference) => isExtra(difference) && difference.ourAdu.length === 2,
  },
  {
    id: 'exception-code-0',
    reason:
      'tshark takes an exception with code 0 for an ordinary answer; the function’s high bit says that it is an exception.',
    explains: ({ what, ourAdu, theirAdu }) =>
      ourAdu?.exception_code === 0 && (what === 'exception_code' || theirAdu?.exception_code === undefined),
  },
  {
    id: 'stale-request',
    reason:
      'tshark pairs an answer with the latest earlier request of its transaction, also when that request was answered before or a request was sent in between; we pair each request once, in order.',
    explains: (difference) => isStaleRequest(difference),
  },
  {
    id: 'request-not-decoded',
    reason:
      'tshark does not know the quantity of a request that it did not decode (see not-first-copy) and shows the padding bits of the answer; ours ends with the quantity.',
    explains: ({ what, ours, theirs, ourAdu, theirAdu }) =>
      what === 'values' &&
      ourAdu?.request_pcap_cnt !== undefined &&
      theirAdu?.request_pcap_cnt === undefined &&
      isBeginningOf(ours, theirs),
  },
  {
    id: 'request-cut',
    reason:
      'Where the capture cut a request before its quantity, tshark takes the quantity for 1 and shows one bit of the answer; ours are all bits, because the quantity is unknown.',
    explains: ({ what, ours, theirs, ourAdu }) =>
      what === 'values' &&
      ourAdu?.request_pcap_cnt !== undefined &&
      ourAdu.quantity === undefined &&
      isBeginningOf(theirs, ours),
  },
  {
    id: 'surplus-bytes',
    reason:
      'Behind a complete write of one register tshark shows surplus bytes as further values; ours are the value, and the anomaly modbus.length_mismatch.',
    explains: ({ what, ours, theirs, ourAdu }) =>
      what === 'values' &&
      ourAdu?.function_code === 6 &&
      ourAdu.anomalies.includes('modbus.length_mismatch') &&
      isBeginningOf(ours, theirs),
  },
  {
    id: 'more-bits-than-asked',
    reason:
      'In an answer with more bytes of coils than were asked for tshark shows the padding of the first byte wrongly; ours ends with the quantity.',
    explains: ({ what, ours, theirs, ourAdu }) =>
      what === 'values' &&
      ourAdu?.anomalies.includes('modbus.byte_count_mismatch') === true &&
      isBeginningOf(ours, theirs),
  },
  {
    id: 'file-record-data-overrun',
    reason:
      'In answers to function 20 and in function 21 tshark prints twice the length of a record as its data, so that the next record’s bytes appear in it; ours ends where the record ends.',
    explains: ({ what, ourAdu, theirAdu }) =>
      what === 'records' &&
      (theirAdu?.records ?? []).every((their, i) => {
        const our = ourAdu?.records?.[i];
        return (
          our?.data !== undefined &&
          (their.data ?? '').startsWith(our.data) &&
          their.reference_type === our.reference_type
        );
      }),
  },
  {
    id: 'damaged-record',
    reason: 'Behind a file record whose length cannot be right tshark goes on reading at a wrong place; we stop there.',
    explains: ({ what, ourAdu }) => what === 'records' && ourAdu?.anomalies.includes('modbus.bad_record') === true,
  },
  {
    id: 'delimiter-without-padding',
    reason:
      'Diagnostics 3 (change ASCII delimiter) carries the character and a zero; tshark prints the character alone, ours is the whole data field.',
    explains: ({ what, ourAdu, ours, theirs }) =>
      what === 'data' && ourAdu?.subfunction === 3 && String(ours).startsWith(String(theirs)),
  },
];

/** The segment before, in the same direction, was too short for tshark to begin. */
function startsInsideSmallSegment({ frame, facts, tshark }: Difference): boolean {
  if (!facts) return false;
  for (let earlier = frame - 1; earlier > 0 && earlier > frame - 50; earlier--) {
    const other = tshark.facts.get(earlier);
    if (!other || other.stream !== facts.stream || other.sourcePort !== facts.sourcePort) continue;
    return other.length < 8 && !tshark.adus.has(earlier);
  }
  return false;
}

function followsImpossibleLength({
  frame,
  facts,
  fieldwatch,
  ourAdu,
  tshark,
}: Difference & { ourAdu: OurAdu }): boolean {
  if (ourAdu.anomalies.includes('modbus.bad_length')) return true;
  if (!facts?.info.includes('TCP segment of a reassembled PDU')) return false;
  for (const [number, adus] of fieldwatch.adus) {
    const other = tshark.facts.get(number);
    const isBefore = number < frame && other?.stream === facts.stream && other.sourcePort === facts.sourcePort;
    if (isBefore && adus.some(({ anomalies }) => anomalies.includes('modbus.bad_length'))) return true;
  }
  return false;
}

/** tshark's request was answered by an earlier frame, or lies behind ours in a burst with one transaction id. */
function isStaleRequest({ frame, what, ourAdu, theirAdu, tshark, fieldwatch }: Difference): boolean {
  const theirRequest = theirAdu?.request_pcap_cnt;
  if (theirRequest === undefined || ourAdu === undefined) return false;
  // Bits are trimmed to the request's quantity, so the wrong request shows in the values too.
  if (what !== 'request_pcap_cnt' && !(what === 'values' && (theirAdu?.function_code ?? 9) <= 2)) return false;
  const ourRequest = ourAdu.request_pcap_cnt;
  if (ourRequest !== undefined && ourRequest < theirRequest) return true;
  return [tshark.adus, fieldwatch.adus].some((view) =>
    [...view].some(([number, adus]) => number < frame && adus.some((adu) => adu.request_pcap_cnt === theirRequest)),
  );
}
