import type { Adu, FileRecord } from './adu.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import type { OurAdu, OurView } from './records.js';
import type { FrameFacts, TsharkView } from './tshark.js';

/** One thing that the two sides say differently about a frame. */
export interface Difference {
  readonly frame: number;
  /** `extra`: only we report the ADU; `missing`: only tshark does; else the field that differs. */
  readonly what: string;
  readonly ours?: unknown;
  readonly theirs?: unknown;
  readonly ourAdu?: OurAdu;
  readonly theirAdu?: Adu;
  readonly facts: FrameFacts | undefined;
  /** All that tshark reports for this capture, for reasons that lie in another frame. */
  readonly tshark: TsharkView;
  readonly fieldwatch: OurView;
}

export interface Comparison {
  /** Frames in which either side reports a Modbus ADU. */
  frames: number;
  /** Of these, frames in which tshark reports one. */
  tsharkFrames: number;
  agreed: number;
  /** Frames whose differences are all known, by the reason of the first. */
  readonly known: Map<string, number>;
  readonly unknown: Difference[];
  unknownFrames: number;
}

/** Compared one by one; a field that tshark does not show is not compared. */
const FIELDS: readonly (keyof Adu)[] = [
  'transaction_id',
  'protocol_id',
  'length',
  'unit_id',
  'function_code',
  'pdu',
  'exception_code',
  'byte_count',
  'address',
  'quantity',
  'values',
  'subfunction',
  'data',
  'and_mask',
  'or_mask',
  'read_address',
  'read_quantity',
  'write_address',
  'write_quantity',
  'fifo_count',
  'mei_type',
  'read_device_id',
  'conformity_level',
  'more_follows',
  'next_object_id',
  'event_status',
  'event_count',
  'message_count',
  'events',
  'request_pcap_cnt',
];

function same(ours: unknown, theirs: unknown): boolean {
  return JSON.stringify(ours) === JSON.stringify(theirs);
}

/** What tshark read before it met the end of the bytes must be a beginning of what we read. */
function startsWith(ours: readonly unknown[] | undefined, theirs: readonly unknown[]): boolean {
  return ours !== undefined && theirs.every((value, i) => same(ours[i], value));
}

function sameRecords(ours: readonly FileRecord[] | undefined, theirs: readonly FileRecord[]): boolean {
  return theirs.every((their, i) => {
    const our = ours?.[i];
    return (
      our !== undefined && Object.entries(their).every(([key, value]) => same(our[key as keyof FileRecord], value))
    );
  });
}

function differingFields(ours: OurAdu, theirs: Adu): string[] {
  const out: string[] = [];
  for (const field of FIELDS) {
    const their = theirs[field];
    const our = ours[field];
    // Absence says something only here: no exception code means that the request was served.
    if (their === undefined && !(field === 'exception_code' && our !== undefined && theirs.malformed !== true))
      continue;
    if (their !== undefined && Array.isArray(their) && theirs.malformed === true) {
      if (!startsWith(our as readonly unknown[] | undefined, their)) out.push(field);
    } else if (Array.isArray(their) && their.length === 0 && our === undefined) continue;
    else if (their === '' && our === undefined) continue;
    else if (!same(our, their)) out.push(field);
  }
  if (theirs.records !== undefined) {
    const complete = theirs.malformed === true || theirs.records.length === (ours.records?.length ?? 0);
    if (!complete || !sameRecords(ours.records, theirs.records)) out.push('records');
  }
  if (theirs.objects !== undefined) {
    const agreed =
      theirs.malformed === true
        ? startsWith(ours.objects ?? [], theirs.objects)
        : same(ours.objects ?? [], theirs.objects);
    if (!agreed) out.push('objects');
  }
  return out;
}

function key(adu: Adu): string {
  return `${adu.transaction_id ?? ''}/${adu.unit_id ?? ''}/${adu.function_code ?? ''}`;
}

/** Pairs of one frame's ADUs, in order; what has no partner stands alone. */
function align(ours: readonly OurAdu[], theirs: readonly Adu[]): [OurAdu | undefined, Adu | undefined][] {
  const pairs: [OurAdu | undefined, Adu | undefined][] = [];
  if (ours.length === theirs.length) return ours.map((our, i) => [our, theirs[i]]);
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

export function compare(tshark: TsharkView, fieldwatch: OurView): Comparison {
  const result: Comparison = {
    frames: 0,
    tsharkFrames: tshark.adus.size,
    agreed: 0,
    known: new Map(),
    unknown: [],
    unknownFrames: 0,
  };
  const numbers = new Set([...tshark.adus.keys(), ...fieldwatch.adus.keys()]);
  for (const frame of [...numbers].sort((a, b) => a - b)) {
    result.frames++;
    const context = { frame, facts: tshark.facts.get(frame), tshark, fieldwatch };
    const differences: Difference[] = [];
    for (const [ours, theirs] of align(fieldwatch.adus.get(frame) ?? [], tshark.adus.get(frame) ?? [])) {
      if (ours === undefined && theirs !== undefined) {
        differences.push({ ...context, what: 'missing', theirs: key(theirs), theirAdu: theirs });
      } else if (theirs === undefined && ours !== undefined) {
        differences.push({ ...context, what: 'extra', ours: key(ours), ourAdu: ours });
      } else if (ours !== undefined && theirs !== undefined) {
        for (const what of differingFields(ours, theirs)) {
          const at = what as keyof Adu;
          differences.push({ ...context, what, ours: ours[at], theirs: theirs[at], ourAdu: ours, theirAdu: theirs });
        }
      }
    }
    if (differences.length === 0) {
      result.agreed++;
      continue;
    }
    const reasons = differences.map((difference) => KNOWN_DIFFERENCES.find((known) => known.explains(difference))?.id);
    const unexplained = differences.filter((_, i) => reasons[i] === undefined);
    if (unexplained.length === 0) {
      const reason = reasons[0] ?? '';
      result.known.set(reason, (result.known.get(reason) ?? 0) + 1);
    } else {
      result.unknownFrames++;
      result.unknown.push(...unexplained);
    }
  }
  return result;
}

/** One line for a person who has to find the bug. */
export function describe(difference: Difference): string {
  const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
  const head = `frame ${difference.frame}: ${difference.what}`;
  if (difference.what === 'extra')
    return `${head} ${show(difference.ourAdu)} · tshark: ${difference.facts?.info ?? ''}`;
  if (difference.what === 'missing') return `${head} ${show(difference.theirAdu)}`;
  const adu = difference.theirAdu;
  return `${head}: ours ${show(difference.ours)}, tshark ${show(difference.theirs)} (FC ${adu?.function_code} ${adu?.pdu})`;
}
