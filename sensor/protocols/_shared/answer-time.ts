import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';

/** Answers come within this time, so that what was asked before anything was observed is answered by then. */
export const ANSWER_TIME: Micros = 10 * MICROS_PER_SECOND;
