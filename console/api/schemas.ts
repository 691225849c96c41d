import { Type } from 'typebox';
import { SHEET_LANGUAGES } from '../../sensor/inventory/exchange/csv.js';
import { ALERT_KINDS, ALERT_STATUSES } from '../../sensor/model/records.js';
import { SEVERITIES } from '../../sensor/model/severity.js';
import { ROLES } from '../../sensor/store/console/console-store.js';
import { ALERT_SORTS, ASSET_SORTS } from '../../sensor/store/store.js';
import { SEARCH_LANGUAGES } from './search.js';

export function oneOf<const T extends readonly string[]>(values: T, description?: string) {
  return Type.Unsafe<T[number]>({
    type: 'string',
    enum: [...values],
    ...(description === undefined ? {} : { description }),
  });
}

/** Records keep fields that this version does not know: the contract lets them grow. */
export const open = { additionalProperties: true } as const;
export const closed = { additionalProperties: false } as const;

export const Time = Type.String({ description: 'ISO 8601, UTC.' });
export const Count = Type.Integer({ minimum: 0 });
const SeverityCounts = Type.Object(
  Object.fromEntries(SEVERITIES.map((severity) => [severity, Count])) as Record<
    (typeof SEVERITIES)[number],
    typeof Count
  >,
);

export const Phase = oneOf(['learn', 'protect'] as const);
export const Severity = oneOf(SEVERITIES);
export const AlertStatusSchema = oneOf(ALERT_STATUSES);
export const RoleSchema = oneOf(ROLES);

export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'Stable, for programs.' }),
    message: Type.String({ description: 'One sentence for a person.' }),
    id: Type.String({ description: 'Finds the entry in the log.' }),
  }),
});

const Evidence = Type.Object(
  {
    field: Type.String(),
    value: Type.String(),
    source: Type.String(),
    confidence: Type.Number({ minimum: 0, maximum: 100 }),
    pcap_cnt: Count,
    first_seen: Time,
    last_seen: Time,
  },
  open,
);

const identity = {
  vendor: Type.Optional(Type.String()),
  model: Type.Optional(Type.String()),
  order_number: Type.Optional(Type.String()),
  firmware: Type.Optional(Type.String()),
  hardware_revision: Type.Optional(Type.String()),
  serial: Type.Optional(Type.String()),
  hostname: Type.Optional(Type.String()),
  os: Type.Optional(Type.String()),
};

export const AssetSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    ips: Type.Array(Type.String()),
    macs: Type.Array(Type.String()),
    ...identity,
    roles: Type.Array(Type.String()),
    purdue_level: Type.Union([Type.Number(), Type.Null()]),
    zone: Type.Union([Type.String(), Type.Null()]),
    zone_inferred: Type.Optional(Type.Boolean({ description: 'Neither the settings nor a person say so.' })),
    protocols: Type.Array(
      Type.Object(
        { name: Type.String(), as: oneOf(['client', 'server'] as const), ports: Type.Array(Type.Integer()) },
        open,
      ),
    ),
    units: Type.Array(
      Type.Object(
        { unit: Type.String(), ...identity, first_seen: Time, last_seen: Time, evidence: Type.Array(Evidence) },
        open,
      ),
    ),
    first_seen: Time,
    last_seen: Time,
    criticality: oneOf(['low', 'medium', 'high'] as const),
    approved: Type.Boolean(),
    in_baseline: Type.Boolean(),
    packets: Count,
    evidence: Type.Array(Evidence),
  },
  open,
);

