import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { OWN_RULE_KINDS, type OwnRule, type OwnRuleHead } from '../../sensor/store/console/rule-store.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import type { RuleCheck } from './rule-workshop.js';
import { Count, closed, ErrorBody, IdParams, Next, oneOf, open, Time } from './schemas.js';
import { checkConfirmed } from './security.js';

const MAX_TEXT = 64 * 1024;
/** It becomes the name of a file. */
const RULE_ID = /^[A-Za-z0-9][\w.-]{0,79}$/;
const DAY_MS = 86_400_000;
const MAX_EXCEPTION_DAYS = 366;

const Reason = Type.String({ minLength: 3, maxLength: 500 });
const RuleText = Type.String({ minLength: 1, maxLength: MAX_TEXT, description: 'Sigma, YAML; one or more documents.' });

const Problem = Type.Object({
  severity: oneOf(['error', 'warning'] as const),
  line: Count,
  column: Count,
  reason: Type.String(),
});
const Checked = Type.Object({
  problems: Type.Array(Problem),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      kind: oneOf(['detection', 'correlation', 'filter'] as const),
      level: Type.String(),
      expires: Type.String(),
    }),
  ),
});

const OwnRuleSchema = Type.Object(
  {
    rule: Type.String(),
    kind: oneOf(OWN_RULE_KINDS),
    title: Type.String(),
    expires: Type.String({ description: 'Until when an exception has an effect; empty: for ever.' }),
    expired: Type.Boolean(),
    active: Type.Union([Type.Integer(), Type.Null()], { description: 'The version that sensors use; null: none.' }),
    latest: Type.Integer(),
    changed_outside: Type.Boolean({ description: 'Its file is not what was put there.' }),
    user: Type.String({ description: 'Of the latest version.' }),
    at: Time,
    reason: Type.String(),
  },
  open,
);
const Version = Type.Object({
  n: Type.Integer(),
  user: Type.String(),
  at: Time,
  reason: Type.String(),
  text: Type.String(),
});
const Detail = Type.Object(
  {
    ...OwnRuleSchema.properties,
    text: Type.String({ description: 'Of the latest version.' }),
    versions: Type.Array(Version, { description: 'Newest first.' }),
  },
  open,
);
const Draft = Type.Object({
  text: Type.String(),
  fields: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.String(),
      group: oneOf(['who', 'what', 'where', 'more'] as const),
      chosen: Type.Boolean(),
    }),
  ),
  rules: Type.Array(Type.String(), { description: 'What an exception would be from.' }),
});

/** Throws an `ApiError` when a text cannot be used as it is. */
function headOf({ problems, rules }: RuleCheck): OwnRuleHead {
  const wrong = problems.find(({ severity }) => severity === 'error');
  if (wrong) throw new ApiError(400, 'bad_rule', `Line ${wrong.line}, column ${wrong.column}: ${wrong.reason}.`);
  const [first] = rules;
  if (!first) throw new ApiError(400, 'bad_rule', 'There is no rule in this text.');
  if (!RULE_ID.test(first.id)) {
    throw new ApiError(
      400,
      'bad_rule',
      'The id of the first rule has to be a UUID, or letters, digits, ".", "_" and "-".',
    );
  }
  const filters = rules.filter(({ kind }) => kind === 'filter');
  if (filters.length > 0 && filters.length < rules.length) {
    throw new ApiError(400, 'bad_rule', 'Exceptions and rules are kept apart: make two of this.');
  }
  const ends = filters.map(({ expires }) => expires).sort();
  return {
    rule: first.id,
    kind: first.kind === 'filter' ? 'exception' : first.kind === 'correlation' ? 'correlation' : 'rule',
    title: first.title,
    // One that never ends is in force for ever, whatever the others say.
    expires: ends[0] === '' ? '' : (ends.at(-1) ?? ''),
  };
}

/**
 * Rules and exceptions that people write in the console. Whoever works on alerts may write, try and propose them; what
 * sensors use is an admin's decision. What is used lies as a file in the data folder, where sensors look for it.
 */
