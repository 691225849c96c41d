import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import { dataDir } from './listings.js';
import type { RegisterCommand } from './program.js';

interface ConsoleFlags {
  data?: string;
  listen?: string;
  site?: string;
  allowedHost: string[];
}

/** How to sign in for the first time, for whoever started a console. */
export function signInText(url: string, setupCode: string | null): string {
  const address = `Console: ${url}\n`;
  if (setupCode === null) return address;
  return `${address}First start: make the first account there with this set-up code, which is good for 30 minutes:\n\n    ${setupCode}\n\n`;
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
    .action(async (flags: ConsoleFlags) => {
      // The web server is a third of all code: only this command waits for it to load.
      const { startConsole } = await import('../../console/api/start.js');
      try {
        const running = await startConsole({
          data: dataDir(flags.data),
          allowedHosts: flags.allowedHost,
          ...(flags.listen === undefined ? {} : { listen: flags.listen }),
          ...(flags.site === undefined ? {} : { site: flags.site }),
        });
        for (const warning of running.warnings) process.stderr.write(`fieldwatch: ${warning}\n`);
        process.stdout.write(signInText(running.url, running.setupCode));
        await new Promise<void>((resolve) => {
          process.once('SIGINT', resolve);
          process.once('SIGTERM', resolve);
        });
        await running.close();
      } catch (error) {
        if (error instanceof StoreError) throw new UsageError(error.message);
        throw error;
      }
    });
};
