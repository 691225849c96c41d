import type { Command } from 'commander';
import { planExporters } from '../export/plan.js';
import { ExportService } from '../export/service.js';
import { testExporter } from '../export/test-run.js';
import type { ExporterState } from '../store/sqlite/outbox.js';
import { StoreError } from '../store/store.js';
import { EXIT, UsageError } from './cli-error.js';
import { formatTable, openReader } from './listings.js';
import { currentSettings, exportOptions } from './settings.js';
import { safeText } from './terminal.js';

const DEFAULT_SEND_SECONDS = 60;

interface ExportFlags {
  json?: boolean;
  timeout?: string;
}

function chosen(name: string | undefined) {
  const { config } = currentSettings();
  const planned = planExporters(config.export, config.data);
  if (planned.length === 0)
    throw new UsageError(
      'there is no exporter: name one under export.exporters in fieldwatch.yaml (docs/export.md), or set one up in the console.',
    );
  if (name === undefined) return planned;
  const one = planned.filter((item) => item.name === name);
  if (one.length === 0)
    throw new UsageError(`there is no exporter "${name}"; there are ${planned.map((item) => item.name).join(', ')}.`);
  return one;
}

async function test(name: string | undefined, flags: ExportFlags): Promise<void> {
  const { data, origin } = exportOptions(currentSettings());
  for (const planned of chosen(name)) {
    const write = (text: string) => process.stdout.write(safeText(text).concat('\n'));
    if (!flags.json) write(`${planned.name}:`);
    const result = await testExporter(planned, data, origin, Date.now(), ({ step, ok, detail }) => {
      if (!flags.json) write(`  ${ok ? 'ok  ' : 'FAIL'}  ${step.padEnd(12)} ${detail}`);
    });
    const { ok, eventId, target, steps } = result;
    if (flags.json)
      process.stdout.write(`${JSON.stringify({ exporter: planned.name, ok, event_id: eventId, target, steps })}\n`);
    if (!ok) process.exitCode = EXIT.failed;
  }
}

function age(millis: number, now: number): string {
  if (millis === 0) return 'never';
  const seconds = Math.max(0, Math.round((now - millis) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

function status(flags: ExportFlags): void {
  const { config } = currentSettings();
  const store = openReader(config.data);
  try {
    const planned = planExporters(config.export, config.data);
    let states: ExporterState[];
    try {
      states = store.outbox.exporters();
    } catch {
      // A store of an earlier version that nobody has opened for writing since.
      states = [];
    }
    const now = Date.now();
    const names = [...new Set([...planned.map(({ name }) => name), ...states.map(({ name }) => name)])];
    const rows = names.map((name) => {
      const state = states.find((item) => item.name === name);
      const settings = planned.find((item) => item.name === name)?.settings;
      const isDelivering = state !== undefined && state.holder !== '' && state.heldUntil > now;
      return {
        exporter: name,
        type: settings?.type ?? '',
        format: settings?.format ?? '',
        state: state === undefined ? 'not started' : isDelivering ? state.state : 'nobody delivers',
        waiting: state === undefined ? 0 : store.outbox.waiting(state),
        sent: state?.sent ?? 0,
        lost: state?.lost ?? 0,
        last_sent: state === undefined || state.lastSent === 0 ? null : new Date(state.lastSent).toISOString(),
        error: state?.error ?? '',
      };
    });
    if (flags.json) {
      for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
      return;
    }
    if (rows.length === 0) {
      process.stdout.write('No exporter is set up: docs/export.md says how.\n');
      return;
    }
    const head = ['exporter', 'kind', 'format', 'state', 'waiting', 'sent', 'lost', 'last', 'error'];
    process.stdout.write(
      formatTable(
        head,
        rows.map((row) => [
          row.exporter,
          row.type,
          row.format,
          row.state,
          String(row.waiting),
          String(row.sent),
          String(row.lost),
          age(row.last_sent === null ? 0 : Date.parse(row.last_sent), now),
          row.error,
        ]),
      ),
    );
  } finally {
    store.close();
  }
}

/** Delivers what waits and says what is left. Returns the number of messages that are left. */
export async function sendWaiting(options: ReturnType<typeof exportOptions>, limitMs: number): Promise<number> {
  const say = (sentence: string) => process.stderr.write(`fieldwatch: ${safeText(sentence)}\n`);
  const service = new ExportService({ ...options, tell: say });
  let total = 0;
  for (const { name, left, error } of await service.drain(limitMs)) {
    total += left;
    if (left > 0)
      say(
        `exporter ${name}: ${left} messages are left in the queue${error === '' ? '' : ` (${error})`}; fieldwatch live, console or export send deliver them later.`,
      );
  }
  return total;
}

export function registerExport(program: Command): void {
  const command = program.command('export').description('send alerts to a SIEM: test, see what waits, send it');
  const data = ['--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)'] as const;
  command
    .command('test')
    .description('send one marked test message through every exporter, or one, and say step by step what happened')
    .argument('[exporter]', 'only this one')
    .option('--json', 'one JSON object for each exporter')
    .option(...data)
    .action(test);
  command
    .command('status')
    .description('list the exporters, what waits for them and what was lost')
    .option('--json', 'one JSON object a line')
    .option(...data)
    .action(status);
  command
    .command('send')
    .description('deliver what waits, and end; exit status 1 when something is left')
    .option('--timeout <seconds>', 'give up after this time', String(DEFAULT_SEND_SECONDS))
    .option(...data)
    .action(async (flags: ExportFlags) => {
      const seconds = Number(flags.timeout ?? DEFAULT_SEND_SECONDS);
      if (!(seconds > 0 && seconds <= 86_400))
        throw new UsageError(`--timeout ${flags.timeout} is not a number of seconds from 1 to 86400.`);
      openReader(currentSettings().config.data).close();
      chosen(undefined);
      try {
        if ((await sendWaiting(exportOptions(currentSettings()), seconds * 1000)) > 0) process.exitCode = EXIT.failed;
      } catch (error) {
        if (error instanceof StoreError) throw new UsageError(error.message);
        throw error;
      }
    });
}
