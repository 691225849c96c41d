import { randomBytes } from 'node:crypto';
import { Server as HttpsServer } from 'node:https';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { Decisions } from '../../sensor/decisions/decisions.js';
import { builtFile, productVersion } from '../../sensor/product.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { prepareDataDir } from '../../sensor/store/sqlite/store-file.js';
import { StoreError } from '../../sensor/store/store.js';
import { buildApp, type TlsFiles } from './app.js';
import { CertificateWatch } from './certificate-watch.js';
import type { App, ConsoleContext, ExportOptions } from './context.js';
import { JobPool } from './jobs.js';
import type { SignInService } from './oidc/routes.js';
import type { OidcSettings } from './oidc/settings.js';
import { ownCertificate } from './own-certificate.js';
import { ReportSchedule, type ReportSettings } from './report/schedule.js';
import { NO_WORKSHOP, type RuleWorkshop } from './rule-workshop.js';

export const DEFAULT_LISTEN = '127.0.0.1:8420';
const PORTS_TRIED = 20;
/** A page that follows a busy plant asks again every 2.5 seconds at most, and not at all while nobody looks at it. */
const DEFAULT_REQUESTS_PER_MINUTE = 300;
const DEFAULT_POLL_MS = 1000;
const MIN_SETUP_CODE_LENGTH = 16;

export interface ConsoleOptions {
  /** The data directory; made when it is missing. */
  data: string;
  /** Name of the plant, shown in the page. */
  site?: string;
  /** What of the settings concerns export; absent: only exporters that are set up in the console. */
  exports?: ExportOptions;
  /** Host names besides localhost and addresses that the console answers to. */
  allowedHosts?: readonly string[];
  /** A service of the plant's own where people sign in; absent or null: none. */
  oidc?: OidcSettings | null;
  /** At least 16 characters; instead of a random one, for unattended set-up (`FIELDWATCH_SETUP_CODE`). */
  setupCode?: string;
  /** `FIELDWATCH_METRICS_TOKEN` */
  metricsToken?: string;
  /** Built page; by default beside this file, null for none. */
  webRoot?: string | null;
  /** Certificate (chain) and key as PEM text: the console then speaks HTTPS only. */
  tls?: TlsFiles;
  /** The same files as they are now: looked at every minute, so that a renewed certificate needs no restart. */
  readTls?: () => TlsFiles;
  /** HTTPS with a certificate that the console makes and signs itself. */
  ownCertificate?: boolean;
  /** Reports that are written by themselves; absent: none. */
  reports?: ReportSettings;
  requestsPerMinute?: number;
  pollMs?: number;
  now?: () => number;
  log?: (line: string) => void;
  /** The rule engine; none when absent. */
  rules?: RuleWorkshop;
}

export interface ListenOptions extends ConsoleOptions {
  /** `ADDRESS:PORT`, `[ADDRESS]:PORT`; absent: 127.0.0.1:8420, or the next free port. */
  listen?: string;
}

export interface BuiltConsole {
  readonly app: App;
  /** To be shown to whoever started the console; null once there is a user. */
  readonly setupCode: string | null;
  close(): Promise<void>;
}

export interface RunningConsole {
  readonly url: string;
  readonly setupCode: string | null;
  /** What the person who started it should know, one sentence each. */
  readonly warnings: readonly string[];
  /** Looks at the certificate at once; true when another one is in use now. */
  renewCertificate(): boolean;
  close(): Promise<void>;
}

/** 160 bits in groups that a person can type; letters and digits that look alike are not among them. */
function newSetupCode(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  const letters = [...randomBytes(32)].map((byte) => alphabet[byte & 31]).join('');
  return letters.match(/.{4}/g)?.join('-') ?? letters;
}

function offerSetup(accounts: ConsoleStore, wanted: string | undefined): string | null {
  if (accounts.hasUsers()) return null;
  if (wanted !== undefined && wanted.length < MIN_SETUP_CODE_LENGTH) {
    throw new StoreError(
      `FIELDWATCH_SETUP_CODE has ${wanted.length} characters: use ${MIN_SETUP_CODE_LENGTH} or more, so that nobody can guess it.`,
    );
  }
  const code = wanted ?? newSetupCode();
  accounts.setSetupCode(code);
  return code;
}

/** Its library is loaded only where it is used. */
async function openSignInService(settings: OidcSettings | null, now: () => number): Promise<SignInService | null> {
  if (settings === null) return null;
  const { OidcProvider } = await import('./oidc/provider.js');
  return { settings, provider: new OidcProvider(settings, now), idTokens: new Map() };
}

function publicName(settings: OidcSettings | null): string[] {
  return settings === null ? [] : [new URL(settings.publicUrl).hostname];
}

