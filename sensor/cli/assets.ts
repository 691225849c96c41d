import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Decisions } from '../decisions/decisions.js';
import { applySiteList } from '../decisions/site-list.js';
import { diffInventory, likelySame, writersOf } from '../inventory/exchange/compare.js';
import { type CsvStyle, csvStyle, SHEET_LANGUAGES } from '../inventory/exchange/csv.js';
import { csvHead, csvRows, cycloneDx } from '../inventory/exchange/export.js';
import { compareWithList, parseSiteList, type SiteListReport } from '../inventory/exchange/site-list.js';
import { type Asset, type AssetSettings, type Conversation, CRITICALITIES, SAID_IDENTITY } from '../model/records.js';
import { ROLES } from '../model/role.js';
import { parseMac } from '../model/site.js';
import { formatTimestamp } from '../model/time.js';
import { productVersion } from '../product.js';
import { ConsoleStore } from '../store/console/console-store.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import { StoreError } from '../store/store.js';
import { EXIT, UsageError } from './cli-error.js';
import { ASSETS, all, formatTable, jsonLine, openReader, print, writeOut } from './listings.js';
import type { RegisterCommand } from './program.js';
import { dataDir, safeText } from './terminal.js';

const PAGE = 500;
const MAX_LIST = 64 * 1024 * 1024;
const FORMATS = ['csv', 'json', 'cyclonedx'] as const;
const ACTOR = { user: 'local', source: 'command line' } as const;

interface Flags {
  data?: string;
  json?: boolean;
}

/** The whole inventory: bounded by what a sensor keeps. */
function allAssets(store: SqliteFindingsStore): Asset[] {
  return [...all((cursor) => store.assets({ limit: PAGE, sort: 'ip', ...(cursor === undefined ? {} : { cursor }) }))];
}

/** The asset that a person means: by id, address or name. */
function assetMeant(assets: readonly Asset[], text: string): Asset {
  const mac = parseMac(text);
  const byKey = assets.find(
    ({ id, ips, macs }) => id === text || ips.includes(text) || (mac !== null && macs.includes(mac)),
  );
  if (byKey) return byKey;
  const byName = assets.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (byName.length === 1) return byName[0]!;
  if (byName.length > 1) {
    throw new UsageError(
      `${byName.length} devices are called "${text}": name one by its address or id (${byName
        .map(({ ips, id }) => ips[0] ?? id)
        .slice(0, 5)
        .join(', ')})`,
    );
  }
  throw new UsageError(
    `there is no device "${text}": name it by address, MAC, name or id as fieldwatch assets shows them`,
  );
}

/** Runs with a store that reads; nothing is made where there is no data directory. */
async function reading(
  data: string | undefined,
  use: (store: SqliteFindingsStore) => Promise<void> | void,
): Promise<void> {
  const store = openReader(dataDir(data));
  try {
    await use(store);
  } finally {
    store.close();
  }
}

