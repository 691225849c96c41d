import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IntervalSet, TargetSet } from '../../sensor/inventory/target-set.js';

type Range = readonly [from: number, count: number];
const range = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 30 }));

function listed(set: IntervalSet): Range[] {
  const ranges: Range[] = [];
  set.forEach((from, to) => {
    ranges.push([from, to]);
  });
  return ranges;
}

/** The maximal runs of a plain set of numbers. */
function runs(values: ReadonlySet<number>): Range[] {
  const found: [number, number][] = [];
  for (const value of [...values].sort((one, other) => one - other)) {
    const last = found.at(-1);
    if (last && last[1] === value) last[1]++;
    else found.push([value, value + 1]);
  }
  return found;
}

describe('intervals', () => {
  test('hold what a plain set holds, merged and in order', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), range, (adds, [askFrom, askCount]) => {
        const set = new IntervalSet();
        const plain = new Set<number>();
        for (const [from, count] of adds) {
          const before = plain.size;
          for (let value = from; value < from + count; value++) plain.add(value);
          expect(set.add(from, from + count)).toBe(plain.size > before);
        }
        expect(listed(set)).toEqual(runs(plain));
        if (askCount === 0) return;
        const isCovered = Array.from({ length: askCount }, (_, index) => askFrom + index).every((one) =>
          plain.has(one),
        );
        expect(set.covers(askFrom, askFrom + askCount)).toBe(isCovered);
      }),
    );
  });

  test('stay bounded: the closest grow together, and nothing that was added is forgotten', () => {
    const set = new IntervalSet();
    const added: number[] = [];
    for (let index = 0; index < 2000; index++) {
      const from = index * 10 + ((index * index) % 7);
      added.push(from);
      set.add(from, from + 1);
    }
    expect(set.size).toBeLessThanOrEqual(256);
    expect(added.every((from) => set.covers(from, from + 1))).toBe(true);
    const far = new IntervalSet();
    for (let index = 0; index < 255; index++) far.add(index * 100, index * 100 + 1);
    far.add(50_003, 50_004);
    far.add(50_000, 50_001);
    expect(far.covers(50_000, 50_004)).toBe(true);
    expect(far.covers(0, 101)).toBe(false);
  });
});

describe('targets', () => {
  const target = fc.tuple(
    fc.constantFrom(-1, 0, 1, 255),
    fc.constantFrom('coil', 'holding_register', 'file-1'),
    fc.integer({ min: 0, max: 65_535 }),
    fc.integer({ min: 1, max: 100 }),
  );

  test('come back from their text as they were', () => {
    fc.assert(
      fc.property(fc.array(target, { maxLength: 40 }), (targets) => {
        const set = new TargetSet();
        for (const one of targets) set.add(...one);
        const again = new TargetSet();
        again.restore(set.toText());
        expect(again.toText()).toEqual(set.toText());
        for (const one of targets) expect(again.add(...one)).toBe(false);
      }),
    );
  });

  test('read as a person writes them', () => {
    const set = new TargetSet();
    set.add(1, 'holding_register', 40, 2);
    set.add(1, 'holding_register', 42, 1);
    set.add(2, 'coil', 7, 1);
    set.add(-1, 'tag', 0, 1);
    expect(set.toText()).toEqual(['unit 1 holding_register 40-42', 'unit 2 coil 7', 'tag 0']);
  });

  test('a block or an area as a whole comes back, too', () => {
    const set = new TargetSet();
    set.restore(['DB10', 'M', 'DB4 0-3']);
    expect(set.toText()).toEqual(['DB10', 'M', 'DB4 0-3']);
    expect([set.add(-1, 'DB10', 0, 0), set.add(-1, 'DB11', 0, 0)]).toEqual([false, true]);
  });

  test('text that is no target is left out, and spaces are bounded', () => {
    const set = new TargetSet();
    set.restore(['', 'unit x coil 3', 'coil', 'coil 5', 'unit 1 coil 9-10 and more']);
    expect(set.toText()).toEqual(['coil 5']);
    for (let unit = 0; unit < 2000; unit++) set.add(unit, 'coil', 0, 1);
    expect(set.toText()).toHaveLength(512);
  });
});
