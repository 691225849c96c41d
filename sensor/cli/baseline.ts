import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parse, stringify } from 'yaml';
import { baselineFileOf, diff, EMPTY_FILE, readBaselineFile, readTagList } from '../baseline/baseline-file.js';
import { DecisionRefused } from '../decisions/acceptances.js';
import { Decisions, refusalOf } from '../decisions/decisions.js';
import {
  ACCEPTANCE_SCOPES,
  type AcceptanceScope,
  type BaselineFile,
  NO_DECISIONS,
} from '../model/baseline-document.js';
import type { LearningPhase } from '../model/records.js';
import { formatTimestamp } from '../model/time.js';
import { type Actor, ConsoleStore } from '../store/console/console-store.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import { all, openReader } from './listings.js';
import type { RegisterCommand } from './program.js';
import { dataDir, safeText } from './terminal.js';

const PAGE = 500;
const MAX_SHOWN = 10;
const DURATION = /^(\d+)([mhdw])$/;
const MILLISECONDS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const say = (text: string) => process.stdout.write(`${text}\n`);

/** The phase the data directory is in, and what was asked for since. */
function phases(store: SqliteFindingsStore): { phase: LearningPhase; requested: LearningPhase | null } {
  const requested = store.requestedPhase();
  return { phase: store.reportedPhase() ?? requested ?? 'learn', requested };
}

const next = (cursor: string | undefined) => ({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });

function fileOf(store: SqliteFindingsStore): BaselineFile {
  return baselineFileOf(
    all((cursor) => store.assets(next(cursor))),
    all((cursor) => store.conversations(next(cursor))),
    all((cursor) => store.variables(next(cursor))),
    store.baselineVersion()?.decisions ?? NO_DECISIONS,
  );
}

