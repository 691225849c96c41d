import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import { type CsvStyle, csvStyle } from '../../sensor/inventory/exchange/csv.js';
import { csvHead, csvRows, cycloneDx } from '../../sensor/inventory/exchange/export.js';
import type { Asset } from '../../sensor/model/records.js';
import { MICROS_PER_SECOND, parseTimestamp } from '../../sensor/model/time.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError } from './errors.js';
import { secondsOf } from './map.js';
import { Remembered } from './remembered.js';
import { AssetSchema, Count, closed, ErrorBody, oneOf, SheetLanguage } from './schemas.js';
import { PORTION } from './snapshot.js';

/** Of two dates; older answers are given while a new one is made. */
const FRESH_MS = 5000;
const STALE_MS = 60_000;
const MOST_REMEMBERED = 20;
const MOST_COMPARED = 500;
const RUNNING_AT_ONCE = 2;

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

  async function csv(style: CsvStyle): Promise<string> {
    let text = csvHead(style);
    for await (const asset of all()) text += csvRows(asset, style);
    return text;
  }

  async function json(): Promise<string> {
    const lines: string[] = [];
    for await (const asset of all()) lines.push(JSON.stringify(asset));
    return `[\n${lines.join(',\n')}\n]\n`.replaceAll('<', '\\u003c');
  }

  async function cyclonedx(): Promise<string> {
    const assets: Asset[] = [];
    for await (const asset of all()) assets.push(asset);
    const timestamp = new Date(context.now()).toISOString();
    return JSON.stringify(cycloneDx(assets, context.site, timestamp, context.version)).replaceAll('<', '\\u003c');
  }

  app.get(
    '/api/v1/assets/export',
    {
      schema: {
        description: 'The whole inventory as CSV, JSON or CycloneDX 1.6; two at a time.',
        querystring: Type.Object(
          { format: oneOf(['csv', 'json', 'cyclonedx'] as const), language: SheetLanguage },
          closed,
        ),
        response: { 200: Type.String(), '4xx': ErrorBody },
      },
    },
    async (request, reply) => {
      if (running >= RUNNING_AT_ONCE)
        throw new ApiError(429, 'try_later', 'Two exports are running: wait a little.', 10);
      running++;
      try {
        const { format, language } = request.query;
        const text = await { csv: () => csv(csvStyle(language)), json, cyclonedx }[format]();
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
