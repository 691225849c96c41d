import { Type } from 'typebox';
import { exporterProblems } from '../../sensor/config.js';
import { certificateMemo } from '../../sensor/export/delivery.js';
import { consoleExporters, type ExportConfig, type PlannedExporter, registrations } from '../../sensor/export/plan.js';
import { SECRET_NAMES, SecretBox, type Secrets } from '../../sensor/export/secrets.js';
import { EXPORTER_NAME, type ExporterSettings, withDefaults } from '../../sensor/export/settings.js';
import { testExporter } from '../../sensor/export/test-run.js';
import type { ExporterState } from '../../sensor/store/sqlite/outbox.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import { ErrorBody } from './schemas.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const Exporter = Type.Object({
  name: Type.String(),
  from: Type.String({ description: 'file: fieldwatch.yaml, cannot be changed here; console.' }),
  type: Type.String(),
  format: Type.String(),
  target: Type.String(),
  enabled: Type.Boolean(),
  min_severity: Type.String(),
  events: Type.Array(Type.String()),
  state: Type.String({ description: 'connected, failing, waiting; nobody: no process delivers now; off.' }),
  waiting: Type.Integer({ description: 'Messages in the queue that are not certainly delivered.' }),
  oldest_waiting: Nullable(Type.String()),
  sent: Type.Integer(),
  lost: Type.Integer({
    description:
      'Messages that were given up: the queue was full, they were too old, or the receiver refused them while it took others.',
  }),
  last_sent: Nullable(Type.String()),
  certificate_until: Nullable(
    Type.String({ description: "End of the receiver's certificate, as seen with the last connection." }),
  ),
  error: Type.String({ description: 'One sentence; empty when all is well.' }),
  error_since: Nullable(Type.String()),
});
const ExporterList = Type.Object({ items: Type.Array(Exporter) });

const ExporterSetting = Type.Object({
  name: Type.String(),
  settings: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  secrets: Type.Array(Type.String(), {
    description: 'Names of the secrets that are set; what they are is never told.',
  }),
});
const ExporterSettingList = Type.Object({ items: Type.Array(ExporterSetting) });

const Secret = Type.Optional(
  Type.String({ maxLength: 100_000, description: 'Empty: removed. Absent: left as it is.' }),
);
const SaveBody = Type.Object({
  settings: Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    additionalProperties: true,
    description: 'As in fieldwatch.yaml, without files and environment variables for secrets.',
  }),
  secrets: Type.Optional(
    Type.Object(
      { ca: Secret, cert: Secret, key: Secret, keyPassword: Secret, secret: Secret, token: Secret },
      { additionalProperties: false },
    ),
  ),
});

const TestResult = Type.Object({
  ok: Type.Boolean(),
  event_id: Type.String({ description: 'What to look for at the receiver.' }),
  target: Type.String(),
  steps: Type.Array(Type.Object({ step: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
});

const NameParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 32 }) });

const DEFAULTS: ExportConfig = {
  exporters: {},
  queue_messages: 1_000_000,
  queue_days: 7,
  update_seconds: 10,
  per_second: 100,
};

const time = (millis: number | null) => (millis === null || millis === 0 ? null : new Date(millis).toISOString());
/** The clock may have been set back since: nothing has happened in the future. */
const past = (millis: number, now: number) => time(Math.min(millis, now));

