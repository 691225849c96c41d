import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import { type CsvStyle, csvStyle } from '../../sensor/inventory/exchange/csv.js';
import { csvHead, csvRows, cycloneDx } from '../../sensor/inventory/exchange/export.js';
import type { Asset } from '../../sensor/model/records.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError } from './errors.js';
import { secondsOf } from './map.js';
import { AssetSchema, Count, closed, ErrorBody, oneOf, SheetLanguage } from './schemas.js';
import { PORTION } from './snapshot.js';

/** Devices of each kind that a comparison lists; it counts them all. */
const MOST_COMPARED = 200;
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
            changed: Type.Array(AssetSchema, { description: 'With what they said before and since, in `changes`.' }),
            appeared_count: Count,
            silent_count: Count,
            changed_count: Count,
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
      const { appearedCount, silentCount, changedCount, ...assets } = findings.compareAssets(from, to, MOST_COMPARED);
      return { ...assets, appeared_count: appearedCount, silent_count: silentCount, changed_count: changedCount };
    },
  );
}
