import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import { applySiteList } from '../../sensor/decisions/site-list.js';
import { likelySame, writersOf } from '../../sensor/inventory/exchange/compare.js';
import { compareWithList, parseSiteList, type SiteListReport } from '../../sensor/inventory/exchange/site-list.js';
import type { Asset, Conversation } from '../../sensor/model/records.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import { AssetNames, AssetSchema, Count, closed, ErrorBody, Id, IdParams, open, Time } from './schemas.js';
import { PORTION, Snapshot } from './snapshot.js';

const LIST_BYTES = 4 * 1024 * 1024;
const ROWS_SHOWN = 500;
const WRITERS_SHOWN = 200;
const PAIRS_SHOWN = 100;

const Ref = Type.Object({ id: Type.String(), name: Type.String(), ips: Type.Array(Type.String()) });
const Listed = Type.Object(
  {
    line: Type.Integer({ description: 'Of the list, from 1.' }),
    ip: Type.Optional(Type.String()),
    mac: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
  },
  open,
);

function reference({ id, name, ips }: Asset) {
  return { id, name, ips: ips.slice(0, 8) };
}

/** Decisions about devices: which records are one, who acts on it, and what the site's own list says. */
export function addDevices(app: App, context: ConsoleContext): void {
  const { findings, accounts, decisions } = context;

  async function everyAsset(): Promise<Asset[]> {
    const assets: Asset[] = [];
    for (let after: number | null = 0; after !== null; await nextTurn()) {
      const walk = findings.walkAssets(after, PORTION);
      assets.push(...walk.items);
      after = walk.next;
    }
    return assets;
  }

  const pairs = new Snapshot(context, async () =>
    likelySame(await everyAsset())
      .slice(0, PAIRS_SHOWN)
      .map(({ assets, reason }) => ({ assets: assets.map(reference), reason })),
  );

  function existing(id: string): Asset {
    const asset = findings.asset(id);
    if (!asset) throw notFound('asset');
    return asset;
  }

  app.get(
    '/api/v1/assets/likely-same',
    {
      schema: {
        description: 'Pairs of records that may be one device, for a person to decide; at most a hundred.',
        response: {
          200: Type.Object({ items: Type.Array(Type.Object({ assets: Type.Array(Ref), reason: Type.String() })) }),
        },
      },
    },
    async () => ({ items: await pairs.get() }),
  );

  app.get(
    '/api/v1/assets/:id/parts',
    {
      schema: {
        description: 'Records that people have made a part of this device.',
        params: IdParams,
        response: {
          200: Type.Object({ items: Type.Array(Type.Object({ id: Type.String(), user: Type.String(), at: Time })) }),
          '4xx': ErrorBody,
        },
      },
    },
    ({ params }) => ({
      items: accounts.baseline.merges(existing(params.id).id).map(({ id, user, at }) => ({ id, user, at })),
    }),
  );

  app.post(
    '/api/v1/assets/:id/merge',
    {
      schema: {
        description: 'Makes this record a part of another device, which stays. Alerts and conversations come along.',
        params: IdParams,
        body: Type.Object({ into: Id }, closed),
        response: { 200: AssetSchema, '4xx': ErrorBody },
      },
    },
    (request) => {
      const part = existing(request.params.id);
      const whole = existing(request.body.into);
      if (!decisions.merge(part.id, whole.id, actorOf(request)))
        throw new ApiError(409, 'already', 'These two are one device already.');
      return existing(whole.id);
    },
  );

  app.post(
    '/api/v1/assets/:id/split',
    {
      schema: {
        description: 'Makes a record that people have merged into another device a device of its own again.',
        params: IdParams,
        response: { 200: AssetSchema, '4xx': ErrorBody },
      },
    },
    (request) => {
      if (!decisions.split(request.params.id, actorOf(request)))
        throw new ApiError(
          409,
          'nothing',
          'Nobody has merged this record into another device, so there is nothing to undo.',
        );
      return existing(request.params.id);
    },
  );

  app.get(
    '/api/v1/assets/:id/writers',
    {
      schema: {
        description: 'Who wrote to the device, controlled or programmed it, the latest first; at most 200.',
        params: IdParams,
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                client: Type.String(),
                client_ip: Type.String(),
                protocol: Type.String(),
                operation: Type.String(),
                class: Type.String(),
                targets: Type.Array(Type.String()),
                count: Count,
                refused: Count,
                last_seen: Time,
                in_baseline: Type.Boolean(),
              }),
            ),
            asset_names: AssetNames,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    async ({ params }) => {
      const asset = existing(params.id);
      const conversations: Conversation[] = [];
      for (let cursor: string | null | undefined; cursor !== null; await nextTurn()) {
        const page = findings.conversations({
          asset: asset.id,
          limit: PORTION,
          ...(cursor === undefined ? {} : { cursor }),
        });
        conversations.push(...page.items.filter(({ operations }) => operations.length > 0));
        cursor = page.next;
      }
      const items = writersOf(asset, conversations)
        .slice(0, WRITERS_SHOWN)
        .map((writer) => ({ ...writer, targets: [...writer.targets] }));
      return {
        items,
        asset_names: assetNames(
          findings,
          items.map(({ client }) => client),
        ),
      };
    },
  );

  function shown(report: SiteListReport) {
    const differing = report.matched.filter(({ differences }) => differences.length > 0);
    return {
      matched: report.matched.length,
      missing_count: report.missing.length,
      unknown_count: report.unknown.length,
      differing_count: differing.length,
      missing: report.missing.slice(0, ROWS_SHOWN),
      unknown: report.unknown.slice(0, ROWS_SHOWN).map((asset) => ({
        ...reference(asset),
        mac: asset.macs[0] ?? '',
        vendor: asset.vendor ?? '',
        first_seen: asset.first_seen,
        last_seen: asset.last_seen,
      })),
      differing: differing.slice(0, ROWS_SHOWN).map(({ device, asset, differences }) => ({
        line: device.line,
        ...reference(asset),
        differences: [...differences],
      })),
    };
  }

  app.post(
    '/api/v1/assets/list',
    {
      bodyLimit: LIST_BYTES + 100_000,
      schema: {
        description:
          'Compares the site’s own list of devices (CSV) with what was seen. `apply`: approves the devices of the list that were seen, and takes over their names, zones and criticalities.',
        body: Type.Object(
          { text: Type.String({ minLength: 1, maxLength: LIST_BYTES }), apply: Type.Optional(Type.Boolean()) },
          closed,
        ),
        response: {
          200: Type.Object({
            matched: Count,
            changed: Type.Integer({ description: 'Devices about which something was taken over.' }),
            missing_count: Count,
            unknown_count: Count,
            differing_count: Count,
            missing: Type.Array(Listed, { description: 'On the list, never seen; at most 500, as the others.' }),
            unknown: Type.Array(
              Type.Object(
                { ...Ref.properties, mac: Type.String(), vendor: Type.String(), first_seen: Time, last_seen: Time },
                { description: 'Seen, not on the list.' },
              ),
            ),
            differing: Type.Array(
              Type.Object({
                line: Type.Integer(),
                ...Ref.properties,
                differences: Type.Array(
                  Type.Object({ field: Type.String(), listed: Type.String(), seen: Type.String() }),
                ),
              }),
            ),
            problems: Type.Array(Type.String(), { description: 'Lines that could not be used, one sentence each.' }),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    async (request) => {
      const { devices, problems } = parseSiteList(request.body.text);
      if (devices.length === 0)
        throw new ApiError(
          400,
          'bad_list',
          problems[0] ?? 'The list names no device: each line needs an IP or a MAC address.',
        );
      const report = compareWithList(devices, await everyAsset());
      const changed = request.body.apply ? await applySiteList(findings, decisions, report, actorOf(request)) : 0;
      return { changed, ...shown(report), problems: problems.slice(0, ROWS_SHOWN) };
    },
  );
}
