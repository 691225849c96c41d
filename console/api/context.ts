import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { Decisions } from '../../sensor/decisions/decisions.js';
import type { ExportServiceOptions } from '../../sensor/export/service.js';
import type { Asset } from '../../sensor/model/records.js';
import type { Actor, ConsoleStore, User } from '../../sensor/store/console/console-store.js';
import type { Outbox } from '../../sensor/store/sqlite/outbox.js';
import type { FindingsDecisions, FindingsReader } from '../../sensor/store/store.js';
import type { JobPool } from './jobs.js';
import type { SignInService } from './oidc/routes.js';
import type { ReportState } from './report/schedule.js';
import type { RuleWorkshop } from './rule-workshop.js';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What of the settings concerns export. */
export type ExportOptions = Pick<ExportServiceOptions, 'config' | 'origin'>;

/** What every group of routes works with. */
export interface ConsoleContext {
  readonly findings: FindingsReader & FindingsDecisions & { readonly outbox: Outbox };
  readonly accounts: ConsoleStore;
  /** What people decide goes through here: into both stores. */
  readonly decisions: Decisions;
  readonly site: string;
  /** The program’s main file, which analyses a capture in a process of its own. */
  readonly programPath: string;
  readonly exports: ExportOptions | null;
  /** The data folder. */
  readonly data: string;
  readonly version: string;
  /** The connection is encrypted. */
  readonly secure: boolean;
  /** Milliseconds of the wall clock; tests move it. */
  readonly now: () => number;
  /** Folder of the built page; null when it was not built. */
  readonly webRoot: string | null;
  /** Lets a monitoring system read /metrics with `Authorization: Bearer …`; null: only signed-in users. */
  readonly metricsToken: string | null;
  readonly allowedHosts: readonly string[];
  /** Null: people sign in with accounts of the console alone. */
  readonly signInService: SignInService | null;
  readonly requestsPerMinute: number;
  /** How often the store is asked for what changed, in milliseconds. */
  readonly pollMs: number;
  readonly log: (line: string) => void;
  readonly rules: RuleWorkshop;
  /** Analyses of captures, in processes of their own. */
  readonly jobs: JobPool;
  /** Null: no reports are written by themselves. */
  readonly reportState: () => ReportState | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before every handler; null for whoever is not signed in. */
    user: User | null;
    sessionId: string | null;
    /** Name of the API token that the request came with; null for a person's session. */
    tokenName: string | null;
    /** Parts of the API that the token is limited to; null: no token, or no limit. */
    tokenAreas: readonly string[] | null;
  }
}

export function actorOf(request: FastifyRequest): Actor {
  return { user: request.user?.name ?? '', source: request.ip };
}

/** Names of the assets with these ids, each looked up once. Ids come from packets: no plain object keys. */
export function assetNames(
  findings: FindingsReader,
  ids: Iterable<string | undefined>,
): Record<string, { name: string; ips: string[] }> {
  const names = Object.create(null) as Record<string, { name: string; ips: string[] }>;
  for (const id of new Set(ids)) {
    const asset: Asset | null = id === undefined ? null : findings.asset(id);
    if (asset) names[asset.id] = { name: asset.name, ips: asset.ips };
  }
  return names;
}
