import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { historyRecord, unpackHistory } from '../../sensor/model/variable-history.js';
import { History } from '../../sensor/process/history.js';

const START = 1_764_000_000_000_000;
const series = fc.array(fc.record({ pause: fc.integer({ min: 1, max: 9_000_000 }), value: fc.integer() }), {
  minLength: 1,
  maxLength: 400,
});

describe('the packed history of a variable', () => {
  test('goes on after a restart as if there had been none', () => {
    fc.assert(
      fc.property(series, fc.nat(), (changes, cut) => {
        const whole = new History();
        let restarted = new History();
        let at = START;
        changes.forEach(({ pause, value }, index) => {
          at += pause;
          whole.add(at, value);
          restarted.add(at, value);
          if (index !== cut % changes.length) return;
          const packed = restarted.pack();
          restarted = new History();
          restarted.restore(packed);
        });
        expect(historyRecord(restarted.pack())).toEqual(historyRecord(whole.pack()));
      }),
    );
  });

  test('holds the latest 64 changes in order', () => {
    const history = new History();
    for (let index = 0; index < 100; index++) history.add(START + index * 1000, index);
    const record = historyRecord(history.pack())!;
    expect(record.changes.map(([, value]) => value)).toEqual(Array.from({ length: 64 }, (_, index) => index + 36));
    expect(record.changes[0]![0]).toBe('2025-11-24T16:00:00.036000Z');
    expect(record.points).toEqual([['2025-11-24T16:00:00.000000Z', 0, 99, 99]]);
    expect(record.step_seconds).toBe(1);
  });

  test('bytes that are no history are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const numbers = unpackHistory(bytes);
        expect(numbers === null || 16 + numbers.points.byteLength + numbers.changes.byteLength === bytes.length).toBe(
          true,
        );
      }),
    );
    const packed = new History();
    packed.add(START, 1);
    for (const cut of [1, 8]) expect(historyRecord(packed.pack().subarray(cut))).toBeNull();
    expect(unpackHistory(packed.pack().subarray(0, -8))).toBeNull();
  });
});
