import type { MaintenanceWindow } from './maintenance.js';
import type { DeclaredVariable, RequestCycle, VariableKind, VariableValue } from './records.js';
import type { VariableType } from './variable.js';

/** How far a person's word reaches, from narrow to wide. */
export const ACCEPTANCE_SCOPES = ['value', 'object', 'operation', 'pair', 'roles'] as const;
export type AcceptanceScope = (typeof ACCEPTANCE_SCOPES)[number];

/** A person has said that a deviation is normal. Never covers what a rule or a protocol check has found. */
export interface Acceptance {
  id: string;
  scope: AcceptanceScope;
  /** Detector: `new-target`. Absent in the scopes pair and roles, which cover every detector of deviations. */
  rule?: string;
  client?: string;
  server?: string;
  client_role?: string;
  server_role?: string;
  protocol?: string;
  object?: string;
  /** In place of `object` where the alert was about several. */
  objects?: string[];
  observed?: string;
  by: string;
  at: string;
  reason: string;
  expires?: string;
}

/** A variable that people know by name. `server` `*`: at every device that speaks the protocol. */
export interface VariableDeclaration extends DeclaredVariable {
  server: string;
  protocol: string;
  unit?: number;
  /** `holding_register 20`, `DB10.DBW4`, `ns=2;s=Tank.Level`. */
  address: string;
}

export interface BaselineDevice {
  ip: string;
  name: string;
  vendor?: string;
  model?: string;
  origin: string;
}

export interface BaselineOperation {
  operation: string;
  targets: string[];
  origin: string;
}

export interface BaselineConversation {
  client: string;
  server: string;
  protocol: string;
  port: number;
  transport: 'tcp' | 'udp' | 'icmp' | 'ethernet' | 'ip';
  origin: string;
  operations: BaselineOperation[];
  cycles?: RequestCycle[];
}

export interface BaselineVariable {
  server: string;
  protocol: string;
  unit?: number;
  address: string;
  type: VariableType;
  name: string;
  kind: VariableKind;
  min?: number;
  max?: number;
  max_step: number;
  values: VariableValue[];
  writers: string[];
  /** What the rest is based on; all absent where a person wrote the entry. */
  samples?: number;
  watched_seconds?: number;
  increases?: number;
  decreases?: number;
  max_flat_seconds?: number;
  origin: string;
}

/** Why a person has to say a word. */
export const PROPOSAL_KINDS = ['internet', 'clear_text', 'write', 'operation'] as const;

/** Something that was seen while learning and may not become normal without a person's word. */
export interface BaselineProposal {
  /** The same for the same conversation and operation. */
  id: string;
  what: string;
  client: string;
  server: string;
  protocol: string;
  port: number;
  transport: BaselineConversation['transport'];
  operation?: string;
  targets?: string[];
  /** It is normal already; a person's word is missing. */
  learned?: boolean;
  kind: (typeof PROPOSAL_KINDS)[number];
  why: string;
  origin: string;
}

/** The reviewable file. */
export interface BaselineFile {
  fieldwatch_baseline: 1;
  devices: BaselineDevice[];
  conversations: BaselineConversation[];
  variables: BaselineVariable[];
  declared: VariableDeclaration[];
  accepted: Acceptance[];
  proposals: BaselineProposal[];
}

/** What people have decided; kept in versions. The learned part lies in the records themselves. */
export interface BaselineDecisions {
  accepted: Acceptance[];
  declared: VariableDeclaration[];
  /** From a file, with their origin. */
  devices: BaselineDevice[];
  conversations: BaselineConversation[];
  /** Values that are normal; absent in versions from before they were imported. */
  variables?: BaselineVariable[];
  /** What became of proposals; absent in what was decided before there were any. */
  reviews?: BaselineReview[];
  /** Times for work, beside those of the settings. */
  maintenance?: AnnouncedWindow[];
}

/** A maintenance window that a person announced while the sensor runs. */
export interface AnnouncedWindow extends MaintenanceWindow {
  readonly id: string;
  readonly by: string;
  /** When it was announced. */
  readonly at: string;
}

/** What a person said to a proposal. */
export interface BaselineReview {
  /** Of the proposal. */
  id: string;
  verdict: 'confirmed' | 'rejected';
  client: string;
  server: string;
  protocol: string;
  port: number;
  transport: BaselineConversation['transport'];
  /** Absent: the conversation itself. */
  operation?: string;
  /** What it was seen to act on when it was decided; more than that is proposed anew. */
  targets?: string[];
  by: string;
  at: string;
  reason: string;
}

export const NO_DECISIONS: BaselineDecisions = { accepted: [], declared: [], devices: [], conversations: [] };

export interface BaselineVersion {
  n: number;
  at: string;
  by: string;
  reason: string;
  decisions: BaselineDecisions;
}
