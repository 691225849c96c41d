import type { Message } from './tshark.js';

export interface Comparison {
  /** Frames in which either side reports a message. */
  frames: number;
  /** Of these, frames in which tshark reports one. */
  tsharkFrames: number;
  agreed: number;
  /** Frames whose differences all have a reason. */
  readonly known: Map<string, number>;
  readonly unknown: string[];
  unknownFrames: number;
}

const PLAIN = [
  'type',
  'chunk',
  'size',
  'channel',
  'token',
  'sequence',
  'request',
  'policy',
  'limits',
  'url',
  'error',
  'reason',
  'service',
  'handle',
  'result',
] as const;

/** Responses name the nodes of their requests, which tshark does not; only requests are compared in these. */
const FROM_REQUEST = new Set(['node_id', 'attribute_id']);

interface Reason {
  readonly id: string;
  readonly reason: string;
  explains(ours: Message, theirs: Message, what: string): boolean;
}

const BEHIND_A_GAP = 'behind-a-gap';
const OUT_OF_ORDER = 'out-of-order';

/** Where we and tshark 4.0.17 differ on purpose; the list is closed. */
export const REASONS: readonly Reason[] = [
  {
    id: 'encrypted',
    reason:
      'tshark prints the ciphertext of an encrypted message as sequence number, request and service; we say that it is encrypted.',
    explains: (ours, _theirs, what) =>
      ours.encrypted === true && !['type', 'chunk', 'size', 'channel', 'token', 'policy'].includes(what),
  },
  {
    id: 'signed-chunks',
    reason:
      'tshark leaves the signature of every chunk in the message that it puts together, so that what is behind the first chunk is wrong; we take it off.',
    explains: (ours, _theirs, what) => (ours.chunks ?? 1) > 1 && !['type', 'chunk', 'service', 'handle'].includes(what),
  },
];

/** The same, with those that concern whole frames. */
export const ALL_REASONS: readonly { id: string; reason: string }[] = [
  ...REASONS,
  {
    id: BEHIND_A_GAP,
    reason:
      'Behind a lost segment tshark takes the middle of a message for its beginning, and does not decode what follows; we find the next message and report it.',
  },
  {
    id: OUT_OF_ORDER,
    reason:
      'tshark counts a message that came before its predecessor to the packet that closed the gap; we to the packet that brought it.',
  },
];

function same(ours: unknown, theirs: unknown): boolean {
  return Object.is(ours, theirs) || String(ours ?? '') === String(theirs ?? '');
}

function differences(ours: Message, theirs: Message): string[] {
  const found: string[] = [];
  for (const key of PLAIN) {
    const their = theirs[key];
    if (their === undefined || (key === 'size' && ours.size === undefined)) continue;
    if (!same(ours[key], their)) found.push(key);
  }
  const isResponse = theirs.result !== undefined;
  for (const [name, values] of theirs.leaves) {
    if (isResponse && FROM_REQUEST.has(name)) continue;
    const our = ours.leaves.get(name) ?? [];
    if (name === 'client_handle') {
      // Our records have events and data changes in lists of their own, in whatever order they came.
      our.sort();
      values.sort();
    }
    if (name === 'node_id') {
      // Other NodeIds than those acted on (types, references) have names of their own in our records.
      if (!our.every((node) => values.some((their) => same(node, their)))) found.push(name);
    } else if (our.length !== values.length || !values.every((value, index) => same(our[index], value)))
      found.push(name);
  }
  return found;
}

/** `change`: packets of the capture were left out, or are in another order than they were sent. */
export function compare(
  theirs: Map<number, Message[]>,
  ours: Map<number, Message[]>,
  change: 'none' | 'lost' | 'swapped' = 'none',
): Comparison {
  const result: Comparison = {
    frames: 0,
    tsharkFrames: theirs.size,
    agreed: 0,
    known: new Map(),
    unknown: [],
    unknownFrames: 0,
  };
  for (const frame of [...new Set([...theirs.keys(), ...ours.keys()])].sort((a, b) => a - b)) {
    result.frames++;
    const their = theirs.get(frame) ?? [];
    const our = ours.get(frame) ?? [];
    const isWaiting = change === 'lost' && their.length === 0;
    const isLate = change === 'swapped' && their.length !== our.length;
    if (isWaiting || isLate) {
      const id = isWaiting ? BEHIND_A_GAP : OUT_OF_ORDER;
      result.known.set(id, (result.known.get(id) ?? 0) + 1);
      continue;
    }
    if (their.length !== our.length) {
      const show = (list: readonly Message[]) =>
        list.map(({ type, chunk, size }) => `${type}${chunk}${size}`).join(' ');
      result.unknownFrames++;
      result.unknown.push(`frame ${frame}: ours ${our.length} (${show(our)}), tshark ${their.length} (${show(their)})`);
      continue;
    }
    const reasons = new Set<string>();
    const unexplained: string[] = [];
    their.forEach((message, index) => {
      const mine = our[index]!;
      for (const what of differences(mine, message)) {
        const reason = REASONS.find((known) => known.explains(mine, message, what));
        if (reason) reasons.add(reason.id);
        else {
          const show = (one: Message) =>
            JSON.stringify((one as unknown as Record<string, unknown>)[what] ?? one.leaves.get(what) ?? null).slice(
              0,
              200,
            );
          unexplained.push(
            `frame ${frame} service ${mine.service}: ${what}: ours ${show(mine)}, tshark ${show(message)}`,
          );
        }
      }
    });
    if (unexplained.length > 0) {
      result.unknown.push(...unexplained);
      result.unknownFrames++;
    } else if (reasons.size > 0) {
      const [id = ''] = reasons;
      result.known.set(id, (result.known.get(id) ?? 0) + 1);
    } else result.agreed++;
  }
  return result;
}