/** What must not be set from a web page: it would make the program read or write files of the machine. */
function forbiddenHere(settings: Record<string, unknown>): string | null {
  for (const [key, value] of Object.entries(settings)) {
    if ((key.endsWith('_file') || key.endsWith('_env')) && value !== '')
      return `"${key}" names something on the machine: enter the secret itself here, or set the exporter up in fieldwatch.yaml.`;
  }
  if (
    settings['type'] === 'file' &&
    !/^export\/[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/.test(String(settings['path']))
  )
    return 'Here a file can only lie in the folder export of the data folder: write export/NAME.ndjson. Other paths can be set in fieldwatch.yaml.';
  return null;
}

/** Where secrets would go. */
function receiverOf(settings: Record<string, unknown>): string {
  return JSON.stringify(['type', 'host', 'port', 'transport', 'url', 'server_name'].map((key) => settings[key] ?? ''));
}

function targetOf(settings: ExporterSettings): string {
  switch (settings.type) {
    case 'syslog':
      return `${settings.transport}://${settings.host}${settings.port > 0 ? `:${settings.port}` : ''}`;
    case 'file':
      return settings.path;
    case 'webhook':
      return new URL(settings.url).origin;
  }
}

export function addExporters(app: App, context: ConsoleContext): void {
  const { findings, accounts, data } = context;
  const config = context.exports?.config ?? DEFAULTS;
  const origin = context.exports?.origin ?? { sensor: 'sensor', site: context.site, version: context.version };

  function planned(): PlannedExporter[] {
    const fromFile = Object.entries(config.exporters).map(
      ([name, settings]): PlannedExporter => ({
        name,
        settings: withDefaults(settings),
        from: 'file',
        sealed: '',
        secrets: () => ({}),
      }),
    );
    const taken = new Set(fromFile.map(({ name }) => name));
    return [...fromFile, ...consoleExporters(accounts, data).filter(({ name }) => !taken.has(name))];
  }

  function shown({ name, from, settings }: PlannedExporter, state: ExporterState | undefined) {
    const isHeld = state !== undefined && state.holder !== '' && state.heldUntil > context.now();
    const link = state === undefined || !isHeld ? 'nobody' : state.state;
    return {
      name,
      from,
      type: settings.type,
      format: settings.format,
      target: targetOf(settings),
      enabled: settings.enabled,
      min_severity: settings.min_severity,
      events: settings.events,
      state: settings.enabled ? link : 'off',
      waiting: state ? findings.outbox.waiting(state) : 0,
      oldest_waiting: state ? time(findings.outbox.oldestWaiting(state, context.now())) : null,
      sent: state?.sent ?? 0,
      lost: state?.lost ?? 0,
      last_sent: past(state?.lastSent ?? 0, context.now()),
      certificate_until: time(Number(state ? (findings.outbox.memo(certificateMemo(name)) ?? '') : '')),
      error: state?.error ?? '',
      error_since: past(state?.errorSince ?? 0, context.now()),
    };
  }

  app.get('/api/v1/exporters', { schema: { response: { 200: ExporterList } } }, () => {
    const states = new Map(findings.outbox.exporters().map((state) => [state.name, state]));
    return { items: planned().map((one) => shown(one, states.get(one.name))) };
  });

  app.get('/api/v1/exporters/settings', { schema: { response: { 200: ExporterSettingList } } }, () => ({
    items: consoleExporters(accounts, data).map(({ name, settings, sealed, secrets }) => ({
      name,
      settings: { ...settings },
      secrets: sealed === '' ? [] : namesOf(secrets),
    })),
  }));

  function namesOf(secrets: () => Secrets): string[] {
    try {
      return Object.keys(secrets());
    } catch {
      // The key is gone; the next test of the exporter says so.
      return ['unreadable'];
    }
  }

  app.put(
    '/api/v1/exporters/:name',
    { schema: { params: NameParams, body: SaveBody, response: { 200: ExporterSetting, '4xx': ErrorBody } } },
    (request) => {
      const { name } = request.params;
      const { settings, secrets: given = {} } = request.body;
      if (Object.hasOwn(config.exporters, name))
        throw new ApiError(409, 'in_file', `${name} is set up in fieldwatch.yaml and can only be changed there.`);
      const problem = exporterProblems(name, settings)[0] ?? forbiddenHere(settings);
      if (!EXPORTER_NAME.test(name) || problem !== null)
        throw new ApiError(422, 'wrong_settings', problem ?? 'The name is not allowed.');
      const before = consoleExporters(accounts, data).find((one) => one.name === name);
      const complete = withDefaults(settings as unknown as ExporterSettings);
      const isMoved = before !== undefined && receiverOf({ ...before.settings }) !== receiverOf({ ...complete });
      const kept = before && before.sealed !== '' ? before.secrets() : {};
      const secrets: Record<string, string> = {};
      for (const key of SECRET_NAMES) {
        const value = given[key] ?? kept[key];
        if (value === undefined || value === '') continue;
        // A stored secret must not be sent to a receiver that it was not entered for.
        if (isMoved && given[key] === undefined && key !== 'ca')
          throw new ApiError(
            422,
            'secrets_again',
            'The receiver is another one now: enter its secrets anew, or add a new exporter without them.',
          );
        secrets[key] = value;
      }
      const isSecret = Object.keys(secrets).length > 0;
      const sealed = isSecret ? new SecretBox(data).seal(name, JSON.stringify(secrets)) : '';
      const text = JSON.stringify(complete);
      accounts.saveExporter({ name, settings: text, secrets: sealed }, text, actorOf(request));
      if (complete.enabled)
        findings.outbox.register(
          registrations([{ name, settings: complete, from: 'console', sealed, secrets: () => secrets }]),
          false,
        );
      else findings.outbox.unregister(name);
      return { name, settings: { ...complete }, secrets: Object.keys(secrets) };
    },
  );

  app.delete(
    '/api/v1/exporters/:name',
    { schema: { params: NameParams, response: { 200: Type.Object({ removed: Type.Boolean() }), '4xx': ErrorBody } } },
    (request) => {
      const { name } = request.params;
      if (Object.hasOwn(config.exporters, name))
        throw new ApiError(409, 'in_file', `${name} is set up in fieldwatch.yaml and can only be removed there.`);
      if (!accounts.removeExporter(name, actorOf(request))) throw notFound('exporter');
      findings.outbox.unregister(name);
      return { removed: true };
    },
  );

  app.post(
    '/api/v1/exporters/:name/test',
    { schema: { params: NameParams, response: { 200: TestResult, '4xx': ErrorBody } } },
    async (request) => {
      const { name } = request.params;
      const one = planned().find((item) => item.name === name);
      if (!one) throw notFound('exporter');
      const { ok, eventId, target, steps } = await testExporter(one, data, origin, context.now());
      accounts.audit(actorOf(request), 'exporter.test', name, '', ok ? 'ok' : 'failed');
      return { ok, event_id: eventId, target, steps };
    },
  );
}
