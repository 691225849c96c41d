import { formatIp } from '../../model/address.js';
import { type Asset, CRITICALITIES, type Criticality } from '../../model/records.js';
import { parseIp, parseMac } from '../../model/site.js';
import { parseCsv } from './csv.js';

/** A device as the people of the site have it on their list. */
export interface ListedDevice {
  /** Line of the list, from 1. */
  readonly line: number;
  readonly ip?: string;
  readonly mac?: string;
  readonly name?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly firmware?: string;
  readonly zone?: string;
  readonly criticality?: Criticality;
}

type Column = Exclude<keyof ListedDevice, 'line'>;

/** Heads as people write them, in English and German, without spaces and signs. */
const HEADS: Readonly<Record<string, Column>> = {
  ip: 'ip',
  ipaddress: 'ip',
  ipadresse: 'ip',
  ipaddr: 'ip',
  address: 'ip',
  adresse: 'ip',
  ipv4: 'ip',
  mac: 'mac',
  macaddress: 'mac',
  macadresse: 'mac',
  hwaddress: 'mac',
  name: 'name',
  hostname: 'name',
  device: 'name',
  devicename: 'name',
  gerat: 'name',
  geratename: 'name',
  asset: 'name',
  assetname: 'name',
  tag: 'name',
  vendor: 'vendor',
  manufacturer: 'vendor',
  maker: 'vendor',
  hersteller: 'vendor',
  make: 'vendor',
  model: 'model',
  modell: 'model',
  type: 'model',
  typ: 'model',
  product: 'model',
  ordernumber: 'model',
  serial: 'serial',
  serialnumber: 'serial',
  serialno: 'serial',
  sn: 'serial',
  seriennummer: 'serial',
  firmware: 'firmware',
  firmwareversion: 'firmware',
  version: 'firmware',
  fw: 'firmware',
  zone: 'zone',
  area: 'zone',
  bereich: 'zone',
  segment: 'zone',
  criticality: 'criticality',
  kritikalitat: 'criticality',
  criticity: 'criticality',
};
const MAX_CELL = 200;

export interface SiteList {
  readonly devices: readonly ListedDevice[];
  /** One sentence for each line that cannot be used. */
  readonly problems: readonly string[];
}

/** Reads a site's list of devices. Only the head must be there; what a line lacks is not compared. */
export function parseSiteList(text: string): SiteList {
  const [head, ...rows] = parseCsv(text);
  if (!head)
    return {
      devices: [],
      problems: ['The list is empty: its first line must name the columns, ip or mac among them.'],
    };
  const columns = head.cells.map(columnOf);
  if (!columns.includes('ip') && !columns.includes('mac')) {
    return {
      devices: [],
      problems: [
        `Line ${head.line}: there is no column ip or mac; the first line must name the columns (found: ${head.cells.join(', ').slice(0, MAX_CELL)}).`,
      ],
    };
  }
  const devices: ListedDevice[] = [];
  const problems: string[] = [];
  const seen = new Map<string, number>();
  for (const { line, cells } of rows) {
    const device = deviceOf(line, columns, cells);
    if (typeof device === 'string') {
      problems.push(device);
      continue;
    }
    const key = device.ip ?? device.mac ?? '';
    const earlier = seen.get(key);
    if (earlier !== undefined)
      problems.push(`Line ${line}: ${key} stands in line ${earlier} already; this line is not used.`);
    else {
      seen.set(key, line);
      devices.push(device);
    }
  }
  return { devices, problems };
}

function columnOf(head: string): Column | null {
  const plain = head
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  return Object.hasOwn(HEADS, plain) ? HEADS[plain]! : null;
}

/** The device of one line, or the sentence that says why there is none. */
function deviceOf(line: number, columns: readonly (Column | null)[], cells: readonly string[]): ListedDevice | string {
  const values: Partial<Record<Column, string>> = {};
  columns.forEach((column, index) => {
    const value = cells[index];
    if (column && value) values[column] ??= value.slice(0, MAX_CELL);
  });
  const { ip: ipText, mac: macText, criticality: criticalityText, ...rest } = values;
  const words = ipText === undefined ? null : parseIp(ipText);
  if (ipText !== undefined && words === null)
    return `Line ${line}: "${ipText}" is no IP address; write it like 10.1.2.3.`;
  const mac = macText === undefined ? null : parseMac(macText);
  if (macText !== undefined && mac === null)
    return `Line ${line}: "${macText}" is no MAC address; write it like 00:1b:1b:aa:bb:cc.`;
  if (words === null && mac === null) return `Line ${line}: there is neither an IP nor a MAC address; add one of them.`;
  const criticality = CRITICALITIES.find((one) => one === criticalityText?.toLowerCase());
  if (criticalityText !== undefined && criticality === undefined)
    return `Line ${line}: the criticality "${criticalityText}" does not exist; use ${CRITICALITIES.join(', ')}.`;
  return {
    line,
    ...rest,
    ...(words ? { ip: formatIp(...words) } : {}),
    ...(mac ? { mac } : {}),
    ...(criticality ? { criticality } : {}),
  };
}

export interface Difference {
  readonly field: 'name' | 'vendor' | 'model' | 'serial' | 'firmware' | 'mac';
  readonly listed: string;
  readonly seen: string;
}

export interface SiteListReport {
  /** On the list, and never seen. */
  readonly missing: readonly ListedDevice[];
  /** Seen, and not on the list. */
  readonly unknown: readonly Asset[];
  readonly matched: readonly {
    readonly device: ListedDevice;
    readonly asset: Asset;
    readonly differences: readonly Difference[];
  }[];
}

/** Compares a site's list with what was seen. */
export function compareWithList(devices: readonly ListedDevice[], assets: readonly Asset[]): SiteListReport {
  const byAddress = new Map<string, Asset>();
  // An IP address is decided by whoever has it now, a MAC address of several assets by none.
  for (const asset of assets) for (const mac of asset.macs) byAddress.set(mac, asset);
  for (const asset of assets) for (const ip of asset.ips) byAddress.set(ip, asset);
  const missing: ListedDevice[] = [];
  const matched: { device: ListedDevice; asset: Asset; differences: Difference[] }[] = [];
  const known = new Set<string>();
  for (const device of devices) {
    const asset = byAddress.get(device.ip ?? '') ?? byAddress.get(device.mac ?? '');
    if (!asset) {
      missing.push(device);
      continue;
    }
    known.add(asset.id);
    matched.push({ device, asset, differences: differencesOf(device, asset) });
  }
  return { missing, unknown: assets.filter(({ id }) => !known.has(id)), matched };
}

function differencesOf(device: ListedDevice, asset: Asset): Difference[] {
  const found: Difference[] = [];
  for (const field of ['name', 'vendor', 'model', 'serial', 'firmware'] as const) {
    const listed = device[field];
    const seen =
      field === 'model'
        ? [asset.model, asset.order_number]
        : [asset[field], field === 'name' ? asset.hostname : undefined];
    const values = seen.filter((value) => value !== undefined && value !== '');
    if (listed === undefined || values.length === 0) continue;
    if (!values.some((value) => isAlike(listed, value!))) found.push({ field, listed, seen: values.join(' / ') });
  }
  if (device.mac !== undefined && asset.macs.length > 0 && !asset.macs.includes(device.mac))
    found.push({ field: 'mac', listed: device.mac, seen: asset.macs.join(' / ') });
  return found;
}

/** People shorten and decorate: "6ES7 315" is alike "6ES7315-2EH14-0AB0". */
function isAlike(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''));
  return a !== undefined && b !== undefined && a !== '' && (a.includes(b) || b.includes(a));
}