export const AlertSchema = Type.Object(
  {
    id: Type.String(),
    kind: oneOf(ALERT_KINDS),
    rule_id: Type.String(),
    rule_version: Type.String(),
    title: Type.String(),
    description: Type.String(),
    severity: Severity,
    severity_basis: Type.Optional(
      Type.Array(
        Type.Object(
          {
            factor: oneOf(['level', 'station', 'window', 'criticality', 'learned', 'refused'] as const),
            severity: Severity,
            detail: Type.Optional(Type.String()),
          },
          open,
        ),
        { description: 'How it came to its severity, step by step.' },
      ),
    ),
    incident: Type.Optional(Type.String({ description: 'What belongs together has the same.' })),
    status: AlertStatusSchema,
    count: Count,
    first_seen: Time,
    last_seen: Time,
    src_ip: Type.Optional(Type.String()),
    src_port: Type.Optional(Type.Integer()),
    dest_ip: Type.Optional(Type.String()),
    dest_port: Type.Optional(Type.Integer()),
    src_asset: Type.Optional(Type.String()),
    dest_asset: Type.Optional(Type.String()),
    protocol: Type.Optional(Type.String()),
    object: Type.Optional(Type.String()),
    attack: Type.Array(Type.Object({ technique: Type.String(), name: Type.String(), tactic: Type.String() }, open)),
    expected: Type.Optional(Type.String()),
    observed: Type.Optional(Type.String()),
    evidence: Type.Object(
      {
        records: Type.Array(Type.Object({ timestamp: Time, pcap_cnt: Count, event_type: Type.String() }, open)),
        pcap_cnts: Type.Array(Count),
        pcap: Type.Optional(Type.String({ description: 'Where the packets can be downloaded.' })),
      },
      open,
    ),
    visibility: Type.Object(
      { dropped_percent: Type.Number(), decode_error_percent: Type.Number(), encrypted_percent: Type.Number() },
      open,
    ),
    recommendation: Type.String(),
    dedupe_key: Type.String({ description: 'What repetitions have in common, within the rule.' }),
  },
  open,
);

export const ConversationSchema = Type.Object(
  {
    id: Type.String(),
    client: Type.String(),
    server: Type.String(),
    client_ip: Type.String(),
    server_ip: Type.String(),
    protocol: Type.String(),
    server_port: Type.Integer(),
    transport: Type.String(),
    operations: Type.Array(
      Type.Object(
        {
          operation: Type.String(),
          class: Type.String(),
          count: Count,
          targets: Type.Array(Type.String()),
          exceptions: Count,
          first_seen: Time,
          last_seen: Time,
          in_baseline: Type.Boolean(),
        },
        open,
      ),
    ),
    packets: Count,
    bytes: Count,
    first_seen: Time,
    last_seen: Time,
    period_seconds: Type.Optional(Type.Number()),
    in_baseline: Type.Boolean(),
  },
  open,
);

export const Next = Type.Union([Type.String(), Type.Null()], {
  description: 'Cursor of the next page; null at the end. A page may be short, even empty, and still have a next one.',
});

/** Ids and short names of the assets that a page mentions, so that it can show names without asking for each. */
export const AssetNames = Type.Record(
  Type.String(),
  Type.Object({ name: Type.String(), ips: Type.Array(Type.String()) }),
  {
    description: 'Name and addresses of every asset that is mentioned, by id.',
  },
);

export const AlertPage = Type.Object({
  items: Type.Array(AlertSchema),
  next: Next,
  asset_names: Type.Optional(AssetNames),
});
export const AssetPage = Type.Object({ items: Type.Array(AssetSchema), next: Next });
export const ConversationPage = Type.Object({
  items: Type.Array(ConversationSchema),
  next: Next,
  asset_names: Type.Optional(AssetNames),
});

export const MuteSchema = Type.Object({
  id: Type.String(),
  rule: Type.String({ description: 'Rule or detector; empty: any.' }),
  src: Type.String({ description: 'Asset id or address of the source; empty: any.' }),
  dest: Type.String({ description: 'The same of the target.' }),
  reason: Type.String(),
  owner: Type.String(),
  created: Time,
  expires: Time,
});

/** The alert itself with what belongs to it. */
export const AlertDetail = Type.Object(
  {
    ...AlertSchema.properties,
    history: Type.Array(
      Type.Object({ status: AlertStatusSchema, note: Type.String(), user: Type.String(), at: Time }),
      { description: 'What people decided, newest first.' },
    ),
    asset_names: AssetNames,
    packet_count: Type.Integer({ description: 'How many captured packets can be downloaded.' }),
    assignee: Type.String({ description: 'Empty: nobody.' }),
    entries: Type.Array(
      Type.Object({ kind: oneOf(['note', 'assign'] as const), text: Type.String(), user: Type.String(), at: Time }),
      { description: 'Notes and assignments, newest first.' },
    ),
    mute: Type.Union([MuteSchema, Type.Null()], { description: 'What keeps it out of the queue.' }),
  },
  open,
);

