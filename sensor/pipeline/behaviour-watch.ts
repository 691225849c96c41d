import type { Access } from '../inventory/access.js';
import { seconds } from '../inventory/access.js';
import { hourText } from '../inventory/change-hours.js';
import { type ConversationState, type ConversationTracker, LOOK_INTERVAL } from '../inventory/conversation-tracker.js';
import type { ConversationView, Novelty } from '../model/novelty.js';
import type { Operation } from '../model/operation.js';
import { type ProtocolDef, unitTitle } from '../model/protocol.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros } from '../model/time.js';

/** Time between two looks at what should have happened. */
const INTERVAL: Micros = LOOK_INTERVAL;
/** Without a single packet for so long, it is the sensor that sees nothing. */
const BLIND: Micros = 30 * MICROS_PER_SECOND;
/** Looks that are made up for after a pause. */
const MAX_CATCH_UP = 12;
const MINUTE = 6;

/** Requests that a learned period must rest on before its absence means something. */
const MIN_CYCLE_REQUESTS = 20;
const SILENT_PERIODS = 10;
const SILENT_PAUSES = 3;
const MIN_CLIENT_SILENCE: Micros = 60 * MICROS_PER_SECOND;
const MIN_UNANSWERED = 3;
const MIN_SERVER_SILENCE: Micros = 10 * MICROS_PER_SECOND;

const MAX_PERIOD_CHANGE = 0.3;
const ODD_WINDOWS = 3;

/** Intervals of learning that a rate must rest on. */
const MIN_RATE_INTERVALS = 30;
const RATE_FACTOR = 4;
const MIN_RATE = 50;
const MIN_REFUSALS = 10;

const MIN_HOURS_LEARNING: Micros = 14 * 86_400 * MICROS_PER_SECOND;

/** What the watch keeps of a conversation between two looks. */
interface Watched {
  requests: number;
  refusals: number;
  /** Refusals a minute ago. */
  minuteRefusals: number;
  isClientSilent: boolean;
  readonly silentUnits: Set<number>;
}

export interface BehaviourListener {
  /** Whether what this conversation does becomes normal. */
  learns(conversation: ConversationState): boolean;
  protocolOf(name: string): ProtocolDef | undefined;
  viewOf(conversation: ConversationState): ConversationView;
  found(novelty: Novelty, conversation: ConversationState, at: Micros): void;
}

/** Watches the time behaviour of conversations: what comes too seldom, too often, or not at all. */
export class BehaviourWatch {
  /** Time of the next look; the owner compares it with every packet's. */
  due: Micros = Number.POSITIVE_INFINITY;
  readonly #conversations: ConversationTracker;
  readonly #listener: BehaviourListener;
  readonly #watched = new Map<ConversationState, Watched>();
  #looks = 0;
  #isBlind = false;

  constructor(conversations: ConversationTracker, listener: BehaviourListener) {
    this.#conversations = conversations;
    this.#listener = listener;
  }

  /** Before the first packet, and where another input begins: nothing that was before can be late. */
  begin(at: Micros): void {
    this.due = nextLook(at);
    this.#resume();
  }

  /**
   * Looks as often as was due until `now`. `lastPacket`: when the last packet before now came. `look` is called with
   * the time of each look that can see.
   */
  run(now: Micros, lastPacket: Micros, look: (at: Micros) => void, resumed: () => void): void {
    if (now - this.due > MAX_CATCH_UP * INTERVAL) this.due = nextLook(now) - MAX_CATCH_UP * INTERVAL;
    for (; now >= this.due; this.due += INTERVAL) {
      if (this.due - lastPacket > BLIND) {
        this.#isBlind = true;
        continue;
      }
      this.#look(this.due);
      look(this.due);
    }
    if (now - lastPacket > BLIND || this.#isBlind) {
      this.#isBlind = false;
      this.#resume();
      resumed();
    }
  }

  /** A window of intervals of `access` is complete. */
  window(conversation: ConversationState, access: Access, at: Micros): void {
    const { learnedPeriod, learnedRequests } = access;
    if (this.#listener.learns(conversation) || learnedPeriod === 0 || learnedRequests < MIN_CYCLE_REQUESTS) return;
    const interval = access.medianInterval;
    const isOdd = Math.abs(interval - learnedPeriod) > MAX_PERIOD_CHANGE * learnedPeriod;
    access.oddWindows = isOdd ? access.oddWindows + 1 : 0;
    if (access.oddWindows !== ODD_WINDOWS) return;
    this.#listener.found(
      {
        kind: 'period',
        conversation: this.#listener.viewOf(conversation),
        object: access.targetText,
        learned: seconds(learnedPeriod),
        observed: seconds(interval),
        observations: learnedRequests,
      },
      conversation,
      at,
    );
  }

