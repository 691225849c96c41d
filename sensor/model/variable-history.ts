import type { VariableHistory } from './records.js';
import { formatTimestamp } from './time.js';

/** Numbers of a point: its time, smallest, largest and last value. */
export const POINT_NUMBERS = 4;
/** Numbers of a change: its time and the new value. */
export const CHANGE_NUMBERS = 2;
/** In front: length of a point in seconds, amount of points. */
const HEAD_NUMBERS = 2;
const NUMBER_BYTES = 8;

/**
 * A history as it is stored, because texts of thousands of times cost more than all else of a variable. 64-bit floating
 * point numbers, little endian: length of a point (seconds), amount of points, the points, the latest changes; both oldest
 * first, times in microseconds since 1970.
 */
export function packHistory(stepSeconds: number, points: Float64Array, changes: Float64Array): Uint8Array {
  const packed = Buffer.allocUnsafeSlow((HEAD_NUMBERS + points.length + changes.length) * NUMBER_BYTES);
  let at = packed.writeDoubleLE(points.length / POINT_NUMBERS, packed.writeDoubleLE(stepSeconds, 0));
  for (let index = 0; index < points.length; index++) at = packed.writeDoubleLE(points[index]!, at);
  for (let index = 0; index < changes.length; index++) at = packed.writeDoubleLE(changes[index]!, at);
  return packed;
}

export interface HistoryNumbers {
  stepSeconds: number;
  points: Float64Array;
  changes: Float64Array;
}

/** The numbers of what `packHistory` made; null where the bytes are nothing of it. */
export function unpackHistory(packed: Uint8Array): HistoryNumbers | null {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const numbers = bytes.length / NUMBER_BYTES - HEAD_NUMBERS;
  if (!Number.isInteger(numbers) || numbers < 0) return null;
  const stepSeconds = bytes.readDoubleLE(0);
  const pointNumbers = bytes.readDoubleLE(NUMBER_BYTES) * POINT_NUMBERS;
  const changeNumbers = numbers - pointNumbers;
  if (
    !(stepSeconds > 0 && pointNumbers >= 0 && changeNumbers >= 0 && Number.isInteger(pointNumbers / POINT_NUMBERS)) ||
    changeNumbers % CHANGE_NUMBERS !== 0
  )
    return null;
  const number = (index: number) => bytes.readDoubleLE((HEAD_NUMBERS + index) * NUMBER_BYTES);
  return {
    stepSeconds,
    points: Float64Array.from({ length: pointNumbers }, (_, index) => number(index)),
    changes: Float64Array.from({ length: changeNumbers }, (_, index) => number(pointNumbers + index)),
  };
}

/** As people and programs read it; null where the bytes are no history. */
export function historyRecord(packed: Uint8Array): VariableHistory | null {
  const numbers = unpackHistory(packed);
  if (numbers === null) return null;
  const { stepSeconds, points, changes } = numbers;
  const record: VariableHistory = { step_seconds: stepSeconds, points: [], changes: [] };
  for (let at = 0; at < points.length; at += POINT_NUMBERS) {
    record.points.push([formatTimestamp(points[at]!), points[at + 1]!, points[at + 2]!, points[at + 3]!]);
  }
  for (let at = 0; at < changes.length; at += CHANGE_NUMBERS) {
    record.changes.push([formatTimestamp(changes[at]!), changes[at + 1]!]);
  }
  return record;
}