/** The asset itself with the first pages of what belongs to it. */
export const AssetDetail = Type.Object(
  {
    ...AssetSchema.properties,
    settings: Type.Object({}, { ...open, description: 'What a person said; it stands above what was found.' }),
    conversations: ConversationPage,
    alerts: AlertPage,
    asset_names: AssetNames,
  },
  open,
);

export const Session = Type.Object({
  setup_required: Type.Boolean({ description: 'There is no user yet: POST /api/v1/setup makes the first.' }),
  user: Type.Optional(
    Type.Object({
      name: Type.String(),
      role: RoleSchema,
      external: Type.Boolean({ description: 'Signs in at a sign-in service and has no password here.' }),
    }),
  ),
  sign_in_service: Type.Optional(
    Type.String({ description: 'What people call the sign-in service; GET /api/v1/oidc/login leads there.' }),
  ),
  continue_at: Type.Optional(
    Type.String({ description: 'After signing out: where the browser ends the session at the sign-in service too.' }),
  ),
  csrf: Type.String({ description: 'Send it as header x-csrf-token with every POST.' }),
  version: Type.String(),
  site: Type.String(),
});

const SensorHealthSchema = Type.Object(
  {
    sensor: Type.String(),
    updated: Time,
    mode: oneOf(['replay', 'live'] as const),
    running: Type.Boolean(),
    phase: Phase,
    interfaces: Type.Array(Type.Object({ name: Type.String(), source: Type.String(), state: Type.String() }, open)),
    packets: Count,
    bytes: Count,
  },
  open,
);

export const Health = Type.Object({
  sensors: Type.Array(SensorHealthSchema),
  store: Type.Object({
    driver: oneOf(['native', 'wasm'] as const),
    bytes: Count,
    revision: Count,
    notes: Type.Array(Type.String()),
  }),
  disk: Type.Object(
    { free_bytes: Count, total_bytes: Count },
    { description: 'Where the data folder lies; both 0 when the machine does not tell.' },
  ),
});

export const Overview = Type.Object({
  phase: Phase,
  requested_phase: Type.Union([Phase, Type.Null()]),
  sensors: Type.Array(SensorHealthSchema),
  open_alerts: Type.Object(SeverityCounts.properties, { description: 'Without those that are muted.' }),
  muted_alerts: Type.Object(SeverityCounts.properties, { description: 'Open, but kept out of the queue by a mute.' }),
  alerts: Type.Object({ open: Count, acknowledged: Count, closed: Count }),
  assets: Count,
  new_assets: Type.Integer({ minimum: 0, description: 'Neither approved by a person nor part of the baseline.' }),
  conversations: Count,
  new_conversations: Count,
  timeline: Type.Object({
    from: Type.Union([Time, Type.Null()]),
    to: Type.Union([Time, Type.Null()]),
    bucket_seconds: Type.Integer(),
    buckets: Type.Array(Type.Object({ from: Time, alerts: SeverityCounts })),
  }),
  top_alerts: Type.Array(AlertSchema, { description: 'At most five open ones, worst first, then newest.' }),
  asset_names: AssetNames,
  revision: Count,
});

export const Baseline = Type.Object({
  phase: Phase,
  requested_phase: Type.Union([Phase, Type.Null()]),
  assets: Count,
  new_assets: Count,
  conversations: Count,
  new_conversations: Count,
});

export const Cursor = Type.Optional(Type.String({ maxLength: 1000, description: '`next` of the page before.' }));
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 }));
export const Search = Type.Optional(
  Type.String({ maxLength: 200, description: 'Text that must occur; case does not matter.' }),
);
export const SheetLanguage = Type.Optional(
  oneOf(SHEET_LANGUAGES, 'CSV as a spreadsheet in that language opens it; absent: RFC 4180, for programs.'),
);
export const Id = Type.String({ minLength: 1, maxLength: 200 });

