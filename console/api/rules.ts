import { Type } from 'typebox';
import { attackTechnique } from '../../sensor/model/attack.js';
import type { Alert } from '../../sensor/model/records.js';
import { SEVERITIES } from '../../sensor/model/severity.js';
import type { OwnRule } from '../../sensor/store/console/rule-store.js';
import type { RuleCount } from '../../sensor/store/store.js';
import type { Wordings } from '../texts/phrases.js';
import { presentId, TACTICS, TECHNIQUES } from './attack-matrix.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import type { RuleInfo } from './rule-workshop.js';
import { Count, closed, ErrorBody, IdParams, Next, oneOf, open, SearchedIn, Time } from './schemas.js';
import { isFound, wordingsOf } from './search.js';
import { PORTION, Snapshot } from './snapshot.js';

/** Alerts that say which detectors there are and what they were about. */
const ALERTS_READ = 1000;
/** More than this is told as so many "or more". */
export const MOST_COUNTED = 1000;

const Setting = Type.Union([
  Type.Object({ enabled: Type.Boolean(), user: Type.String(), reason: Type.String(), at: Time }),
  Type.Null(),
]);

const RULE_KINDS = ['rule', 'correlation', 'deviation', 'protocol', 'health'] as const;
const SOURCES = ['product', 'own', 'detector'] as const;
const STATES = ['on', 'off', 'fired', 'proposed', 'problem'] as const;

const listed = {
  id: Type.String(),
  title: Type.String(),
  level: Type.String(),
  kind: oneOf(RULE_KINDS),
  source: oneOf(SOURCES),
  techniques: Type.Array(Type.String()),
  enabled: Type.Boolean(),
  console: Type.Boolean({ description: 'Made in the console: /api/v1/own-rules has its versions.' }),
  proposed: Type.Boolean({ description: 'Has a version that is newer than the one in use.' }),
  problem: Type.String({ description: 'Why sensors leave it out although it is on; empty: they do not.' }),
  alerts: Type.Integer({ description: 'How often it fired; 1001 stands for more than a thousand.' }),
  last_seen: Type.Union([Time, Type.Null()]),
};
const ListedRule = Type.Object(listed, open);
const RuleSchema = Type.Object(
  {
    ...listed,
    description: Type.String(),
    status: Type.Union([Type.String(), Type.Null()]),
    version: Type.String(),
    file: Type.String(),
    recommendation: Type.String(),
    false_positives: Type.Array(Type.String()),
    references: Type.Array(Type.String()),
    setting: Setting,
    text: Type.String({ description: 'As it stands in its file.' }),
    tests: Type.Union([Type.Object({ fires: Count, quiet: Count }), Type.Null()], {
      description: 'Cases of its test: traffic on which it fires, and close traffic on which it does not.',
    }),
  },
  open,
);

interface RuleRow {
  id: string;
  title: string;
  description: string;
  level: string;
  status: string | null;
  kind: (typeof RULE_KINDS)[number];
  source: (typeof SOURCES)[number];
  techniques: string[];
  version: string;
  file: string;
  recommendation: string;
  false_positives: string[];
  references: string[];
  enabled: boolean;
  console: boolean;
  proposed: boolean;
  problem: string;
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
    status: null,
    kind: alert.kind,
    source: 'detector',
    techniques: alert.attack.map(({ technique }) => technique),
    version: alert.rule_version,
    file: '',
    recommendation: alert.recommendation,
    false_positives: [],
    references: [],
    enabled: true,
    console: false,
    proposed: false,
    problem: '',
    setting: null,
    alerts,
    last_seen: lastSeen,
  };
}

function rowOf(rule: RuleInfo): RuleRow {
  return {
    id: rule.id,
    title: rule.title,
    description: rule.description,
    level: rule.level,
    status: rule.status,
    kind: rule.kind === 'correlation' ? 'correlation' : 'rule',
    source: rule.source,
    techniques: [...rule.techniques],
    version: rule.version,
    file: rule.file,
    recommendation: rule.recommendation,
    false_positives: [...rule.falsePositives],
    references: [...rule.references],
    enabled: rule.isEnabled,
    console: false,
    proposed: false,
    problem: rule.problem,
    setting: null,
    alerts: 0,
    last_seen: null,
  };
}

