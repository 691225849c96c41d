import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parse, stringify } from 'yaml';
import { acceptanceOf, preview, type RolesOf } from '../baseline/acceptance.js';
import { baselineFileOf, diff, merge, readBaselineFile, readTagList } from '../baseline/baseline-file.js';
import {
  ACCEPTANCE_SCOPES,
  type AcceptanceScope,
  type BaselineDecisions,
  type BaselineFile,
  NO_DECISIONS,
} from '../model/baseline-document.js';
import type { Alert, LearningPhase } from '../model/records.js';
import { formatTimestamp } from '../model/time.js';
import { ConsoleStore } from '../store/console/console-store.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import { all, openReader } from './listings.js';
import type { RegisterCommand } from './program.js';
import { dataDir, safeText } from './terminal.js';

const PAGE = 500;
/** Alerts that a preview looks at, newest first. */
const MAX_PREVIEW = 20_000;
const MAX_SHOWN = 10;
const DURATION = /^(\d+)([mhdw])$/;
const MILLISECONDS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const say = (text: string) => process.stdout.write(`${text}\n`);
const now = () => formatTimestamp(Date.now() * 1000);

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

/** Opens what a person may change, and notes in the audit log who changed what. @throws UsageError */
function change(
  data: string | undefined,
  action: string,
  use: (store: SqliteFindingsStore) => { before: string; after: string; target?: string } | null,
): void {
  const dir = dataDir(data);
  openReader(dir).close();
  try {
    const store = new SqliteFindingsStore(dir, { role: 'console' });
    const accounts = new ConsoleStore(dir);
    try {
      const done = use(store);
      if (done) {
        accounts.audit({ user: 'local', source: 'command line' }, action, done.target ?? '', done.before, done.after);
      }
    } finally {
      accounts.close();
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}

function author(): string {
  try {
    return userInfo().username;
  } catch {
    return 'local';
  }
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
    if (accepted.length + declared.length > 0)
      say(`By people: ${accepted.length} deviations accepted, ${declared.length} variables declared.`);
    if (proposals.length > 0)
      say(`To confirm: ${proposals.length} entries under "proposals" of fieldwatch baseline export.`);
  });
}

