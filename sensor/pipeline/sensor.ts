import { AlertEngine, type EvidencePacket } from '../alerts/alert-engine.js';
import { Acceptances, coverableOf } from '../baseline/acceptance.js';
import { Baseline, DEVICE_SCOPE } from '../baseline/baseline.js';
import { isGroup, isInternet } from '../baseline/exposure.js';
import { Maturity } from '../baseline/maturity.js';
import { ALARM_LASTS, MIN_CONVERSATION_LEARNING, MIN_VALUE_LEARNING, OWN_LEARNING } from '../baseline/youth.js';
import type { Packet, PacketSink } from '../capture/packet.js';
import type { Frame } from '../decode/frame.js';
import { IP_PROTOCOL, TCP_FLAG } from '../decode/frame.js';
import { NetworkCheck } from '../detection/checks/network.js';
import { ScanCheck } from '../detection/checks/scan.js';
import { groupIndex, type ProtocolRules, RecordView, type RuleGroup, RuleSet } from '../detection/rule-set.js';
import type { SigmaRule } from '../detection/sigma/rule.js';
import { type Flow, NOTICE, type Side } from '../flow/flow.js';
import type { FlowTableLimits } from '../flow/flow-table.js';
import { Identifier } from '../identification/identifier.js';
import { IDENTITY_SOURCES } from '../identification/registry.js';
import { type AssetState, AssetTracker, type IdentityChange } from '../inventory/asset-tracker.js';
import {
  type ConversationKey,
  type ConversationState,
  ConversationTracker,
  countOperation,
  type OperationState,
  type Transport,
} from '../inventory/conversation-tracker.js';
import { serviceName } from '../inventory/services.js';
import { targetText } from '../inventory/target-set.js';
import { TrafficLog } from '../inventory/traffic-log.js';
import { formatIp, formatMac, isUnicastIp } from '../model/address.js';
import type { AnomalyDef } from '../model/anomaly.js';
import type { BaselineDecisions, BaselineVersion } from '../model/baseline-document.js';
import { i32, u16, u32 } from '../model/bytes.js';
import type { Finding, Party } from '../model/finding.js';
import type { HealthEvent } from '../model/health-event.js';
import type { ConversationView, Novelty } from '../model/novelty.js';
import { isIntrusive, type Operation } from '../model/operation.js';
import type { IdentityFact, Pdu } from '../model/pdu.js';
import { unitTitle } from '../model/protocol.js';
import type {
  Alert,
  AssetSettings,
  DeviceDecisions,
  DissectionRecord,
  LearningPhase,
  LearningProgress,
  SensorHealth,
  Visibility,
} from '../model/records.js';
import { severityRank } from '../model/severity.js';
import { EMPTY_SITE, parseIp, type Site, SiteMap } from '../model/site.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';
import { type ValueDeviation, type VariableServer, VariableTracker } from '../process/variable-tracker.js';
import type { Dissector, ProtocolDef } from '../protocols/dissector.js';
import type { FindingsBatch, SensorMemory } from '../store/store.js';
import { AnomalyLog, anomalyRecord } from './anomaly-log.js';
import { BehaviourWatch } from './behaviour-watch.js';
import { CircumstanceJudge, type Occasion } from './circumstances.js';
import { connectionRecord } from './connection-record.js';
import { Dissection, type DissectionListener } from './dissection.js';
import { type PduContext, pduRecord, Sighting, sideIp, sidePort } from './pdu-context.js';
import { authorisedStation, correlationText, type Ends, type Knowledge, SightingContext } from './rule-context.js';

export interface SensorOptions {
  /** Name of this sensor in health records and alerts. */
  readonly sensor: string;
  readonly mode: 'replay' | 'live';
  readonly phase: LearningPhase;
  /** What an earlier run knew; null for a first run. */
  readonly memory: SensorMemory | null;
  readonly version: string;
  readonly dissectors: readonly Dissector[];
  readonly rules: readonly SigmaRule[];
  readonly vendorOf: (mac: string) => string | null;
  /** What people have written down of zones and stations. */
  readonly site?: Site;
  /** Scopes that are ripe end their learning themselves. */
  readonly autoProtect?: boolean;
  readonly flowLimits?: FlowTableLimits;
}

const SETTLED = 'scope-protected';
/** Devices that learn on their own, as far as they are listed. */
const MAX_ALONE = 100;
/** Looks at conversations from one look at variables to the next. */
const FROZEN_EVERY = 6;
/** Time between two looks at which scopes are ripe; a multiple of the time between two looks. */
const SETTLE_EVERY: Micros = 600 * MICROS_PER_SECOND;
/** The next look cannot be further away, unless a packet came with a wrong time. */
const LATE_LOOK: Micros = 60 * MICROS_PER_SECOND;
const MAX_ODD_VALUES = 12;
/** Clients whose new conversations are listed in one alert. */
const MAX_NEW_PEERS = 10_000;
/** Counters of running things are collected at most this often, in packet time. */
const COUNTER_INTERVAL: Micros = 10 * MICROS_PER_SECOND;
/** Ports above this are given out at random; without an opening seen, they name no service. */
const EPHEMERAL = 32_768;
const ARP_LENGTH = 28;
const ARP_REQUEST = 1;
/** More unanswered flows within a second than this are counted only. */
const MAX_PROBES_PER_SECOND = 500;
/** More new devices in a minute than this are told of together: a plant with so many is started up, or somebody invents them. */
const MAX_NEW_DEVICES_PER_MINUTE = 200;
/** Power of two. */
const ARP_KNOWN = 1024;
/** A question that is asked again within this time is the same one. */
const ARP_ASKED_AGAIN: Micros = MICROS_PER_SECOND;
/** One-way packets after which a sender is taken to be real. */
const ONE_WAY_PROOF = 10;
/** What is known of the two stations is looked at anew for the rules after this time. */
const STANDING_RULES: Micros = 60 * MICROS_PER_SECOND;
const HIGH = severityRank('high');
const MEDIUM = severityRank('medium');
/** Operations, and ranges of each, that an alert lists. */
const MAX_EXTENT = 6;
/** Registers beside those that were read while learning: a program that was extended reads on. */
const READ_REACH = 8;
const MAX_WRITERS_TOLD = 5;

/** An address and its MAC as its owner has stated them. */
interface ArpKnown {
  readonly word: number;
  readonly macHigh: number;
  readonly macLow: number;
  readonly asset: AssetState;
  readonly ip: string;
}

/** What the sensor knows of a flow. */
class Binding {
  readonly protocol: ProtocolDef | null;
  readonly conversation: ConversationState;
  readonly clientSide: Side;
  rules: ProtocolRules | null;
  /** Of these, what is not ruled out by what is known of the two stations; undefined: not looked at yet. */
  readonly standingRules: (RuleGroup | null | undefined)[] = [];
  standingUntil: Micros = Number.NEGATIVE_INFINITY;
  /** What the two stations, and the conversation, were when these were chosen. */
  clientRevision = -1;
  serverRevision = -1;
  wasInBaseline = false;
  /** By side: what is already in the conversation's and the devices' counters. */
  readonly packets: [number, number] = [0, 0];
  readonly bytes: [number, number] = [0, 0];
  /** Messages of its protocol in all. */
  readonly messages: { count: number };
  /** What the server's process variables are kept under. */
  readonly variables: VariableServer | null;

  constructor(
    protocol: ProtocolDef | null,
    conversation: ConversationState,
    clientSide: Side,
    rules: ProtocolRules | null,
    messages: { count: number },
    variables: VariableServer | null,
  ) {
    this.protocol = protocol;
    this.conversation = conversation;
    this.clientSide = clientSide;
    this.rules = rules;
    this.messages = messages;
    this.variables = variables;
  }
}

/**
 * The whole way of a packet up to the alert: dissection, then inventory, baseline and rules in this order. Does the
 * same inline (replay, tests) and in a worker thread (live); time is packet time throughout.
 */
export class Sensor implements PacketSink {
  /** Packets lost before the sensor, as its source knows; shown with every alert. */
  droppedPercent = 0;
  readonly #options: SensorOptions;
  readonly #dissection: Dissection;
  readonly #assets: AssetTracker;
  readonly #conversations = new ConversationTracker();
  readonly #traffic = new TrafficLog((visit) => this.#conversations.forEach(visit));
  readonly #variables: VariableTracker;
  readonly #identifier: Identifier;
  readonly #frameSighting = new Sighting();
  readonly #watch: BehaviourWatch;
  /** Variables of a device with one kind of problem, as far as they are told. */
  #acceptances = new Acceptances([]);
  #decidedVersion = -1;
  /** Findings that a person has accepted beforehand. */
  #accepted = 0;
  readonly #oddValues = new Map<string, string[]>();
  /** Whom a client talks to that it never talked to, latest last. */
  readonly #newPeers = new Map<string, string[]>();
  /** Another input has begun: nothing that was before can be late. */
  #isNewInput = true;
  #learning: LearningProgress | null = null;
  #looks = 0;
  readonly #baseline: Baseline;
  #rules: RuleSet;
  /** Those that were loaded, with those that a person has switched off. */
  #loadedRules: readonly SigmaRule[];
  #switchedOff: ReadonlySet<string>;
  readonly #knowledge: Knowledge;
  readonly #circumstances: CircumstanceJudge;
  readonly #alerts = new AlertEngine();
  readonly #scans: ScanCheck;
  readonly #network: NetworkCheck;
  readonly #anomalies = new AnomalyLog();
  readonly #bindings: (Binding | undefined)[] = [];
  readonly #messages = new Map<string, { count: number }>();
  readonly #otherMessages = { count: 0 };
  /** The dissected protocols, by name: those that operate a plant. */
  readonly #protocols: ReadonlyMap<string, ProtocolDef>;
  #encrypted = 0;
  #malformed = 0;
  #packet: Packet | null = null;
  #nextCounters: Micros = Number.NEGATIVE_INFINITY;
  #now: Micros = 0;
  #finished = false;
  #floodTold = false;
  #newDeviceMinute = Number.NaN;
  #newDevices = 0;
  #probeSecond = Number.NaN;
  #probesOfSecond = 0;
  #probesNotJudged = 0;
  readonly #arpKnown: (ArpKnown | undefined)[] = new Array<ArpKnown | undefined>(ARP_KNOWN).fill(undefined);
  /** Addresses that were asked for lately, and when. */
  readonly #arpAsked = new Int32Array(ARP_KNOWN);
  readonly #arpAskedAt = new Float64Array(ARP_KNOWN).fill(Number.NEGATIVE_INFINITY);
  readonly #captures: string[] = [];

