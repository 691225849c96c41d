import type { Party } from './finding.js';
import type { Operation } from './operation.js';
import type { IdentityField, ValueSummaryRecord, VariableValue } from './records.js';

/** A conversation as the deviation models see it. */
export interface ConversationView {
  readonly client: Party;
  readonly server: Party;
  readonly protocol: string;
  /** For a person: "Modbus". */
  readonly protocolTitle: string;
  readonly port: number;
  readonly transport: 'tcp' | 'udp' | 'icmp' | 'ethernet' | 'ip';
  /** The protocol is one that operates the plant, as opposed to web, mail or names. */
  readonly isIndustrial: boolean;
  /** One end is outside the plant's own networks. */
  readonly isInternet: boolean;
  readonly inBaseline: boolean;
  /** The client has been learned as one that changes things on this server. */
  readonly hasLearnedWriter: boolean;
  /** Titles of the learned operations. */
  readonly learnedOperations: readonly string[];
  /** Clients that have been learned as writers of this server. */
  readonly learnedWriters: readonly string[];
  /** Messages that the baseline of this conversation rests on. */
  readonly observations: number;
  /** Beginning of what was learned, ISO 8601. */
  readonly since: string;
  /** Time in which it was watched while learning, in seconds. */
  readonly learnedSeconds: number;
  /** So little of it was learned that something new in it is to be expected, and nothing else speaks against it. */
  readonly isYoung: boolean;
  /** One of the two has just been told of as a new device. */
  readonly withNewDevice: boolean;
}

/** A process variable as the deviation models see it. */
export interface VariableView {
  readonly server: Party;
  readonly protocol: string;
  /** `unit 1 holding_register 40021` */
  readonly name: string;
  /** Unit of measure, with a space before it; empty where nobody said. */
  readonly measure: string;
  readonly learned: ValueSummaryRecord | null;
  /** So little of it was learned that it may well move further on its own. */
  readonly isYoung: boolean;
}

/** In which way a value is not normal. */
export type ValueProblem = 'limit' | 'range' | 'state' | 'step' | 'backwards' | 'frozen' | 'dwell';

/** Something that was never seen before, or that the baseline does not hold. */
export type Novelty =
  | {
      readonly kind: 'asset';
      readonly asset: Party;
      readonly macs: readonly string[];
      readonly vendor: string | null;
      readonly knownAssets: number;
      /** It has no address and has only told its neighbours that it is there (LLDP, CDP, …). */
      readonly isLinkOnly: boolean;
    }
  | {
      readonly kind: 'identity';
      readonly asset: Party;
      /** `unit 3`; null for the device at the address. */
      readonly unit: string | null;
      readonly field: IdentityField;
      readonly from: string;
      readonly to: string;
      /** Who says so: `modbus.device_identification`. */
      readonly source: string;
      /** When the earlier value was last said, ISO 8601. */
      readonly since: string;
    }
  | { readonly kind: 'conversation'; readonly conversation: ConversationView; readonly extent: readonly string[] }
  | {
      readonly kind: 'operation';
      readonly conversation: ConversationView;
      readonly operation: Operation;
      /** What is acted on, as text. */
      readonly object: string | null;
      /** What the client has done of this kind outside the baseline: "Write single coil: unit 1 coil 3". */
      readonly extent: readonly string[];
    }
  /** A known operation on something that it never acted on. */
  | {
      readonly kind: 'target';
      readonly conversation: ConversationView;
      readonly operation: Operation;
      readonly object: string;
      /** Ranges that were learned, as text. */
      readonly learned: readonly string[];
      /** Messages of this operation while learning. */
      readonly observations: number;
      /** All of it so far that lies outside. */
      readonly extent: readonly string[];
    }
  | {
      readonly kind: 'value';
      readonly variable: VariableView;
      readonly problem: ValueProblem;
      readonly value: VariableValue;
      readonly before: number;
      /** Who wrote it; null where it was read. */
      readonly writer: Party | null;
      /** The bound that was passed: a value, a step or a time in seconds. */
      readonly bound: number;
      /** Variables of the device with the same problem so far. */
      readonly extent: readonly string[];
    }
  /** Cyclic requests that do not come any more, or are not answered any more. */
  | {
      readonly kind: 'silence';
      readonly conversation: ConversationView;
      readonly silent: 'client' | 'server';
      /** The device behind the address, as text; null: all of them. */
      readonly unit: string | null;
      /** ISO 8601. */
      readonly since: string;
      /** What it was, in seconds; 0 where it was not cyclic. */
      readonly period: number;
      readonly observations: number;
      /** Requests since then. */
      readonly requests: number;
      /** Addresses of all that a silent client does not ask any more. */
      readonly extent: readonly string[];
    }
  /** Cyclic requests that come faster or more slowly. */
  | {
      readonly kind: 'period';
      readonly conversation: ConversationView;
      readonly object: string;
      /** Seconds. */
      readonly learned: number;
      readonly observed: number;
      readonly observations: number;
    }
  /** More requests, changes or refusals than there ever were. */
  | {
      readonly kind: 'rate';
      readonly conversation: ConversationView;
      readonly counted: 'requests' | 'changes' | 'refusals';
      /** Seconds that both figures count. */
      readonly seconds: number;
      readonly learned: number;
      readonly observed: number;
      readonly observations: number;
    }
  /** Answers that take far longer than they ever did. */
  | {
      readonly kind: 'delay';
      readonly conversation: ConversationView;
      /** What is asked for, as text. */
      readonly object: string;
      /** The longest that an answer took while learning, in seconds. */
      readonly learned: number;
      readonly observed: number;
      /** Answers in a row. */
      readonly answers: number;
      readonly observations: number;
    }
  /** More messages in one packet than there ever were. */
  | {
      readonly kind: 'stack';
      readonly conversation: ConversationView;
      readonly learned: number;
      readonly observed: number;
      readonly packets: number;
      readonly observations: number;
    }
  /** Changes at an hour at which nobody ever changed anything. */
  | {
      readonly kind: 'hour';
      readonly conversation: ConversationView;
      readonly operation: Operation;
      /** "Sunday, 03:00 to 04:00 UTC" */
      readonly hour: string;
      readonly hours: number;
      readonly observations: number;
    };
