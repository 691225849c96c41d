import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { packageFile } from '../product.js';
import { UsageError } from './cli-error.js';
import { signInText } from './console.js';
import { replay, summaryText } from './replay.js';
import { ruleWorkshop } from './rule-workshop.js';
import { currentSettings, exportOptions } from './settings.js';
import { dataDir } from './terminal.js';

const SITE = 'Sample water works';

interface DemoOptions {
  data?: string;
  listen?: string;
}

/** What `npm start` does: a small plant at work is learned, then attacked, and the console tells the story. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('analyse the sample plant that comes with Fieldwatch and serve the console')
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--listen <address:port>', '127.0.0.1:8420, or the next free port, when absent')
    .action(async (options: DemoOptions) => {
      const data = dataDir(options.data);
      if (existsSync(join(data, 'findings.db'))) {
        process.stdout.write(`Showing what is already in ${data}.\n\n`);
      } else {
        const folder = packageFile('fixtures/plant');
        if (!existsSync(folder))
          throw new UsageError('the sample captures (fixtures/plant) are missing; clone the repository again');
        process.stdout.write('Learning: ten minutes of a small water works at normal work\n\n');
        process.stdout.write(
          summaryText(
            await replay({ captures: [join(folder, 'normal.pcap')], data, phase: 'learn', sensor: 'sample-plant' }),
          ),
        );
        process.stdout.write('\nProtecting: the same plant, later that day, under attack\n\n');
        process.stdout.write(
          summaryText(
            await replay({ captures: [join(folder, 'attack.pcap')], data, phase: 'protect', sensor: 'sample-plant' }),
          ),
        );
        process.stdout.write('\n');
      }
      const { startConsole } = await import('../../console/api/start.js');
      const { ExportThread } = await import('../threads/export-thread.js');
      const settings = exportOptions(currentSettings(), { data, site: SITE });
      // The sample plant's alerts go nowhere by themselves, whatever the settings file says; only to what is set up in the
      // console over it.
      const exports = { ...settings, hasFile: false, config: { ...settings.config, exporters: {} } };
      const running = await startConsole({
        data,
        site: SITE,
        exports,
        rules: ruleWorkshop(currentSettings(), data),
        ...(options.listen === undefined ? {} : { listen: options.listen }),
      });
      process.stdout.write(signInText(running.url, running.setupCode));
      process.stdout.write('Stop with Ctrl+C.\n');
      const delivery = new ExportThread(exports, (sentence) => process.stderr.write(`fieldwatch: ${sentence}\n`));
      delivery.start();
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await Promise.all([running.close(), delivery.stop()]);
    });
}