/** Runs with both stores: what people decide is kept in console.db as well, which outlives the findings. */
async function deciding(
  data: string | undefined,
  use: (store: SqliteFindingsStore, decisions: Decisions) => void | Promise<void>,
): Promise<void> {
  const dir = dataDir(data);
  openReader(dir).close();
  try {
    const store = new SqliteFindingsStore(dir, { role: 'console' });
    const accounts = new ConsoleStore(dir);
    try {
      await use(store, new Decisions(store, accounts));
    } finally {
      accounts.close();
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}

interface SetFlags extends Flags {
  name?: string;
  role?: string;
  zone?: string;
  level?: string;
  criticality?: string;
  vendor?: string;
  model?: string;
  orderNumber?: string;
  firmware?: string;
  hardwareRevision?: string;
  serial?: string;
  clear?: boolean;
}

/** Words in a table, not a document. */
const MAX_WORDS = 100;
const FLAG_OF = {
  vendor: 'vendor',
  model: 'model',
  order_number: 'orderNumber',
  firmware: 'firmware',
  hardware_revision: 'hardwareRevision',
  serial: 'serial',
} as const;

function settingsFrom(flags: SetFlags): AssetSettings {
  const settings: AssetSettings = {};
  if (flags.name !== undefined) settings.name = flags.name;
  if (flags.zone !== undefined) settings.zone = flags.zone;
  if (flags.role !== undefined) {
    settings.roles = flags.role.split(',').map((role) => role.trim());
    const unknown = settings.roles.find((role) => !(ROLES as readonly string[]).includes(role));
    if (unknown !== undefined) throw new UsageError(`the role "${unknown}" does not exist; use ${ROLES.join(', ')}`);
  }
  if (flags.level !== undefined) {
    const level = Number(flags.level);
    if (!(level >= 0 && level <= 5)) throw new UsageError(`--level must be a number from 0 to 5, not "${flags.level}"`);
    settings.purdue_level = level;
  }
  if (flags.criticality !== undefined) {
    const criticality = CRITICALITIES.find((one) => one === flags.criticality);
    if (!criticality)
      throw new UsageError(`--criticality must be one of ${CRITICALITIES.join(', ')}, not "${flags.criticality}"`);
    settings.criticality = criticality;
  }
  for (const field of SAID_IDENTITY) {
    const said = flags[FLAG_OF[field]];
    if (said !== undefined) settings[field] = said;
  }
  for (const field of ['name', 'zone', ...SAID_IDENTITY] as const) {
    const said = settings[field];
    if (said !== undefined && (said.trim() === '' || said.length > MAX_WORDS))
      throw new UsageError(`--${field.replaceAll('_', '-')} needs 1 to ${MAX_WORDS} characters`);
  }
  return settings;
}

/** A day, or a moment, as records have it: UTC with microseconds. */
function timeOf(text: string, isEnd: boolean): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const parsed = Date.parse(isDay ? `${text}T${isEnd ? '23:59:59.999' : '00:00:00.000'}Z` : text);
  if (Number.isNaN(parsed))
    throw new UsageError(`"${text}" is no date; write it like 2026-01-31 or 2026-01-31T14:00:00Z`);
  return formatTimestamp(parsed * 1000 + (isDay && isEnd ? 999 : 0));
}

const addressOf = (asset: Asset): string => asset.ips[0] ?? asset.macs[0] ?? asset.id;

function listText(report: SiteListReport): string {
  const { missing, unknown, matched } = report;
  const differing = matched.filter(({ differences }) => differences.length > 0);
  const parts = [
    `${matched.length} devices of the list were seen, ${missing.length} were not; ${unknown.length} devices that were seen are not on the list.\n`,
  ];
  if (missing.length > 0) {
    const rows = missing.map((device) => [String(device.line), device.ip ?? device.mac ?? '', device.name ?? '']);
    parts.push(`\nOn the list, never seen:\n${formatTable(['LINE', 'ADDRESS', 'NAME'], rows)}`);
  }
  if (unknown.length > 0) {
    const rows = unknown.map((asset) => [addressOf(asset), asset.name, asset.vendor ?? '', asset.first_seen]);
    parts.push(`\nSeen, not on the list:\n${formatTable(['ADDRESS', 'NAME', 'VENDOR', 'FIRST SEEN'], rows)}`);
  }
  if (differing.length > 0) {
    const rows = differing.flatMap(({ device, asset, differences }) =>
      differences.map(({ field, listed, seen }) => [String(device.line), addressOf(asset), field, listed, seen]),
    );
    parts.push(`\nOtherwise on the list:\n${formatTable(['LINE', 'ADDRESS', 'WHAT', 'LIST', 'SEEN'], rows)}`);
  }
  return parts.join('');
}

function readList(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_LIST) throw new UsageError(`${path} is larger than 64 megabytes: a list of devices is not`);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(
      `the list ${path} ${code === 'ENOENT' ? 'does not exist; check the path' : `cannot be read (${code})`}`,
    );
  }
}

function exported(assets: readonly Asset[], format: (typeof FORMATS)[number], site: string, style: CsvStyle): string {
  switch (format) {
    case 'csv':
      return csvHead(style) + assets.map((asset) => csvRows(asset, style)).join('');
    case 'json':
      return `${JSON.stringify(assets, null, 2)}\n`;
    case 'cyclonedx': {
      const latest = assets.reduce(
        (last, { last_seen }) => (last_seen > last ? last_seen : last),
        '1970-01-01T00:00:00.000000Z',
      );
      return `${JSON.stringify(cycloneDx(assets, site, latest, productVersion()), null, 2)}\n`;
    }
  }
}

