import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { placeholdersOf } from '../detection/placeholders.js';
import { readRuleFiles } from '../detection/rule-files.js';
import { timeOf } from '../detection/sigma/compile.js';
import { SigmaEngine } from '../detection/sigma/engine.js';
import { JsonEvent } from '../detection/sigma/event.js';
import { includes, type LogSource } from '../detection/sigma/rule.js';
import { unknownFields } from '../detection/taxonomy.js';
import { loadRules } from '../pipeline/rule-loading.js';
import { createDissectors } from '../protocols/registry.js';
import { FINDINGS_FILE } from '../store/sqlite/findings-schema.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import type { SensorMemory } from '../store/store.js';
import { EXIT, UsageError } from './cli-error.js';
import { readEvents } from './event-file.js';
import { tellProgress } from './file-progress.js';
import { formatTable } from './listings.js';
import { CACHE, ruleSettings, siteOf } from './rule-settings.js';
import { tryRules } from './rule-trial.js';
import { currentSettings } from './settings.js';
import { safeText } from './terminal.js';

interface ListFlags {
  json?: boolean;
}

interface CheckFlags extends ListFlags {
  warnings: boolean;
}

interface MatchFlags extends ListFlags {
  rules: string[];
  events: string;
  logsource?: string | true;
}

const protocols = () => createDissectors().flatMap((dissector) => dissector.protocols);
const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
const say = (text: string) => process.stderr.write(`${text}\n`);
const print = (record: object) => process.stdout.write(`${JSON.stringify(record)}\n`);

function list(flags: ListFlags): void {
  const { config } = currentSettings();
  const loaded = loadRules(ruleSettings(config), siteOf(config));
  const rows = loaded.all.map(({ rule, source, isEnabled }) => ({
    id: rule.id,
    title: rule.title,
    level: rule.level,
    status: rule.status,
    kind: rule.kind,
    attack: rule.techniques,
    version: rule.version,
    source,
    file: rule.file,
    enabled: isEnabled,
  }));
  if (flags.json) for (const row of rows) print(row);
  else
    process.stdout.write(
      formatTable(
        ['LEVEL', 'ENABLED', 'SOURCE', 'ATT&CK', 'ID', 'TITLE'],
        rows.map((row) => [row.level, row.enabled ? 'yes' : 'no', row.source, row.attack.join(','), row.id, row.title]),
      ),
    );
  for (const { message } of loaded.errors) say(`fieldwatch: ${safeText(message)}`);
  if (loaded.errors.length > 0) process.exitCode = EXIT.damagedInput;
}

function check(paths: readonly string[], flags: CheckFlags): void {
  const { config } = currentSettings();
  const files = readRuleFiles(paths, placeholdersOf(ruleSettings(config), siteOf(config)));
  const engine = new SigmaEngine(files.rules);
  const errors = [...files.errors, ...engine.errors];
  const detections = files.rules.filter((rule) => rule.kind === 'detection');
  const warnings = [...files.warnings, ...unknownFields(detections, protocols())];
  const summary = {
    files: files.files,
    documents: files.documentCount,
    loaded: files.rules.length - engine.errors.length,
    failed: errors.length,
    warnings: warnings.length,
  };
  const problems = [
    ...errors.map(({ file, line, column, reason }) => ({ severity: 'error', file, line, column, reason })),
    ...(flags.warnings ? warnings : []).map((warning) => ({ severity: 'warning', ...warning })),
  ].sort((one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : one.line - other.line));
  for (const problem of problems) {
    if (flags.json) print(problem);
    else {
      const { severity, file, line, column, reason } = problem;
      process.stdout.write(`${safeText(`${file}:${line}:${column}: ${severity}: ${reason}`)}\n`);
    }
  }
  if (flags.json) print({ severity: 'summary', ...summary });
  else
    process.stdout.write(
      `${count(summary.files, 'file')} with ${count(summary.documents, 'document')}: ${count(summary.loaded, 'rule')} ${summary.loaded === 1 ? 'loads' : 'load'}, ${count(summary.failed, 'mistake')}, ${count(summary.warnings, 'warning')}\n`,
    );
  if (errors.length > 0) process.exitCode = EXIT.failed;
}