/** @throws UsageError */
function withReader<T>(data: string | undefined, use: (store: SqliteFindingsStore) => T): T {
  const store = openReader(dataDir(data));
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** Opens both stores that hold what people decide. @throws UsageError */
async function deciding<T>(
  data: string | undefined,
  use: (decisions: Decisions, store: SqliteFindingsStore) => T | Promise<T>,
): Promise<T> {
  const dir = dataDir(data);
  openReader(dir).close();
  try {
    const store = new SqliteFindingsStore(dir, { role: 'console' });
    const accounts = new ConsoleStore(dir);
    try {
      return await use(new Decisions(store, accounts), store);
    } finally {
      accounts.close();
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError || error instanceof DecisionRefused) throw new UsageError(error.message);
    throw error;
  }
}

function actor(): Actor {
  let user = 'local';
  try {
    user = userInfo().username;
  } catch {
    // An account without a name.
  }
  return { user, source: 'command line' };
}

function status(flags: { data?: string; json?: boolean }): void {
  withReader(flags.data, (store) => {
    const { phase, requested } = phases(store);
    const counts = store.counts();
    const learned = {
      assets: counts.assets - counts.newAssets,
      new_assets: counts.newAssets,
      conversations: counts.conversations - counts.newConversations,
      new_conversations: counts.newConversations,
    };
    const { accepted, declared } = store.baselineVersion()?.decisions ?? NO_DECISIONS;
    const { proposals } = fileOf(store);
    const learning = store.health().at(-1)?.learning;
    if (flags.json) {
      say(
        JSON.stringify({
          phase,
          requested_phase: requested,
          ...learned,
          accepted: accepted.length,
          declared: declared.length,
          proposals: proposals.length,
          ...(learning ? { learning } : {}),
        }),
      );
      return;
    }
    const pending =
      requested !== null && requested !== phase
        ? `; ${requested} is requested and begins when the sensor takes it up`
        : '';
    say(
      `${phase === 'learn' ? 'Learning: what is seen now becomes normal' : 'Protecting: what was not learned raises alerts'}${pending}.`,
    );
    say(
      `Known: ${learned.assets} assets, ${learned.conversations} conversations. Not known: ${learned.new_assets} assets, ${learned.new_conversations} conversations.`,
    );
    if (learning) say(learning.advice);
    for (const one of learning?.scopes ?? []) {
      const ripe = one.phase === 'learn' && one.is_ripe ? '; learning can end' : '';
      say(
        `  ${safeText(one.scope)}: ${one.phase === 'learn' ? 'learns' : 'protects'}; ${one.known} known, ${one.new_per_hour} new an hour (${one.new_last_hour} in the last hour, ${one.new_last_day} in the last day), ${Math.round(one.unseen_share * 1000) / 10} % seen only once${ripe}`,
      );
    }
    const alone = learning?.learning_alone ?? [];
    if (alone.length > 0) say(`Came later, let in by a person, and learn on their own: ${safeText(alone.join(', '))}.`);
    if (accepted.length + declared.length > 0)
      say(`By people: ${accepted.length} deviations accepted, ${declared.length} variables declared.`);
    if (proposals.length > 0)
      say(`To confirm: ${proposals.length} entries under "proposals" of fieldwatch baseline export.`);
  });
}

async function approve(alertId: string | undefined, flags: ApproveFlags): Promise<void> {
  if (alertId !== undefined) {
    await accept(alertId, flags);
    return;
  }
  const wanted: LearningPhase = flags.learn ? 'learn' : 'protect';
  await deciding(flags.data, (decisions) => decisions.requestPhase(wanted, actor()));
  say(
    wanted === 'protect'
      ? 'Learning ends: from now on the sensor raises alerts for what it has not learned.'
      : 'The sensor learns again: what it sees from now on becomes normal.',
  );
}

interface ApproveFlags {
  data?: string;
  learn?: boolean;
  scope?: string;
  reason?: string;
  expires?: string;
  preview?: boolean;
  json?: boolean;
}

function expiry(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  if (amount === undefined)
    throw new UsageError(`--expires "${text}" is no duration; use a number with m, h, d or w, such as 8h.`);
  return formatTimestamp((Date.now() + Number(amount) * (MILLISECONDS[unit] ?? 0)) * 1000);
}

async function accept(alertId: string, flags: ApproveFlags): Promise<void> {
  const scope: AcceptanceScope | undefined = ACCEPTANCE_SCOPES.find((name) => name === (flags.scope ?? 'object'));
  if (!scope) throw new UsageError(`--scope "${flags.scope}" does not exist; use ${ACCEPTANCE_SCOPES.join(', ')}.`);
  const reason = (flags.reason ?? '').trim();
  if (!flags.preview && reason === '')
    throw new UsageError(
      'an acceptance needs --reason "why this is normal"; --preview shows first what it would cover.',
    );
  const until = expiry(flags.expires);
  await deciding(flags.data, async (decisions, store) => {
    const alert = store.alert(alertId);
    if (!alert) throw new UsageError(`there is no alert ${alertId}; fieldwatch alerts --json shows their ids.`);
    const words = { by: actor().user, at: decisions.time, reason, ...(until === undefined ? {} : { expires: until }) };
    const acceptance = decisions.acceptance(alert, scope, words);
    const [seen] = await decisions.preview([acceptance], alert);
    const { covered, findings, hides } = seen!;
    if (flags.json) {
      say(
        JSON.stringify({ acceptance, alerts: covered.map(({ id }) => id), findings, hides: hides.map(({ id }) => id) }),
      );
    } else {
      say(`Scope ${scope}: would have kept quiet ${covered.length} alerts that count ${findings} findings.`);
      for (const one of covered.slice(0, MAX_SHOWN)) say(`  ${one.id}  ${safeText(one.title)} ×${one.count}`);
      if (covered.length > MAX_SHOWN) say(`  and ${covered.length - MAX_SHOWN} more`);
    }
    const [hidden] = hides;
    if (hidden) throw new UsageError(refusalOf(hidden));
    if (flags.preview) return;
    const { version, closed } = await decisions.accept(alert, scope, reason, until, actor());
    if (!flags.json)
      say(`Accepted as version ${version}, ${closed} alerts closed; fieldwatch baseline undo takes it back.`);
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`);
  }
}

function readFile(path: string): BaselineFile {
  const text = readText(path);
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new UsageError(`${path} is no valid YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  return readBaselineFile(value, path);
}

/** A baseline file, or a data directory. */
function fileOrData(path: string): BaselineFile {
  if (!existsSync(path)) throw new UsageError(`${path} does not exist: name a baseline file or a data directory.`);
  return statSync(path).isDirectory() ? withReader(path, fileOf) : readFile(path);
}

async function importFile(path: string, flags: { data?: string; reason?: string }): Promise<void> {
  const isCsv = /\.(csv|tsv|txt)$/i.test(path);
  const file = isCsv ? { ...EMPTY_FILE, declared: readTagList(readText(path), path) } : readFile(path);
  const version = await deciding(flags.data, (decisions) =>
    decisions.importFile(file, path.split('/').at(-1) ?? path, flags.reason, actor()),
  );
  const { devices, conversations, variables, declared, accepted } = file;
  say(
    `Imported as version ${version.n}: ${devices.length} devices, ${conversations.length} conversations, values of ${variables.length} variables, ${declared.length} declared variables, ${accepted.length} acceptances.`,
  );
}

export const registerBaseline: RegisterCommand = (program) => {
  const baseline = program.command('baseline').description('what is normal here: learning and protecting');
  const data = ['--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)'] as const;

  baseline
    .command('status')
    .description('say whether the sensor learns or protects, and how much it has learned')
    .option('--json', 'one JSON object')
    .option(...data)
    .action(status);

  baseline
    .command('approve')
    .argument('[alert]', 'id of a deviation alert that is normal from now on')
    .description(
      'without an alert, end learning: what was learned is normal, everything else raises alerts; --learn goes back to learning',
    )
    .option('--learn', 'learn again instead')
    .option('--scope <scope>', `how far it reaches: ${ACCEPTANCE_SCOPES.join(', ')} (object)`)
    .option('--reason <text>', 'why this is normal')
    .option('--expires <duration>', 'only for so long: 30m, 8h, 7d, 2w')
    .option('--preview', 'only show which alerts it would have kept quiet')
    .option('--json', 'one JSON object')
    .option(...data)
    .action(approve);

  baseline
    .command('export')
    .description('write the baseline as a file that people can read, review and version (YAML)')
    .option('--output <file>', 'file to write; standard output when absent')
    .option('--json', 'JSON instead')
    .option(...data)
    .action((flags: { data?: string; output?: string; json?: boolean }) => {
      const file = withReader(flags.data, fileOf);
      const text = flags.json
        ? `${JSON.stringify(file)}\n`
        : stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
      if (flags.output === undefined) process.stdout.write(text);
      else writeFileSync(flags.output, text, { mode: 0o600 });
    });

  baseline
    .command('import')
    .argument('<file>', 'baseline file (YAML), or a register map or tag list (CSV)')
    .description('take over a baseline file, or the names and limits that engineering has for variables')
    .option('--reason <text>', 'why, for the list of versions')
    .option(...data)
    .action(importFile);

  baseline
    .command('diff')
    .argument('<before>', 'baseline file or data directory')
    .argument('<after>', 'baseline file or data directory')
    .description('say what is normal in the one and not in the other')
    .option('--json', 'NDJSON, one change a line')
    .action((before: string, after: string, flags: { json?: boolean }) => {
      for (const line of diff(fileOrData(before), fileOrData(after))) {
        say(flags.json ? JSON.stringify({ change: line[0], what: line.slice(2) }) : safeText(line));
      }
    });

  baseline
    .command('versions')
    .description('list what people have decided about the baseline, newest first')
    .option('--json', 'NDJSON, one version a line')
    .option(...data)
    .action(async (flags: { data?: string; json?: boolean }) => {
      const versions = await deciding(flags.data, (decisions) => decisions.versions(PAGE));
      for (const { n, at, by, reason, entries } of versions) {
        const amounts = ['accepted', 'declared', 'devices', 'conversations'].map(
          (name) => `${entries[name] ?? 0} ${name}`,
        );
        const text = amounts.join(', ');
        say(
          flags.json
            ? JSON.stringify({ version: n, at, by, reason, entries })
            : safeText(`${n}  ${at}  ${by}  ${text}  ${reason}`),
        );
      }
    });

  baseline
    .command('undo')
    .description('take back the latest decision: the version before it becomes the newest one')
    .option('--to <version>', 'go back to this version')
    .option(...data)
    .action(async (flags: { data?: string; to?: string }) => {
      await deciding(flags.data, async (decisions) => {
        const [latest] = decisions.versions(1);
        if (!latest) throw new UsageError('nothing was decided yet, so there is nothing to undo.');
        const wanted = flags.to === undefined ? latest.n - 1 : Number(flags.to);
        if (decisions.version(wanted) === null)
          throw new UsageError(`there is no version ${flags.to ?? wanted}; fieldwatch baseline versions lists them.`);
        const { version, reopened } = await decisions.restore(wanted, `back to version ${wanted}`, actor());
        say(`Version ${version} is what version ${wanted} was.`);
        if (reopened > 0) say(`${reopened} alerts are open again.`);
      });
    });
};
