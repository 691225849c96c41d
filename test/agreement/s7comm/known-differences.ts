import type { Difference } from './compare.js';

interface KnownDifference {
  readonly id: string;
  /** Why we read it as we do. */
  readonly reason: string;
  explains(difference: Difference): boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    id: 'beyond-parameters',
    reason:
      'The parameters end before what the function needs. tshark goes on reading in what follows them; we say that they are damaged, and show what is there.',
    explains: ({ ours }) =>
      ours !== undefined &&
      ['s7comm.bad_parameter', 's7comm.bad_data', 's7comm.bad_item'].some((code) => ours.anomalies.includes(code)),
  },
  {
    id: 'odd-return-code',
    reason:
      'For an item with a return code other than 0x00, 0x0A and 0xFF tshark shows size and length of the item before it, and no data; in a write request it then takes the data for the next item. We show what stands there: the code of something to be written means nothing to a controller.',
    explains: ({ what, ours }) =>
      what === 'results' &&
      ((ours?.fields['results'] ?? []) as Record<string, unknown>[]).some(
        ({ return_code: code }) => code !== 0 && code !== 0xff && (ours?.fields['rosctr'] === 1 || code !== 0x0a),
      ),
  },
  {
    id: 'not-first-copy',
    reason:
      'tshark does not decode segments that it takes for retransmitted or out of order, also where they are the first to bring their bytes; we reassemble the stream and report every message once.',
    explains: ({ what, info }) => what === 'extra' && /Retransmission|Out-Of-Order/.test(info),
  },
  {
    id: 'repeated-copy',
    reason:
      'tshark decodes a fast retransmission once more; we report a message once, however often its bytes were sent.',
    explains: ({ what, info }) => what === 'missing' && info.includes('Fast Retransmission'),
  },
  {
    id: 'part-not-decoded',
    reason:
      'A status list came in several messages, and tshark did not decode one of them (see not-first-copy): it puts the others together without it, or takes the middle of the list for its beginning. We have all parts.',
    explains: ({ what, frame, tshark }) =>
      what.startsWith('szl.') && [...tshark.irregular.keys()].some((other) => other < frame && frame - other < 20),
  },
  {
    id: 'cut-transport',
    reason: 'The capture cut a connection request in its fixed part: tshark shows none of it, we the references.',
    explains: ({ what, ours }) => what === 'extra' && ours?.protocol === 'cotp' && ours.partial,
  },
  {
    id: 'unknown-type',
    reason: 'tshark does not take a message of a type that does not exist for S7; we report it with its anomaly.',
    explains: ({ what, ours }) => what === 'extra' && ours?.anomalies.includes('s7comm.bad_header') === true,
  },
];
