import { ConsoleStore } from '../store/console/console-store.js';
import { StoreError } from '../store/store.js';
import { EXIT, UsageError } from './cli-error.js';
import type { RegisterCommand } from './program.js';
import { dataDir } from './terminal.js';

interface AuditFlags {
  data?: string;
  json?: boolean;
}

export const registerAudit: RegisterCommand = (program) => {
  const audit = program.command('audit').description('the log of what people changed: check that it is whole');
  audit
    .command('verify')
    .description('read the whole log; exit status 1 when rows were changed or taken away')
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--json', 'print the verdict as one JSON object')
    .action(async (flags: AuditFlags) => {
      let store: ConsoleStore | null = null;
      try {
        store = new ConsoleStore(dataDir(flags.data));
        const verdict = await store.verifyAudit();
        const isWhole = verdict.broken === null && verdict.missingAfter === null;
        if (flags.json) process.stdout.write(`${JSON.stringify({ ...verdict, whole: isWhole })}\n`);
        else if (verdict.broken !== null) {
          process.stdout.write(`Row ${verdict.broken} was changed, or the one before it is missing.\n`);
        } else if (verdict.missingAfter !== null) {
          process.stdout.write(`Rows after ${verdict.missingAfter} were taken away.\n`);
        } else process.stdout.write(`All ${verdict.rows} rows are as they were written.\n`);
        if (!isWhole) process.exitCode = EXIT.failed;
      } catch (error) {
        if (error instanceof StoreError) throw new UsageError(error.message);
        throw error;
      } finally {
        store?.close();
      }
    });
};