/** The console over a data directory, not listening. @throws StoreError with one sentence for the user. */
export async function buildConsole(options: ConsoleOptions): Promise<BuiltConsole> {
  const log = options.log ?? ((line: string) => process.stderr.write(`fieldwatch console: ${line}\n`));
  const now = options.now ?? Date.now;
  const findings = new SqliteFindingsStore(options.data, { role: 'console', warn: log });
  let accounts: ConsoleStore | null = null;
  try {
    accounts = new ConsoleStore(options.data, { now });
    const setupCode = offerSetup(accounts, options.setupCode ?? process.env['FIELDWATCH_SETUP_CODE']);
    const decisions = new Decisions(findings, accounts, now);
    decisions.reconcile();
    const jobs = new JobPool(builtFile('sensor/main.js'));
    const schedule = { running: null as ReportSchedule | null };
    const context: ConsoleContext = {
      reportState: () => schedule.running?.state() ?? null,
      findings,
      accounts,
      decisions,
      site: options.site ?? '',
      programPath: builtFile('sensor/main.js'),
      exports: options.exports ?? null,
      data: options.data,
      version: productVersion(),
      secure: options.tls !== undefined,
      now,
      webRoot: options.webRoot === undefined ? builtFile('console/web/') : options.webRoot,
      metricsToken: options.metricsToken ?? process.env['FIELDWATCH_METRICS_TOKEN'] ?? null,
      signInService: await openSignInService(options.oidc ?? null, now),
      allowedHosts: [hostname(), ...(options.allowedHosts ?? []), ...publicName(options.oidc ?? null)].map((name) =>
        name.toLowerCase(),
      ),
      requestsPerMinute: options.requestsPerMinute ?? DEFAULT_REQUESTS_PER_MINUTE,
      pollMs: options.pollMs ?? DEFAULT_POLL_MS,
      log,
      rules: options.rules ?? NO_WORKSHOP,
      jobs,
    };
    const app = await buildApp(context, options.tls ?? null);
    await app.ready();
    if (options.reports && options.reports.every !== 'never') {
      schedule.running = new ReportSchedule(options.reports, context);
      schedule.running.start();
    }
    const opened = accounts;
    return {
      app,
      setupCode,
      async close() {
        jobs.close();
        await schedule.running?.stop();
        await app.close();
        opened.close();
        findings.close();
      },
    };
  } catch (error) {
    accounts?.close();
    findings.close();
    throw error;
  }
}

/** @throws StoreError for text that is no address and port. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (!match || port > 65_535 || (host !== 'localhost' && isIP(host) === 0)) {
    throw new StoreError(`--listen ${text} is not ADDRESS:PORT: write, for example, 127.0.0.1:8420 or [::1]:8420.`);
  }
  return { host, port };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function listenOn(app: App, host: string, port: number, attempts: number): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    try {
      await app.listen({ host, port: port === 0 ? 0 : port + attempt });
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && attempt + 1 < attempts) continue;
      const where = `${host}:${port}`;
      if (code === 'EADDRINUSE') {
        throw new StoreError(`${where} is in use by another program: stop it or choose another port with --listen.`);
      }
      throw new StoreError(
        `The console cannot listen on ${where} (${code ?? String(error)}): choose another address with --listen.`,
      );
    }
  }
}

/** Starts the console. @throws StoreError with one sentence for the user. */
export async function startConsole(given: ListenOptions): Promise<RunningConsole> {
  const { host, port } = parseListen(given.listen ?? DEFAULT_LISTEN);
  let options = given;
  const notes: string[] = [];
  if (given.ownCertificate && !given.tls) {
    prepareDataDir(given.data);
    const { cert, key, fingerprint } = ownCertificate(given.data, given.allowedHosts ?? [], new Date());
    const read = () => ownCertificate(given.data, given.allowedHosts ?? [], new Date());
    options = { ...given, tls: { cert, key }, readTls: read };
    notes.push(
      `The console signed its own certificate; a browser asks once whether to trust it. SHA-256: ${fingerprint}`,
    );
  }
  const built = await buildConsole(options);
  try {
    const taken = await listenOn(built.app, host, port, options.listen === undefined ? PORTS_TRIED : 1);
    const shownHost = isIP(host) === 6 ? `[${host}]` : host;
    const warnings =
      isLoopback(host) || options.tls
        ? notes
        : [
            `The console listens on ${host} without encryption: whoever is on that network can read passwords. Give it a certificate with --tls-cert and --tls-key, let it make one with --tls, or use an SSH tunnel to 127.0.0.1.`,
          ];
    const { server } = built.app;
    const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
    const watch =
      options.tls && options.readTls && server instanceof HttpsServer
        ? new CertificateWatch(server, options.tls, options.readTls, log)
        : null;
    return {
      url: `${options.tls ? 'https' : 'http'}://${shownHost}:${taken}/`,
      setupCode: built.setupCode,
      warnings,
      renewCertificate: () => watch?.check() ?? false,
      async close() {
        watch?.stop();
        await built.close();
      },
    };
  } catch (error) {
    await built.close();
    throw error;
  }
}
