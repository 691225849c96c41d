import { OPERATION_CLASSES, type OperationClass } from '../model/operation.js';
import type { TrafficMinute } from '../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros } from '../model/time.js';
import type { ConversationState } from './conversation-tracker.js';

const MINUTE = 60 * MICROS_PER_SECOND;
/** Minutes that wait to be collected; a store that takes none for this long loses the oldest. */
const MAX_WAITING = 10_000;

/**
 * Messages per minute of packet time, by protocol and class of operation. Costs nothing per message: at the end of a
 * minute the conversations' totals are compared with those of the minute before.
 */
export class TrafficLog {
  readonly #each: (visit: (conversation: ConversationState) => void) => void;
  /** Messages so far, by protocol, in the order of OPERATION_CLASSES. */
  #before = new Map<string, Float64Array>();
  readonly #waiting = new Map<string, { row: TrafficMinute; isNews: boolean }>();
  #minute: Micros = Number.NaN;
  /** A message at or after this time calls for `roll`. */
  due: Micros = Number.NEGATIVE_INFINITY;

  constructor(each: (visit: (conversation: ConversationState) => void) => void) {
    this.#each = each;
  }

  /** Takes what is there as counted already: conversations of an earlier run. */
  start(): void {
    this.#before = this.#totals();
  }

  /** Ends the minute before `at` and begins the one that `at` lies in. */
  roll(at: Micros): void {
    this.#count();
    this.#minute = Math.floor(at / MINUTE) * MINUTE;
    this.due = this.#minute + MINUTE;
  }

  /** Minutes with messages since the last call; the running one as far as it has come. */
  collect(): TrafficMinute[] {
    this.#count();
    const running = Number.isNaN(this.#minute) ? '' : formatTimestamp(this.#minute);
    const rows: TrafficMinute[] = [];
    for (const [key, waiting] of this.#waiting) {
      if (waiting.isNews) rows.push({ ...waiting.row });
      waiting.isNews = false;
      // The running minute is told again, with its whole count, when more has come.
      if (waiting.row.minute !== running) this.#waiting.delete(key);
    }
    return rows;
  }

  #count(): void {
    if (Number.isNaN(this.#minute)) return;
    const now = this.#totals();
    for (const [protocol, counts] of now) {
      const before = this.#before.get(protocol);
      for (const [index, count] of counts.entries()) {
        const messages = count - (before?.[index] ?? 0);
        const operationClass = OPERATION_CLASSES[index];
        if (messages > 0 && operationClass) this.#add(protocol, operationClass, messages);
      }
    }
    this.#before = now;
  }

  #add(protocol: string, operationClass: OperationClass, messages: number): void {
    const minute = formatTimestamp(this.#minute);
    const key = `${minute} ${protocol} ${operationClass}`;
    const known = this.#waiting.get(key);
    if (known) {
      known.row.messages += messages;
      known.isNews = true;
      return;
    }
    this.#waiting.set(key, { row: { minute, protocol, class: operationClass, messages }, isNews: true });
    if (this.#waiting.size <= MAX_WAITING) return;
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest);
      return;
    }
  }

  #totals(): Map<string, Float64Array> {
    const totals = new Map<string, Float64Array>();
    this.#each((conversation) => {
      const { protocol } = conversation.key;
      for (const state of conversation.operations) {
        if (state === undefined) continue;
        let counts = totals.get(protocol);
        if (!counts) {
          counts = new Float64Array(OPERATION_CLASSES.length);
          totals.set(protocol, counts);
        }
        const index = OPERATION_CLASSES.indexOf(state.operation.class);
        counts[index] = (counts[index] ?? 0) + state.count;
      }
    });
    return totals;
  }
}
