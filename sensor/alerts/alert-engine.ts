import { attackTechnique } from '../model/attack.js';
import { type Circumstances, type Finding, NO_CIRCUMSTANCES } from '../model/finding.js';
import type { Alert, AlertPacket, DissectionRecord, SeverityStep, Visibility } from '../model/records.js';
import { SEVERITIES, type Severity, severityRank } from '../model/severity.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp, type Micros, parseTimestamp } from '../model/time.js';
import { Incidents } from './incidents.js';
import { lastOf, severitySteps, withOutcome } from './severity.js';

/** Alerts that can still grow; older ones stay in the store and a repetition makes a new one. */
const MAX_ALERTS = 10_000;
const MAX_RECORDS = 6;
/** Of these, the first ones that are never replaced by later ones. */
const FIRST_RECORDS = 2;
const MAX_NUMBERS = 50;
const MAX_PACKETS = 12;
/** Different things that the findings of one alert were about. */
const MAX_OBJECTS = 100;
const MAX_PACKET_BYTES = 64 * 1024;
/** Requests whose answers still belong to an alert. */
const MAX_AWAITED = 1024;
/** An answer that has not come within this many packets will not come (a silenced device gives none). */
const MAX_WAIT_PACKETS = 50_000;
/** Alerts that are compared when one must go. */
const MAX_LOOKED_AT = 64;
/** In the key of what was announced. */
const EXPECTED = ' (announced work)';

/** The packet being processed when something is found. */
export interface EvidencePacket {
  readonly number: number;
  readonly timestamp: Micros;
  readonly nanos: number;
  readonly linkType: number;
  readonly originalLength: number;
  /** Copied when it is kept. */
  readonly bytes: () => Uint8Array;
}

class AlertState {
  readonly key: string;
  readonly alert: Alert;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  lastNumber = 0;
  packets = 0;
  packetsAllowed = MAX_PACKETS;
  packetBytes = 0;
  needsWriting = true;
  isChanged = false;
  /** How severe it is may still hang on the answers. */
  isAttempt = false;
  wasDone = false;
  wasRefused = false;
  /** Until then it is work that was announced; what comes later is judged anew. */
  expectedUntil: Micros = Number.POSITIVE_INFINITY;

  constructor(key: string, alert: Alert, at: Micros) {
    this.key = key;
    this.alert = alert;
    this.firstSeen = at;
    this.lastSeen = at;
  }
}

/** One story, one alert: repetitions of the same rule, source, target and object are counted. */
export class AlertEngine {
  /** Alerts by kind, for the summary. */
  readonly raised: Record<string, number> = {};
  readonly #byKey = new Map<string, AlertState>();
  /** Alerts by the number of the request's packet: one request can raise several. */
  readonly #awaited = new Map<number, Set<AlertState>>();
  /** The same alerts by the rank of their severity. */
  readonly #bySeverity = SEVERITIES.map(() => new Set<AlertState>());
  #packets: AlertPacket[] = [];
  /** Alerts that left the table before their last state was collected. */
  #departed: Alert[] = [];
  readonly #incidents = new Incidents();

  /** `record` makes the dissection record when there is room for it; returns the alert's key for `repeat`. */
  raise(
    finding: Finding,
    at: Micros,
    number: number,
    record: (() => DissectionRecord) | null,
    packet: EvidencePacket | null,
    visibility: () => Visibility,
    circumstances: Circumstances = NO_CIRCUMSTANCES,
  ): string {
    const steps = severitySteps(finding.severity, circumstances);
    // Announced work is a story of its own: what happens outside of it begins another one.
    const expected = steps.some(({ factor }) => factor === 'station' || factor === 'window') ? EXPECTED : '';
    const dedupeKey = `${finding.key}${expected}`;
    const key = `${finding.kind} ${finding.ruleId} ${dedupeKey}`;
    let state = this.#byKey.get(key);
    if (state) {
      this.#count(state, at, number);
      if (severityRank(lastOf(steps)) > severityRank(severityBeforeAnswers(state.alert)))
        this.#escalate(state, steps, finding.description);
      if (finding.tellsExtent) {
        state.alert.description = finding.description;
        if (finding.observed !== null) state.alert.observed = finding.observed;
        if (finding.object !== null) noteObject(state.alert, finding.object);
        this.#makeRoom(state);
        state.needsWriting = true;
      }
    }
    state ??= this.#open(key, dedupeKey, steps, finding, at, number, visibility());
    if (circumstances.isAttempt) state.isAttempt = true;
    if (expected !== '') state.expectedUntil = circumstances.expectedWork?.ends ?? Number.POSITIVE_INFINITY;
    this.#addEvidence(state, record, packet);
    return key;
  }

  /** Whether the announced work that an alert was put down to has ended by now. */
  isOutdated(key: string, at: Micros): boolean {
    const state = this.#byKey.get(key);
    return state !== undefined && at >= state.expectedUntil;
  }