  constructor(options: SensorOptions) {
    this.#options = options;
    this.#baseline = new Baseline(options.phase, options.version);
    this.#variables = new VariableTracker(options.phase === 'learn');
    this.#watch = new BehaviourWatch(this.#conversations, {
      learns: (conversation) => this.#learns(conversation),
      protocolOf: (name) => this.#protocols.get(name),
      viewOf: (conversation) => this.#view(conversation),
      found: (novelty, _, at) => this.#judge(novelty, at, null),
    });
    const site = new SiteMap(options.site ?? EMPTY_SITE);
    this.#assets = new AssetTracker(options.vendorOf, site, (from, to) => {
      this.#conversations.moveAssets(from, to);
      this.#arpKnown.fill(undefined);
      if (this.#assets.forgotten > 0) this.#tellAssetFlood();
    });
    this.#identifier = new Identifier(IDENTITY_SOURCES, (fact) => this.#identityOfFrame(fact));
    this.#knowledge = {
      site,
      isLearning: (protocol) =>
        protocol === null ? this.#baseline.phase === 'learn' : this.#baseline.isLearning(protocol),
      asset: (ip) => this.#assets.get(ip),
    };
    this.#circumstances = new CircumstanceJudge(this.#knowledge);
    this.#scans = new ScanCheck(options.version);
    this.#network = new NetworkCheck(options.version);
    const protocols = options.dissectors.flatMap((dissector) => dissector.protocols);
    this.#loadedRules = options.rules;
    this.#switchedOff = new Set(options.memory?.disabledRules);
    this.#rules = new RuleSet(this.#rulesInUse(), protocols);
    this.#protocols = new Map(protocols.map((protocol) => [protocol.name, protocol]));
    for (const { name } of protocols) this.#messages.set(name, { count: 0 });
    const listener: DissectionListener = {
      pdu: (context) => this.#pdu(context),
      anomaly: (sighting, anomaly) => this.#anomaly(sighting, anomaly, null),
      identity: (sighting, fact) => this.#identity(sighting, fact),
      closed: (flow) => this.#judgeProbe(flow, flow.lastSeen),
      frame: (frame, flow) => this.#frame(frame, flow),
      flowEnded: (flow) => this.#flowEnded(flow),
    };
    this.#dissection = new Dissection(
      {
        dissectors: options.dissectors,
        identifier: this.#identifier,
        ...(options.flowLimits ? { flowLimits: options.flowLimits } : {}),
      },
      listener,
    );
    if (options.memory) this.#restore(options.memory);
    this.#traffic.start();
  }

  get phase(): LearningPhase {
    return this.#baseline.phase;
  }

  /** A person ends the learning, or lets it begin again. */
  set phase(phase: LearningPhase) {
    if (phase === this.#baseline.phase) return;
    this.#renewRules();
    this.#endLearning((conversation) => this.#learns(conversation));
    this.#baseline.phase = phase;
    this.#variables.isLearning = phase === 'learn';
  }

  /** What these conversations were until this moment is what they were learned as, whenever it is collected. */
  #endLearning(ends: (conversation: ConversationState) => boolean): void {
    this.#foldAll();
    this.#conversations.forEach((conversation) => {
      if (!ends(conversation)) return;
      conversation.settle();
      conversation.needsWriting = true;
    });
  }

  #foldAll(): void {
    this.#dissection.flows.forEach((flow) => {
      this.#fold(flow);
    });
  }

  /** Other rules from now on. What correlations have counted so far is forgotten. */
  replaceRules(rules: readonly SigmaRule[]): void {
    this.#loadedRules = rules;
    this.#useRules();
  }

  /** A person has switched off these rules, and no others. False: they were already. */
  switchOff(ids: readonly string[]): boolean {
    const isSame = ids.length === this.#switchedOff.size && ids.every((id) => this.#switchedOff.has(id));
    if (isSame) return false;
    this.#switchedOff = new Set(ids);
    this.#useRules();
    return true;
  }

  #rulesInUse(): SigmaRule[] {
    return this.#loadedRules.filter(({ id }) => !this.#switchedOff.has(id));
  }

  #useRules(): void {
    this.#rules = new RuleSet(this.#rulesInUse(), [...this.#protocols.values()]);
    for (const binding of this.#bindings) {
      if (!binding?.protocol) continue;
      binding.rules = this.#rules.of(binding.protocol.name);
      binding.standingUntil = Number.NEGATIVE_INFINITY;
    }
  }

  /** What people have decided about the baseline. */
  decided({ decisions, n }: BaselineVersion): void {
    if (n === this.#decidedVersion) return;
    this.#decidedVersion = n;
    this.#acceptances = new Acceptances(decisions.accepted);
    this.#variables.declareAll(decisions.declared);
    this.#circumstances.announce(decisions.maintenance ?? []);
    this.#variables.widenAll(decisions.variables ?? [], (name) => this.#protocols.get(name));
    const devices = new Set(decisions.devices.map(({ ip }) => this.#assets.confirm(ip, this.#now)));
    for (const asset of devices) asset?.declare();
    this.#assets.forEach((asset) => {
      if (!devices.has(asset)) asset.withdraw();
    });
    for (const { client, server, protocol, port, transport, operations, cycles } of decisions.conversations) {
      const key: ConversationKey = { clientIp: client, serverIp: server, protocol, port, transport };
      const known = this.#protocols.get(protocol)?.operations ?? [];
      this.#conversations.find(key, this.#now)?.declare(operations, cycles ?? [], known, this.#now);
    }
    for (const { verdict, client, server, protocol, port, transport, operation } of decisions.reviews ?? []) {
      if (verdict !== 'rejected') continue;
      const key: ConversationKey = { clientIp: client, serverIp: server, protocol, port, transport };
      this.#conversations.get(key)?.reject(operation ?? null);
    }
    const said = saidConversations(decisions);
    this.#conversations.forEach((conversation) => {
      conversation.withdraw((operation) => said.has(sayingOf(conversation.key, operation)));
      // What counted on an alert is judged anew.
      for (const state of conversation.operations) if (state) state.alertKey = null;
    });
    for (const binding of this.#bindings) binding?.standingRules.splice(0);
    const rolesOf = (ip: string | undefined) => (ip === undefined ? [] : (this.#assets.get(ip)?.roles ?? []));
    this.#alerts.settle(
      (alert) =>
        alert.kind === 'deviation' &&
        this.#acceptances.cover(
          { ...coverableOf(alert, () => []), clientRoles: rolesOf(alert.src_ip), serverRoles: rolesOf(alert.dest_ip) },
          parseTimestamp(alert.last_seen),
        ),
    );
  }

  /** Whom people have let in, and which records they have made one device. */
  decidedOnDevices(decisions: DeviceDecisions): void {
    this.#assets.decided(decisions);
    this.#renewRules();
  }

  /** All that people say of devices, by id: their word stands above what was seen. */
  said(settings: Readonly<Record<string, AssetSettings>>): void {
    this.#assets.setWords(settings);
    this.#renewRules();
  }

  /** Rules may ask for something that has changed for all connections. */
  #renewRules(): void {
    for (const binding of this.#bindings) if (binding) binding.standingUntil = Number.NEGATIVE_INFINITY;
  }

  get counters() {
    return this.#dissection.counters;
  }

  get flowsCreated(): number {
    return this.#dissection.flows.created;
  }

  get assetCount(): number {
    return this.#assets.size;
  }

  get conversationCount(): number {
    return this.#conversations.size;
  }

  /** Alerts raised in this run, by kind. */
  get alertsRaised(): Readonly<Record<string, number>> {
    return this.#alerts.raised;
  }

  /** Names the input that follows, for the health record. */
  addCapture(name: string): void {
    if (this.#captures.length < 1000) this.#captures.push(name);
    this.#isNewInput = true;
  }

  packet(packet: Packet): void {
    if (packet.timestamp >= this.#watch.due || this.#isNewInput) this.#look(packet.timestamp);
    this.#packet = packet;
    this.#dissection.packet(packet);
    this.#packet = null;
  }

  /** Time goes on without packets (live). */
  advance(now: Micros): void {
    this.#dissection.advance(now);
    if (now >= this.#watch.due) this.#look(now);
    if (now > this.#now) this.#now = now;
  }

  /** The input has ended. */
  finish(): void {
    this.#dissection.finish();
    this.#finished = true;
  }

  /**
   * Everything that has changed since the last call. Where only counters and times have, it waits for its turn every
   * ten seconds of packet time, or until the end when `news` is all that is wanted (a replay runs faster than time).
   */
  collect(news = false): FindingsBatch {
    const last = this.#dissection.counters.lastPacket;
    const now = Math.max(this.#now, Number.isNaN(last) ? 0 : last);
    const withCounters = this.#finished || (!news && now >= this.#nextCounters);
    if (withCounters) {
      this.#nextCounters = now + COUNTER_INTERVAL;
      this.#learning = this.#progress(now);
      this.#foldAll();
    }
    const { alerts, packets } = this.#alerts.collect(withCounters);
    return {
      assets: this.#assets.collect(withCounters),
      mergedAssets: this.#assets.collectMerged(),
      removed: { assets: this.#assets.collectRemoved(), conversations: this.#conversations.collectRemoved() },
      conversations: this.#conversations.collect(withCounters, (one) => this.#learns(one)),
      variables: this.#variables.collect(withCounters, this.#finished),
      alerts,
      packets,
      health: this.#health(),
      traffic: this.#traffic.collect(),
    };
  }

  /** Something that limits what the sensor sees. */
  healthEvent(event: HealthEvent): void {
    this.#raise(
      {
        kind: 'health',
        ruleId: event.code,
        ruleVersion: this.#options.version,
        title: event.title,
        description: event.description,
        severity: 'medium',
        source: null,
        target: null,
        protocol: null,
        object: event.interface,
        techniques: [],
        expected: null,
        observed: null,
        recommendation:
          'While this lasts, the sensor may miss what happens. Restore the connection to the mirror port first.',
        key: event.interface,
      },
      event.since,
      0,
      null,
    );
  }

  // ---- what the dissection delivers

  #pdu(context: PduContext): void {
    const { flow, pdu } = context;
    if (flow === null || pdu === null) return;
    let binding: Binding | null | undefined = this.#bindings[flow.index];
    if (binding === undefined || binding.protocol !== pdu.protocol) {
      if (pdu.protocol.isCarrier) {
        this.#carrierPdu(context, pdu);
        return;
      }
      binding = this.#bind(flow, pdu.protocol, context.number, context.timestamp);
    }
    if (binding === null) return;
    binding.messages.count++;
    if (pdu.isEncrypted) this.#encrypted++;
    if (context.alternativeOf !== null) {
      this.#anomaly(context, context.alternativeOf, context);
      return;
    }
    if (context.timestamp >= this.#traffic.due) this.#traffic.roll(context.timestamp);
    const { conversation } = binding;
    const known = conversation.operations[pdu.operation.index];
    const state = countOperation(conversation, pdu, context.number, context.timestamp);
    const isPlain =
      pdu.anomalies.length === 0 && pdu.rejection === 'none' && (pdu.isRequest || !this.#alerts.awaitsAnswers);
    const isUnitKnown = pdu.isRequest || conversation.answeredUnits[pdu.unit] !== 0;
    const { access } = conversation;
    if (conversation.isWindow && access !== null) this.#watch.window(conversation, access, context.timestamp);
    const isTargetKnown = access === null ? !pdu.isRequest || pdu.targetSpace === null : access.isLearned;
    const rules = this.#rulesFor(binding, context, pdu, state);
    // Most messages say nothing new.
    if (isPlain && isUnitKnown && isTargetKnown && state.isOrdinary && rules === null) {
      if (pdu.variables > 0) this.#values(context, pdu, binding, false);
      return;
    }
    this.#notablePdu(context, pdu, binding, state, known === undefined, rules);
  }

  /** A message that only opens the way: no conversation of its own, but rules may name it. */
  #carrierPdu(context: PduContext, pdu: Pdu): void {
    const messages = this.#messages.get(pdu.protocol.name);
    if (messages) messages.count++;
    if (context.alternativeOf !== null) {
      this.#anomaly(context, context.alternativeOf, context);
      return;
    }
    const rules = this.#rules.of(pdu.protocol.name)?.group(pdu);
    if (rules?.concerns(pdu)) this.#applyRules(rules, context, null, null);
    if (pdu.anomalies.length === 0) return;
    this.#malformed++;
    for (const anomaly of pdu.anomalies) this.#anomaly(context, anomaly, context);
  }

  /** A message that is new or odd, is named by a rule, or answers one that was. */
  #notablePdu(
    context: PduContext,
    pdu: Pdu,
    binding: Binding,
    state: OperationState,
    isNew: boolean,
    rules: RuleGroup | null,
  ): void {
    const { conversation } = binding;
    const { timestamp } = context;
    const wasInBaseline = state.inBaseline;
    if (!pdu.isRequest && pdu.rejection !== 'unreachable') {
      if (pdu.unit >= 0 && pdu.unit < conversation.answeredUnits.length) conversation.answeredUnits[pdu.unit] = 1;
      if (conversation.server && pdu.unit >= 0) {
        this.#assets.unitAnswered(conversation.server, pdu.unit, timestamp, unitTitle(pdu.protocol, pdu.unit));
      }
    }
    if (!state.hasWorked && (pdu.isRequest ? !context.flow?.isTwoWay : pdu.rejection === 'none')) {
      state.hasWorked = true;
      if (conversation.client) this.#assets.acts(conversation.client, pdu.operation.class);
    }
    let isSuspicious = false;
    if (rules !== null) isSuspicious = this.#applyRules(rules, context, conversation, state);
    if (!state.inBaseline) this.#judgeOperation(isNew, state, conversation, context, isSuspicious);
    else if (conversation.access?.isLearned !== true) this.#judgeTargets(state, conversation, context, isSuspicious);
    if (pdu.variables > 0) this.#values(context, pdu, binding, isSuspicious);
    if (pdu.anomalies.length > 0) {
      this.#malformed++;
      for (const anomaly of pdu.anomalies) this.#anomaly(context, anomaly, context);
    }
    if (pdu.rejection !== 'none') this.#rejected(pdu, state, conversation, context);
    if (pdu.requestNumber > 0 && this.#alerts.awaitsAnswers) {
      this.#alerts.answer(
        pdu.requestNumber,
        () => pduRecord(context),
        this.#evidencePacket(),
        pdu.rejection !== 'none',
      );
    }
    state.isOrdinary = state.inBaseline && state.hasWorked;
    if (state.inBaseline !== wasInBaseline) binding.standingRules.length = 0;
  }

  /** The rules that may match this message; null: none. */
  #rulesFor(binding: Binding, context: PduContext, pdu: Pdu, state: OperationState): RuleGroup | null {
    const place = groupIndex(pdu);
    if (context.timestamp >= binding.standingUntil) renewStanding(binding, context.timestamp);
    let rules = binding.standingRules[place];
    if (rules === undefined) {
      const group = binding.rules?.group(pdu) ?? null;
      rules = group?.standing(this.#ruleView(group, context, pdu, binding.conversation, state)) ?? null;
      binding.standingRules[place] = rules;
    }
    return rules?.concerns(pdu) ? rules : null;
  }

  #ruleView(
    group: RuleGroup,
    context: PduContext,
    pdu: Pdu,
    conversation: ConversationState | null,
    state: OperationState | null,
  ): RecordView {
    return new RecordView(
      group.fields,
      () => pduRecord(context),
      () => new SightingContext(this.#endsWithPorts(context, conversation), pdu, conversation, state, this.#knowledge),
    );
  }

  /** The values that a message carries: kept, learned, judged. */
  #values(context: PduContext, pdu: Pdu, binding: Binding, isSuspicious: boolean): void {
    const { conversation, variables } = binding;
    if (variables === null) return;
    if (pdu.valuesAreWritten) this.#watch.changes(conversation, pdu.operation, context.timestamp);
    const deviations = this.#variables.observe(
      pdu,
      conversation.access,
      variables,
      conversation.key.clientIp,
      conversation.client?.id ?? '',
      context.timestamp,
      isSuspicious,
    );
    if (deviations.length === 0) return;
    const writer = this.#party(conversation.key.clientIp, conversation.client);
    for (const deviation of deviations) this.#judgeValue(deviation, context.timestamp, writer, context);
  }

  /** Time has passed: what should have happened meanwhile? */
  #look(now: Micros): void {
    const { lastPacket } = this.#dissection.counters;
    if (this.#isNewInput || this.#watch.due - now > LATE_LOOK) {
      this.#isNewInput = false;
      this.#watch.begin(now);
      this.#variables.resume(now);
      return;
    }
    this.#watch.run(
      now,
      lastPacket,
      (at) => {
        // By packet time, not by collections: a replay settles where the live sensor did.
        if (this.#options.autoProtect === true && at % SETTLE_EVERY === 0) {
          this.#foldAll();
          this.#settleRipe(at);
        }
        if (++this.#looks % FROZEN_EVERY !== 0) return;
        this.#variables.frozen(at, (deviation) => this.#judgeValue(deviation, at, null, null));
      },
      () => this.#variables.resume(now),
    );
  }

  /** A device says who it is, or who another one is. */
  #identity(sighting: Sighting, fact: IdentityFact): void {
    const { number, timestamp } = sighting;
    const asset = this.#assetMeant(sighting, fact);
    if (!asset) return;
    const dot = fact.source.indexOf('.');
    const protocol = this.#protocols.get(dot < 0 ? fact.source : fact.source.slice(0, dot));
    const label = protocol ? unitTitle(protocol, fact.unit) : identifiedUnit(fact);
    const change = this.#assets.identity(asset, fact, number, timestamp, label);
    const device = asset.current;
    if (timestamp > device.lastSeen) device.lastSeen = timestamp;
    this.#judgeAsset(device, number, timestamp);
    if (change) this.#judgeIdentity(change, number, timestamp);
  }

  #assetMeant({ flow, side, number, timestamp }: Sighting, fact: IdentityFact): AssetState | null {
    const { about } = fact;
    if (about && 'mac' in about) return this.#assets.confirmMac(about.mac, number, timestamp);
    const ip = about ? about.ip : flow ? sideIp(flow, side) : null;
    if (ip === null) return null;
    if (fact.isHearsay) return this.#assets.get(ip);
    const words = parseIp(ip);
    return words && isUnicastIp(...words) ? this.#assets.confirm(ip, timestamp) : null;
  }

  #identityOfFrame(fact: IdentityFact): void {
    this.#identity(this.#frameSighting, fact);
  }

  /** Frames without IP: what a device tells its neighbours. */
  #linkFrame(frame: Frame): void {
    const { buf, sourceMacAt } = frame;
    const sighting = this.#frameSighting;
    sighting.flow = null;
    sighting.number = frame.number;
    sighting.timestamp = frame.timestamp;
    const mac = () => formatMac(buf, sourceMacAt);
    this.#identifier.frame(frame.etherType, buf, frame.networkAt, frame.end, sourceMacAt, mac, frame.timestamp);
  }

  #frame(frame: Frame, flow: Flow | null): void {
    if (isBroadcast(frame)) {
      const finding = this.#network.broadcast(frame.timestamp);
      if (finding) this.#raise(finding, frame.timestamp, frame.number, null);
    }
    if (flow !== null && (flow.startedAtPacket === frame.number || flow.ipProtocol === IP_PROTOCOL.ICMP)) {
      this.#networkFrame(frame, flow);
    }
    if (flow === null) {
      if (frame.kind === 'arp') this.#arp(frame);
      else if (frame.kind === 'other' && frame.sourceMacAt >= 0) this.#linkFrame(frame);
      return;
    }
    if (this.#bindings[flow.index] === undefined) this.#bindWhenProven(flow, frame);
  }

  /** The first packet of a flow, or any ICMP message. */
  #networkFrame(frame: Frame, flow: Flow): void {
    const isOpening = flow.ipProtocol === IP_PROTOCOL.TCP && (frame.flags & TCP_FLAG.SYN) !== 0;
    const isIcmp = flow.ipProtocol === IP_PROTOCOL.ICMP && frame.transportAt < frame.end;
    if (!isOpening && !isIcmp) return;
    const side = this.#dissection.flows.side(flow, frame);
    const target = side === 0 ? 1 : 0;
    const at = frame.timestamp;
    const finding = isIcmp
      ? this.#network.icmp(
          this.#sideParty(flow, side),
          this.#sideParty(flow, target),
          frame.buf[frame.transportAt]!,
          at,
        )
      : this.#network.opening(this.#sideParty(flow, target), sidePort(flow, target), at);
    if (finding) this.#raise(finding, at, frame.number, null);
  }

  #sideParty(flow: Flow, side: Side): Party {
    const ip = sideIp(flow, side);
    return this.#party(ip, this.#assets.get(ip));
  }

  /** A flow that nobody took up: refused, never answered, or opened and closed without a word. */
  #judgeProbe(flow: Flow, at: Micros): void {
    if ((flow.notices & NOTICE.probe) !== 0 || !isProbe(flow)) return;
    flow.notices |= NOTICE.probe;
    const second = Math.floor(at / MICROS_PER_SECOND);
    if (second !== this.#probeSecond) {
      this.#probeSecond = second;
      this.#probesOfSecond = 0;
    }
    // A flood of invented senders is no scan, and must not cost what one does.
    if (++this.#probesOfSecond > MAX_PROBES_PER_SECOND) {
      this.#probesNotJudged++;
      return;
    }
    const target: Side = flow.client === 0 ? 1 : 0;
    const transport = transportOf(flow.ipProtocol);
    if (transport === 'ethernet') return;
    const probe = {
      source: this.#sideParty(flow, flow.client),
      target: this.#sideParty(flow, target),
      transport,
      port: sidePort(flow, target),
    };
    for (const finding of this.#network.probe(probe, at)) this.#raise(finding, at, flow.startedAtPacket, null);
  }

  #flowEnded(flow: Flow): void {
    this.#judgeProbe(flow, flow.started);
    const protocol = this.#dissection.streams.of(flow);
    // Data that never showed what it was still is a conversation, and so is a carrier that carried nothing known.
    if (this.#bindings[flow.index] === undefined && protocol !== null) {
      const carrier = protocol.dissector?.protocols[0] ?? null;
      // A few datagrams that nobody answered are none: their sender may be invented.
      const isProven = flow.ipProtocol === IP_PROTOCOL.TCP || flow.isTwoWay;
      if (isProven && (!protocol.isSettled || carrier)) {
        this.#bind(flow, carrier, flow.startedAtPacket, flow.lastSeen);
      }
    }
    this.#fold(flow);
    this.#applyConnectionRules('end', flow, this.#bindings[flow.index] ?? null, flow.startedAtPacket, flow.lastSeen);
    this.#bindings[flow.index] = undefined;
  }

  /**
   * Adds what a flow has carried since the last time to its conversation and devices. Flows count their own packets;
   * doing it here, now and then, keeps a packet from touching four more objects.
   */
  #fold(flow: Flow): void {
    const binding = this.#bindings[flow.index];
    if (!binding) return;
    const { conversation, clientSide } = binding;
    const isLearning = this.#learns(conversation);
    const knowsDevices = !this.#baseline.isLearning(DEVICE_SCOPE);
    const parties =
      clientSide === 0 ? [conversation.client, conversation.server] : [conversation.server, conversation.client];
    for (const side of [0, 1] as const) {
      const { packets, bytes, lastSeen } = flow.sides[side];
      const news = packets - binding.packets[side];
      if (news === 0) continue;
      conversation.packets += news;
      conversation.bytes += bytes - binding.bytes[side];
      binding.packets[side] = packets;
      binding.bytes[side] = bytes;
      if (lastSeen > conversation.lastSeen) conversation.lastSeen = lastSeen;
      conversation.isChanged = true;
      if (isLearning && !conversation.inBaseline) this.#judgeConversation(conversation, false, 0, lastSeen);
      const sender = parties[side];
      if (!sender) continue;
      sender.packets += news;
      if (lastSeen > sender.lastSeen) sender.lastSeen = lastSeen;
      sender.isChanged = true;
      if (!knowsDevices && !sender.inBaseline) this.#judgeAsset(sender, 0, lastSeen);
    }
  }

  /** Sender's addresses of an ARP message (RFC 826): the one place where a device says which MAC is its own. */
  #arp(frame: Frame): void {
    const { buf, networkAt: at, end } = frame;
    if (end - at < ARP_LENGTH || u32(buf, at) !== 0x0001_0800 || u16(buf, at + 4) !== 0x0604) return;
    const word = i32(buf, at + 14);
    if (!isUnicastIp(0, 0, 0xffff, word)) return;
    if (u16(buf, at + 6) === ARP_REQUEST) this.#arpRequest(frame, word, i32(buf, at + 24));
    // The same devices ask again and again; what they say of themselves is known after the first time.
    const known = this.#arpKnown[arpSlot(word)];
    if (known && known.word === word && known.macHigh === u16(buf, at + 8) && known.macLow === i32(buf, at + 10)) {
      if (frame.timestamp > known.asset.lastSeen) known.asset.lastSeen = frame.timestamp;
      known.asset.isChanged = true;
      this.#network.arpSeen(known.ip, frame.timestamp);
      if (!known.asset.inBaseline) this.#judgeAsset(known.asset, frame.number, frame.timestamp);
      return;
    }
    const mac = formatMac(buf, at + 8);
    if (frame.sourceMacAt >= 0 && formatMac(buf, frame.sourceMacAt) !== mac) return;
    const asset = this.#assets.confirm(formatIp(0, 0, 0xffff, word), frame.timestamp);
    if (!asset) {
      this.#tellAssetFlood();
      return;
    }
    // A device may have several addresses and cards.
    const before = asset.evidence.values('mac').includes(mac) ? null : this.#assets.ownCard(asset);
    this.#assets.noteMac(asset, mac, 'arp', frame.number, frame.timestamp, formatIp(0, 0, 0xffff, word));
    if (frame.timestamp > asset.lastSeen) asset.lastSeen = frame.timestamp;
    asset.isChanged = true;
    this.#judgeAsset(asset, frame.number, frame.timestamp);
    const ip = formatIp(0, 0, 0xffff, word);
    const taken = this.#network.arpClaim(this.#party(ip, asset), mac, before, frame.timestamp);
    if (taken) this.#raise(taken, frame.timestamp, frame.number, null);
    this.#arpKnown[arpSlot(word)] = {
      word,
      macHigh: u16(buf, at + 8),
      macLow: i32(buf, at + 10),
      asset,
      ip,
    };
  }

  /** Only questions for addresses nobody has are told on: those of a station at work are for devices that are there. */
  #arpRequest(frame: Frame, sender: number, target: number): void {
    const slot = (target ^ Math.imul(sender, 0x9e3779b1)) & (ARP_KNOWN - 1);
    if (this.#arpAsked[slot] === target && frame.timestamp - this.#arpAskedAt[slot]! < ARP_ASKED_AGAIN) return;
    this.#arpAsked[slot] = target;
    this.#arpAskedAt[slot] = frame.timestamp;
    if (sender === target || !isUnicastIp(0, 0, 0xffff, target)) return;
    if (this.#arpKnown[arpSlot(target)]?.word === target) return;
    const unknown = formatIp(0, 0, 0xffff, target);
    if (this.#assets.get(unknown) !== null) return;
    const ip = formatIp(0, 0, 0xffff, sender);
    const mac = formatMac(frame.buf, frame.networkAt + 8);
    const source = this.#party(ip, this.#assets.get(ip));
    const isKnown = (asked: string) => this.#assets.get(asked) !== null;
    const finding = this.#network.arpRequest(source, mac, unknown, isKnown, frame.timestamp);
    if (finding) this.#raise(finding, frame.timestamp, frame.number, null);
  }

  // ---- conversations

  /** A flow becomes a conversation once somebody has answered, or has sent data that nothing is known about. */
  #bindWhenProven(flow: Flow, frame: Frame): Binding | null {
    const protocol = this.#dissection.streams.of(flow);
    if (protocol !== null && !protocol.isSettled) return null;
    if (flow.ipProtocol === IP_PROTOCOL.TCP) {
      if (protocol === null) return null;
    } else if (!flow.isTwoWay && flow.sides[0].packets < ONE_WAY_PROOF) return null;
    const dissected = protocol?.dissector?.protocols[0] ?? null;
    if (dissected?.isCarrier) return null;
    return this.#bind(flow, dissected, frame.number, frame.timestamp);
  }

  #bind(flow: Flow, protocol: ProtocolDef | null, number: number, at: Micros): Binding | null {
    const client = this.#clientOf(flow);
    const server: Side = client === 0 ? 1 : 0;
    const port = sidePort(flow, server);
    const isServiceKnown = flow.clientIsCertain || port < EPHEMERAL;
    const transport = transportOf(flow.ipProtocol);
    const key: ConversationKey = {
      clientIp: sideIp(flow, client),
      serverIp: sideIp(flow, server),
      protocol: protocol?.name ?? (isServiceKnown ? serviceName(port) : null) ?? transport,
      port: protocol !== null || isServiceKnown ? port : 0,
      transport,
    };
    const conversation = this.#conversations.find(key, at);
    if (conversation === null) return null;
    const isNew = !conversation.isBound;
    conversation.isBound = true;
    this.#judgeCard(conversation.client, flow, client, number, at);
    this.#judgeCard(conversation.server, flow, server, number, at);
    conversation.client ??= this.#partyAsset(flow, client, number, at);
    conversation.server ??= this.#partyAsset(flow, server, number, at);
    conversation.client?.addProtocol(key.protocol, 'client', 0);
    conversation.server?.addProtocol(key.protocol, 'server', key.port);
    const rules = protocol === null ? null : this.#rules.of(protocol.name);
    const messages = this.#messages.get(protocol?.name ?? '') ?? this.#otherMessages;
    const variables =
      protocol === null ? null : this.#variables.serverOf(conversation.server?.id ?? '', key.serverIp, protocol);
    const binding = new Binding(protocol, conversation, client, rules, messages, variables);
    const earlier = this.#bindings[flow.index];
    if (earlier) {
      this.#fold(flow);
      for (const side of [0, 1] as const) {
        binding.packets[side] = earlier.packets[side];
        binding.bytes[side] = earlier.bytes[side];
      }
    }
    this.#bindings[flow.index] = binding;
    if (isNew || !conversation.inBaseline) this.#judgeConversation(conversation, isNew, number, at);
    if (!earlier) this.#applyConnectionRules('start', flow, binding, number, at);
    return binding;
  }

  #clientOf(flow: Flow): Side {
    if (flow.clientIsCertain || flow.firstPort === flow.secondPort) return flow.client;
    const isFirstService = serviceName(flow.firstPort) !== null;
    const isSecondService = serviceName(flow.secondPort) !== null;
    if (isFirstService !== isSecondService) return isFirstService ? 1 : 0;
    if (flow.ipProtocol === IP_PROTOCOL.TCP || flow.ipProtocol === IP_PROTOCOL.UDP) {
      return flow.firstPort < flow.secondPort && flow.firstPort < EPHEMERAL ? 1 : 0;
    }
    return flow.client;
  }

  #partyAsset(flow: Flow, side: Side, number: number, at: Micros): AssetState | null {
    const isUnicast =
      side === 0
        ? isUnicastIp(flow.first0, flow.first1, flow.first2, flow.first3)
        : isUnicastIp(flow.second0, flow.second1, flow.second2, flow.second3);
    if (!isUnicast) return null;
    const sender = flow.sides[side];
    // TCP data means that the other end exists, even where the mirror shows one direction only.
    if (sender.packets === 0 && flow.ipProtocol !== IP_PROTOCOL.TCP) return null;
    const asset = this.#assets.confirm(sideIp(flow, side), at, 'proven');
    if (!asset) {
      this.#tellAssetFlood();
      return null;
    }
    if (sender.mac !== null) this.#assets.noteMac(asset, sender.mac, 'ethernet', number, at, sideIp(flow, side));
    const device = asset.current;
    this.#judgeAsset(device, number, at);
    return device;
  }

  /** Whoever sends under the address of a neighbour pretends to be him; only routers hand on what others sent. */
  #judgeCard(asset: AssetState | null, flow: Flow, side: Side, number: number, at: Micros): void {
    const { mac } = flow.sides[side];
    if (mac === null || asset?.inBaseline !== true || this.#baseline.isLearning(DEVICE_SCOPE)) return;
    const owner = this.#assets.ownCard(asset);
    if (owner === null || owner.value === mac || this.#assets.isLearnedCard(mac)) return;
    const finding = this.#network.cardUsed(this.#party(sideIp(flow, side), asset), mac, owner, at);
    if (finding) this.#raise(finding, at, number, null);
  }

  // ---- baseline

  #judgeAsset(asset: AssetState, number: number, at: Micros): void {
    const isLearning = this.#baseline.isLearning(DEVICE_SCOPE);
    if (asset.isJudged && (asset.inBaseline || !isLearning)) return;
    asset.isJudged = true;
    asset.inBaseline = this.#baseline.learns(null, false, isLearning) || this.#assets.isKnownCard(asset);
    if (asset.inBaseline) {
      asset.needsWriting = true;
      return;
    }
    if (!this.#tellsNewDevice(at)) {
      // It has its turn when it is seen after the flood.
      asset.isJudged = false;
      this.#tellAssetFlood();
      return;
    }
    const findings = this.#baseline.judge({
      kind: 'asset',
      asset: { ip: asset.ip ?? '', asset: asset.id, label: asset.label },
      macs: asset.evidence.values('mac'),
      vendor: asset.evidence.best('vendor') ?? null,
      knownAssets: this.#assets.size - 1,
      isLinkOnly: asset.ips.length === 0,
    });
    for (const finding of findings) this.#raise(finding, at, number, null);
  }

  /** A million invented addresses are one finding, not a million. */
  #tellsNewDevice(at: Micros): boolean {
    const minute = Math.floor(at / (60 * MICROS_PER_SECOND));
    if (minute !== this.#newDeviceMinute) {
      this.#newDeviceMinute = minute;
      this.#newDevices = 0;
    }
    return ++this.#newDevices <= MAX_NEW_DEVICES_PER_MINUTE;
  }

  #judgeIdentity(change: IdentityChange, number: number, at: Micros): void {
    if (this.#baseline.isLearning(DEVICE_SCOPE)) return;
    const { asset, field, unit, from, to, source, since } = change;
    const findings = this.#baseline.judge({
      kind: 'identity',
      asset: this.#party(asset.ip ?? '', asset),
      unit,
      field,
      from,
      to,
      source,
      since: formatTimestamp(since),
    });
    for (const finding of findings) this.#raise(finding, at, number, null);
  }

  #judgeConversation(conversation: ConversationState, isNew: boolean, number: number, at: Micros): void {
    const { key } = conversation;
    const learns = this.#learns(conversation);
    conversation.inBaseline = this.#baseline.learnsConversation(key.protocol, key.clientIp, key.serverIp, learns);
    if (conversation.inBaseline) {
      conversation.needsWriting = true;
      return;
    }
    if (this.#baseline.isLearning(key.protocol)) return;
    // The multicast and broadcast chatter of a device that is known is no conversation with anybody.
    if (isGroup(key.serverIp) || (conversation.server === null && !isNew)) return;
    // Whatever this station does next may be the work of whoever has just reached it.
    if (conversation.server) conversation.server.alarmedAt = at;
    const view = this.#view(conversation);
    const extent = this.#newPeers.get(key.clientIp) ?? [];
    const text = `${key.serverIp} ${key.protocol}${key.port > 0 ? ` (port ${key.port})` : ''}`;
    if (!extent.includes(text)) {
      if (this.#newPeers.size >= MAX_NEW_PEERS) this.#newPeers.clear();
      if (extent.length >= MAX_ODD_VALUES) extent.shift();
      extent.push(text);
      this.#newPeers.set(key.clientIp, extent);
    }
    for (const finding of this.#baseline.judge({ kind: 'conversation', conversation: view, extent: [...extent] })) {
      conversation.alertKey = this.#raise(finding, at, number, null);
    }
  }

  #judgeOperation(
    isNew: boolean,
    state: OperationState,
    conversation: ConversationState,
    context: PduContext,
    isSuspicious: boolean,
  ): void {
    const pdu = context.pdu!;
    const isRepeated = !isNew && state.alertKey !== null && !this.#alerts.isOutdated(state.alertKey, context.timestamp);
    const isHurry = pdu.isRequest && isHurriedBy(conversation, state, context.timestamp);
    if (isRepeated && !isHurry && !(state.hasNews && pdu.isRequest)) {
      if (pdu.isRequest) this.#alerts.repeat(state.alertKey ?? '', context.timestamp, context.number);
      return;
    }
    // After a restart, the first message of a known deviation tells nothing that its alert does not hold.
    const isNews = isNew || state.hasNews;
    state.hasNews = false;
    const isLearning = this.#baseline.isLearning(conversation.key.protocol);
    const learns = this.#learns(conversation);
    state.inBaseline = !state.isWithheld && this.#baseline.learns(pdu.operation, isSuspicious, learns);
    if (state.inBaseline) {
      conversation.needsWriting = true;
      this.#judgeTargets(state, conversation, context, isSuspicious);
      return;
    }
    if (!state.isWithheld && (isSuspicious || isLearning)) {
      state.isWithheld = true;
      conversation.needsWriting = true;
    }
    if (isLearning) return;
    const novelty: Novelty = {
      kind: 'operation',
      conversation: this.#view(conversation),
      operation: pdu.operation,
      object: objectOf(pdu),
      extent: extentOf(conversation, pdu.operation),
    };
    for (const finding of this.#baseline.judge(novelty)) {
      const told = { ...finding, tellsExtent: finding.tellsExtent === true && isNews };
      const occasion: Occasion = {
        whenExpected: 'informational',
        work: pdu.operation.class,
        isLearned: false,
        isAttempt: pdu.isRequest && isIntrusive(pdu.operation.class),
      };
      state.alertKey = this.#raise(told, context.timestamp, context.number, context, null, occasion) || null;
      if (pdu.isRequest && state.alertKey !== null) this.#alerts.awaitAnswer(state.alertKey, context.number);
    }
  }

  /** A known operation on something that may be new to it. */
  #judgeTargets(
    state: OperationState,
    conversation: ConversationState,
    context: PduContext,
    isSuspicious: boolean,
  ): void {
    const pdu = context.pdu!;
    const { access } = conversation;
    if (!pdu.isRequest && (access !== null || pdu.requestNumber > 0)) return;
    const learns = this.#baseline.learns(pdu.operation, isSuspicious, this.#learns(conversation));
    const reach = isIntrusive(pdu.operation.class) ? 0 : READ_REACH;
    let outside: string | null = null;
    let isNews = false;
    const { targets } = pdu;
    for (let index = 0; index < targets; index++) {
      if (targets > 1) pdu.selectTarget(index);
      const { unit, targetSpace, targetFrom, targetCount } = pdu;
      if (targetSpace === null) continue;
      if (learns) {
        if (state.learnedTargets.add(unit, targetSpace, targetFrom, targetCount)) conversation.needsWriting = true;
      } else if (!state.learnedTargets.covers(unit, targetSpace, targetFrom, targetCount, reach)) {
        outside ??= targetText(unit, targetSpace, targetFrom, targetCount);
        if (state.foreignTargets.add(unit, targetSpace, targetFrom, targetCount)) isNews = true;
      }
    }
    if (targets > 1) pdu.selectTarget(0);
    if (outside === null) {
      if (access !== null) access.isLearned = !isSuspicious;
      return;
    }
    if (pdu.isRequest && state.isIntrusive) conversation.foreignChanges.count(context.timestamp);
    else if (pdu.isRequest && isNews) conversation.foreignReads.count(context.timestamp);
    const novelty: Novelty = {
      kind: 'target',
      conversation: this.#view(conversation),
      operation: pdu.operation,
      object: outside,
      learned: state.learnedTargets.toText(MAX_EXTENT + 1),
      observations: state.count,
      extent: targetExtentOf(conversation, pdu.operation),
    };
    const key = this.#judge(novelty, context.timestamp, context);
    if (key !== null && pdu.isRequest) this.#alerts.awaitAnswer(key, context.number);
  }

  #judgeValue(deviation: ValueDeviation, at: Micros, writer: Party | null, context: PduContext | null): void {
    const { server, variable, problem, before, bound, isWritten } = deviation;
    const { protocol } = server;
    const unit = variable.unit < 0 ? '' : `${unitTitle(protocol, variable.unit)} `;
    const name = `${unit}${variable.declared?.name ?? variable.name}`;
    const measure = variable.declared?.measure === undefined ? '' : ` ${variable.declared.measure}`;
    const value = variable.text ?? variable.value;
    const key = `${server.ip} ${protocol.name} ${problem}`;
    const extent = this.#oddValues.get(key) ?? [];
    const text = `${name}: ${value}${measure}`;
    if (!extent.includes(text)) {
      if (extent.length >= MAX_ODD_VALUES) extent.shift();
      extent.push(text);
      this.#oddValues.set(key, extent);
    }
    const novelty: Novelty = {
      kind: 'value',
      variable: {
        server: this.#party(server.ip, this.#assets.get(server.ip)),
        protocol: protocol.name,
        name,
        measure,
        learned: variable.learned?.toRecord(variable.type) ?? null,
        isYoung: variable.learned !== null && variable.learned.watched < MIN_VALUE_LEARNING,
      },
      problem,
      value,
      before,
      writer: isWritten ? writer : null,
      bound,
      extent: problem === 'limit' ? [text] : [...extent],
    };
    this.#judge(novelty, at, context);
  }

  /** Raises what the models find; returns the key of the last alert. */
  #judge(novelty: Novelty, at: Micros, context: PduContext | null): string | null {
    let key: string | null = null;
    for (const finding of this.#baseline.judge(novelty)) key = this.#raise(finding, at, context?.number ?? 0, context);
    return key;
  }

  #view(conversation: ConversationState): ConversationView {
    const { key } = conversation;
    const learned = conversation.operations.filter((state) => state?.inBaseline === true);
    const writersOf = () => this.#learnedWriters(key);
    return {
      client: this.#party(key.clientIp, conversation.client),
      server: this.#party(key.serverIp, conversation.server, key.port),
      protocol: key.protocol,
      protocolTitle: this.#protocols.get(key.protocol)?.title ?? key.protocol.toUpperCase(),
      port: key.port,
      transport: key.transport,
      isIndustrial: this.#protocols.has(key.protocol),
      isInternet: isInternet(key.clientIp, key.serverIp),
      inBaseline: conversation.inBaseline,
      hasLearnedWriter: conversation.hasLearnedWriter,
      learnedOperations: learned.map((state) => state?.operation.title ?? ''),
      // A walk through all conversations: only for the models that ask.
      get learnedWriters() {
        return writersOf();
      },
      observations: learned.reduce((sum, state) => sum + (state?.count ?? 0), 0),
      since: formatTimestamp(conversation.firstSeen),
      learnedSeconds: conversation.learnedTime / MICROS_PER_SECOND,
      isYoung: this.#isYoung(conversation),
      withNewDevice: conversation.client?.inBaseline === false || conversation.server?.inBaseline === false,
    };
  }

  /** Known, but watched too briefly to know all that it does, and nothing else speaks against its client. */
  #isYoung(conversation: ConversationState): boolean {
    if (!conversation.inBaseline || conversation.isDeclared || conversation.isHurried) return false;
    const { client, learnedTime } = conversation;
    if (learnedTime >= MIN_CONVERSATION_LEARNING) return false;
    // A capture may be older than the one before it.
    return client === null || !(Math.abs(this.#dissection.counters.lastPacket - client.alarmedAt) <= ALARM_LASTS);
  }

  #learnedWriters(key: ConversationKey): string[] {
    const writers: string[] = [];
    this.#conversations.forEach((other) => {
      const isSameServer = other.key.serverIp === key.serverIp && other.key.protocol === key.protocol;
      if (isSameServer && writers.length < MAX_WRITERS_TOLD && other.hasLearnedWriter)
        writers.push(other.client?.label ?? other.key.clientIp);
    });
    return writers;
  }

  #party(ip: string, asset: AssetState | null, port = 0): Party {
    return { ip, ...(port > 0 ? { port } : {}), ...(asset ? { asset: asset.id } : {}), label: asset?.label ?? ip };
  }

  // ---- rules and checks

  /** Returns whether a rule of level high or above has hit: such a thing is never learned silently. */
  #applyRules(
    group: RuleGroup,
    context: PduContext,
    conversation: ConversationState | null,
    state: OperationState | null,
  ): boolean {
    let isSuspicious = false;
    const pdu = context.pdu!;
    const view = this.#ruleView(group, context, pdu, conversation, state);
    for (const { rule, fired } of this.#rules.matches(group, pdu, view, context.timestamp)) {
      const [client, server] = this.#ends(context, conversation);
      const occasion: Occasion = {
        whenExpected: rule.levelWhenExpected,
        work: pdu.operation.class,
        isLearned: fired === null && state?.inBaseline === true,
        isAttempt: fired === null && pdu.isRequest && isIntrusive(pdu.operation.class),
      };
      const isExpected =
        rule.levelWhenExpected !== null && authorisedStation(client.ip, pdu.operation.class, this.#knowledge) !== null;
      if (!isExpected && severityRank(rule.level) >= HIGH) isSuspicious = true;
      const object = objectOf(pdu);
      const counted = fired === null || rule.kind !== 'correlation' ? null : correlationText(rule, fired);
      const key = this.#raise(
        {
          kind: 'rule',
          ruleId: rule.id,
          ruleVersion: rule.version,
          title: rule.title,
          description: `${client.label} → ${server.label}: ${pdu.operation.title}${object === null ? '' : ` (${object})`}. ${rule.description}`,
          severity: rule.level,
          source: client,
          target: server,
          protocol: pdu.protocol.name,
          object,
          techniques: rule.techniques,
          expected: null,
          observed: counted ?? pdu.operation.title,
          recommendation: rule.recommendation,
          // Who asks every unit behind a gateway who it is does one thing; who changes several changes several.
          key:
            fired === null
              ? `${client.ip} ${server.ip} ${isIntrusive(pdu.operation.class) ? pdu.unit : ''}`
              : fired.group.join(' '),
        },
        context.timestamp,
        context.number,
        context,
        null,
        occasion,
      );
      if (pdu.isRequest) this.#alerts.awaitAnswer(key, context.number);
    }
    return isSuspicious;
  }

  /** What these two spoke on this port before; a connection that nobody takes up shows no protocol. */
  #earlierConversation(client: string, server: string, port: number, service: string): ConversationState | null {
    const key: ConversationKey = { clientIp: client, serverIp: server, protocol: service, port, transport: 'tcp' };
    const known = this.#conversations.get(key);
    if (known !== null) return known;
    for (const protocol of this.#protocols.keys()) {
      const found = this.#conversations.get({ ...key, protocol });
      if (found !== null) return found;
    }
    return null;
  }

  #applyConnectionRules(event: 'start' | 'end', flow: Flow, binding: Binding | null, number: number, at: Micros): void {
    const group = this.#rules.connections(event);
    if (group === null) return;
    const clientSide = binding?.clientSide ?? this.#clientOf(flow);
    const serverSide: Side = clientSide === 0 ? 1 : 0;
    const [client, server] = [this.#sideParty(flow, clientSide), this.#sideParty(flow, serverSide)];
    const clientPort = sidePort(flow, clientSide);
    const serverPort = sidePort(flow, serverSide);
    const service = binding?.conversation.key.protocol ?? serviceName(serverPort) ?? transportOf(flow.ipProtocol);
    const record = () => connectionRecord(flow, clientSide, event, service, number, at);
    const ends = { client, clientPort, server, serverPort };
    const conversation = binding?.conversation ?? null;
    const view = new RecordView(group.fields, record, () => {
      const earlier = conversation ?? this.#earlierConversation(client.ip, server.ip, serverPort, service);
      return new SightingContext(ends, null, earlier, null, this.#knowledge);
    });
    const packet = this.#packet;
    // What is at hand when a connection ends is a packet of another one.
    if (event === 'end') this.#packet = null;
    for (const { rule, fired } of this.#rules.matches(group, null, view, at)) {
      const observed = fired === null || rule.kind !== 'correlation' ? service : correlationText(rule, fired);
      const finding: Finding = {
        kind: 'rule',
        ruleId: rule.id,
        ruleVersion: rule.version,
        title: rule.title,
        description: `${client.label} → ${server.label}, port ${serverPort} (${service}). ${rule.description}`,
        severity: rule.level,
        source: client,
        target: server,
        protocol: service,
        object: null,
        techniques: rule.techniques,
        expected: null,
        observed,
        recommendation: rule.recommendation,
        key: fired === null ? `${client.ip} ${server.ip} ${serverPort}` : fired.group.join(' '),
      };
      this.#raise(finding, at, number, null, record, {
        whenExpected: rule.levelWhenExpected,
        // Nobody sees what is done in such a connection: who may program may do all of it, in the plant.
        work: new SightingContext(ends, null, null, null, this.#knowledge).dest.isInternal ? 'program' : null,
        isLearned: fired === null && conversation?.inBaseline === true,
        isAttempt: false,
      });
    }
    this.#packet = packet;
  }

  #endsWithPorts(context: PduContext, conversation: ConversationState | null): Ends {
    const [client, server] = this.#ends(context, conversation);
    const flow = context.flow!;
    const isFromClient = context.pdu!.fromClient;
    const senderPort = sidePort(flow, context.side);
    const receiverPort = sidePort(flow, context.side === 0 ? 1 : 0);
    return {
      client,
      clientPort: isFromClient ? senderPort : receiverPort,
      server,
      serverPort: isFromClient ? receiverPort : senderPort,
    };
  }

  #ends(context: PduContext, conversation: ConversationState | null): [client: Party, server: Party] {
    if (conversation !== null) {
      const { key } = conversation;
      return [this.#party(key.clientIp, conversation.client), this.#party(key.serverIp, conversation.server, key.port)];
    }
    const flow = context.flow!;
    const client = this.#clientOf(flow);
    const [clientIp, serverIp] = [sideIp(flow, client), sideIp(flow, client === 0 ? 1 : 0)];
    return [
      this.#party(clientIp, this.#assets.get(clientIp)),
      this.#party(serverIp, this.#assets.get(serverIp), sidePort(flow, client === 0 ? 1 : 0)),
    ];
  }

  #rejected(pdu: Pdu, state: OperationState, conversation: ConversationState, context: PduContext): void {
    // What the device does not know is no part of normal work, whoever asked for it.
    if (pdu.rejection === 'unsupported_operation' && state.exceptions >= state.count) state.inBaseline = false;
    const { key } = conversation;
    const finding = this.#scans.judge(
      pdu,
      key.protocol,
      this.#party(key.clientIp, conversation.client),
      this.#party(key.serverIp, conversation.server, key.port),
      context.timestamp,
    );
    if (finding) this.#raise(finding, context.timestamp, context.number, context);
  }

  /** `context` carries the message the anomaly belongs to, if it belongs to one. */
  #anomaly(sighting: Sighting, anomaly: AnomalyDef, context: PduContext | null): void {
    this.#anomalies.count(anomaly);
    if (context === null && anomaly.layer === 'applayer') this.#malformed++;
    if (anomaly.severity === null) return;
    const { flow, side } = sighting;
    const sender = flow ? sideIp(flow, side) : null;
    const receiver = flow ? sideIp(flow, side === 0 ? 1 : 0) : null;
    const source =
      sender === null ? null : this.#party(sender, this.#assets.get(sender), flow ? sidePort(flow, side) : 0);
    const target =
      receiver === null
        ? null
        : this.#party(receiver, this.#assets.get(receiver), flow ? sidePort(flow, side === 0 ? 1 : 0) : 0);
    const who = source && target ? `${source.label} → ${target.label}: ` : '';
    this.#raise(
      {
        kind: 'protocol',
        ruleId: anomaly.code,
        ruleVersion: this.#options.version,
        title: anomaly.title,
        description: `${who}${anomaly.description}`,
        severity: anomaly.severity,
        source,
        target,
        protocol: context?.pdu?.protocol.name ?? null,
        object: context?.pdu ? objectOf(context.pdu) : null,
        techniques: anomaly.layer === 'applayer' ? ['T0814'] : ['T0820'],
        expected: null,
        observed: context?.pdu?.operation.title ?? null,
        recommendation:
          'Look at the packets of this alert, and find out which program on the sending device made them.',
        key: `${sender ?? ''} ${receiver ?? ''}`,
      },
      sighting.timestamp,
      sighting.number,
      context,
      () => anomalyRecord(sighting, anomaly),
    );
  }

  #tellAssetFlood(): void {
    if (this.#floodTold) return;
    this.#floodTold = true;
    this.#raise(
      {
        kind: 'health',
        ruleId: 'asset-flood',
        ruleVersion: this.#options.version,
        title: 'Flood of new addresses',
        description:
          'More new addresses communicate than the sensor keeps, or tells of one by one. Somebody may be sending packets with invented addresses. Devices that were learned, approved or named stay; of the others, those that were quiet longest are forgotten, so that what is new is still seen.',
        severity: 'high',
        source: null,
        target: null,
        protocol: null,
        object: null,
        techniques: ['T0814'],
        expected: null,
        observed: null,
        recommendation: 'Look for the switch port from which the many addresses come.',
        key: '',
      },
      this.#packet?.timestamp ?? this.#now,
      this.#packet?.number ?? 0,
      null,
    );
  }

  #raise(
    finding: Finding,
    at: Micros,
    number: number,
    context: PduContext | null,
    record: (() => DissectionRecord) | null = null,
    occasion: Occasion | null = null,
  ): string {
    if (finding.kind === 'deviation' && !this.#acceptances.isEmpty && this.#isAccepted(finding, at)) {
      this.#accepted++;
      return '';
    }
    const circumstances = this.#circumstances.of(finding, at, occasion);
    const isRoutine = finding.kind === 'protocol' || circumstances.expectedWork?.factor === 'station';
    if (!isRoutine && severityRank(finding.severity) >= MEDIUM) this.#alarm(finding, at);
    const makeRecord = context?.pdu ? () => pduRecord(context) : record;
    return this.#alerts.raise(
      finding,
      at,
      number,
      makeRecord,
      this.#evidencePacket(),
      () => this.#visibility(),
      circumstances,
    );
  }

  /** What these two do from now on is no routine. */
  #alarm({ source, target }: Finding, at: Micros): void {
    for (const party of [source, target]) {
      const asset = party === null ? null : this.#assets.get(party.ip);
      if (asset) asset.alarmedAt = at;
    }
  }

  /** After a restart: the alert still stands, unless a person has closed it. */
  #alarmAgain({ kind, rule_id, severity, severity_basis, last_seen, src_ip, dest_ip }: Alert): void {
    const at = parseTimestamp(last_seen);
    const isRoutine = kind === 'protocol' || severity_basis?.some(({ factor }) => factor === 'station') === true;
    const isAlarm = !isRoutine && severityRank(severity) >= MEDIUM;
    for (const ip of isAlarm ? [src_ip, dest_ip] : rule_id === 'new-conversation' ? [dest_ip] : []) {
      const asset = ip === undefined ? null : this.#assets.get(ip);
      if (asset && !(at <= asset.alarmedAt)) asset.alarmedAt = at;
    }
  }

  #isAccepted(finding: Finding, at: Micros): boolean {
    const { source, target } = finding;
    const rolesOf = (party: Party | null) => (party === null ? [] : (this.#assets.get(party.ip)?.roles ?? []));
    return this.#acceptances.cover(
      {
        rule: finding.ruleId,
        client: source?.ip,
        server: target?.ip,
        clientRoles: rolesOf(source),
        serverRoles: rolesOf(target),
        protocol: finding.protocol ?? undefined,
        objects: finding.object === null ? [] : [finding.object],
        observed: finding.observed ?? undefined,
      },
      at,
    );
  }

  #evidencePacket(): EvidencePacket | null {
    const packet = this.#packet;
    if (packet === null) return null;
    return {
      number: packet.number,
      timestamp: packet.timestamp,
      nanos: packet.nanos,
      linkType: packet.linkType,
      originalLength: packet.originalLength,
      bytes: () => packet.buf.slice(packet.from, packet.to),
    };
  }

  #visibility(): Visibility {
    const { packets, undecodable } = this.#dissection.counters;
    return {
      dropped_percent: this.droppedPercent,
      decode_error_percent: percent(undecodable, packets),
      encrypted_percent: this.#encryptedPercent(),
    };
  }

  /** Of the messages of dissected protocols. */
  #encryptedPercent(): number {
    let messages = 0;
    for (const { count } of this.#messages.values()) messages += count;
    return percent(this.#encrypted, messages);
  }

  /** Whether what is new in it becomes normal: its protocol learns, or one of the two has come later and learns on its own. */
  #learns({ key, client, server }: ConversationState): boolean {
    return this.#baseline.isLearning(key.protocol) || this.#learnsAlone(client) || this.#learnsAlone(server);
  }

  #learnsAlone(asset: AssetState | null): boolean {
    return asset?.isLetIn === true && this.#dissection.counters.lastPacket - asset.firstSeen <= OWN_LEARNING;
  }

  #maturity(now: Micros): Maturity {
    const maturity = new Maturity(now);
    this.#assets.forEach((asset) => {
      if (asset.inBaseline) maturity.addTo(DEVICE_SCOPE, asset.firstSeen, asset.packets);
    });
    this.#conversations.forEach((conversation) => {
      if (!conversation.inBaseline) return;
      const { protocol } = conversation.key;
      maturity.addTo(protocol, conversation.firstSeen, conversation.packets);
      for (const state of conversation.operations)
        if (state?.inBaseline) maturity.addTo(protocol, state.firstSeen, state.count);
    });
    return maturity;
  }

  /** Scopes in which hardly anything is new end their learning, where the settings say so. */
  #settleRipe(at: Micros, told: ReadonlySet<string | undefined> = new Set()): void {
    const scopes = this.#maturity(at).scopes((one) => this.#baseline.isLearning(one));
    for (const { scope, is_ripe } of scopes) {
      // What was told to have ended has: what people have let in since is no reason to learn from everybody again.
      if (!(is_ripe || told.has(scope)) || !this.#baseline.isLearning(scope)) continue;
      if (!told.has(scope)) this.#endLearning(({ key }) => key.protocol === scope);
      this.#baseline.settle(scope);
      this.#variables.settle(scope);
      this.#renewRules();
      if (!told.has(scope)) this.#tellSettled(scope, at);
    }
    if (scopes.length === 0 || scopes.some(({ scope }) => this.#baseline.isLearning(scope))) return;
    this.#baseline.settleRest();
    this.#variables.isLearning = false;
  }

  #progress(now: Micros): LearningProgress {
    const maturity = this.#maturity(now);
    const alone: string[] = [];
    this.#assets.forEach((asset) => {
      if (alone.length < MAX_ALONE && this.#learnsAlone(asset)) alone.push(asset.ip ?? asset.label);
    });
    return {
      ...maturity.progress(this.#baseline.phase),
      scopes: maturity.scopes((scope) => this.#baseline.isLearning(scope)),
      ...(alone.length > 0 ? { learning_alone: alone } : {}),
    };
  }

  /** A scope protects because hardly anything in it was new: people are told, and can let it learn again. */
  #tellSettled(scope: string, at: Micros): void {
    const title = this.#protocols.get(scope)?.title ?? scope;
    this.#raise(
      {
        kind: 'health',
        ruleId: SETTLED,
        ruleVersion: this.#options.version,
        title: 'Learning has ended for a part of the network',
        description: `Hardly anything was new for three days: ${title}. What is new there raises alerts from now on.`,
        severity: 'informational',
        source: null,
        target: null,
        protocol: this.#protocols.has(scope) ? scope : null,
        object: scope,
        techniques: [],
        expected: null,
        observed: null,
        recommendation:
          'Look through what was learned and through its proposals (fieldwatch baseline export). To go on learning instead, set baseline.auto_protect to false.',
        key: scope,
      },
      at,
      0,
      null,
    );
  }

  #health(): SensorHealth {
    const { counters, flows, streams, reassembler } = this.#dissection;
    return {
      sensor: this.#options.sensor,
      updated: formatTimestamp(
        Number.isNaN(counters.lastPacket) ? this.#now : Math.max(counters.lastPacket, this.#now),
      ),
      mode: this.#options.mode,
      running: !this.#finished,
      phase: this.#baseline.phase,
      ...(this.#learning ? { learning: this.#learning } : {}),
      interfaces: [],
      blind: [],
      packets: counters.packets,
      bytes: counters.bytes,
      ...(Number.isNaN(counters.firstPacket) ? {} : { first_packet: formatTimestamp(counters.firstPacket) }),
      ...(Number.isNaN(counters.lastPacket) ? {} : { last_packet: formatTimestamp(counters.lastPacket) }),
      flows_active: flows.size,
      pdus: Object.fromEntries([...this.#messages].map(([name, { count }]) => [name, count])),
      malformed: this.#malformed,
      anomalies: this.#anomalies.counts,
      dropped: {
        flows_evicted: flows.evicted,
        segments: reassembler.droppedSegments,
        unfinished_bytes: streams.droppedBytes,
        flows_not_recognised: streams.notProbed,
        assets_not_kept: this.#assets.notKept,
        assets_forgotten: this.#assets.forgotten,
        macs_not_kept: this.#assets.macsNotKept,
        identity_not_read: this.#identifier.notRead + this.#identifier.notHeld,
        identity_faults: this.#identifier.failed,
        conversations_not_kept: this.#conversations.notKept,
        conversations_forgotten: this.#conversations.forgotten,
        accesses_not_kept: this.#conversations.accessRoom.notKept,
        variables_not_kept: this.#variables.notKept,
        probes_not_judged: this.#probesNotJudged,
        scans_forgotten: this.#network.forgotten + this.#scans.forgotten,
        correlation_groups: this.#rules.engine.losses.groups,
        correlation_matches: this.#rules.engine.losses.entries,
        searches_given_up: this.#rules.engine.searchesGivenUp,
      },
      ...(this.#accepted > 0 ? { findings_accepted: this.#accepted } : {}),
      decode_errors: counters.undecodable,
      encrypted_percent: this.#encryptedPercent(),
      memory_bytes: 0,
      captures: [...this.#captures],
    };
  }

  #restore(memory: SensorMemory): void {
    this.#assets.restore(memory.assets, memory.assetSettings);
    const operations = new Map<string, ReadonlyMap<string, Operation>>();
    for (const protocol of this.#protocols.values()) {
      operations.set(protocol.name, new Map(protocol.operations.map((operation) => [operation.name, operation])));
    }
    this.#conversations.restore(
      memory.conversations,
      (protocol) => operations.get(protocol),
      (ip) => this.#assets.get(ip),
    );
    this.#variables.restore(memory.variables, (name) => this.#protocols.get(name));
    this.#conversations.forEach((conversation) => {
      for (const state of conversation.operations) {
        // What was only ever refused is no more than an attempt, now as before.
        if (!state || !conversation.client || state.exceptions >= state.count) continue;
        this.#assets.acts(conversation.client, state.operation.class);
      }
    });
    this.#alerts.restore(memory.openAlerts, (alert) => `${alert.kind} ${alert.rule_id} ${alert.dedupe_key}`);
    for (const alert of memory.openAlerts) this.#alarmAgain(alert);
    if (memory.baseline) this.decided(memory.baseline);
    if (this.#options.autoProtect !== true) return;
    // What is ripe does not learn again until somebody looks.
    let last: Micros = 0;
    this.#assets.forEach((asset) => {
      if (asset.lastSeen > last) last = asset.lastSeen;
    });
    const told = memory.openAlerts.filter(({ rule_id }) => rule_id === SETTLED).map(({ object }) => object);
    this.#settleRipe(last, new Set([...told, ...(memory.settledScopes ?? [])]));
  }
}

