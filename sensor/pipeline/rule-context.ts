import { isGroup } from '../baseline/exposure.js';
import type { CorrelationRule } from '../detection/sigma/correlation.js';
import type { Fired } from '../detection/sigma/correlator.js';
import type { EndContext, RuleContext } from '../detection/taxonomy.js';
import type { AssetProfile, AssetState } from '../inventory/asset-state.js';
import type { ConversationState, OperationState } from '../inventory/conversation-tracker.js';
import type { Party } from '../model/finding.js';
import type { Operation, OperationClass } from '../model/operation.js';
import type { Pdu } from '../model/pdu.js';
import { isInternal, type SiteMap, type Station } from '../model/site.js';
import { MICROS_PER_SECOND } from '../model/time.js';

/** What the sensor can say of an address. */
export interface Knowledge {
  readonly site: SiteMap;
  /** Whether the conversations of this protocol are still learned; null: of any. */
  isLearning(protocol: string | null): boolean;
  asset(ip: string): AssetState | null;
}

export function macsOf(ip: string, knowledge: Knowledge): readonly string[] {
  return knowledge.asset(ip)?.evidence.values('mac') ?? [];
}

/**
 * The station at this address, when people have written down that it is there for operations of this class (null: any).
 * One that is written down without saying what for is there for everything.
 */
export function authorisedStation(ip: string, work: OperationClass | null, knowledge: Knowledge): Station | null {
  const station = knowledge.site.provenStationOf(ip, macsOf(ip, knowledge));
  if (station === null) return null;
  const isFor = station.authorised === undefined || work === null || station.authorised.includes(work);
  return isFor ? station : null;
}

/** One end of a conversation; its device is looked up only when a rule asks. */
class End implements EndContext {
  readonly #ip: string;
  readonly #otherIp: string;
  readonly #operation: Operation | null;
  readonly #knowledge: Knowledge;
  #device: AssetProfile | null | undefined;

  constructor(ip: string, otherIp: string, operation: Operation | null, knowledge: Knowledge) {
    this.#ip = ip;
    this.#otherIp = otherIp;
    this.#operation = operation;
    this.#knowledge = knowledge;
  }

  get #profile(): AssetProfile | null {
    if (this.#device === undefined) this.#device = this.#knowledge.asset(this.#ip)?.profile ?? null;
    return this.#device;
  }

  /** As people have said; what is only inferred authorises nothing and crosses nothing. */
  get zone(): string | null {
    return this.#knowledge.asset(this.#ip)?.statedZone ?? this.#knowledge.site.zoneOf(this.#ip)?.name ?? null;
  }

  get roles(): readonly string[] {
    const written = this.#knowledge.site.stationOf(this.#ip, this.#profile?.macs)?.roles ?? [];
    return [...new Set([...written, ...(this.#profile?.roles ?? [])])];
  }

  get isAuthorised(): boolean {
    return authorisedStation(this.#ip, this.#operation?.class ?? null, this.#knowledge) !== null;
  }

  get criticality(): string | null {
    return this.#profile?.criticality ?? this.#knowledge.site.zoneOf(this.#ip)?.criticality ?? null;
  }

  get inBaseline(): boolean {
    return this.#knowledge.asset(this.#ip)?.inBaseline ?? false;
  }

  get name(): string | null {
    return this.#knowledge.site.stationOf(this.#ip)?.name ?? this.#profile?.name ?? null;
  }

  get vendor(): string | null {
    return this.#profile?.vendor ?? null;
  }

  get model(): string | null {
    return this.#profile?.model ?? null;
  }

  /** Between two public addresses nothing is outside: the plant uses such addresses itself. */
  get isInternal(): boolean {
    return (
      isInternal(this.#ip) ||
      isGroup(this.#ip) ||
      this.#knowledge.site.zoneOf(this.#ip) !== null ||
      !isInternal(this.#otherIp)
    );
  }
}

export interface Ends {
  readonly client: Party;
  readonly clientPort: number;
  readonly server: Party;
  readonly serverPort: number;
}

/** What rules can ask for beside the record of a message, or of a connection. */
export class SightingContext implements RuleContext {
  readonly src: EndContext;
  readonly dest: EndContext;
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  readonly operation: Operation | null;
  readonly rejection: string;
  readonly isRequest: boolean;
  readonly unit: number | null;
  readonly targetSpace: string | null;
  readonly targetFrom: number | null;
  readonly targetCount: number | null;
  readonly operationInBaseline: boolean;
  readonly conversationInBaseline: boolean;
  readonly isLearning: boolean;

  constructor(
    ends: Ends,
    pdu: Pdu | null,
    conversation: ConversationState | null,
    state: OperationState | null,
    knowledge: Knowledge,
  ) {
    this.operation = pdu?.operation ?? null;
    this.isRequest = pdu?.isRequest ?? true;
    const client = new End(ends.client.ip, ends.server.ip, this.operation, knowledge);
    const server = new End(ends.server.ip, ends.client.ip, this.operation, knowledge);
    const isFromClient = pdu?.fromClient ?? true;
    this.src = isFromClient ? client : server;
    this.dest = isFromClient ? server : client;
    this.clientIp = ends.client.ip;
    this.clientPort = ends.clientPort;
    this.serverIp = ends.server.ip;
    this.serverPort = ends.serverPort;
    this.rejection = pdu?.rejection ?? 'none';
    this.unit = pdu !== null && pdu.unit >= 0 ? pdu.unit : null;
    this.targetSpace = pdu?.targetSpace ?? null;
    this.targetFrom = this.targetSpace === null ? null : (pdu?.targetFrom ?? null);
    this.targetCount = this.targetSpace === null ? null : (pdu?.targetCount ?? null);
    this.operationInBaseline = state?.inBaseline ?? false;
    this.conversationInBaseline = conversation?.inBaseline ?? false;
    this.isLearning = knowledge.isLearning(conversation?.key.protocol ?? pdu?.protocol.name ?? null);
  }
}

const FIGURES: Readonly<Record<CorrelationRule['type'], string>> = {
  event_count: 'times',
  value_count: 'different values',
  temporal: 'of the events',
  temporal_ordered: 'of the events, in their order',
  value_sum: 'in sum',
  value_avg: 'on average',
  value_percentile: 'at the percentile',
  value_median: 'as the median',
};

/** What a correlation has seen, for a person: "12 different values within 60 seconds". */
export function correlationText(rule: CorrelationRule, fired: Fired): string {
  const figure = Number.isInteger(fired.figure) ? String(fired.figure) : fired.figure.toFixed(2);
  return `${figure} ${FIGURES[rule.type]} within ${rule.timespan / MICROS_PER_SECOND} seconds`;
}