  /** The client changes something. */
  changes(conversation: ConversationState, operation: Operation, at: Micros): void {
    const { changeHours, firstSeen, learnedUntil } = conversation;
    if (this.#listener.learns(conversation)) {
      changeHours.add(at);
      return;
    }
    if (!(learnedUntil - firstSeen >= MIN_HOURS_LEARNING) || changeHours.has(at)) return;
    const hours = changeHours.count;
    // Once is told; the rest of the hour is the same news.
    changeHours.add(at);
    if (hours === 0) return;
    const conversationView = this.#listener.viewOf(conversation);
    this.#listener.found(
      {
        kind: 'hour',
        conversation: conversationView,
        operation,
        hour: hourText(at),
        hours,
        observations: conversationView.observations,
      },
      conversation,
      at,
    );
  }

  #look(at: Micros): void {
    const isMinute = ++this.#looks % MINUTE === 0;
    this.#conversations.forEach((conversation) => {
      const protocol = this.#listener.protocolOf(conversation.key.protocol);
      if (protocol === undefined || conversation.requests === 0) return;
      let watched = this.#watched.get(conversation);
      if (!watched) {
        const { requests, refusals } = conversation;
        watched = { requests, refusals, minuteRefusals: refusals, isClientSilent: false, silentUnits: new Set() };
        this.#watched.set(conversation, watched);
        return;
      }
      this.#rate(conversation, watched, isMinute, at);
      if (this.#listener.learns(conversation) || !conversation.inBaseline) return;
      this.#client(conversation, watched, at);
      this.#servers(conversation, watched, protocol, at);
    });
  }

  #rate(conversation: ConversationState, watched: Watched, isMinute: boolean, at: Micros): void {
    const { rate } = conversation;
    const requests = conversation.requests - watched.requests;
    watched.requests = conversation.requests;
    const refusals = conversation.refusals - watched.minuteRefusals;
    if (isMinute) watched.minuteRefusals = conversation.refusals;
    if (this.#listener.learns(conversation)) {
      if (!conversation.inBaseline) return;
      rate.intervals++;
      if (requests > rate.max_requests) rate.max_requests = requests;
      if (isMinute && refusals > rate.max_refusals) rate.max_refusals = refusals;
      return;
    }
    if (rate.intervals < MIN_RATE_INTERVALS) return;
    const found = (counted: 'requests' | 'refusals', seconds: number, learned: number, observed: number) =>
      this.#listener.found(
        {
          kind: 'rate',
          conversation: this.#listener.viewOf(conversation),
          counted,
          seconds,
          learned,
          observed,
          observations: counted === 'requests' ? rate.intervals : Math.floor(rate.intervals / MINUTE),
        },
        conversation,
        at,
      );
    if (requests > Math.max(RATE_FACTOR * rate.max_requests, MIN_RATE)) {
      found('requests', INTERVAL / MICROS_PER_SECOND, rate.max_requests, requests);
    }
    if (isMinute && refusals > Math.max(RATE_FACTOR * rate.max_refusals, MIN_REFUSALS)) {
      found('refusals', (MINUTE * INTERVAL) / MICROS_PER_SECOND, rate.max_refusals, refusals);
    }
  }

  #client(conversation: ConversationState, watched: Watched, at: Micros): void {
    let last = Number.NaN;
    let period = 0;
    let pause = 0;
    let requests = 0;
    conversation.accesses.forEach((access) => {
      if (access.lastRequest > last || Number.isNaN(last)) last = access.lastRequest;
      if (access.learnedPeriod === 0 || access.learnedRequests < MIN_CYCLE_REQUESTS) return;
      requests += access.learnedRequests;
      if (period === 0 || access.learnedPeriod < period) period = access.learnedPeriod;
      if (access.learnedPause > pause) pause = access.learnedPause;
    });
    if (period === 0 || Number.isNaN(last)) return;
    const silence = at - last;
    if (silence <= Math.max(SILENT_PERIODS * period, SILENT_PAUSES * pause, MIN_CLIENT_SILENCE)) {
      watched.isClientSilent = false;
      return;
    }
    if (watched.isClientSilent) return;
    watched.isClientSilent = true;
    this.#silence(conversation, 'client', null, last, seconds(period), requests, 0, at);
  }

  #servers(conversation: ConversationState, watched: Watched, protocol: ProtocolDef, at: Micros): void {
    const lastAnswers = new Map<number, Micros>();
    conversation.accesses.forEach(({ unit, hasAnswered, lastAnswer }) => {
      const known = lastAnswers.get(unit);
      const answer = Number.isNaN(lastAnswer) ? Number.NEGATIVE_INFINITY : lastAnswer;
      if (hasAnswered && (known === undefined || answer > known)) lastAnswers.set(unit, answer);
    });
    for (const [unit, lastAnswer] of lastAnswers) {
      let unanswered = 0;
      let since = Number.POSITIVE_INFINITY;
      let before = 0;
      conversation.accesses.forEach((access) => {
        if (access.unit !== unit) return;
        before += access.requests - access.unanswered;
        if (access.unanswered === 0 || !(access.unansweredSince > lastAnswer)) return;
        unanswered += access.unanswered;
        if (access.unansweredSince < since) since = access.unansweredSince;
      });
      if (unanswered < MIN_UNANSWERED || at - since < MIN_SERVER_SILENCE) {
        watched.silentUnits.delete(unit);
        continue;
      }
      if (watched.silentUnits.has(unit)) continue;
      watched.silentUnits.add(unit);
      const name = unit < 0 ? null : unitTitle(protocol, unit);
      this.#silence(conversation, 'server', name, since, 0, before, unanswered, at);
    }
  }

  #silence(
    conversation: ConversationState,
    silent: 'client' | 'server',
    unit: string | null,
    since: Micros,
    period: number,
    observations: number,
    requests: number,
    at: Micros,
  ): void {
    this.#listener.found(
      {
        kind: 'silence',
        conversation: this.#listener.viewOf(conversation),
        silent,
        unit,
        since: formatTimestamp(since),
        period,
        observations,
        requests,
      },
      conversation,
      at,
    );
  }

  #resume(): void {
    this.#conversations.forEach((conversation) => {
      conversation.accesses.forEach((access) => {
        access.resume();
      });
    });
    this.#watched.clear();
  }
}

function nextLook(at: Micros): Micros {
  return (Math.floor(at / INTERVAL) + 1) * INTERVAL;
}