export function addOwnRules(app: App, context: ConsoleContext): void {
  const { accounts, rules: workshop } = context;
  const store = accounts.rules;

  const pathOf = (rule: string) => (workshop.folder === null ? null : join(workshop.folder, `${rule}.yml`));

  /** Sensors see a whole file or none. `record` notes the decision once nothing but a rename can still fail. */
  function publish(rule: string, text: string | null, record: () => void = () => {}): void {
    const path = pathOf(rule);
    if (path === null || workshop.folder === null) {
      throw new ApiError(503, 'no_engine', 'This console was started without the rule engine.');
    }
    if (text === null) {
      record();
      setAside(rule, path);
      rmSync(path, { force: true });
    } else {
      mkdirSync(workshop.folder, { recursive: true, mode: 0o700 });
      const fresh = `${path}.${process.pid}`;
      writeFileSync(fresh, text, { mode: 0o600 });
      try {
        record();
      } catch (error) {
        rmSync(fresh, { force: true });
        throw error;
      }
      setAside(rule, path);
      renameSync(fresh, path);
    }
    workshop.changed();
  }

  function fileOf(rule: string): string | null {
    const path = pathOf(rule);
    if (path === null || !existsSync(path)) return null;
    return readFileSync(path, 'utf8');
  }

  /** Whether the file of this rule is one that we put there. */
  function isOurs(rule: string, text: string): boolean {
    return store.versions(rule).some((version) => version.text === text);
  }

  /** What somebody wrote into the file by hand is kept beside it, under a name that no sensor reads. */
  function setAside(rule: string, path: string): void {
    const found = fileOf(rule);
    if (found === null || isOurs(rule, found)) return;
    renameSync(path, `${path}.kept-${new Date(context.now()).toISOString().replaceAll(/[:.]/g, '')}`);
  }

  // The data folder may have come from a backup of console.db alone, or a console ended between its two writes.
  for (const { rule, active } of store.all()) {
    const used = active === null ? null : (store.version(rule, active)?.text ?? null);
    if (workshop.folder === null) break;
    const found = fileOf(rule);
    if (found !== used && (found === null || isOurs(rule, found))) publish(rule, used);
  }

  function existing(rule: string): OwnRule {
    const found = store.get(rule);
    if (!found) throw notFound('rule that was made in the console');
    return found;
  }

  function describe(rule: OwnRule) {
    const used = rule.active === null ? null : (store.version(rule.rule, rule.active)?.text ?? null);
    return {
      ...rule,
      expired: rule.expires !== '' && Date.parse(rule.expires) <= context.now(),
      changed_outside: fileOf(rule.rule) !== used,
    };
  }

  function detail(rule: string) {
    const versions = store.versions(rule);
    return { ...describe(existing(rule)), text: versions[0]?.text ?? '', versions };
  }

  app.post(
    '/api/v1/rules/check',
    {
      schema: {
        description: 'Every mistake of a rule, with line and column. Nothing is kept.',
        body: Type.Object(
          { text: Type.String({ maxLength: MAX_TEXT }), own: Type.Optional(Type.String({ maxLength: 100 })) },
          closed,
        ),
        response: { 200: Checked, '4xx': ErrorBody },
      },
    },
    ({ body }) => {
      const { problems, rules } = workshop.check(body.text, body.own ?? null);
      return { problems: problems.slice(0, 200), rules: rules.slice(0, 200) };
    },
  );

  app.get(
    '/api/v1/own-rules',
    {
      schema: {
        description: 'Rules and exceptions that were made in the console.',
        querystring: Type.Object({ kind: Type.Optional(oneOf(OWN_RULE_KINDS)) }, closed),
        response: { 200: Type.Object({ items: Type.Array(OwnRuleSchema), next: Next }), '4xx': ErrorBody },
      },
    },
    ({ query }) => ({
      items: store
        .all()
        .filter(({ kind }) => query.kind === undefined || kind === query.kind)
        .map(describe),
      next: null,
    }),
  );

  app.get(
    '/api/v1/own-rules/export',
    { schema: { description: 'All that are in use as one file of Sigma documents.' } },
    (_, reply) => {
      const texts = store
        .all()
        .flatMap(({ rule, active }) => (active === null ? [] : [store.version(rule, active)?.text.trim() ?? '']));
      return reply
        .type('application/yaml; charset=utf-8')
        .header('content-disposition', 'attachment; filename="fieldwatch-rules.yml"')
        .send(`${texts.map((text) => text.replace(/^---\n/, '')).join('\n---\n')}\n`);
    },
  );

  app.get(
    '/api/v1/own-rules/:id',
    { schema: { params: IdParams, response: { 200: Detail, '4xx': ErrorBody } } },
    ({ params }) => detail(params.id),
  );

  app.post(
    '/api/v1/own-rules',
    {
      schema: {
        description:
          'A new rule, or with `base` a new version of one. It is a proposal until an admin puts it to use. Changing needs the version that was read (`base`), so that nobody overwrites another.',
        body: Type.Object(
          { text: RuleText, reason: Reason, base: Type.Optional(Type.Integer({ minimum: 1 })) },
          closed,
        ),
        response: { 200: Detail, '4xx': ErrorBody },
      },
    },
    (request) => {
      const { text, reason, base } = request.body;
      const given = workshop.check(text, null);
      // Its own file may hold an earlier version, which it takes the place of.
      const own = given.problems.length > 0 ? ownOf(text) : null;
      const head = headOf(own === null ? given : workshop.check(text, own));
      const before = store.get(head.rule);
      if (before !== null && base === undefined) {
        throw new ApiError(409, 'exists', 'There is a rule with this id already: give this one another.');
      }
      if (before !== null && before.latest !== base) {
        throw new ApiError(409, 'changed', `${before.user} has changed this rule meanwhile: load it again first.`);
      }
      if (before === null && base !== undefined) {
        throw new ApiError(409, 'other_id', 'The id of a rule does not change: make a new rule for another id.');
      }
      if (head.kind === 'exception') checkExpiry(head.expires);
      store.save(head, text, reason, actorOf(request));
      return detail(head.rule);
    },
  );

  /** The rule made here that has the id of the first document. */
  function ownOf(text: string): string | null {
    const id = /^id:[ \t]*["']?([^"'\s#]+)/m.exec(text)?.[1];
    return id !== undefined && store.get(id) !== null ? id : null;
  }

  function checkExpiry(expires: string): void {
    if (expires === '') throw new ApiError(400, 'no_end', 'An exception needs an end: add "expires" with a date.');
    if (Date.parse(expires) > context.now() + MAX_EXCEPTION_DAYS * DAY_MS) {
      throw new ApiError(400, 'too_long', 'An exception ends within a year: choose an earlier date for "expires".');
    }
  }

  app.post(
    '/api/v1/own-rules/:id/use',
    {
      schema: {
        description: 'Sensors use this version from now on; null: none. Those that run take it over within seconds.',
        params: IdParams,
        // Null first: what checks requests would make a number of it.
        body: Type.Object({ version: Type.Union([Type.Null(), Type.Integer({ minimum: 1 })]), reason: Reason }, closed),
        response: { 200: Detail, '4xx': ErrorBody },
      },
    },
    (request) => {
      const { id } = request.params;
      const { version: n, reason } = request.body;
      const rule = existing(id);
      const version = n === null ? null : store.version(id, n);
      if (n !== null && version === null) throw notFound('version of this rule');
      // Others may have taken its id, or what it names, since it was written.
      if (version !== null) headOf(workshop.check(version.text, id));
      const found = fileOf(id);
      if (rule.active === null && found !== null && !isOurs(id, found)) {
        throw new ApiError(
          409,
          'file_exists',
          `The folder of rules has a file ${id}.yml that was not made here: give it another name first.`,
        );
      }
      publish(id, version?.text ?? null, () => store.activate(id, n, reason, actorOf(request)));
      return detail(id);
    },
  );

  app.delete(
    '/api/v1/own-rules/:id',
    {
      schema: {
        description:
          'Deletes a rule with its versions; the audit log keeps the last text. One that is in use only an admin.',
        params: IdParams,
        querystring: Type.Object({ reason: Reason }, closed),
        response: { 200: Type.Object({ done: Type.Boolean() }), '4xx': ErrorBody },
      },
    },
    (request) => {
      const { id } = request.params;
      const rule = existing(id);
      if (rule.active !== null && request.user?.role !== 'admin') {
        throw new ApiError(403, 'in_use', 'This rule is in use: only an admin deletes it.');
      }
      // It is withdrawing it as well, which asks for the password.
      if (rule.active !== null) checkConfirmed(request, context);
      // The file first: a rule without its versions would be nobody's, and stay in use.
      if (rule.active !== null) publish(id, null);
      store.delete(id, request.query.reason, actorOf(request));
      return { done: true };
    },
  );

  app.get(
    '/api/v1/alerts/:id/rule-draft',
    {
      schema: {
        description:
          'A Sigma rule that fires on what this alert was about, or an exception from the rule that raised it.',
        params: IdParams,
        querystring: Type.Object(
          {
            kind: oneOf(['rule', 'exception'] as const),
            fields: Type.Optional(Type.String({ maxLength: 4000, description: 'Names with commas between them.' })),
            days: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_EXCEPTION_DAYS })),
            reason: Type.Optional(Type.String({ maxLength: 500 })),
          },
          closed,
        ),
        response: { 200: Draft, '4xx': ErrorBody },
      },
    },
    (request) => {
      const alert = context.findings.alert(request.params.id);
      if (!alert) throw notFound('alert');
      const { kind, fields, days, reason } = request.query;
      const draft = workshop.draft(alert, {
        kind,
        ...(fields === undefined ? {} : { fields: fields.split(',').filter((name) => name !== '') }),
        author: request.user?.name ?? '',
        now: context.now(),
        expires: new Date(context.now() + (days ?? 30) * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z'),
        reason: reason ?? '',
      });
      if (draft === null) {
        throw new ApiError(
          409,
          'no_draft',
          kind === 'exception'
            ? 'This alert was not raised by a rule: accept it into the baseline, or mute it.'
            : 'This alert is about no message that a rule could ask for.',
        );
      }
      return { ...draft, fields: [...draft.fields], rules: [...draft.rules] };
    },
  );
}
