import { Type } from 'typebox';
import { parseTimestamp } from '../../sensor/model/time.js';
import type { App, ConsoleContext } from './context.js';
import { ApiError } from './errors.js';
import { Count, closed, ErrorBody, open, Severity, Time } from './schemas.js';
import { topologySnapshot } from './topology.js';

const MapAnswer = Type.Object({
  nodes: Type.Array(
    Type.Object(
      {
        id: Type.String(),
        name: Type.String(),
        ip: Type.String(),
        roles: Type.Array(Type.String()),
        vendor: Type.String(),
        level: Type.Union([Type.Number(), Type.Null()], { description: 'Level of the Purdue model.' }),
        zone: Type.String(),
        zone_inferred: Type.Boolean({ description: 'Neither the settings nor a person say so.' }),
        criticality: Type.String(),
        approved: Type.Boolean(),
        known: Type.Boolean({ description: 'Approved by a person or part of the baseline.' }),
        open_alerts: Type.Integer({ description: 'Among the newest thousand open alerts.' }),
        worst: Type.Union([Severity, Type.Null()]),
      },
      open,
    ),
  ),
  edges: Type.Array(
    Type.Object(
      {
        client: Type.String(),
        server: Type.String(),
        protocols: Type.Array(Type.String()),
        classes: Type.Array(Type.String(), { description: 'What is done, what can hurt most first.' }),
        messages: Count,
        bytes: Count,
        known: Type.Boolean({ description: 'Everything of it was learned.' }),
      },
      open,
    ),
  ),
  total_nodes: Type.Integer({ description: 'More than are listed when there are very many.' }),
  total_edges: Count,
});

const TrafficQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; without it seven days before `to`.' })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
  },
  closed,
);

const TrafficAnswer = Type.Object({
  from: Type.Union([Time, Type.Null()]),
  to: Type.Union([Time, Type.Null()]),
  bucket_seconds: Type.Integer(),
  buckets: Count,
  series: Type.Array(
    Type.Object({
      protocol: Type.String(),
      class: Type.String(),
      messages: Type.Array(Count, { description: 'One number per bucket.' }),
    }),
  ),
});

/** @throws ApiError for text that is no time. */
export function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const micros = parseTimestamp(text);
  const ms = Number.isNaN(micros) ? Date.parse(text) : micros / 1000;
  if (Number.isNaN(ms))
    throw new ApiError(400, 'bad_time', `${text} is no time: write, for example, 2026-03-02T06:00:00Z.`);
  return ms / 1000;
}

export function addMap(app: App, context: ConsoleContext): void {
  const snapshot = topologySnapshot(context);
  app.addHook('onListen', () => snapshot.warm());
  app.get(
    '/api/v1/map',
    { schema: { description: 'Devices and who talks to whom.', response: { 200: MapAnswer, '4xx': ErrorBody } } },
    async (_, reply) => {
      const { json } = await snapshot.get();
      return reply
        .type('application/json; charset=utf-8')
        .serializer((text: unknown) => String(text))
        .send(json as never);
    },
  );
  app.get(
    '/api/v1/traffic',
    {
      schema: {
        description: 'Messages over time by protocol and what they do.',
        querystring: TrafficQuery,
        response: { 200: TrafficAnswer, '4xx': ErrorBody },
      },
    },
    ({ query }) => context.findings.traffic(secondsOf(query.from), secondsOf(query.to)),
  );
}
