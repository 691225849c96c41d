import type { Difference } from './compare.js';

interface KnownDifference {
  readonly id: string;
  /** Why we read it as we do. */
  readonly why: string;
  explains(difference: Difference): boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    id: 'beyond-parameters',
    why: 'The parameters end before what the function needs. tshark goes on reading in what follows them; we say that they are damaged, and show what is there.',
    explains: ({ ours }) =>
      ours !== undefined &&
      ['s7comm.bad_parameter', 's7comm.bad_data', 's7comm.bad_item'].some((code) => ours.anomalies.includes(code)),
  },
];
