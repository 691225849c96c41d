import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DeliveryError, type Step } from './exporter.js';
import { KERNEL_TABLES, openTcp, openTls, resolveHost } from './exporters/connection.js';
import type { PlannedExporter } from './plan.js';
import { createExporter } from './registry.js';
import { resolveSecrets, SecretBox, type Secrets } from './secrets.js';
import type { SettingsOf } from './settings.js';

/** What was found about an exporter without sending anything through it. */
export interface ExporterFinding {
  /** Stable name: `export soc`, `export soc certificate`. */
  check: string;
  verdict: 'ok' | 'warn' | 'fail';
  finding: string;
  advice?: string;
}

const LIMIT_MS = 15_000;
const DAY_MS = 86_400_000;
const WARN_DAYS = 30;
const OTHERS_MAY_READ = 0o007;

/**
 * Reads every exporter's secrets, resolves and connects to its receiver and looks at certificates. Sends no message and
 * writes no file. `now`: wall clock, milliseconds.
 */
export async function examineExporters(
  planned: readonly PlannedExporter[],
  dataDir: string,
  now: number,
): Promise<ExporterFinding[]> {
  const findings: ExporterFinding[] = [];
  for (const one of planned.filter(({ settings }) => settings.enabled))
    findings.push(...(await examine(one, dataDir, now)));
  const needsKernel = planned.some(({ settings }) => settings.type === 'syslog' && settings.transport !== 'udp');
  if (needsKernel && !KERNEL_TABLES.some((table) => existsSync(table)))
    findings.push({
      check: 'export acknowledgements',
      verdict: 'warn',
      finding:
        'this machine does not tell what a receiver has got (no /proc/self/net/tcp), so syslog connections are closed and opened anew every resend_seconds',
      advice:
        'a receiver that never closes its side can then cost messages when it vanishes without a word; use webhook or file, or a Linux machine',
    });
  findings.push(...examineKey(dataDir));
  return findings;
}

/** The key of what the console keeps encrypted. */
function examineKey(dataDir: string): ExporterFinding[] {
  const { path } = new SecretBox(dataDir);
  if (!existsSync(path)) return [];
  return (statSync(path).mode & OTHERS_MAY_READ) === 0
    ? [{ check: 'export key', verdict: 'ok', finding: `${path} is closed to others` }]
    : [
        {
          check: 'export key',
          verdict: 'fail',
          finding: `${path} can be read by every user of this machine`,
          advice: `"chmod 600 ${path}", and enter the secrets of the exporters anew`,
        },
      ];
}

async function examine(planned: PlannedExporter, dataDir: string, now: number): Promise<ExporterFinding[]> {
  const { name, settings } = planned;
  const check = `export ${name}`;
  let secrets: Secrets;
  try {
    secrets = resolveSecrets(settings, planned.secrets());
  } catch (error) {
    return [{ check: `${check} secrets`, verdict: 'fail', finding: sentence(name, error), advice: 'correct it' }];
  }
  const own = ownCertificate(name, secrets, now);
  if (settings.type === 'file') return [examineFile(name, resolve(dataDir, settings.path))];
  const steps: Step[] = [];
  const limit = AbortSignal.timeout(LIMIT_MS);
  let target = '';
  try {
    if (settings.type === 'webhook') target = await reach(settings, secrets, limit, (step) => steps.push(step));
    else {
      const exporter = createExporter(settings, planned.secrets(), dataDir);
      target = exporter.target;
      const channel = await exporter.connect(limit, (step) => steps.push(step));
      // An orderly end: a receiver would log anything else as an error.
      await channel.finish();
      await channel.close();
    }
  } catch (error) {
    const advice = `"fieldwatch export test ${name}" tries it with a message`;
    return [{ check, verdict: 'fail', finding: sentence(name, error), advice }, ...own];
  }
  const isUdp = settings.type === 'syslog' && settings.transport === 'udp';
  const reached: ExporterFinding = isUdp
    ? {
        check,
        verdict: 'warn',
        finding: `exporter ${name}: ${target} is resolved; over UDP nobody can tell whether anything arrives`,
        advice: 'use transport tls or tcp where the receiver can',
      }
    : { check, verdict: 'ok', finding: `exporter ${name}: ${target} is resolved and takes connections` };
  const validUntil = steps.find((step) => step.validUntil !== undefined)?.validUntil;
  const theirs =
    validUntil === undefined ? [] : [validity(`${check} certificate`, `the certificate of ${target}`, validUntil, now)];
  return [reached, ...theirs, ...own];
}

function sentence(name: string, error: unknown): string {
  const detail = error instanceof DeliveryError ? error.message : `it could not be examined (${String(error)})`;
  return `exporter ${name}: ${detail.replace(/\.$/, '')}`;
}

/** As far as a request would go, without one. */
async function reach(
  settings: SettingsOf<'webhook'>,
  secrets: Secrets,
  signal: AbortSignal,
  step: (step: Step) => void,
): Promise<string> {
  const url = new URL(settings.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  const addresses = await resolveHost(host, step);
  const plain = await openTcp(addresses, port, url.host, signal, step);
  try {
    if (isSecure) (await openTls(plain, host, settings.server_name, secrets, url.host, signal, step)).destroy();
  } finally {
    plain.destroy();
  }
  return url.origin;
}

function examineFile(name: string, path: string): ExporterFinding {
  const check = `export ${name}`;
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    if (place === path && !lstatSync(path).isFile())
      return {
        check,
        verdict: 'fail',
        finding: `exporter ${name}: ${path} is no ordinary file`,
        advice: 'name a file; links are not followed',
      };
    accessSync(place, constants.W_OK);
    return { check, verdict: 'ok', finding: `exporter ${name}: ${path} can be written` };
  } catch {
    return {
      check,
      verdict: 'fail',
      finding: `exporter ${name}: ${place} cannot be written by this user`,
      advice: 'fix its permissions or choose another path',
    };
  }
}

/** The certificate that we show; the receiver will refuse us when it is over. */
function ownCertificate(name: string, { cert }: Secrets, now: number): ExporterFinding[] {
  if (cert === undefined) return [];
  const check = `export ${name} own certificate`;
  try {
    const until = Date.parse(new X509Certificate(cert).validTo);
    return [validity(check, `our certificate for the exporter ${name}`, until, now)];
  } catch {
    return [
      {
        check,
        verdict: 'fail',
        finding: `exporter ${name}: our certificate is no certificate in PEM`,
        advice: 'check cert_file',
      },
    ];
  }
}

function validity(check: string, what: string, until: number, now: number): ExporterFinding {
  const days = Math.floor((until - now) / DAY_MS);
  const day = new Date(until).toISOString().slice(0, 10);
  if (days < 0) return { check, verdict: 'fail', finding: `${what} has ended on ${day}`, advice: 'renew it' };
  const finding = `${what} is valid for ${days} more days, until ${day}`;
  return days < WARN_DAYS ? { check, verdict: 'warn', finding, advice: 'renew it' } : { check, verdict: 'ok', finding };
}