function approve(alertId: string | undefined, flags: ApproveFlags): void {
  if (alertId !== undefined) {
    accept(alertId, flags);
    return;
  }
  const wanted: LearningPhase = flags.learn ? 'learn' : 'protect';
  change(flags.data, 'baseline.phase', (store) => {
    const before = phases(store);
    store.requestPhase(wanted);
    return { before: before.requested ?? before.phase, after: wanted };
  });
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

function expiry(text: string | undefined): { expires?: string } {
  if (text === undefined) return {};
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  if (amount === undefined)
    throw new UsageError(`--expires "${text}" is no duration; use a number with m, h, d or w, such as 8h.`);
  return { expires: formatTimestamp((Date.now() + Number(amount) * (MILLISECONDS[unit] ?? 0)) * 1000) };
}

function* newest(store: SqliteFindingsStore): Generator<Alert> {
  let left = MAX_PREVIEW;
  for (const alert of all((cursor) => store.alerts(next(cursor)))) {
    if (left-- === 0) return;
    yield alert;
  }
}

function accept(alertId: string, flags: ApproveFlags): void {
  const scope: AcceptanceScope | undefined = ACCEPTANCE_SCOPES.find((name) => name === (flags.scope ?? 'object'));
  if (!scope) throw new UsageError(`--scope "${flags.scope}" does not exist; use ${ACCEPTANCE_SCOPES.join(', ')}.`);
  if (!flags.preview && (flags.reason ?? '').trim() === '')
    throw new UsageError(
      'an acceptance needs --reason "why this is normal"; --preview shows first what it would cover.',
    );
  const words = { by: author(), at: now(), reason: flags.reason ?? '', ...expiry(flags.expires) };
  change(flags.data, 'baseline.accept', (store) => {
    const alert = store.alert(alertId);
    if (!alert) throw new UsageError(`there is no alert ${alertId}; fieldwatch alerts --json shows their ids.`);
    const rolesOf: RolesOf = (id) => (id === undefined ? [] : (store.asset(id)?.roles ?? []));
    const acceptance = acceptanceOf(alert, scope, rolesOf, words);
    if (typeof acceptance === 'string') throw new UsageError(acceptance);
    const { covered, findings, hides } = preview(acceptance, newest(store), rolesOf);
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
    if (hidden) {
      throw new UsageError(
        `not accepted: between the same devices a rule of level ${hidden.severity} has fired (${hidden.id}, ${hidden.title}); look at it first, or choose a narrower --scope.`,
      );
    }
    if (flags.preview) return null;
    const before = store.baselineVersion();
    const decisions = before?.decisions ?? NO_DECISIONS;
    const version = store.addBaselineVersion(words.at, words.by, words.reason, {
      ...decisions,
      accepted: [...decisions.accepted, acceptance],
    });
    store.setAlertStatus(alert.id, 'closed');
    if (!flags.json) say(`Accepted as version ${version}; fieldwatch baseline undo takes it back.`);
    return { before: String(before?.n ?? 0), after: String(version), target: alertId };
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

function importFile(path: string, flags: { data?: string; reason?: string }): void {
  const isCsv = /\.(csv|tsv|txt)$/i.test(path);
  const at = now();
  const by = author();
  const origin = `imported from ${path.split('/').at(-1)} by ${by} at ${at}`;
  const added = isCsv ? readTagList(readText(path), path) : null;
  const file = added === null ? readFile(path) : null;
  change(flags.data, 'baseline.import', (store) => {
    const before = store.baselineVersion();
    const empty: BaselineFile = {
      fieldwatch_baseline: 1,
      devices: [],
      conversations: [],
      variables: [],
      declared: added ?? [],
      accepted: [],
      proposals: [],
    };
    const merged: BaselineDecisions = merge(before?.decisions ?? NO_DECISIONS, file ?? empty, origin);
    const version = store.addBaselineVersion(at, by, flags.reason ?? origin, merged);
    const { devices, conversations, declared, accepted } = file ?? empty;
    say(
      `Imported as version ${version}: ${devices.length} devices, ${conversations.length} conversations, ${declared.length} declared variables, ${accepted.length} acceptances.`,
    );
    return { before: String(before?.n ?? 0), after: String(version), target: path };
  });
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
    .action((flags: { data?: string; json?: boolean }) => {
      withReader(flags.data, (store) => {
        for (const { n, at, by, reason, decisions } of store.baselineVersions(PAGE)) {
          const { accepted, declared, devices, conversations } = decisions;
          const amounts = `${accepted.length} accepted, ${declared.length} declared, ${devices.length} devices, ${conversations.length} conversations`;
          say(
            flags.json
              ? JSON.stringify({ version: n, at, by, reason, decisions })
              : safeText(`${n}  ${at}  ${by}  ${amounts}  ${reason}`),
          );
        }
      });
    });

  baseline
    .command('undo')
    .description('take back the latest decision: the version before it becomes the newest one')
    .option('--to <version>', 'go back to this version')
    .option(...data)
    .action((flags: { data?: string; to?: string }) => {
      change(flags.data, 'baseline.undo', (store) => {
        const versions = store.baselineVersions(PAGE);
        const [latest] = versions;
        if (!latest) throw new UsageError('nothing was decided yet, so there is nothing to undo.');
        const wanted = flags.to === undefined ? latest.n - 1 : Number(flags.to);
        const earlier = versions.find(({ n }) => n === wanted);
        if (!earlier && wanted !== 0)
          throw new UsageError(`there is no version ${flags.to ?? wanted}; fieldwatch baseline versions lists them.`);
        const version = store.addBaselineVersion(
          now(),
          author(),
          `back to version ${wanted}`,
          earlier?.decisions ?? NO_DECISIONS,
        );
        say(`Version ${version} is what version ${wanted} was.`);
        return { before: String(latest.n), after: String(version) };
      });
    });
};