export function listOf(values: readonly string[]) {
  const one = values.join('|');
  return Type.Optional(
    Type.String({
      pattern: `^(${one})(,(${one}))*$`,
      maxLength: 200,
      description: `Of ${values.join(', ')}; several with commas.`,
    }),
  );
}

export const SearchedIn = Type.Optional(
  oneOf(SEARCH_LANGUAGES, 'What the reader reads: `q` is looked for in those words of the sensor as well.'),
);

export const AlertListQuery = Type.Object(
  {
    status: listOf(ALERT_STATUSES),
    severity: listOf(SEVERITIES),
    kind: listOf(ALERT_KINDS),
    asset: Type.Optional(Id),
    rule: Type.Optional(Id),
    assignee: Type.Optional(
      Type.String({ maxLength: 64, description: 'Name of the user whom the alerts were given to.' }),
    ),
    muted: Type.Optional(
      oneOf(['show', 'hide', 'only'] as const, 'What a mute covers: shown (the default), left out, or nothing else.'),
    ),
    q: Search,
    language: SearchedIn,
    sort: Type.Optional(oneOf(ALERT_SORTS)),
    limit: Limit,
    cursor: Cursor,
  },
  closed,
);

export const AssetListQuery = Type.Object(
  {
    q: Search,
    language: SearchedIn,
    role: Type.Optional(Type.String({ maxLength: 64, description: '`unknown`: none; so with the three below.' })),
    zone: Type.Optional(Type.String({ maxLength: 256 })),
    level: Type.Optional(Type.String({ pattern: '^(\\d(\\.\\d)?|unknown)$', description: 'Of the Purdue model.' })),
    vendor: Type.Optional(Type.String({ maxLength: 256 })),
    approved: Type.Optional(Type.Boolean()),
    sort: Type.Optional(oneOf(ASSET_SORTS)),
    limit: Limit,
    cursor: Cursor,
  },
  closed,
);

export const ConversationListQuery = Type.Object(
  { asset: Type.Optional(Id), protocol: Type.Optional(Type.String({ maxLength: 64 })), limit: Limit, cursor: Cursor },
  closed,
);

export const IdParams = Type.Object({ id: Id }, closed);
export const NoQuery = Type.Object({}, closed);
export const StatusBody = Type.Object(
  { status: AlertStatusSchema, note: Type.Optional(Type.String({ maxLength: 2000 })) },
  closed,
);
export const ApproveBody = Type.Object({ approved: Type.Boolean() }, closed);
const Said = Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }));

export const AssetSettingsBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    roles: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' }), { maxItems: 8 })),
    zone: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    vendor: Said,
    model: Said,
    order_number: Said,
    firmware: Said,
    hardware_revision: Said,
    serial: Said,
    purdue_level: Type.Optional(Type.Number({ minimum: 0, maximum: 5, multipleOf: 0.5 })),
    criticality: Type.Optional(oneOf(['low', 'medium', 'high'] as const)),
  },
  closed,
);
export const PhaseBody = Type.Object({ phase: Phase }, closed);
export const Name = Type.String({ minLength: 1, maxLength: 64 });
/** Longer than any password may be, so that the answer can say what is wrong. */
export const Password = Type.String({ minLength: 1, maxLength: 1000 });
export const LoginBody = Type.Object(
  {
    name: Name,
    password: Password,
    code: Type.Optional(Type.String({ maxLength: 40, description: 'Of the second factor, or a recovery code.' })),
  },
  closed,
);
export const SetupBody = Type.Object({ code: Type.String({ maxLength: 200 }), name: Name, password: Password }, closed);
export const AuditQuery = Type.Object({ limit: Limit, cursor: Cursor }, closed);
export const AuditList = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      n: Count,
      at: Time,
      user: Type.String(),
      source: Type.String(),
      action: Type.String(),
      target: Type.String(),
      before: Type.String(),
      after: Type.String(),
    }),
  ),
  next: Next,
});