/** The client's operations of the same class outside the baseline; those that only ever failed come last. */
function extentOf(conversation: ConversationState, operation: Operation): string[] {
  const states = conversation.operations.filter(
    (state) => state !== undefined && !state.inBaseline && state.operation.class === operation.class,
  );
  states.sort((one, other) => Number(other?.hasWorked) - Number(one?.hasWorked));
  const texts = states.slice(0, MAX_EXTENT).map((state) => {
    const targets = state?.targets.toText(MAX_EXTENT + 1) ?? [];
    const more = targets.length > MAX_EXTENT ? ' …' : '';
    const refused =
      state !== undefined && state.exceptions > 0 && state.exceptions >= state.count - 1 ? ' (refused)' : '';
    const where = targets.length === 0 ? '' : `: ${targets.slice(0, MAX_EXTENT).join(', ')}${more}`;
    return `${state?.operation.title}${where}${refused}`;
  });
  if (states.length > MAX_EXTENT) texts.push(`${states.length - MAX_EXTENT} more`);
  return texts;
}

/** Forgets which rules can match on a connection, where something has changed that they ask for. */
function renewStanding(binding: Binding, at: Micros): void {
  const { conversation } = binding;
  // Rules may know a device by its address before the conversation does: then nothing says that it is the same.
  const clientRevision = conversation.client?.revision ?? Number.NaN;
  const serverRevision = conversation.server?.revision ?? Number.NaN;
  const isSame =
    Number.isFinite(binding.standingUntil) &&
    clientRevision === binding.clientRevision &&
    serverRevision === binding.serverRevision &&
    conversation.inBaseline === binding.wasInBaseline;
  binding.standingUntil = at + STANDING_RULES;
  if (isSame) return;
  binding.standingRules.length = 0;
  binding.clientRevision = clientRevision;
  binding.serverRevision = serverRevision;
  binding.wasInBaseline = conversation.inBaseline;
}