/** `product=windows,category=process_creation`, or `windows/process_creation/` as product/category/service. */
function parseLogSource(text: string): LogSource {
  const parts: Record<string, string | null> = { category: null, product: null, service: null };
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split('=').map((side) => side.trim().toLowerCase());
    if (!Object.hasOwn(parts, key) || value === '')
      throw new UsageError(
        `--logsource "${text}" cannot be read: write for example product=windows,category=process_creation`,
      );
    parts[key] = value;
  }
  return { category: parts['category'] ?? null, product: parts['product'] ?? null, service: parts['service'] ?? null };
}

/** The log source that an event states itself, in `logsource`. */
function ownLogSource(event: JsonEvent): LogSource | null {
  const part = (name: string): string | null => {
    const value = event.value(`logsource.${name}`);
    return typeof value === 'string' ? value.toLowerCase() : null;
  };
  const source = { category: part('category'), product: part('product'), service: part('service') };
  return source.category === null && source.product === null && source.service === null ? null : source;
}

const TIME_FIELDS = ['timestamp', '@timestamp', 'UtcTime', 'TimeCreated', 'ts', 'eventTime', 'time', '_time', 'date'];

/** Packet time of an event in microseconds; null when none of the usual fields is a time. */
function timeOfEvent(event: JsonEvent): number | null {
  for (const field of [...TIME_FIELDS, 'Event.System.TimeCreated.#attributes.SystemTime']) {
    const millis = timeOf(event.value(field));
    if (millis !== null) return Math.round(millis * 1000);
  }
  return null;
}

async function match(flags: MatchFlags): Promise<void> {
  const { config } = currentSettings();
  const files = readRuleFiles(flags.rules, placeholdersOf(ruleSettings(config), siteOf(config)));
  const engine = new SigmaEngine(files.rules);
  const errors = [...files.errors, ...engine.errors];
  for (const { message } of errors) say(`fieldwatch: ${safeText(message)}`);
  if (files.rules.length === 0) throw new UsageError('no rule could be loaded: check --rules');
  const wanted = typeof flags.logsource === 'string' ? parseLogSource(flags.logsource) : null;
  const rows: string[][] = [];
  let last = 0;
  let index = 0;
  const damaged = await readEvents(flags.events, (object) => {
    const event = new JsonEvent(object);
    last = timeOfEvent(event) ?? last;
    const source = wanted ?? (flags.logsource === true ? ownLogSource(event) : null);
    const matches = engine.evaluate(event, last, (rule) => source === null || includes(rule.logSource, source));
    for (const { rule } of matches) {
      const found = { rule_id: rule.id, title: rule.title, level: rule.level, event: index };
      if (flags.json) print(found);
      else rows.push([String(index), rule.level, rule.id, rule.title]);
    }
    index++;
  });
  if (!flags.json) process.stdout.write(formatTable(['EVENT', 'LEVEL', 'ID', 'TITLE'], rows));
  for (const sentence of damaged) say(`fieldwatch: ${safeText(sentence)}`);
  if (damaged.length > 0 || errors.length > 0) process.exitCode = EXIT.damagedInput;
}

interface TryFlags extends ListFlags {
  capture: string[];
  rules: string[];
  without: string[];
  off: string[];
  on: string[];
  data?: string;
  progress?: boolean;
}

/** What the sensor knows of the plant, from the data folder; nothing where there is none. */
function remembered(data: string): () => SensorMemory | null {
  if (!existsSync(join(data, FINDINGS_FILE))) return () => null;
  return () => {
    const store = new SqliteFindingsStore(data, { role: 'reader', warn: () => {} });
    try {
      return store.loadSensorMemory();
    } finally {
      store.close();
    }
  };
}

