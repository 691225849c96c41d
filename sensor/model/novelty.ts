import type { Party } from './finding.js';
import type { Operation } from './operation.js';
import type { IdentityField } from './records.js';

/** A conversation as the deviation models see it. */
export interface ConversationView {
  readonly client: Party;
  readonly server: Party;
  readonly protocol: string;
  /** For a person: "Modbus". */
  readonly protocolTitle: string;
  readonly port: number;
  /** The protocol is one that operates the plant, as opposed to web, mail or names. */
  readonly isIndustrial: boolean;
  readonly inBaseline: boolean;
  /** The client has been learned as one that changes things on this server. */
  readonly hasLearnedWriter: boolean;
  /** Titles of the learned operations. */
  readonly learnedOperations: readonly string[];
  /** Clients that have been learned as writers of this server. */
  readonly learnedWriters: readonly string[];
  /** Messages that the baseline of this conversation rests on. */
  readonly observations: number;
}

/** Something that was never seen before, or that the baseline does not hold. */
export type Novelty =
  | {
      readonly kind: 'asset';
      readonly asset: Party;
      readonly macs: readonly string[];
      readonly vendor: string | null;
      readonly knownAssets: number;
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
  | { readonly kind: 'conversation'; readonly conversation: ConversationView }
  | {
      readonly kind: 'operation';
      readonly conversation: ConversationView;
      readonly operation: Operation;
      /** What is acted on, as text. */
      readonly object: string | null;
      /** What the client has done of this kind outside the baseline: "Write single coil: unit 1 coil 3". */
      readonly extent: readonly string[];
    };
