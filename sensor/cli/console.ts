import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ListenOptions } from '../../console/api/start.js';
import type { Config } from '../config.js';
import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import type { RegisterCommand } from './program.js';
import { ruleWorkshop } from './rule-workshop.js';
import { currentSettings, exportOptions } from './settings.js';
import { dataDir } from './terminal.js';

interface ConsoleFlags {
  data?: string;
  listen?: string;
  site?: string;
  allowedHost: string[];
  tls?: boolean;
  tlsCert?: string;
  tlsKey?: string;
}

/** How to sign in for the first time, for whoever started a console. */
export function signInText(url: string, setupCode: string | null): string {
  const address = `Console: ${url}\n`;
  if (setupCode === null) return address;
  return `${address}First start: make the first account there with this set-up code, which is good for 30 minutes:\n\n    ${setupCode}\n\n`;
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option} ${path} cannot be read (${code ?? String(error)}): name a file in PEM form.`);
  }
}

const OTHERS_MAY_READ = 0o007;

function tlsFiles(tlsCert: string | undefined, tlsKey: string | undefined): Pick<ListenOptions, 'tls' | 'readTls'> {
  if (tlsCert === undefined && tlsKey === undefined) return {};
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError(
      'HTTPS needs both, --tls-cert and --tls-key (tls_cert_file and tls_key_file): give the other one as well.',
    );
  }
  const tls = { cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
  if ((statSync(tlsKey).mode & OTHERS_MAY_READ) !== 0) {
    throw new UsageError(`--tls-key ${tlsKey} can be read by every user of this machine: run chmod 600 on it.`);
  }
  try {
    createSecureContext(tls);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `--tls-cert and --tls-key do not work together (${reason}): give a PEM certificate and its own key.`,
    );
  }
  const readTls = () => ({ cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) });
  return { tls, readTls };
}

/** What the settings say about the console, for whichever command starts it. */
export async function consoleSettings({
  console: settings,
  reports,
  data,
}: Config): Promise<
  Pick<ListenOptions, 'tls' | 'readTls' | 'reports' | 'ownCertificate' | 'allowedHosts' | 'oidc' | 'listen'>
> {
  const { oidcSettings } = await import('../../console/api/oidc/settings.js');
  const { listen, tls_cert_file: cert, tls_key_file: key, own_certificate: own, allowed_hosts, public_url } = settings;
  const publicName = public_url === '' ? [] : [new URL(public_url).hostname];
  return {
    ...tlsFiles(cert === '' ? undefined : cert, key === '' ? undefined : key),
    ...(own ? { ownCertificate: true } : {}),
    ...(listen === '' ? {} : { listen }),
    allowedHosts: [...allowed_hosts, ...publicName],
    oidc: oidcSettings(settings),
    reports: { ...reports, folder: reports.folder === '' ? join(data, 'reports') : reports.folder },
  };
}

export const registerConsole: RegisterCommand = (program) => {
  program
    .command('console')
    .description('serve the web console and its API over a data directory')
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--listen <address:port>', '127.0.0.1:8420, or the next free port, when absent')
    .option('--site <name>', 'name of the plant, shown in the page')
    .option(
      '--allowed-host <name>',
      'host name that the console answers to, besides addresses and localhost; repeatable',
      (name: string, names: string[]) => [...names, name],
      [],
    )
    .option('--tls', 'serve HTTPS with a certificate that the console makes and signs itself')
    .option('--tls-cert <file>', 'certificate (chain) in PEM form: serve HTTPS instead of HTTP')
    .option('--tls-key <file>', 'its private key in PEM form, readable for its owner alone')
    .action(async (flags: ConsoleFlags) => {
      // The web server is a third of all code: only this command waits for it to load.
      const { startConsole } = await import('../../console/api/start.js');
      const { ExportThread } = await import('../threads/export-thread.js');
      const settings = currentSettings();
      const { config } = settings;
      const site = flags.site ?? (config.site === '' ? undefined : config.site);
      const exports = exportOptions(settings, { data: dataDir(flags.data), ...(site === undefined ? {} : { site }) });
      try {
        const fromFile = await consoleSettings(config);
        const running = await startConsole({
          ...fromFile,
          data: dataDir(flags.data),
          exports,
          rules: ruleWorkshop(settings, dataDir(flags.data)),
          allowedHosts: [...(fromFile.allowedHosts ?? []), ...flags.allowedHost],
          ...tlsFiles(flags.tlsCert, flags.tlsKey),
          ...(flags.tls ? { ownCertificate: true } : {}),
          ...(flags.listen === undefined ? {} : { listen: flags.listen }),
          ...(site === undefined ? {} : { site }),
        });
        for (const warning of running.warnings) process.stderr.write(`fieldwatch: ${warning}\n`);
        process.stdout.write(signInText(running.url, running.setupCode));
        const delivery = new ExportThread(exports, (sentence) => process.stderr.write(`fieldwatch: ${sentence}\n`));
        delivery.start();
        await new Promise<void>((resolve) => {
          process.once('SIGINT', resolve);
          process.once('SIGTERM', resolve);
          process.on('SIGHUP', () => running.renewCertificate());
        });
        await Promise.all([running.close(), delivery.stop()]);
      } catch (error) {
        if (error instanceof StoreError) throw new UsageError(error.message);
        throw error;
      }
    });
};