async function tryThem(flags: TryFlags): Promise<void> {
  const { config } = currentSettings();
  const data = flags.data ?? config.data;
  const settings = { ...ruleSettings(config, data), cache: join(data, CACHE) };
  const site = siteOf(config);
  const { all, rules, errors } = loadRules(settings, site);
  // What is broken is left out of both sides: it is not what is tried here.
  for (const { message } of errors) say(`fieldwatch: left out: ${safeText(message)}`);
  const files = readRuleFiles(flags.rules, placeholdersOf(settings, site));
  const [first] = files.errors;
  if (first !== undefined) throw new UsageError(`the rules to try do not load: ${first.message}`);
  const memory = remembered(data);
  const switchedOff = memory()?.disabledRules ?? [];
  const replaced = new Set(files.rules.map(({ id }) => id));
  const without = new Set(flags.without.map((path) => resolve(path)));
  const kept = rules.filter((rule) => !replaced.has(rule.id) && !without.has(resolve(rule.file)));
  const woken = new Set(flags.on);
  const asleep = all.filter(({ rule, isEnabled }) => !isEnabled && woken.has(rule.id)).map(({ rule }) => rule);
  const after = [...kept, ...asleep, ...files.rules];
  const engine = new SigmaEngine(after);
  const own = new Set(flags.rules.map((path) => resolve(path)));
  const broken = engine.errors.find(({ file }) => own.has(resolve(file)));
  if (broken !== undefined) throw new UsageError(`the rules to try do not work together: ${broken.message}`);
  const result = await tryRules({
    captures: flags.capture,
    sensor: config.sensor,
    site,
    memory,
    before: { rules, switchedOff },
    after: {
      rules: after,
      switchedOff: [...switchedOff.filter((id) => !woken.has(id) && !replaced.has(id)), ...flags.off],
    },
    ...(flags.progress ? { onProgress: tellProgress } : {}),
  });
  if (flags.json) print(result);
  else {
    const rows = [
      ...result.appear.map((alert) => ['new', alert] as const),
      ...result.disappear.map((alert) => ['gone', alert] as const),
      ...result.change.map((both) => ['changed', both.after] as const),
    ].map(([what, alert]) => [
      what,
      alert.severity,
      alert.first_seen,
      alert.src_ip ?? '',
      alert.dest_ip ?? '',
      String(alert.count),
      alert.title,
    ]);
    process.stdout.write(formatTable(['WHAT', 'LEVEL', 'FIRST', 'FROM', 'TO', 'COUNT', 'TITLE'], rows));
    say(
      `${result.packets} packets: ${count(result.appearing, 'alert')} more, ${result.disappearing} fewer, ${result.changing} changed; ${result.seconds_before} s with the rules as they are, ${result.seconds_after} s with the change`,
    );
  }
  for (const sentence of result.damaged) say(`fieldwatch: a capture is ${safeText(sentence)}`);
  if (result.damaged.length > 0) process.exitCode = EXIT.damagedInput;
}

export function registerRules(program: Command): void {
  const rules = program.command('rules').description('detection rules in Sigma format: list, check, or try on events');
  const collect = (path: string, paths: string[] | undefined) => [...(paths ?? []), path];
  rules
    .command('list')
    .description("list the product's rules and your own")
    .option('--json', 'NDJSON, one rule a line')
    .action(list);
  rules
    .command('check')
    .description('load rule files and tell every mistake with its place')
    .argument('<path...>', 'rule files, and folders of them')
    .option('--no-warnings', 'tell only what keeps a rule from loading')
    .option('--json', 'NDJSON, one problem a line, then a summary')
    .action(check);
  rules
    .command('match')
    .description('evaluate rules on events')
    .requiredOption('--rules <path>', 'rule file or folder; may be repeated', collect)
    .requiredOption('--events <file>', 'NDJSON, a JSON array, or one JSON object; - is standard input')
    .option(
      '--logsource [source]',
      'only rules for this log source (product=windows,category=process_creation), or for the one in each event\'s "logsource"',
    )
    .option('--json', 'NDJSON: {"rule_id","title","level","event"}, event counts from 0')
    .action(match);
  rules
    .command('try')
    .description('which alerts a change of the rules would give, or no longer give, on capture files')
    .requiredOption('--capture <file>', 'pcap, pcapng, gzip of either; may be repeated', collect)
    .option('--rules <path>', 'rules to add; those with an id that is in use take its place', collect, [])
    .option('--without <file>', 'leave out all rules of one of your files; may be repeated', collect, [])
    .option('--off <id>', 'as if this rule were switched off; may be repeated', collect, [])
    .option('--on <id>', 'as if this rule were switched on; may be repeated', collect, [])
    .option('--data <dir>', 'data directory: what is known of the plant, and its rules (FIELDWATCH_DATA)')
    .option('--progress', 'tell on standard error, as NDJSON, how much of the files has been read')
    .option('--json', 'print the result as one JSON object')
    .action(tryThem);
}
