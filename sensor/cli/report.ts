import { Option } from 'commander';
import { productVersion } from '../product.js';
import { ConsoleStore } from '../store/console/console-store.js';
import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import { openReader } from './listings.js';
import type { RegisterCommand } from './program.js';
import { ruleWorkshop } from './rule-workshop.js';
import { currentSettings } from './settings.js';
import { dataDir } from './terminal.js';

interface ReportFlags {
  data?: string;
  from?: string;
  to?: string;
  format: 'html' | 'csv' | 'json';
  language?: 'en' | 'de';
  out?: string;
}

export const registerReport: RegisterCommand = (program) => {
  program
    .command('report')
    .description('the report of a period: devices, risks, alerts, changes, coverage, sensors; as the console shows it')
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--from <time>', 'ISO 8601, such as 2026-11-01; 30 days before the end, when absent')
    .option('--to <time>', 'ISO 8601; the time of the last packet, when absent')
    .addOption(
      new Option('--format <format>', 'html prints on A4, also as PDF')
        .choices(['html', 'csv', 'json'])
        .default('html'),
    )
    .addOption(
      new Option(
        '--language <language>',
        'of the html (en when absent), and of the spreadsheet that opens the csv',
      ).choices(['en', 'de']),
    )
    .option('--out <file>', 'write it there, whole or not at all; standard output, when absent')
    .action(async (flags: ReportFlags) => {
      const { reportMaker } = await import('../../console/api/report/data.js');
      const { reportText, writeAtomically } = await import('../../console/api/report/files.js');
      const { ApiError } = await import('../../console/api/errors.js');
      const settings = currentSettings();
      const { config } = settings;
      const data = dataDir(flags.data);
      const findings = openReader(data);
      let accounts: ConsoleStore | null = null;
      try {
        accounts = new ConsoleStore(data);
        const report = await reportMaker({
          findings,
          accounts,
          site: config.site,
          version: productVersion(),
          now: Date.now,
          rules: ruleWorkshop(settings, data),
          log: (line) => process.stderr.write(`fieldwatch: ${line}\n`),
        })({
          ...(flags.from === undefined ? {} : { from: flags.from }),
          ...(flags.to === undefined ? {} : { to: flags.to }),
        });
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        const text = reportText(report, flags.format, flags.language, zone);
        if (flags.out === undefined) process.stdout.write(text);
        else writeAtomically(flags.out, text);
      } catch (error) {
        if (error instanceof ApiError || error instanceof StoreError) throw new UsageError(error.message);
        const { code, syscall } = error as NodeJS.ErrnoException;
        if (flags.out !== undefined && syscall !== undefined)
          throw new UsageError(`--out ${flags.out} cannot be written (${code}): check folder and rights.`);
        throw error;
      } finally {
        accounts?.close();
        findings.close();
      }
    });
};
