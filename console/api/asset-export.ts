import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import type { Asset, Unit } from '../../sensor/model/records.js';
import { MICROS_PER_SECOND, parseTimestamp } from '../../sensor/model/time.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { csvRow } from './csv.js';
import { ApiError } from './errors.js';
import { secondsOf } from './map.js';
import { Remembered } from './remembered.js';
import { AssetSchema, Count, closed, ErrorBody, oneOf } from './schemas.js';
import { PORTION } from './snapshot.js';

/** Of two dates; older answers are given while a new one is made. */
const FRESH_MS = 5000;
const STALE_MS = 60_000;
const MOST_REMEMBERED = 20;
const MOST_COMPARED = 500;
const RUNNING_AT_ONCE = 2;

const COLUMNS = [
  'name',
  'ips',
  'macs',
  'vendor',
  'model',
  'order_number',
  'firmware',
  'hardware_revision',
  'serial',
  'hostname',
  'os',
  'roles',
  'purdue_level',
  'zone',
  'criticality',
  'approved',
  'protocols',
  'unit',
  'first_seen',
  'last_seen',
  'id',
] as const;

/** A device, or a unit behind one. */
function csvOf(asset: Asset, unit: Unit | null): string {
  const identity = unit ?? asset;
  return csvRow([
    asset.name,
    asset.ips.join(' '),
    asset.macs.join(' '),
    identity.vendor,
    identity.model,
    identity.order_number,
    identity.firmware,
    identity.hardware_revision,
    identity.serial,
    identity.hostname,
    identity.os,
    unit === null ? asset.roles.join(' ') : '',
    asset.purdue_level,
    asset.zone,
    asset.criticality,
    asset.approved,
    asset.protocols.map((protocol) => `${protocol.name}/${protocol.as}`).join(' '),
    unit?.unit ?? '',
    identity.first_seen,
    identity.last_seen,
    asset.id,
  ]);
}

/** CycloneDX 1.6: each device a component of type device, its firmware a component inside. */
function component(
  asset: Asset | Unit,
  name: string,
  reference: string,
  properties: readonly (readonly [string, string])[],
): object {
  return {
    type: 'device',
    'bom-ref': reference,
    name,
    ...(asset.vendor === undefined ? {} : { manufacturer: { name: asset.vendor } }),
    ...(asset.model === undefined ? {} : { description: asset.model }),
    ...(asset.hardware_revision === undefined ? {} : { version: asset.hardware_revision }),
    properties: [
      ...properties,
      ...(['model', 'order_number', 'serial', 'hostname'] as const).flatMap((field) => {
        const value = asset[field];
        return value === undefined ? [] : [[field, value] as const];
      }),
    ].map(([key, value]) => ({ name: `fieldwatch:${key}`, value })),
    components: [
      ...(asset.firmware === undefined
        ? []
        : [
            {
              type: 'firmware',
              'bom-ref': `${reference}/firmware`,
              name: `${asset.model ?? name} firmware`,
              version: asset.firmware,
            },
          ]),
      ...(asset.os === undefined ? [] : [{ type: 'operating-system', 'bom-ref': `${reference}/os`, name: asset.os }]),
    ],
  };
}

function deviceComponent(asset: Asset): object {
  const made = component(asset, asset.name, asset.id, [
    ...asset.ips.map((ip) => ['ip', ip] as const),
    ...asset.macs.map((mac) => ['mac', mac] as const),
    ...asset.roles.map((role) => ['role', role] as const),
    ...(asset.zone === null ? [] : [['zone', asset.zone] as const]),
    ...(asset.purdue_level === null ? [] : [['purdue_level', String(asset.purdue_level)] as const]),
  ]) as { components: object[] };
  for (const unit of asset.units) {
    made.components.push(component(unit, `${asset.name} ${unit.unit}`, `${asset.id}/${unit.unit}`, []));
  }
  return made;
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const FORMATS = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  cyclonedx: 'application/vnd.cyclonedx+json; version=1.6',
} as const;