/** What was written in the console and is not used yet has no file that the engine would know. */
function proposalRow({ rule, title, kind }: OwnRule): RuleRow {
  return {
    ...rowOf({
      id: rule,
      title,
      description: '',
      level: '',
      whenExpected: null,
      status: null,
      kind: kind === 'correlation' ? 'correlation' : 'detection',
      techniques: [],
      version: '',
      source: 'own',
      file: '',
      recommendation: '',
      falsePositives: [],
      references: [],
      isEnabled: false,
      problem: '',
    }),
    console: true,
    proposed: true,
  };
}

/** What raised alerts, and detectors beside the rules. */
interface Fired {
  readonly counts: ReadonlyMap<string, RuleCount>;
  readonly latest: ReadonlyMap<string, Alert>;
}

/** What the list of rules is made of. */
type RuleSources = Pick<ConsoleContext, 'findings' | 'accounts' | 'rules' | 'log'>;

/** Rules and detectors with what fired when; the parts that seldom change are kept. */
class RuleRows {
  readonly #context: RuleSources;
  readonly #fired: Snapshot<Fired>;
  #list: readonly RuleInfo[] | null = null;
  #bare: readonly RuleRow[] = [];

  constructor(context: RuleSources) {
    this.#context = context;
    this.#fired = new Snapshot<Fired>(context, async (turn) => {
      const counts = new Map<string, RuleCount>();
      for (const count of context.findings.ruleCounts()) counts.set(count.rule, count);
      await turn();
      const known = new Set(context.rules.list().map(({ id }) => id));
      const latest = new Map<string, Alert>();
      for (const rule of counts.keys()) {
        if (known.has(rule)) continue;
        const alert = context.findings.alerts({ rule, limit: 1 }).items[0];
        if (alert) latest.set(rule, alert);
      }
      return { counts, latest };
    });
  }

  async all(): Promise<RuleRow[]> {
    const { accounts, rules } = this.#context;
    const { counts, latest } = await this.#fired.get();
    const list = rules.list();
    if (list !== this.#list) {
      this.#bare = list.filter(({ kind }) => kind !== 'filter').map(rowOf);
      this.#list = list;
    }
    const settings = new Map(accounts.work.ruleSettings().map((setting) => [setting.rule, setting]));
    const own = new Map(accounts.rules.all().map((rule) => [rule.rule, rule]));
    const known = new Set<string>();
    const rows = this.#bare.map((row) => {
      known.add(row.id);
      const setting = settings.get(row.id);
      const count = counts.get(row.id);
      const made = own.get(row.id);
      if (!setting && !count && !made) return row;
      return {
        ...row,
        setting: setting ?? null,
        enabled: row.enabled && (setting?.enabled ?? true),
        console: made !== undefined,
        proposed: made !== undefined && made.active !== made.latest,
        alerts: count?.alerts ?? 0,
        last_seen: count?.last_seen ?? null,
      };
    });
    for (const [rule, alert] of latest) {
      const count = counts.get(rule);
      if (count && !known.has(rule) && !own.has(rule)) rows.push(detectorRow(alert, count.alerts, count.last_seen));
    }
    for (const made of own.values()) {
      if (made.kind !== 'exception' && !known.has(made.rule)) rows.push(proposalRow(made));
    }
    return rows;
  }
}

const kept = new WeakMap<RuleSources, RuleRows>();

/** Rules and detectors of this console. */
export function ruleRows(context: RuleSources): Promise<RuleRow[]> {
  let rows = kept.get(context);
  if (rows === undefined) {
    rows = new RuleRows(context);
    kept.set(context, rows);
  }
  return rows.all();
}

type RuleSort = 'fired' | 'last_seen' | 'level' | 'title';
const SORTS = ['fired', 'last_seen', 'level', 'title'] as const;
const MAX_PAGE = 500;

const rank = ({ level }: RuleRow) => (SEVERITIES as readonly string[]).indexOf(level);
const byTitle = (a: RuleRow, b: RuleRow) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0);
const ORDERS: Readonly<Record<RuleSort, (a: RuleRow, b: RuleRow) => number>> = {
  fired: (a, b) => b.alerts - a.alerts || rank(b) - rank(a) || byTitle(a, b),
  last_seen: (a, b) =>
    (a.last_seen ?? '') > (b.last_seen ?? '') ? -1 : a.last_seen === b.last_seen ? byTitle(a, b) : 1,
  level: (a, b) => rank(b) - rank(a) || byTitle(a, b),
  title: byTitle,
};

function isIn(row: RuleRow, state: (typeof STATES)[number]): boolean {
  switch (state) {
    case 'on':
      return row.enabled;
    case 'off':
      return !row.enabled;
    case 'fired':
      return row.alerts > 0;
    case 'proposed':
      return row.proposed;
    case 'problem':
      return row.problem !== '';
  }
}

