import type { Difference } from './compare.js';

/**
 * Where we and tshark 4.0.17 differ on purpose. The list is closed: whatever it does not explain fails the test.
 */
export interface KnownDifference {
  readonly id: string;
  /** Why we do not do as tshark does. */
  readonly reason: string;
  explains(difference: Difference): boolean;
}

function ports(difference: Difference): readonly number[] {
  return [difference.facts?.sourcePort ?? 0, difference.facts?.destinationPort ?? 0];
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
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
    id: 'delimiter-without-padding',
    reason:
      'Diagnostics 3 (change ASCII delimiter) carries the character and a zero; tshark prints the character alone, ours is the whole data field.',
    explains: ({ what, ourAdu, ours, theirs }) =>
      what === 'data' && ourAdu?.subfunction === 3 && String(ours).startsWith(String(theirs)),
  },
  {
    id: 'header-split',
    reason:
      'tshark never decodes an ADU whose first segment holds less than eight of its bytes; we reassemble the stream.',
    explains: (difference) => difference.what === 'extra' && startsInsideSmallSegment(difference),
  },
  {
    id: 'content-not-port',
    reason: 'tshark decodes Modbus on port 502 only; we recognise it by its content on any port.',
    explains: (difference) =>
      difference.what === 'extra' && !ports(difference).includes(502) && !difference.tshark.adus.has(difference.frame),
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