function arpSlot(address: number): number {
  return (address ^ (address >>> 8)) & (ARP_KNOWN - 1);
}

function isBroadcast(frame: Frame): boolean {
  const { buf, destinationMacAt: at } = frame;
  return at >= 0 && buf[at] === 0xff && u32(buf, at) === 0xffff_ffff && u16(buf, at + 4) === 0xffff;
}

function isProbe(flow: Flow): boolean {
  const target = flow.client === 0 ? 1 : 0;
  const isUnicast =
    target === 0
      ? isUnicastIp(flow.first0, flow.first1, flow.first2, flow.first3)
      : isUnicastIp(flow.second0, flow.second1, flow.second2, flow.second3) && (flow.second3 & 0xff) !== 0xff;
  if (!isUnicast) return false;
  if (flow.ipProtocol === IP_PROTOCOL.TCP) {
    const [first, second] = flow.tcp;
    if ((first?.dataSegments ?? 0) + (second?.dataSegments ?? 0) > 0) return false;
    return flow.tcp[flow.client]?.sawSyn === true;
  }
  const isConnectionless = flow.ipProtocol === IP_PROTOCOL.UDP || flow.ipProtocol === IP_PROTOCOL.ICMP;
  return isConnectionless && !flow.isTwoWay && flow.sides[0].packets < ONE_WAY_PROOF;
}