/** The inventory as a file, and what changed in it between two dates. */
export function addAssetExport(app: App, context: ConsoleContext): void {
  const { findings, accounts } = context;
  let running = 0;

  async function* all(): AsyncGenerator<Asset> {
    for (let after: number | null = 0; after !== null; ) {
      const walk = findings.walkAssets(after, PORTION);
      yield* walk.items;
      after = walk.next;
      await nextTurn();
    }
  }

  async function csv(): Promise<string> {
    let text = csvRow(COLUMNS);
    for await (const asset of all()) {
      text += csvOf(asset, null);
      for (const unit of asset.units) text += csvOf(asset, unit);
    }
    return text;
  }

  async function json(): Promise<string> {
    const lines: string[] = [];
    for await (const asset of all()) lines.push(JSON.stringify(asset));
    return `[\n${lines.join(',\n')}\n]\n`.replaceAll('<', '\\u003c');
  }

  async function cyclonedx(): Promise<string> {
    const components: object[] = [];
    for await (const asset of all()) components.push(deviceComponent(asset));
    const timestamp = new Date(context.now()).toISOString();
    return JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${uuidOf(`${context.site} ${timestamp}`)}`,
      version: 1,
      metadata: {
        timestamp,
        tools: { components: [{ type: 'application', name: 'Fieldwatch', version: context.version }] },
        component: { type: 'platform', name: context.site === '' ? 'Plant' : context.site, 'bom-ref': 'plant' },
      },
      components,
    }).replaceAll('<', '\\u003c');
  }

  app.get(
    '/api/v1/assets/export',
    {
      schema: {
        description: 'The whole inventory as CSV, JSON or CycloneDX 1.6; two at a time.',
        querystring: Type.Object({ format: oneOf(['csv', 'json', 'cyclonedx'] as const) }, closed),
        response: { 200: Type.String(), '4xx': ErrorBody },
      },
    },
    async (request, reply) => {
      if (running >= RUNNING_AT_ONCE)
        throw new ApiError(429, 'try_later', 'Two exports are running: wait a little.', 10);
      running++;
      try {
        const { format } = request.query;
        const text = await { csv, json, cyclonedx }[format]();
        accounts.audit(actorOf(request), 'assets.export', format, '', '');
        reply.header('content-type', FORMATS[format]);
        const extension = format === 'cyclonedx' ? 'cdx.json' : format;
        reply.header('content-disposition', `attachment; filename="fieldwatch-assets.${extension}"`);
        return reply.serializer((made: unknown) => String(made)).send(text as never);
      } finally {
        running--;
      }
    },
  );

  const compared = new Remembered<Awaited<ReturnType<typeof compare>>>(FRESH_MS, STALE_MS, MOST_REMEMBERED);

  app.get(
    '/api/v1/assets/compare',
    {
      schema: {
        description: 'Devices that appeared between two dates, those last heard between them, and those that changed.',
        querystring: Type.Object({ from: Type.String({ maxLength: 40 }), to: Type.String({ maxLength: 40 }) }, closed),
        response: {
          200: Type.Object({
            appeared: Type.Array(AssetSchema),
            silent: Type.Array(AssetSchema),
            appeared_count: Count,
            silent_count: Count,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    ({ query }) => {
      const from = secondsOf(query.from) ?? 0;
      const to = secondsOf(query.to) ?? 0;
      if (from >= to)
        throw new ApiError(400, 'bad_period', 'The period ends before it begins: turn the two times round.');
      return compared.get(`${from} ${to}`, () => compare(from, to));
    },
  );

  async function compare(from: number, to: number) {
    const appeared: Asset[] = [];
    const silent: Asset[] = [];
    let appearedCount = 0;
    let silentCount = 0;
    for await (const asset of all()) {
      const first = parseTimestamp(asset.first_seen) / MICROS_PER_SECOND;
      const last = parseTimestamp(asset.last_seen) / MICROS_PER_SECOND;
      if (first > from && first <= to && appearedCount++ < MOST_COMPARED) appeared.push(asset);
      if (first <= from && last < to && last >= from - 365 * 86_400 && silentCount++ < MOST_COMPARED)
        silent.push(asset);
    }
    return { appeared, silent, appeared_count: appearedCount, silent_count: silentCount };
  }
}
