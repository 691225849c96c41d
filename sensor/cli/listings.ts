import type { Alert, Asset, Conversation, ProcessVariable } from '../model/records.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import { type Page, StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import type { RegisterCommand } from './program.js';
import { dataDir, safeText } from './terminal.js';

const PAGE = 500;
const MAX_CELL = 60;

/** Aligned columns; the last one is not padded. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = [head, ...rows].map((row) => row.map((cell) => shorten(safeText(cell))));
  const widths = head.map((_, column) => Math.max(...shown.map((row) => [...(row[column] ?? '')].length)));
  return shown
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function shorten(text: string): string {
  const letters = [...text];
  return letters.length <= MAX_CELL ? text : `${letters.slice(0, MAX_CELL - 1).join('')}…`;
}

export function* all<T>(page: (cursor: string | undefined) => Page<T>): Generator<T> {
  let cursor: string | undefined;
  do {
    const { items, next } = page(cursor);
    yield* items;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

/** Waits for the reader of a pipe, so that a million lines do not pile up in memory. */
export async function writeOut(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** JSON whose text is harmless in a terminal as well, and still the same JSON. */
export function jsonLine(record: object): string {
  const text = JSON.stringify(record).replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
  return `${text}\n`;
}

interface Listing<T> {
  readonly name: string;
  readonly description: string;
  readonly head: readonly string[];
  readonly page: (store: SqliteFindingsStore, cursor: string | undefined) => Page<T>;
  readonly row: (record: T) => readonly string[];
}

const next = (cursor: string | undefined) => ({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });

export const ASSETS: Listing<Asset> = {
  name: 'assets',
  description: 'list the devices that were seen',
  head: ['ADDRESS', 'NAME', 'ROLE', 'VENDOR', 'MODEL', 'FIRMWARE', 'PROTOCOLS', 'APPROVED', 'LAST SEEN'],
  page: (store, cursor) => store.assets({ ...next(cursor), sort: 'ip' }),
  row: (asset) => [
    asset.ips[0] ?? asset.macs[0] ?? '',
    asset.name,
    asset.roles.join(','),
    asset.vendor ?? '',
    asset.model ?? '',
    asset.firmware ?? '',
    asset.protocols.map((protocol) => `${protocol.name} ${protocol.as}`).join(', '),
    asset.approved ? 'yes' : 'no',
    asset.last_seen,
  ],
};

const ALERTS: Listing<Alert> = {
  name: 'alerts',
  description: 'list the alerts, newest first',
  head: ['LAST SEEN', 'SEVERITY', 'STATUS', 'KIND', 'COUNT', 'FROM', 'TO', 'TITLE'],
  page: (store, cursor) => store.alerts(next(cursor)),
  row: (alert) => [
    alert.last_seen,
    alert.severity,
    alert.status,
    alert.kind,
    String(alert.count),
    alert.src_ip ?? '',
    alert.dest_ip ?? '',
    alert.title,
  ],
};

const CONVERSATIONS: Listing<Conversation> = {
  name: 'conversations',
  description: 'list who talks to whom, and what they do',
  head: ['CLIENT', 'SERVER', 'PORT', 'PROTOCOL', 'OPERATIONS', 'PACKETS', 'BASELINE', 'LAST SEEN'],
  page: (store, cursor) => store.conversations(next(cursor)),
  row: (conversation) => [
    conversation.client_ip || conversation.client,
    conversation.server_ip || conversation.server,
    conversation.server_port === 0 ? '' : String(conversation.server_port),
    conversation.protocol,
    conversation.operations.map((operation) => `${operation.operation} ×${operation.count}`).join(', '),
    String(conversation.packets),
    conversation.in_baseline ? 'yes' : 'new',
    conversation.last_seen,
  ],
};

const VARIABLES: Listing<ProcessVariable> = {
  name: 'variables',
  description: 'list the process variables with what they were seen to be',
  head: ['DEVICE', 'UNIT', 'NAME', 'KIND', 'VALUE', 'LOWEST', 'HIGHEST', 'READS', 'WRITES', 'LAST WRITER', 'CHANGED'],
  page: (store, cursor) => store.variables(next(cursor)),
  row: (variable) => [
    variable.server_ip,
    variable.unit === undefined ? '' : String(variable.unit),
    variable.name,
    variable.kind,
    String(variable.last_value),
    variable.min === undefined ? '' : String(variable.min),
    variable.max === undefined ? '' : String(variable.max),
    String(variable.reads),
    String(variable.writes),
    variable.last_writer ?? '',
    variable.last_changed,
  ],
};

/** Rows of a table are collected to be aligned; beyond this the widths of the first ones must do. */
const TABLE_PORTION = 1000;

export async function print<T>(listing: Listing<T>, data: string, json: boolean): Promise<void> {
  const store = openReader(data);
  try {
    let rows: (readonly string[])[] = [];
    let tables = 0;
    for (const record of all((cursor) => listing.page(store, cursor))) {
      if (json) await writeOut(jsonLine(record as object));
      else rows.push(listing.row(record));
      if (rows.length === TABLE_PORTION) {
        await writeOut(formatTable(listing.head, rows));
        rows = [];
        tables++;
      }
    }
    if (!json && (rows.length > 0 || tables === 0)) await writeOut(formatTable(listing.head, rows));
  } finally {
    store.close();
  }
}

/** @throws UsageError for a data directory that is missing or not ours. */
export function openReader(data: string): SqliteFindingsStore {
  try {
    return new SqliteFindingsStore(data, { role: 'reader' });
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}

export const registerListings: RegisterCommand = (program) => {
  for (const listing of [ALERTS, CONVERSATIONS, VARIABLES] as const) {
    program
      .command(listing.name)
      .description(listing.description)
      .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
      .option('--json', 'NDJSON, one record a line')
      .action((flags: { data?: string; json?: boolean }) =>
        print(listing as Listing<Alert | Conversation | ProcessVariable>, dataDir(flags.data), flags.json ?? false),
      );
  }
};