  /** The same again. False when the alert is not known any more. */
  repeat(key: string, at: Micros, number: number): boolean {
    const state = this.#byKey.get(key);
    if (!state) return false;
    this.#count(state, at, number);
    // What was refused so far may be done this time.
    if (state.isAttempt && state.wasRefused && !state.wasDone) this.awaitAnswer(key, number);
    return true;
  }

  /** The answer to the request in packet `number` belongs to this alert. */
  awaitAnswer(key: string, requestNumber: number): void {
    const state = this.#byKey.get(key);
    if (!state) return;
    const isUndecided = state.isAttempt && !state.wasDone;
    if (!isUndecided && state.alert.evidence.records.length >= MAX_RECORDS) return;
    const waiting = this.#awaited.get(requestNumber);
    if (waiting) {
      waiting.add(state);
      return;
    }
    if (this.#awaited.size >= MAX_AWAITED) {
      const oldest = this.#awaited.keys().next();
      if (!oldest.done) this.#awaited.delete(oldest.value);
    }
    this.#awaited.set(requestNumber, new Set([state]));
  }

  get awaitsAnswers(): boolean {
    return this.#awaited.size > 0;
  }

  answer(
    requestNumber: number,
    record: () => DissectionRecord,
    packet: EvidencePacket | null,
    isRefused = false,
  ): void {
    const oldest = this.#awaited.keys().next();
    if (!oldest.done && Math.abs(requestNumber - oldest.value) > MAX_WAIT_PACKETS) this.#awaited.delete(oldest.value);
    const waiting = this.#awaited.get(requestNumber);
    if (!waiting) return;
    this.#awaited.delete(requestNumber);
    for (const state of waiting) {
      if (state.isAttempt) this.#noteOutcome(state, isRefused);
      this.#addEvidence(state, record, packet);
    }
  }