export const registerAssets: RegisterCommand = (program) => {
  const assets = program
    .command('assets')
    .description('list the devices that were seen; decide about them, compare and export them')
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--json', 'NDJSON, one record a line')
    .action((flags: Flags) => print(ASSETS, dataDir(flags.data), flags.json ?? false));
  // The options above stand for all that follow.
  const flagsOf = <T extends Flags>(command: Command): T => command.optsWithGlobals() as T;

  assets
    .command('approve')
    .description('say that devices belong here')
    .argument('[device...]', 'address, MAC, name or id')
    .option('--all', 'every device that was seen so far')
    .option('--revoke', 'take the approval back')
    .action(async (devices: string[], _flags, command: Command) => {
      const flags = flagsOf<Flags & { all?: boolean; revoke?: boolean }>(command);
      if (devices.length === 0 && !flags.all) throw new UsageError('name the devices to approve, or give --all');
      await deciding(flags.data, (store, decisions) => {
        const known = allAssets(store);
        const chosen = flags.all ? known : devices.map((text) => assetMeant(known, text));
        const changed = chosen.filter(({ approved }) => approved === (flags.revoke === true));
        for (const { id, approved } of changed) decisions.approve(id, flags.revoke !== true, approved, ACTOR);
        process.stdout.write(
          `${changed.length} of ${chosen.length} devices ${flags.revoke ? 'are no longer approved' : 'are approved now'}.\n`,
        );
      });
    });

  assets
    .command('set')
    .description('say what a device is; this stands above what was seen, for good')
    .argument('<device>', 'address, MAC, name or id')
    .option('--name <name>')
    .option('--role <roles>', `one or several, separated by commas: ${ROLES.join(', ')}`)
    .option('--zone <zone>')
    .option('--level <level>', 'Purdue level, 0 to 5')
    .option('--criticality <criticality>', CRITICALITIES.join(', '))
    .option('--vendor <vendor>')
    .option('--model <model>')
    .option('--order-number <number>')
    .option('--firmware <version>')
    .option('--hardware-revision <revision>')
    .option('--serial <number>')
    .option('--clear', 'forget what was said before')
    .action(async (device: string, _flags, command: Command) => {
      const flags = flagsOf<SetFlags>(command);
      const said = settingsFrom(flags);
      if (Object.keys(said).length === 0 && !flags.clear)
        throw new UsageError(
          'say what to set: --name, --role, --zone, --level, --criticality, --vendor, --model, --order-number, --firmware, --hardware-revision or --serial, or --clear',
        );
      await deciding(flags.data, (store, decisions) => {
        const asset = assetMeant(allAssets(store), device);
        decisions.saySettings(asset.id, flags.clear ? said : { ...store.assetSettings(asset.id), ...said }, ACTOR);
        process.stdout.write(`${safeText(store.asset(asset.id)?.name ?? device)}: kept.\n`);
      });
    });

  assets
    .command('merge')
    .description('make one device of two records: the first becomes a part of the second')
    .argument('[part]', 'address, MAC, name or id')
    .argument('[whole]', 'the device that stays')
    .option('--suggest', 'list records that may be the same device, and why')
    .action(async (part: string | undefined, whole: string | undefined, _flags, command: Command) => {
      const flags = flagsOf<Flags & { suggest?: boolean }>(command);
      if (flags.suggest) {
        await reading(flags.data, async (store) => {
          const pairs = likelySame(allAssets(store));
          const rows = pairs.map(({ assets: [one, other], reason }) => [addressOf(other), addressOf(one), reason]);
          await writeOut(
            rows.length === 0
              ? 'No two records look like the same device.\n'
              : formatTable(['PART', 'DEVICE', 'WHY'], rows),
          );
        });
        return;
      }
      if (part === undefined || whole === undefined)
        throw new UsageError('name the part and the device that stays, or give --suggest');
      await deciding(flags.data, (store, decisions) => {
        const known = allAssets(store);
        const [from, into] = [assetMeant(known, part), assetMeant(known, whole)];
        if (from.id === into.id) throw new UsageError(`${part} and ${whole} are one device already`);
        decisions.merge(from.id, into.id, ACTOR);
        process.stdout.write(
          `${safeText(from.name)} is part of ${safeText(into.name)} now; fieldwatch assets split ${from.id} undoes it.\n`,
        );
      });
    });

  assets
    .command('split')
    .description('undo a merge')
    .argument('<id>', 'id of the part, as merge told it')
    .action(async (id: string, _flags, command: Command) => {
      await deciding(flagsOf(command).data, (store, decisions) => {
        if (!decisions.split(id, ACTOR)) throw new UsageError(`${id} was not merged by hand: there is nothing to undo`);
        process.stdout.write(`${safeText(store.asset(id)?.name ?? id)} is a device of its own again.\n`);
      });
    });

  assets
    .command('import')
    .description("compare with the site's own list (CSV): what is missing, what is unknown, what differs")
    .argument(
      '<list.csv>',
      'first line: names of the columns, ip or mac among them; also name, vendor, model, serial, firmware, zone, criticality',
    )
    .option('--apply', 'approve the devices of the list, and take over their names, zones and criticalities')
    .action(async (path: string, _flags, command: Command) => {
      const flags = flagsOf<Flags & { apply?: boolean }>(command);
      const { devices, problems } = parseSiteList(readList(path));
      for (const problem of problems) process.stderr.write(`fieldwatch: ${safeText(path)}: ${safeText(problem)}\n`);
      if (devices.length === 0) {
        process.exitCode = EXIT.usage;
        return;
      }
      await reading(flags.data, async (store) => {
        const report = compareWithList(devices, allAssets(store));
        await writeOut(flags.json ? jsonLine({ ...report, problems }) : listText(report));
        if (flags.apply)
          await deciding(flags.data, async (writer, decisions) => {
            await applySiteList(writer, decisions, report, ACTOR);
          });
      });
      if (problems.length > 0) process.exitCode = EXIT.damagedInput;
    });

  assets
    .command('export')
    .description('the whole inventory as a table, as JSON or as CycloneDX 1.6 (devices with their firmware)')
    .option('--format <format>', FORMATS.join(', '), 'csv')
    .option('--language <language>', 'csv for a spreadsheet in that language (en, de) instead of for programs')
    .option('--site <name>', 'name of the plant in the document', '')
    .option('--output <file>', 'file to write; standard output when absent')
    .action(async (_flags, command: Command) => {
      const flags = flagsOf<Flags & { format: string; site: string; language?: string; output?: string }>(command);
      const format = FORMATS.find((one) => one === flags.format);
      if (!format) throw new UsageError(`--format must be one of ${FORMATS.join(', ')}, not "${flags.format}"`);
      const language = SHEET_LANGUAGES.find((one) => one === flags.language);
      if (flags.language !== undefined && language === undefined)
        throw new UsageError(`--language must be one of ${SHEET_LANGUAGES.join(', ')}, not "${flags.language}"`);
      await reading(flags.data, async (store) => {
        const text = exported(allAssets(store), format, flags.site, csvStyle(language));
        if (flags.output === undefined) await writeOut(text);
        else {
          try {
            writeFileSync(flags.output, text);
          } catch (error) {
            throw new UsageError(
              `${flags.output} cannot be written (${(error as NodeJS.ErrnoException).code}): choose another file`,
            );
          }
        }
      });
    });

  assets
    .command('diff')
    .description('what appeared, vanished or became different between two dates')
    .argument('<from>', 'date (2026-01-31) or time (2026-01-31T14:00:00Z), UTC')
    .argument('[to]', 'the same; until now when absent')
    .action(async (from: string, to: string | undefined, _flags, command: Command) => {
      const flags = flagsOf(command);
      const [start, end] = [timeOf(from, false), to === undefined ? '9999' : timeOf(to, true)];
      if (start > end) throw new UsageError(`${from} is later than ${to}: give the earlier date first`);
      await reading(flags.data, async (store) => {
        const diff = diffInventory(allAssets(store), start, end);
        if (flags.json) {
          await writeOut(jsonLine(diff));
          return;
        }
        const rows = [
          ...diff.appeared.map((asset) => ['new', addressOf(asset), asset.name, `first seen ${asset.first_seen}`]),
          ...diff.gone.map((asset) => ['gone', addressOf(asset), asset.name, `last seen ${asset.last_seen}`]),
          ...diff.changed.flatMap(({ asset, changes }) =>
            changes.map((change) => [
              'changed',
              addressOf(asset),
              asset.name,
              `${change.timestamp}: ${change.unit === undefined ? '' : `${change.unit} `}${change.field} "${change.from}" → "${change.to}"`,
            ]),
          ),
        ];
        await writeOut(
          rows.length === 0 ? 'Nothing is different.\n' : formatTable(['WHAT', 'ADDRESS', 'NAME', 'DETAIL'], rows),
        );
      });
    });

  assets
    .command('writers')
    .description('who wrote to, controlled or programmed a device, the latest first')
    .argument('<device>', 'address, MAC, name or id')
    .action(async (device: string, _flags, command: Command) => {
      const flags = flagsOf(command);
      await reading(flags.data, async (store) => {
        const asset = assetMeant(allAssets(store), device);
        const conversations: Conversation[] = [
          ...all((cursor) =>
            store.conversations({ asset: asset.id, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
          ),
        ];
        const writers = writersOf(asset, conversations);
        if (flags.json) {
          for (const writer of writers) await writeOut(jsonLine(writer));
          return;
        }
        const rows = writers.map((writer) => [
          writer.last_seen,
          writer.client_ip,
          writer.protocol,
          writer.operation,
          `×${writer.count}`,
          writer.in_baseline ? 'yes' : 'new',
          writer.targets.join(', '),
        ]);
        await writeOut(
          rows.length === 0
            ? 'Nobody has been seen to change anything there.\n'
            : formatTable(['LAST SEEN', 'WHO', 'PROTOCOL', 'OPERATION', 'COUNT', 'BASELINE', 'WHAT'], rows),
        );
      });
    });
};
