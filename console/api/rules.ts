import { Type } from 'typebox';
import { attackTechnique } from '../../sensor/model/attack.js';
import type { Alert } from '../../sensor/model/records.js';
import { presentId, TACTICS, TECHNIQUES } from './attack-matrix.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { notFound } from './errors.js';
import { Count, closed, ErrorBody, IdParams, Next, oneOf, open, Time } from './schemas.js';
import { PORTION, Snapshot } from './snapshot.js';

/** Alerts that say which detectors there are and what they were about. */
const ALERTS_READ = 1000;
/** More than this is told as so many "or more". */
export const MOST_COUNTED = 1000;

const Setting = Type.Union([
  Type.Object({ enabled: Type.Boolean(), user: Type.String(), reason: Type.String(), at: Time }),
  Type.Null(),
]);

const RuleSchema = Type.Object(
  {
    id: Type.String(),
    title: Type.String(),
    description: Type.String(),
    level: Type.String(),
    kind: oneOf(['rule', 'correlation', 'deviation', 'protocol', 'health'] as const),
    source: oneOf(['product', 'own', 'detector'] as const),
    techniques: Type.Array(Type.String()),
    version: Type.String(),
    file: Type.String(),
    recommendation: Type.String(),
    false_positives: Type.Array(Type.String()),
    references: Type.Array(Type.String()),
    enabled: Type.Boolean(),
    setting: Setting,
    alerts: Type.Integer({ description: 'How often it fired; 1001 stands for more than a thousand.' }),
    last_seen: Type.Union([Time, Type.Null()]),
  },
  open,
);

interface RuleRow {
  id: string;
  title: string;
  description: string;
  level: string;
  kind: 'rule' | 'correlation' | 'deviation' | 'protocol' | 'health';
  source: 'product' | 'own' | 'detector';
  techniques: string[];
  version: string;
  file: string;
  recommendation: string;
  false_positives: string[];
  references: string[];
  enabled: boolean;
  setting: { enabled: boolean; user: string; reason: string; at: string } | null;
  alerts: number;
  last_seen: string | null;
}

/** A detector that is no rule shows itself by its alerts. */
function detectorRow(alert: Alert, alerts: number, lastSeen: string): RuleRow {
  return {
    id: alert.rule_id,
    title: alert.title,
    description: '',
    level: alert.severity,
    kind: alert.kind,
    source: 'detector',
    techniques: alert.attack.map(({ technique }) => technique),
    version: alert.rule_version,
    file: '',
    recommendation: alert.recommendation,
    false_positives: [],
    references: [],
    enabled: true,
    setting: null,
    alerts,
    last_seen: lastSeen,
  };
}

export function ruleRows(context: ConsoleContext): RuleRow[] {
  const { findings, accounts } = context;
  const settings = new Map(accounts.work.ruleSettings().map((setting) => [setting.rule, setting]));
  const counts = new Map(findings.ruleCounts().map((count) => [count.rule, count]));
  const rows: RuleRow[] = context.rules().map((rule) => {
    const setting = settings.get(rule.id) ?? null;
    const count = counts.get(rule.id);
    return {
      id: rule.id,
      title: rule.title,
      description: rule.description,
      level: rule.level,
      kind: rule.kind === 'correlation' ? ('correlation' as const) : ('rule' as const),
      source: rule.source,
      techniques: [...rule.techniques],
      version: rule.version,
      file: rule.file,
      recommendation: rule.recommendation,
      false_positives: [...rule.falsePositives],
      references: [...rule.references],
      enabled: rule.isEnabled && (setting?.enabled ?? true),
      setting,
      alerts: count?.alerts ?? 0,
      last_seen: count?.last_seen ?? null,
    };
  });
  const known = new Set(rows.map((row) => row.id));
  for (const count of counts.values()) {
    if (known.has(count.rule)) continue;
    const latest = findings.alerts({ rule: count.rule, limit: 1 }).items[0];
    if (latest) rows.push(detectorRow(latest, count.alerts, count.last_seen));
  }
  return rows;
}

