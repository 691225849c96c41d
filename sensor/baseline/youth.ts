import type { ConversationView } from '../model/novelty.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';

/**
 * How long a conversation must have been watched before something new in it says more than that it was watched
 * briefly. Of what was never seen in a time T, one in T/0.5 is to be expected (Jeffreys' estimate of a rate): after an
 * hour that is one in two hours for a conversation, and falls from there on.
 */
export const MIN_CONVERSATION_LEARNING: Micros = 3600 * MICROS_PER_SECOND;
/** The same for a value that the process moves on its own. */
export const MIN_VALUE_LEARNING: Micros = 3600 * MICROS_PER_SECOND;
/** A device that came later and that a person has let in learns on its own for so long after it was first seen. */
export const OWN_LEARNING: Micros = 24 * 3600 * MICROS_PER_SECOND;
/** After somebody new has reached a station, or an alert was raised about it, what it does for so long is no routine. */
export const ALARM_LASTS: Micros = 3600 * MICROS_PER_SECOND;

/** One sentence for the description of a finding about something new; empty where it was watched for long enough. */
export function youthText({ isYoung, learnedSeconds }: ConversationView): string {
  if (!isYoung) return '';
  const minutes = Math.max(1, Math.round(learnedSeconds / 60));
  return ` Only ${minutes === 1 ? 'a minute' : `${minutes} minutes`} of this conversation had been learned, so it may be ordinary work that was not seen yet.`;
}
