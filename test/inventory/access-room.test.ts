import { describe, expect, test } from 'vitest';
import { AccessRoom, AccessTable } from '../../sensor/inventory/access.js';

const target = (from: number) => ({ operation: 0, unit: 1, space: 'holding_register', from, count: 1, further: [] });

describe('the room that all conversations share', () => {
  test('a forgotten conversation gives back its room and its numbers', () => {
    const room = new AccessRoom();
    const fill = (table: AccessTable): number[] => {
      const numbers: number[] = [];
      for (let from = 0; ; from++) {
        const access = table.add(target(from));
        if (access === null) return numbers;
        numbers.push(access.index);
      }
    };
    const tables: AccessTable[] = [];
    const all: number[] = [];
    for (let numbers = [-1]; numbers.length > 0; ) {
      const table = new AccessTable(room);
      numbers = fill(table);
      tables.push(table);
      all.push(...numbers);
    }
    expect(room.isFull).toBe(true);
    expect(new Set(all).size).toBe(50_000);
    const forgotten = tables[3]!;
    const before = new Set<number>();
    forgotten.forEach(({ index }) => {
      before.add(index);
    });
    forgotten.giveBack();
    expect(forgotten.size).toBe(0);
    expect(new Set(fill(new AccessTable(room)))).toEqual(before);
    expect(room.isFull).toBe(true);
  });
});
