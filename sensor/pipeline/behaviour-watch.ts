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
const MAX_LEFT_ALONE = 12;
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
/** For a minute, more than another screen on a panel asks for. */
const LASTING_FACTOR = 2.5;
const LASTING_LOOKS = 6;
const MIN_LASTING = 5;
/** An operator at a panel makes sixteen in a busy minute (two for each button). */
const MIN_CHANGES = 30;
const MIN_REFUSALS = 5;
/** Of the requests of a minute. */
const MIN_REFUSED_SHARE = 0.05;

const SLOW_FACTOR = 4;
const MIN_SLOWER: Micros = MICROS_PER_SECOND / 2;
const SLOW_ANSWERS = 3;
/** Packets a minute with more messages than ever; or one with far more. */
const FULL_PACKETS = 3;
const FAR_TOO_FULL = 4;

const MIN_HOURS_LEARNING: Micros = 14 * 86_400 * MICROS_PER_SECOND;

/** What the watch keeps of a conversation between two looks. */
interface Watched {
  requests: number;
  /** The same a minute ago. */
  minuteRequests: number;
  minuteRefusals: number;
  minuteChanges: number;
  /** Looks in a row with more requests than ever. */
  busyLooks: number;
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
  /** Weak: a conversation that makes room for others takes this with it. */
  #watched = new WeakMap<ConversationState, Watched>();
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
        const { requests, refusals, changes } = conversation;
        watched = {
          requests,
          minuteRequests: requests,
          minuteRefusals: refusals,
          minuteChanges: changes,
          busyLooks: 0,
          isClientSilent: false,
          silentUnits: new Set(),
        };
        this.#watched.set(conversation, watched);
        return;
      }
      if (this.#listener.learns(conversation)) {
        if (conversation.inBaseline) learnRate(conversation, watched, isMinute);
      } else if (conversation.rate.intervals >= MIN_RATE_INTERVALS) {
        this.#rate(conversation, watched, isMinute, at);
        this.#answers(conversation, at);
        this.#packets(conversation, isMinute, at);
      }
      begin(conversation, watched, isMinute);
      if (this.#listener.learns(conversation) || !conversation.inBaseline) return;
      this.#client(conversation, watched, at);
      this.#servers(conversation, watched, protocol, at);
    });
  }

  #rate(conversation: ConversationState, watched: Watched, isMinute: boolean, at: Micros): void {
    const { rate } = conversation;
    const found = (counted: 'requests' | 'changes' | 'refusals', learned: number, observed: number) =>
      this.#listener.found(
        {
          kind: 'rate',
          conversation: this.#listener.viewOf(conversation),
          counted,
          seconds: (counted === 'requests' ? INTERVAL : MINUTE * INTERVAL) / MICROS_PER_SECOND,
          learned,
          observed,
          observations: counted === 'requests' ? rate.intervals : Math.floor(rate.intervals / MINUTE),
        },
        conversation,
        at,
      );
    const requests = conversation.requests - watched.requests;
    watched.busyLooks = requests > LASTING_FACTOR * rate.max_requests + MIN_LASTING ? watched.busyLooks + 1 : 0;
    if (requests > Math.max(RATE_FACTOR * rate.max_requests, MIN_RATE) || watched.busyLooks >= LASTING_LOOKS) {
      found('requests', rate.max_requests, requests);
    }
    const changes = conversation.changes - watched.minuteChanges;
    // Who never changed anything is told of at the first time, and in full.
    const isMany = rate.max_changes > 0 && changes > Math.max(RATE_FACTOR * rate.max_changes, MIN_CHANGES);
    if (isMany) found('changes', rate.max_changes, changes);
    if (!isMinute) return;
    const refusals = conversation.refusals - watched.minuteRefusals;
    const share = MIN_REFUSED_SHARE * (conversation.requests - watched.minuteRequests);
    if (refusals >= Math.max(MIN_REFUSALS, share) && refusals > RATE_FACTOR * rate.max_refusals) {
      found('refusals', rate.max_refusals, refusals);
    }
  }

  /** Who sits in between needs time, and so does a device that has too much to do. */
  #answers(conversation: ConversationState, at: Micros): void {
    const { rate, slowestAnswer } = conversation;
    const learned = rate.max_answer_seconds * MICROS_PER_SECOND;
    conversation.slowFrom = Math.max(SLOW_FACTOR * learned, learned + MIN_SLOWER);
    if (slowestAnswer <= conversation.slowFrom) return;
    let slow: Access | null = null;
    conversation.accesses.forEach((access) => {
      if (access.slowAnswers >= SLOW_ANSWERS && !(access.slowAnswers <= (slow?.slowAnswers ?? 0))) slow = access;
    });
    const slowest = slow as Access | null;
    if (slowest === null) return;
    this.#listener.found(
      {
        kind: 'delay',
        conversation: this.#listener.viewOf(conversation),
        object: slowest.targetText,
        learned: rate.max_answer_seconds,
        observed: seconds(slowestAnswer),
        answers: slowest.slowAnswers,
        observations: rate.intervals,
      },
      conversation,
      at,
    );
  }

  #packets(conversation: ConversationState, isMinute: boolean, at: Micros): void {
    const { rate, mostInPacket, fullPackets } = conversation;
    const isFarTooFull = mostInPacket >= Math.max(FAR_TOO_FULL, 2 * rate.max_in_packet);
    if (fullPackets >= FULL_PACKETS || isFarTooFull) {
      this.#listener.found(
        {
          kind: 'stack',
          conversation: this.#listener.viewOf(conversation),
          learned: rate.max_in_packet,
          observed: mostInPacket,
          packets: fullPackets,
          observations: rate.intervals,
        },
        conversation,
        at,
      );
      conversation.fullPackets = 0;
    } else if (isMinute) conversation.fullPackets = 0;
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
    this.#silence(conversation, 'client', null, last, seconds(period), requests, 0, this.#leftAlone(conversation), at);
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
      this.#silence(conversation, 'server', name, since, 0, before, unanswered, [], at);
    }
  }

  /** Whom this client asked and does not ask any more: what stops as a whole is one story. */
  #leftAlone({ key }: ConversationState): string[] {
    const servers: string[] = [];
    this.#conversations.forEach((other) => {
      const isSame = other.key.clientIp === key.clientIp && other.key.protocol === key.protocol;
      if (isSame && servers.length < MAX_LEFT_ALONE && this.#watched.get(other)?.isClientSilent === true)
        servers.push(other.key.serverIp);
    });
    return servers;
  }

  #silence(
    conversation: ConversationState,
    silent: 'client' | 'server',
    unit: string | null,
    since: Micros,
    period: number,
    observations: number,
    requests: number,
    extent: readonly string[],
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
        extent,
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
    this.#watched = new WeakMap();
  }
}

