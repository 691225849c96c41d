// Compares the inventory with a list of devices that say who they are, capture by capture.
//   node scripts/identities.mjs [folder of captures with identity_devices.tsv] [part of a file name]
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './lib.mjs';

const FIELDS = ['vendor', 'model', 'firmware', 'serial', 'name'];
/** Fields that decide whether a device counts as found. */
const MEASURED = ['vendor', 'model', 'firmware', 'serial'];

ensureInstalled();
ensureBuilt();
const folder = resolve(process.argv[2] ?? join(root, '..', 'shared', 'captures'));
const wanted = process.argv[3] ?? '';
const list = join(folder, 'identity_devices.tsv');
if (!existsSync(list)) {
  process.stderr.write(`${list} does not exist: name the folder of the captures and their list of devices.\n`);
  process.exit(2);
}
const { FileSource } = await import(join(root, 'dist/sensor/capture/file-source.js'));
const { createSensor } = await import(join(root, 'dist/sensor/pipeline/create-sensor.js'));

const [head, ...lines] = readFileSync(list, 'utf8').trimEnd().split('\n');
const names = head.split('\t');
const byFile = new Map();
for (const line of lines) {
  const cells = line.split('\t');
  const row = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  if (!row.file.includes(wanted)) continue;
  byFile.set(row.file, [...(byFile.get(row.file) ?? []), row]);
}

async function assetsOf(path) {
  const sensor = createSensor({
    sensor: 'identities',
    mode: 'replay',
    phase: 'learn',
    memory: null,
    flowLimits: { flows: 20_000, unanswered: 10_000 },
  });
  const source = new FileSource(path);
  await source.run({ packet: (packet) => sensor.packet(packet), ready: async () => {} }, new AbortController().signal);
  sensor.finish();
  return sensor.collect().assets;
}

const plain = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
/** Everything that the asset shows of a field, its units' included. */
function shown(asset, field) {
  const values = [asset[field], ...asset.units.map((unit) => unit[field])];
  for (const { field: said, value } of [asset, ...asset.units].flatMap((part) => part.evidence)) {
    if (said === field || (field === 'name' && said === 'hostname') || (field === 'model' && said === 'order_number'))
      values.push(value);
    if (said === 'description') values.push(value);
  }
  if (field === 'name') values.push(asset.hostname);
  if (field === 'model') values.push(asset.order_number, ...asset.units.map((unit) => unit.order_number));
  return values.filter(Boolean).map(plain);
}

/** The values that stand first: what listings and pages show. */
function first(asset, field) {
  const fields = field === 'model' ? ['model', 'order_number'] : field === 'name' ? ['name', 'hostname'] : [field];
  return fields
    .flatMap((one) => [asset[one], ...asset.units.map((unit) => unit[one])])
    .filter(Boolean)
    .map(plain);
}

/** The list gives several values with " | " where a device states several; one of them is enough. */
function isFound(asset, field, expected, valuesOf = shown) {
  const values = valuesOf(asset, field);
  return expected.split(' | ').some((part) => {
    // Some lists give a revision of two bytes as one number.
    const revision = field === 'firmware' && /^\d{3,5}$/.test(part) ? `${part >> 8}.${part & 255}` : part;
    const text = plain(revision);
    const digits = /^(?:vendor id 0x|BACnet vendor )([0-9a-f]+)$/i.exec(part)?.[1];
    return values.some(
      (value) => value.includes(text) || text.includes(value) || (digits && value.includes(plain(digits))),
    );
  });
}

const find = (assets, key) =>
  assets.find((asset) =>
    key
      .split('/')
      .filter((address) => address !== '0.0.0.0')
      .some((address) => asset.ips.includes(address) || asset.macs.includes(address)),
  );

let devices = 0;
let complete = 0;
let shownFirst = 0;
const perField = Object.fromEntries(FIELDS.map((field) => [field, { stated: 0, found: 0 }]));
for (const [file, rows] of byFile) {
  const path = join(folder, file);
  if (!existsSync(path)) continue;
  const assets = await assetsOf(path);
  for (const row of rows) {
    const asset = find(assets, row.ip_or_mac);
    const missing = [];
    for (const field of FIELDS) {
      if (row[field] === '') continue;
      perField[field].stated++;
      if (asset && isFound(asset, field, row[field])) perField[field].found++;
      else missing.push(field);
    }
    devices++;
    const lacks = missing.filter((field) => MEASURED.includes(field));
    if (lacks.length === 0) complete++;
    const isShown = (field) => row[field] === '' || (asset && isFound(asset, field, row[field], first));
    if (MEASURED.every(isShown)) shownFirst++;
    else if (lacks.length === 0)
      missing.push(...MEASURED.filter((field) => !isShown(field)).map((field) => `${field} (not first)`));
    const what = FIELDS.filter((field) => asset?.[field]).map((field) => `${field}=${asset[field]}`);
    const verdict = lacks.length === 0 ? (missing.length === 0 ? 'found  ' : 'no name') : asset ? 'PARTLY ' : 'MISSING';
    process.stdout.write(`${verdict} ${file} ${row.ip_or_mac} [${row.evidence}] ${what.join(', ')}\n`);
    for (const field of missing) process.stdout.write(`          ${field}: expected ${row[field.split(' ')[0]]}\n`);
  }
}
for (const field of FIELDS) {
  const { stated, found } = perField[field];
  process.stdout.write(`${field.padEnd(9)} ${found} of ${stated}\n`);
}
const percent = devices === 0 ? 0 : (100 * complete) / devices;
process.stdout.write(`devices   ${complete} of ${devices} with every stated value (${percent.toFixed(1)} %)\n`);
process.stdout.write(
  `          ${shownFirst} of them with these values shown first, where the evidence has others as well\n`,
);