function mentions(row: RuleRow, text: string, wordings: Wordings): boolean {
  const has = (one: string) => isFound(one, text, wordings);
  return has(row.title) || has(row.id) || has(row.description) || has(row.file) || row.techniques.some(has);
}

/** What a list shows of a row. */
function short(row: RuleRow) {
  return Object.fromEntries(Object.keys(listed).map((key) => [key, row[key as keyof typeof listed]])) as Pick<
    RuleRow,
    keyof typeof listed
  >;
}

const Query = Type.Object(
  {
    q: Type.Optional(Type.String({ maxLength: 200, description: 'In title, id, description, file or technique.' })),
    language: SearchedIn,
    source: Type.Optional(oneOf(SOURCES)),
    state: Type.Optional(oneOf(STATES)),
    level: Type.Optional(oneOf(SEVERITIES)),
    technique: Type.Optional(Type.String({ maxLength: 20 })),
    sort: Type.Optional(oneOf(SORTS)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE })),
    cursor: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })),
  },
  closed,
);

/** What is detected: the rules, what fired when, switching them, and how far ATT&CK for ICS is covered. */
export function addRules(app: App, context: ConsoleContext): void {
  const { findings, accounts } = context;

  app.get(
    '/api/v1/rules',
    {
      schema: {
        description: 'Rules and detectors, and how often each fired. Detectors that never fired are not listed.',
        querystring: Query,
        response: {
          200: Type.Object({
            items: Type.Array(ListedRule),
            next: Next,
            total: Count,
            problems: Type.Array(
              Type.Object({ file: Type.String(), line: Count, column: Count, reason: Type.String() }),
              { description: 'What of one’s own rule files does not load.' },
            ),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    async ({ query }) => {
      const wanted = query.q?.trim().toLowerCase() ?? '';
      const wordings = wordingsOf(wanted, query.language);
      const technique = query.technique === undefined ? null : presentId(query.technique);
      const found = (await ruleRows(context)).filter(
        (row) =>
          (query.source === undefined || row.source === query.source) &&
          (query.state === undefined || isIn(row, query.state)) &&
          (query.level === undefined || row.level === query.level) &&
          (technique === null || row.techniques.some((id) => presentId(id) === technique)) &&
          (wanted === '' || mentions(row, wanted, wordings)),
      );
      found.sort(ORDERS[query.sort ?? 'fired']);
      const from = Number(query.cursor ?? 0);
      const to = from + (query.limit ?? 100);
      return {
        items: found.slice(from, to).map(short),
        next: to < found.length ? String(to) : null,
        total: found.length,
        problems: context.rules.problems().slice(0, 50),
      };
    },
  );

  app.get(
    '/api/v1/rules/:id',
    { schema: { params: IdParams, response: { 200: RuleSchema, '4xx': ErrorBody } } },
    async ({ params }) => {
      const row = (await ruleRows(context)).find(({ id }) => id === params.id);
      if (!row) throw notFound('rule');
      const text = context.rules.text(params.id);
      return {
        ...row,
        text: text?.text ?? '',
        tests: row.source === 'product' && text !== null ? { fires: text.fires, quiet: text.quiet } : null,
      };
    },
  );

  app.post(
    '/api/v1/rules/:id/enabled',
    {
      schema: {
        description: 'Switches a rule on or off. Sensors that run take it over within seconds.',
        params: IdParams,
        body: Type.Object({ enabled: Type.Boolean(), reason: Type.String({ minLength: 3, maxLength: 500 }) }, closed),
        response: { 200: Type.Object({ enabled: Type.Boolean() }), '4xx': ErrorBody },
      },
    },
    (request) => {
      const { id } = request.params;
      const { enabled, reason } = request.body;
      const rule = context.rules.list().find((one) => one.id === id);
      if (rule === undefined) throw notFound('rule that can be switched');
      if (accounts.rules.get(id) !== null) {
        throw new ApiError(
          409,
          'own_rule',
          'This rule was made in the console: choose which version is used, or none.',
        );
      }
      if (enabled && !rule.isEnabled) {
        throw new ApiError(409, 'off_by_settings', 'The settings file switches this rule off (rules.disabled).');
      }
      accounts.work.setRule(id, enabled, reason, actorOf(request));
      context.decisions.publishRuleSwitches();
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

  app.addHook('onListen', () => {
    seen.warm();
    ruleRows(context).catch(() => {});
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
      for (const row of await ruleRows(context)) {
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