/** What is detected: the rules, what fired when, switching them, and how far ATT&CK for ICS is covered. */
export function addRules(app: App, context: ConsoleContext): void {
  const { findings, accounts } = context;
  const rows = new Snapshot(context, async () => ruleRows(context));

  function withSettings(all: readonly RuleRow[]): RuleRow[] {
    const settings = new Map(accounts.work.ruleSettings().map((setting) => [setting.rule, setting]));
    return all.map((row) => {
      const setting = settings.get(row.id);
      return setting ? { ...row, setting, enabled: setting.enabled } : row;
    });
  }

  app.get(
    '/api/v1/rules',
    {
      schema: {
        description: 'Rules and detectors, and how often each fired. Detectors that never fired are not listed.',
        response: { 200: Type.Object({ items: Type.Array(RuleSchema), next: Next }), '4xx': ErrorBody },
      },
    },
    async () => ({ items: withSettings(await rows.get()), next: null }),
  );

  app.get(
    '/api/v1/rules/:id',
    {
      schema: {
        params: IdParams,
        response: { 200: Type.Object({ ...RuleSchema.properties, text: Type.String() }, open), '4xx': ErrorBody },
      },
    },
    async ({ params }) => {
      const row = withSettings(await rows.get()).find(({ id }) => id === params.id);
      if (!row) throw notFound('rule');
      return { ...row, text: context.rules().find(({ id }) => id === params.id)?.text ?? '' };
    },
  );

  app.post(
    '/api/v1/rules/:id/enabled',
    {
      schema: {
        description: 'Switches a rule on or off. A sensor takes it over when it starts next.',
        params: IdParams,
        body: Type.Object({ enabled: Type.Boolean(), reason: Type.String({ minLength: 3, maxLength: 500 }) }, closed),
        response: { 200: Type.Object({ enabled: Type.Boolean() }), '4xx': ErrorBody },
      },
    },
    (request) => {
      const { id } = request.params;
      const { enabled, reason } = request.body;
      if (!context.rules().some((rule) => rule.id === id)) throw notFound('rule that can be switched');
      accounts.work.setRule(id, enabled, reason, actorOf(request));
      const off = accounts.work.ruleSettings().filter((setting) => !setting.enabled);
      findings.setDisabledRules(off.map(({ rule }) => rule));
      return { enabled };
    },
  );

  const seen = new Snapshot(context, async (turn) => {
    const counts = new Map<string, number>();
    let read = 0;
    for (let cursor: string | undefined; read < ALERTS_READ; ) {
      const page = findings.alerts({ limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
      for (const alert of page.items) {
        for (const id of new Set(alert.attack.map(({ technique }) => presentId(technique)))) {
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
      }
      read += page.items.length;
      await turn();
      if (page.next === null) break;
      cursor = page.next;
    }
    return counts;
  });

  app.get(
    '/api/v1/coverage',
    {
      schema: {
        description:
          'Techniques of ATT&CK for ICS: which a listening sensor can see at all, which are detected here, which were seen.',
        response: {
          200: Type.Object({
            tactics: Type.Array(Type.String()),
            techniques: Type.Array(
              Type.Object({
                id: Type.String(),
                name: Type.String(),
                tactics: Type.Array(Type.String()),
                visible: oneOf(['yes', 'partly', 'no'] as const, 'Whether it shows on a network at all.'),
                rules: Count,
                alerts: Type.Integer({ description: 'Among the newest thousand.' }),
              }),
            ),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    async () => {
      const alerts = await seen.get();
      const covering = new Map<string, number>();
      for (const row of withSettings(await rows.get())) {
        if (!row.enabled) continue;
        for (const id of new Set(row.techniques.map(presentId))) covering.set(id, (covering.get(id) ?? 0) + 1);
      }
      const listed = TECHNIQUES.map(({ id, name, tactics, visibility }) => ({
        id,
        name,
        tactics: [...tactics] as string[],
        visible: visibility,
        rules: covering.get(id) ?? 0,
        alerts: alerts.get(id) ?? 0,
      }));
      const known = new Set(listed.map(({ id }) => id));
      // A rule of one's own may name what this version does not know: it is shown, not lost.
      const others = [...new Set([...covering.keys(), ...alerts.keys()])].filter((id) => !known.has(id));
      for (const id of others) {
        const { name, tactic } = attackTechnique(id);
        listed.push({
          id,
          name,
          tactics: tactic === '' ? [] : [tactic],
          visible: 'yes',
          rules: covering.get(id) ?? 0,
          alerts: alerts.get(id) ?? 0,
        });
      }
      return { tactics: [...TACTICS] as string[], techniques: listed };
    },
  );
}
