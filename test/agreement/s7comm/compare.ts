import { KNOWN_DIFFERENCES } from './known-differences.js';
import type { Message, MessagesByFrame } from './message.js';
import type { TsharkView } from './tshark.js';

/** One thing that the two sides say differently about a frame. */
export interface Difference {
  readonly frame: number;
  /** `extra`: only we report the message; `missing`: only tshark does; else the field that differs. */
  readonly what: string;
  readonly ours?: Message;
  readonly theirs?: Message;
  /** tshark's info column where it takes the segment for irregular, '' else. */
  readonly info: string;
  readonly tshark: TsharkView;
}

export interface Comparison {
  /** Frames in which either side reports a message. */
  frames: number;
  /** Of these, frames in which tshark reports one. */
  tsharkFrames: number;
  agreed: number;
  /** Frames whose differences are all known, by the reason of the first. */
  readonly known: Map<string, number>;
  readonly unknown: Difference[];
  unknownFrames: number;
}

function same(ours: unknown, theirs: unknown): boolean {
  if (Array.isArray(theirs)) {
    return Array.isArray(ours) && ours.length === theirs.length && theirs.every((value, i) => same(ours[i], value));
  }
  if (typeof theirs === 'object' && theirs !== null) {
    const values = (ours ?? {}) as Record<string, unknown>;
    return Object.entries(theirs).every(([name, value]) => same(values[name], value));
  }
  return ours === theirs;
}

/** What tshark does not show is not compared. */
function differingFields(ours: Message, theirs: Message): string[] {
  return Object.entries(theirs.fields)
    .filter(([name, value]) => !same(ours.fields[name], value))
    .map(([name]) => name);
}

function key({ protocol, fields }: Message): string {
  return `${protocol} ${fields['rosctr'] ?? fields['pdu_type']} ${fields['pdu_reference'] ?? ''}`;
}

/** Pairs of one frame's messages, in order; what has no partner stands alone. */
function align(ours: readonly Message[], theirs: readonly Message[]): [Message | undefined, Message | undefined][] {
  if (ours.length === theirs.length) return ours.map((our, i) => [our, theirs[i]]);
  const pairs: [Message | undefined, Message | undefined][] = [];
  let at = 0;
  for (const their of theirs) {
    const found = ours.findIndex((our, i) => i >= at && key(our) === key(their));
    if (found < 0) {
      pairs.push([undefined, their]);
      continue;
    }
    for (const extra of ours.slice(at, found)) pairs.push([extra, undefined]);
    pairs.push([ours[found], their]);
    at = found + 1;
  }
  for (const extra of ours.slice(at)) pairs.push([extra, undefined]);
  return pairs;
}

export function compare(tshark: TsharkView, fieldwatch: MessagesByFrame): Comparison {
  const result: Comparison = {
    frames: 0,
    tsharkFrames: tshark.messages.size,
    agreed: 0,
    known: new Map(),
    unknown: [],
    unknownFrames: 0,
  };
  const numbers = new Set([...tshark.messages.keys(), ...fieldwatch.keys()]);
  for (const frame of [...numbers].sort((a, b) => a - b)) {
    result.frames++;
    const differences: Difference[] = [];
    const facts = { frame, info: tshark.irregular.get(frame) ?? '', tshark };
    for (const [ours, theirs] of align(fieldwatch.get(frame) ?? [], tshark.messages.get(frame) ?? [])) {
      if (ours === undefined) differences.push({ ...facts, what: 'missing', ...(theirs ? { theirs } : {}) });
      else if (theirs === undefined) differences.push({ ...facts, what: 'extra', ours });
      else for (const what of differingFields(ours, theirs)) differences.push({ ...facts, what, ours, theirs });
    }
    if (differences.length === 0) {
      result.agreed++;
      continue;
    }
    const reasons = differences.map((difference) => KNOWN_DIFFERENCES.find((known) => known.explains(difference))?.id);
    const unexplained = differences.filter((_, i) => reasons[i] === undefined);
    if (unexplained.length > 0) {
      result.unknown.push(...unexplained);
      result.unknownFrames++;
    } else result.known.set(reasons[0] ?? '', (result.known.get(reasons[0] ?? '') ?? 0) + 1);
  }
  return result;
}

/** One line for a person who has to find the bug. */
export function describe({ frame, what, ours, theirs, info }: Difference): string {
  const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
  if (what === 'extra') return `frame ${frame}: extra ${show(ours)} ${info}`;
  if (what === 'missing') return `frame ${frame}: missing ${show(theirs?.fields)}`;
  return `frame ${frame}: ${what}: ours ${show(ours?.fields[what])}, tshark ${show(theirs?.fields[what])} (${show(ours?.anomalies)})`;
}