/** One more request that was never learned. Returns true once such requests come faster than a person works. */
function isHurriedBy(conversation: ConversationState, state: OperationState, at: Micros): boolean {
  if (state.isIntrusive) return conversation.foreignChanges.count(at);
  return state.hasNews && conversation.foreignReads.count(at);
}

/** What the client has touched outside of what was learned, with operations of this class. */
function targetExtentOf(conversation: ConversationState, operation: Operation): string[] {
  const texts: string[] = [];
  for (const state of conversation.operations) {
    if (state === undefined || state.foreignTargets.isEmpty) continue;
    if (isIntrusive(state.operation.class) !== isIntrusive(operation.class)) continue;
    const targets = state.foreignTargets.toText(MAX_EXTENT + 1);
    const more = targets.length > MAX_EXTENT ? ' …' : '';
    texts.push(`${state.operation.title}: ${targets.slice(0, MAX_EXTENT).join(', ')}${more}`);
  }
  return texts;
}

/** Conversations and operations that people have said to be normal. */
function saidConversations({ conversations }: BaselineDecisions): Set<string> {
  const said = new Set<string>();
  for (const { client, server, protocol, port, transport, operations } of conversations) {
    const key: ConversationKey = { clientIp: client, serverIp: server, protocol, port, transport };
    said.add(sayingOf(key, null));
    for (const { operation } of operations) said.add(sayingOf(key, operation));
  }
  return said;
}