  #noteOutcome(state: AlertState, isRefused: boolean): void {
    if (state.wasDone) return;
    if (isRefused) state.wasRefused = true;
    else state.wasDone = true;
    const steps = withOutcome(basisOf(state.alert), !state.wasDone);
    if (lastOf(steps) !== state.alert.severity) this.#setSteps(state, steps);
  }

  restore(alerts: readonly Alert[], keyOf: (alert: Alert) => string | null): void {
    for (const alert of alerts) {
      const key = keyOf(alert);
      if (key === null) continue;
      const state = new AlertState(key, alert, parseTimestamp(alert.first_seen));
      state.lastSeen = parseTimestamp(alert.last_seen);
      state.needsWriting = false;
      state.packets = MAX_PACKETS;
      state.wasRefused = alert.severity_basis?.some(({ factor }) => factor === 'refused') ?? false;
      this.#keep(state);
      this.#incidents.restore(alert);
    }
  }

  /** These alerts are dealt with: what would count on one of them makes a new alert. */
  settle(isSettled: (alert: Alert) => boolean): void {
    for (const [key, state] of this.#byKey) {
      if (!isSettled(state.alert)) continue;
      this.#byKey.delete(key);
      this.#bySeverity[severityRank(state.alert.severity)]?.delete(state);
      if (state.needsWriting || state.isChanged) this.#departed.push(snapshot(state));
    }
  }

  /** Alerts that are new or have changed since the last call; `withCounters`: also where only the count did. */
  collect(withCounters: boolean): { alerts: Alert[]; packets: AlertPacket[] } {
    const alerts = this.#departed;
    this.#departed = [];
    for (const state of this.#byKey.values()) {
      if (!state.needsWriting && !(withCounters && state.isChanged)) continue;
      state.needsWriting = false;
      state.isChanged = false;
      alerts.push(snapshot(state));
    }
    const packets = this.#packets;
    this.#packets = [];
    return { alerts, packets };
  }

  #count(state: AlertState, at: Micros, number: number): void {
    state.alert.count++;
    if (at > state.lastSeen) state.lastSeen = at;
    this.#incidents.repeated(state.alert, at);
    const numbers = state.alert.evidence.pcap_cnts;
    if (numbers.length < MAX_NUMBERS && number !== state.lastNumber) numbers.push(number);
    state.lastNumber = number;
    state.isChanged = true;
  }

  #open(
    key: string,
    dedupeKey: string,
    steps: SeverityStep[],
    finding: Finding,
    at: Micros,
    number: number,
    visibility: Visibility,
  ): AlertState {
    if (this.#byKey.size >= MAX_ALERTS) this.#retire();
    const time = formatTimestamp(at);
    const { source, target } = finding;
    const alert: Alert = {
      // Whole microseconds: a live capture and its recording may differ below.
      id: stableId('alert', finding.kind, finding.ruleId, dedupeKey, time),
      kind: finding.kind,
      rule_id: finding.ruleId,
      rule_version: finding.ruleVersion,
      title: finding.title,
      description: finding.description,
      severity: lastOf(steps),
      severity_basis: steps,
      status: 'open',
      count: 1,
      first_seen: time,
      last_seen: time,
      ...(source ? { src_ip: source.ip } : {}),
      ...(source?.port === undefined ? {} : { src_port: source.port }),
      ...(source?.asset === undefined ? {} : { src_asset: source.asset }),
      ...(target ? { dest_ip: target.ip } : {}),
      ...(target?.port === undefined ? {} : { dest_port: target.port }),
      ...(target?.asset === undefined ? {} : { dest_asset: target.asset }),
      ...(finding.protocol === null ? {} : { protocol: finding.protocol }),
      ...(finding.object === null ? {} : { object: finding.object }),
      attack: finding.techniques.map(attackTechnique),
      ...(finding.expected === null ? {} : { expected: finding.expected }),
      ...(finding.observed === null ? {} : { observed: finding.observed }),
      evidence: { records: [], pcap_cnts: number > 0 ? [number] : [] },
      visibility,
      recommendation: finding.recommendation,
      dedupe_key: dedupeKey,
    };
    const incident = this.#incidents.of(alert, at);
    if (incident !== null) alert.incident = incident;
    const state = new AlertState(key, alert, at);
    state.lastNumber = number;
    this.#keep(state);
    this.raised[finding.kind] = (this.raised[finding.kind] ?? 0) + 1;
    return state;
  }

  /** Makes room: of the least severe alerts the one that has been quiet longest, among the oldest few of them. */
  #retire(): void {
    const candidates = this.#bySeverity.find((states) => states.size > 0);
    if (!candidates) return;
    let victim: AlertState | undefined;
    let looked = 0;
    for (const state of candidates) {
      if (!victim || state.lastSeen < victim.lastSeen) victim = state;
      if (++looked >= MAX_LOOKED_AT) break;
    }
    if (!victim) return;
    candidates.delete(victim);
    this.#byKey.delete(victim.key);
    if (victim.needsWriting || victim.isChanged) this.#departed.push(snapshot(victim));
  }

  /** It has turned out to be worse than it looked at first. */
  #escalate(state: AlertState, steps: readonly SeverityStep[], description: string): void {
    state.alert.description = description;
    state.needsWriting = true;
    this.#setSteps(state, withOutcome(steps, state.wasRefused && !state.wasDone));
  }

  #setSteps(state: AlertState, steps: SeverityStep[]): void {
    const { alert } = state;
    this.#bySeverity[severityRank(alert.severity)]?.delete(state);
    alert.severity = lastOf(steps);
    alert.severity_basis = steps;
    // One that has left the table is only written once more.
    if (this.#byKey.get(state.key) === state) this.#bySeverity[severityRank(alert.severity)]?.add(state);
    state.needsWriting = true;
  }

  #keep(state: AlertState): void {
    const replaced = this.#byKey.get(state.key);
    if (replaced) this.#bySeverity[severityRank(replaced.alert.severity)]?.delete(replaced);
    this.#byKey.set(state.key, state);
    this.#bySeverity[severityRank(state.alert.severity)]?.add(state);
  }

  /** What an alert has grown to matters more than its second beginning: the first records and the latest stay. */
  #makeRoom(state: AlertState): void {
    const { records } = state.alert.evidence;
    if (records.length >= MAX_RECORDS) records.splice(FIRST_RECORDS, 1);
    state.packetsAllowed = MAX_PACKETS * 2;
  }

  #addEvidence(state: AlertState, record: (() => DissectionRecord) | null, packet: EvidencePacket | null): void {
    const { evidence } = state.alert;
    if (record && evidence.records.length < MAX_RECORDS) {
      evidence.records.push(record());
      state.needsWriting = true;
    }
    if (!packet || state.packets >= state.packetsAllowed || state.packetBytes >= MAX_PACKET_BYTES) return;
    const data = packet.bytes();
    state.packets++;
    state.packetBytes += data.length;
    evidence.pcap = `/api/v1/alerts/${state.alert.id}/packets.pcapng`;
    state.needsWriting = true;
    this.#packets.push({
      alert_id: state.alert.id,
      pcap_cnt: packet.number,
      timestamp: formatTimestamp(packet.timestamp, packet.nanos),
      link_type: packet.linkType,
      original_length: packet.originalLength,
      data,
    });
  }
}

/** The latest stands as the object; all of them are kept, so that a person can accept the alert as a whole. */
function noteObject(alert: Alert, object: string): void {
  if (alert.object !== undefined && alert.object !== object) {
    alert.objects ??= [alert.object];
    if (alert.objects.length < MAX_OBJECTS && !alert.objects.includes(object)) alert.objects.push(object);
  }
  alert.object = object;
}

function basisOf({ severity_basis: basis, severity }: Alert): SeverityStep[] {
  return basis ?? [{ factor: 'level', severity }];
}

function severityBeforeAnswers(alert: Alert): Severity {
  return lastOf(withOutcome(basisOf(alert), false));
}

function snapshot(state: AlertState): Alert {
  const { alert } = state;
  return {
    ...alert,
    ...(alert.objects ? { objects: [...alert.objects] } : {}),
    last_seen: formatTimestamp(state.lastSeen),
    evidence: { ...alert.evidence, records: [...alert.evidence.records], pcap_cnts: [...alert.evidence.pcap_cnts] },
  };
}
