import { Type } from 'typebox';
import { VARIABLE_KINDS, type VariableKind } from '../../sensor/model/records.js';
import { VARIABLE_SORTS } from '../../sensor/store/store.js';
import { type App, assetNames, type ConsoleContext } from './context.js';
import { notFound } from './errors.js';
import {
  AssetNames,
  Count,
  Cursor,
  closed,
  ErrorBody,
  Id,
  IdParams,
  Limit,
  listOf,
  Next,
  oneOf,
  open,
  Search,
  Time,
} from './schemas.js';

const Value = Type.Union([Type.Number(), Type.String()], {
  description: 'Text where it is no number, or an integer that a double cannot hold.',
});

const Summary = Type.Object(
  {
    kind: oneOf(VARIABLE_KINDS),
    samples: Count,
    since: Time,
    until: Time,
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    max_step: Type.Number({ description: 'The largest difference of two values that followed each other.' }),
    values: Type.Array(Value, { description: 'The first different values, at most 32.' }),
    increases: Count,
    decreases: Count,
    max_flat_seconds: Type.Number({ description: 'The longest time that it kept one value between two changes.' }),
  },
  open,
);

const VariableSchema = Type.Object(
  {
    id: Type.String(),
    asset: Type.String(),
    server_ip: Type.String(),
    unit: Type.Optional(Type.Integer()),
    protocol: Type.String(),
    name: Type.String(),
    address: Type.String(),
    type: Type.String(),
    kind: oneOf(VARIABLE_KINDS),
    last_value: Value,
    last_changed: Time,
    first_seen: Time,
    last_seen: Time,
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    distinct: Type.Integer({ minimum: 0, description: 'Different values; 32 stands for 32 or more.' }),
    reads: Count,
    writes: Count,
    last_writer: Type.Optional(Type.String({ description: 'Address of the station that wrote it last.' })),
    writers: Type.Array(
      Type.Object(
        { ip: Type.String(), asset: Type.String(), writes: Count, last_write: Time, in_baseline: Type.Boolean() },
        open,
      ),
    ),
    period_seconds: Type.Optional(Type.Number()),
    seen: Summary,
    learned: Type.Optional(Summary),
    declared: Type.Optional(
      Type.Object(
        {
          name: Type.Optional(Type.String()),
          description: Type.Optional(Type.String()),
          measure: Type.Optional(Type.String()),
          low: Type.Optional(Type.Number()),
          high: Type.Optional(Type.Number()),
        },
        open,
      ),
    ),
  },
  open,
);

const History = Type.Object({
  step_seconds: Type.Number({ description: 'Length of a point.' }),
  points: Type.Array(Type.Unsafe<[string, number, number, number]>({ type: 'array', minItems: 4, maxItems: 4 }), {
    description: 'Start, lowest, highest and last value; at most 64, oldest first. A value holds until the next point.',
  }),
  changes: Type.Array(Type.Unsafe<[string, number]>({ type: 'array', minItems: 2, maxItems: 2 }), {
    description: 'Time and value of the latest changes, at most 64, oldest first.',
  }),
});

const VariablePage = Type.Object({
  items: Type.Array(VariableSchema),
  next: Next,
  asset_names: Type.Optional(AssetNames),
});

const VariableListQuery = Type.Object(
  {
    asset: Type.Optional(Id),
    protocol: Type.Optional(Type.String({ maxLength: 64 })),
    kind: listOf(VARIABLE_KINDS),
    q: Search,
    sort: Type.Optional(oneOf(VARIABLE_SORTS)),
    history: Type.Optional(Type.Boolean({ description: 'Adds each one’s history, for small pictures of it.' })),
    limit: Limit,
    cursor: Cursor,
  },
  closed,
);

const VariableDetail = Type.Object(
  {
    ...VariableSchema.properties,
    history: Type.Union([History, Type.Null()], { description: 'null: it has no numbers, or none are stored yet.' }),
    asset_names: AssetNames,
  },
  open,
);

export function addVariables(app: App, context: ConsoleContext): void {
  const { findings } = context;

  app.get(
    '/api/v1/variables',
    { schema: { querystring: VariableListQuery, response: { 200: VariablePage, '4xx': ErrorBody } } },
    ({ query: { kind, history, ...query } }) => {
      const page = findings.variables({
        ...query,
        ...(kind === undefined ? {} : { kind: kind.split(',') as VariableKind[] }),
      });
      const mentioned = page.items.flatMap((variable) => [
        variable.asset,
        ...variable.writers.map(({ asset }) => asset),
      ]);
      const items = history
        ? page.items.map((variable) => ({ ...variable, history: findings.variableHistory(variable.id) }))
        : page.items;
      return { ...page, items, asset_names: assetNames(findings, mentioned) };
    },
  );

  app.get(
    '/api/v1/variables/:id',
    { schema: { params: IdParams, response: { 200: VariableDetail, '4xx': ErrorBody } } },
    ({ params: { id } }) => {
      const variable = findings.variable(id);
      if (!variable) throw notFound('variable');
      return {
        ...variable,
        history: findings.variableHistory(id),
        asset_names: assetNames(findings, [variable.asset, ...variable.writers.map(({ asset }) => asset)]),
      };
    },
  );
}
