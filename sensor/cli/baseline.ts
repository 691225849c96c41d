import type { LearningPhase } from '../model/records.js';
import { ConsoleStore } from '../store/console/console-store.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import { openReader } from './listings.js';
import type { RegisterCommand } from './program.js';
import { dataDir } from './terminal.js';

/** The phase the data directory is in, and what was asked for since. */
function phases(store: SqliteFindingsStore): { phase: LearningPhase; requested: LearningPhase | null } {
  const requested = store.requestedPhase();
  return { phase: store.reportedPhase() ?? requested ?? 'learn', requested };
}

export const registerBaseline: RegisterCommand = (program) => {
  const baseline = program.command('baseline').description('what is normal here: learning and protecting');
  const data = ['--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)'] as const;

  baseline
    .command('status')
    .description('say whether the sensor learns or protects, and how much it has learned')
    .option('--json', 'one JSON object')
    .option(...data)
    .action((flags: { data?: string; json?: boolean }) => {
      const store = openReader(dataDir(flags.data));
      try {
        const { phase, requested } = phases(store);
        const counts = store.counts();
        const learned = {
          assets: counts.assets - counts.newAssets,
          new_assets: counts.newAssets,
          conversations: counts.conversations - counts.newConversations,
          new_conversations: counts.newConversations,
        };
        if (flags.json) {
          process.stdout.write(`${JSON.stringify({ phase, requested_phase: requested, ...learned })}\n`);
          return;
        }
        const pending =
          requested !== null && requested !== phase
            ? `; ${requested} is requested and begins when the sensor takes it up`
            : '';
        process.stdout.write(
          `${phase === 'learn' ? 'Learning: what is seen now becomes normal' : 'Protecting: what was not learned raises alerts'}${pending}.\n` +
            `Known: ${learned.assets} assets, ${learned.conversations} conversations. Not known: ${learned.new_assets} assets, ${learned.new_conversations} conversations.\n`,
        );
      } finally {
        store.close();
      }
    });

  baseline
    .command('approve')
    .description(
      'end learning: what was learned is normal, everything else raises alerts; --learn goes back to learning',
    )
    .option('--learn', 'learn again instead')
    .option(...data)
    .action((flags: { data?: string; learn?: boolean }) => {
      const dir = dataDir(flags.data);
      openReader(dir).close();
      try {
        const wanted: LearningPhase = flags.learn ? 'learn' : 'protect';
        const store = new SqliteFindingsStore(dir, { role: 'console' });
        const accounts = new ConsoleStore(dir);
        try {
          const before = phases(store);
          accounts.audit(
            { user: 'local', source: 'command line' },
            'baseline.phase',
            '',
            before.requested ?? before.phase,
            wanted,
          );
          store.requestPhase(wanted);
        } finally {
          accounts.close();
          store.close();
        }
        process.stdout.write(
          wanted === 'protect'
            ? 'Learning ends: from now on the sensor raises alerts for what it has not learned.\n'
            : 'The sensor learns again: what it sees from now on becomes normal.\n',
        );
      } catch (error) {
        if (error instanceof StoreError) throw new UsageError(error.message);
        throw error;
      }
    });
};
