import type { DeclaredVariable, VariableValue } from '../model/records.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import type { VariableType } from '../model/variable.js';
import type { ValueSummary } from './value-summary.js';

/** Below this, values say nothing about what is normal; what the process does on its own needs more than what is written. */
const MIN_SAMPLES = 20;
const MIN_READ_SAMPLES = 200;
/** Changes from which on the largest step and the longest rest say something. */
const MIN_CHANGES = 20;
/** After so much learning the margins are as small as they get; before, they are wider. */
const FULL_LEARNING: Micros = 86_400 * MICROS_PER_SECOND;
/** A state that was not seen so far is worth a word only after so much learning. */
const MIN_STATE_LEARNING: Micros = FULL_LEARNING;
const MIN_LEARNING: Micros = 300 * MICROS_PER_SECOND;
/** What the process does on its own is judged later than what a station writes. */
const MIN_READ_LEARNING: Micros = 600 * MICROS_PER_SECOND;
/** Steps, rests and counting backwards are weak signs. */
const MIN_MOTION_LEARNING: Micros = 3600 * MICROS_PER_SECOND;
/** A margin of this part of the learned range on either side (SIMPLE-MinMax, ESORICS 2022). */
const MARGIN = 0.5;
/** At least this part of the value itself: a steady value says little about how far it may move. */
const RELATIVE_MARGIN = 0.05;
/** Times that a state must have been left again, before staying in it says something. */
const MIN_DWELLS = 20;
const STEP_FACTOR = 2;
const FLAT_FACTOR = 3;
const MIN_FLAT: Micros = 60 * MICROS_PER_SECOND;

/** What is normal for a variable's values, ready for comparison. NaN: not judged, because no comparison with it is true. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** Also for values that were read, not only for written ones. */
  readonly judgesReads: boolean;
  readonly largestStep: number;
  readonly mayFall: boolean;
  /** All that is normal, where each value is a state; null where that is not known well enough. */
  readonly states: readonly VariableValue[] | null;
  /** The longest time without a change; 0: not judged. */
  readonly longestFlat: Micros;
  /** The longest time in this state; 0: not judged. */
  longestDwell(value: VariableValue): Micros;
  /** What a person has set. */
  readonly lowLimit: number;
  readonly highLimit: number;
}

/**
 * What a short time of learning has not shown may still be normal: margins shrink with the square root of the time,
 * down to 1 after a day.
 */
export function caution(learned: Micros): number {
  return Math.sqrt(FULL_LEARNING / Math.min(Math.max(learned, MICROS_PER_SECOND), FULL_LEARNING));
}

export function boundsOf(
  learned: ValueSummary | null,
  type: VariableType,
  declared: DeclaredVariable | null,
): Bounds | null {
  const lowLimit = declared?.low ?? Number.NaN;
  const highLimit = declared?.high ?? Number.NaN;
  const hasLimits = !Number.isNaN(lowLimit) || !Number.isNaN(highLimit);
  const time = learned === null ? 0 : learned.watched;
  const isKnown = learned !== null && learned.samples >= MIN_SAMPLES && time >= MIN_LEARNING;
  if (!isKnown) {
    if (!hasLimits) return null;
    return {
      low: Number.NaN,
      high: Number.NaN,
      judgesReads: false,
      largestStep: Number.NaN,
      mayFall: true,
      states: null,
      longestFlat: 0,
      longestDwell: () => 0,
      lowLimit,
      highLimit,
    };
  }
  const care = caution(time);
  const kind = learned.kind(type);
  // What only grows, and clocks, leave every range.
  const isNumber =
    type !== 'bit' && type !== 'time' && kind !== 'binary' && kind !== 'counter' && learned.min <= learned.max;
  const isQuantity = isNumber && kind === 'analogue' && learned.isMany;
  const changes = learned.increases + learned.decreases;
  const size = Math.max(Math.abs(learned.min), Math.abs(learned.max));
  const margin = care * Math.max(MARGIN * (learned.max - learned.min), RELATIVE_MARGIN * size);
  const knowsChanges =
    isQuantity && learned.samples >= MIN_READ_SAMPLES && changes >= MIN_CHANGES && time >= MIN_MOTION_LEARNING;
  const areStates = kind === 'binary' || kind === 'enumeration';
  const knowsStates = areStates && learned.samples >= MIN_READ_SAMPLES && time >= MIN_MOTION_LEARNING;
  return {
    low: isNumber ? learned.min - margin : Number.NaN,
    high: isNumber ? learned.max + margin : Number.NaN,
    judgesReads: isQuantity && learned.samples >= MIN_READ_SAMPLES && time >= MIN_READ_LEARNING,
    largestStep: knowsChanges ? care * Math.max(STEP_FACTOR * learned.maxStep, RELATIVE_MARGIN * size) : Number.NaN,
    mayFall: kind !== 'counter' || learned.increases < MIN_CHANGES || time < MIN_MOTION_LEARNING,
    states:
      kind !== 'counter' && !isQuantity && learned.samples >= MIN_READ_SAMPLES && time >= MIN_STATE_LEARNING
        ? learned.values
        : null,
    longestDwell: (value) => {
      const dwell = knowsStates ? learned.dwell(value) : null;
      if (dwell === null || dwell.times < MIN_DWELLS) return 0;
      return Math.max(MIN_FLAT, FLAT_FACTOR * care * dwell.longest);
    },
    longestFlat: knowsChanges ? Math.max(MIN_FLAT, FLAT_FACTOR * care * learned.maxFlat) : 0,
    lowLimit,
    highLimit,
  };
}