function sayingOf({ clientIp, serverIp, protocol, port, transport }: ConversationKey, operation: string | null) {
  return `${clientIp} ${serverIp} ${protocol} ${port} ${transport} ${operation ?? ''}`;
}

function transportOf(ipProtocol: number): Transport {
  switch (ipProtocol) {
    case IP_PROTOCOL.TCP:
      return 'tcp';
    case IP_PROTOCOL.UDP:
      return 'udp';
    case IP_PROTOCOL.ICMP:
    case IP_PROTOCOL.ICMPV6:
      return 'icmp';
    default:
      return 'ip';
  }
}

function objectOf(pdu: Pdu): string | null {
  if (pdu.targetSpace !== null) {
    const text = targetText(pdu.unit, pdu.targetSpace, pdu.targetFrom, pdu.targetCount);
    return pdu.targets > 1 ? `${text} and ${pdu.targets - 1} more` : text;
  }
  return pdu.unit >= 0 && isIntrusive(pdu.operation.class) ? unitTitle(pdu.protocol, pdu.unit) : null;
}

/** A device behind an address, as the protocols that are not dissected name it. */
function identifiedUnit({ source, unit }: IdentityFact): string | undefined {
  if (source.startsWith('cip.')) return `module 0x${unit.toString(16).padStart(8, '0')}`;
  return source.startsWith('bacnet.') ? `device ${unit}` : undefined;
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
