import { describe, expect, test } from 'vitest';
import { type Replayed, replayFrames } from '../support/replay-records.js';
import { type EvasionCase, summary } from './case.js';
import { ENCAPSULATION_CASES } from './encapsulation.cases.js';
import { IP_CASES } from './ip.cases.js';
import { TCP_CASES } from './tcp.cases.js';

function summaries(replayed: Replayed): string[] {
  return replayed.records.filter((record) => record.event_type === 'modbus').map(summary);
}

/** Every wanted line, as often as it is wanted; further ones do not matter. */
function missing(wanted: readonly string[], got: readonly string[]): string[] {
  const left = [...got];
  return wanted.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function check({ frames, records, anomalies = [], may = [], atLeast = false }: EvasionCase): void {
  const replayed = replayFrames(frames());
  const got = summaries(replayed);
  if (atLeast) expect({ missing: missing(records, got), got }).toEqual({ missing: [], got });
  else expect(got).toEqual(records);
  const codes = Object.keys(replayed.anomalies);
  expect(codes).toEqual(expect.arrayContaining([...anomalies]));
  expect(codes.filter((code) => !anomalies.includes(code) && !may.includes(code))).toEqual([]);
  const numbers = replayed.records.map((record) => record.pcap_cnt);
  expect(numbers.every((number) => number >= 1 && number <= replayed.counters.packets)).toBe(true);
}

describe('TCP', () => {
  test.each(TCP_CASES)('$id $name', check);
});

describe('IP, fragments and the capture', () => {
  test.each(IP_CASES)('$id $name', check);
});

describe('link types and encapsulations', () => {
  test.each(ENCAPSULATION_CASES)('$id $name', check);
});