function nextLook(at: Micros): Micros {
  return (Math.floor(at / INTERVAL) + 1) * INTERVAL;
}

/** What a conversation did since the latest look is normal. */
function learnRate(conversation: ConversationState, watched: Watched, isMinute: boolean): void {
  const { rate, requests, changes, refusals, slowestAnswer, mostInPacket } = conversation;
  rate.intervals++;
  rate.max_requests = Math.max(rate.max_requests, requests - watched.requests);
  rate.max_answer_seconds = Math.max(rate.max_answer_seconds, seconds(slowestAnswer));
  rate.max_in_packet = Math.max(rate.max_in_packet, mostInPacket);
  conversation.slowFrom = Number.POSITIVE_INFINITY;
  conversation.fullPackets = 0;
  if (!isMinute) return;
  rate.max_changes = Math.max(rate.max_changes, changes - watched.minuteChanges);
  rate.max_refusals = Math.max(rate.max_refusals, refusals - watched.minuteRefusals);
}

/** The next look counts from here. */
function begin(conversation: ConversationState, watched: Watched, isMinute: boolean): void {
  const { requests, changes, refusals } = conversation;
  watched.requests = requests;
  conversation.slowestAnswer = 0;
  conversation.mostInPacket = 0;
  if (!isMinute) return;
  watched.minuteRequests = requests;
  watched.minuteChanges = changes;
  watched.minuteRefusals = refusals;
}
