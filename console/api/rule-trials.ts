import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { AlertPacket } from '../../sensor/model/records.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import type { Job } from './jobs.js';
import { writePcapng } from './pcapng.js';
import { AlertSchema, AssetNames, Count, closed, ErrorBody, IdParams, Next, oneOf, open, Time } from './schemas.js';
import { PORTION } from './snapshot.js';
import type { CaptureFiles } from './workspaces.js';

/** Packets that the store keeps as evidence, instead of a capture. */
const STORED = 'alerts';
const MAX_STORED_ALERTS = 1000;
const MAX_STORED_BYTES = 32 * 1024 * 1024;
const MAX_TRIALS = 20;
const MAX_TEXT = 64 * 1024;
const STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

const RuleIds = Type.Array(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^-]' }), { maxItems: 100 });

const Result = Type.Object(
  {
    packets: Count,
    capture_seconds: Type.Number(),
    seconds_before: Type.Number({ description: 'Time that the packets took with the rules as they are.' }),
    seconds_after: Type.Number({ description: 'With the change.' }),
    alerts_before: Count,
    alerts_after: Count,
    appearing: Count,
    disappearing: Count,
    changing: Count,
    appear: Type.Array(AlertSchema, { description: 'At most 100, in order of time; so with the others.' }),
    disappear: Type.Array(AlertSchema),
    change: Type.Array(Type.Object({ before: AlertSchema, after: AlertSchema })),
    not_kept: Count,
    damaged: Type.Array(Type.String()),
  },
  open,
);

const TrialSchema = Type.Object(
  {
    id: Type.String(),
    user: Type.String(),
    created: Time,
    capture: Type.String({ description: 'Id of a workspace, or `alerts`.' }),
    capture_name: Type.String(),
    state: oneOf(STATES),
    error: Type.String(),
    place: Type.Integer({ description: 'Of those that wait, from 1; 0: it does not wait.' }),
    read: Count,
    size: Type.Integer({ description: 'Bytes; 0 where it is not known yet.' }),
    packets: Count,
    text: Type.String(),
    own: Type.String(),
    off: Type.Array(Type.String()),
    on: Type.Array(Type.String()),
    result: Type.Union([Result, Type.Null()]),
    asset_names: Type.Optional(AssetNames),
  },
  open,
);

interface TrialEnd {
  state: (typeof STATES)[number];
  error: string;
  result: unknown;
}

interface Trial {
  readonly id: string;
  readonly user: string;
  readonly created: string;
  readonly capture: string;
  readonly capture_name: string;
  readonly text: string;
  readonly own: string;
  readonly off: readonly string[];
  readonly on: readonly string[];
  job: Job | null;
  end: TrialEnd | null;
}

/** What changes of the rules would do to a capture. Each trial is a process of its own; nothing that is in use changes. */
export function addRuleTrials(app: App, context: ConsoleContext, captures: CaptureFiles): void {
  const trials = new Map<string, Trial>();

  function find(id: string): Trial {
    const trial = trials.get(id);
    if (!trial) throw notFound('trial');
    return trial;
  }

  function remove(trial: Trial): void {
    trials.delete(trial.id);
    trial.end ??= { state: 'cancelled', error: '', result: null };
    trial.job?.cancel();
  }

  app.addHook('onClose', async () => {
    for (const trial of [...trials.values()]) remove(trial);
  });

  function describe({ job, end, ...trial }: Trial) {
    return {
      ...trial,
      off: [...trial.off],
      on: [...trial.on],
      state: end?.state ?? job?.state ?? ('waiting' as const),
      error: end?.error ?? '',
      place: job?.place ?? 0,
      read: job?.progress.read ?? 0,
      size: job?.progress.size ?? 0,
      packets: job?.progress.packets ?? 0,
      result: null,
    };
  }

  /** The newest packets of alerts, in order of time, as a capture file. Told: how many alerts they are of. */
  async function writeStored(path: string): Promise<void> {
    const packets = new Map<string, AlertPacket>();
    let bytes = 0;
    let read = 0;
    for (let cursor: string | undefined; read < MAX_STORED_ALERTS && bytes < MAX_STORED_BYTES; ) {
      const page = context.findings.alerts({ limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
      for (const alert of page.items) {
        if (bytes >= MAX_STORED_BYTES) break;
        for (const packet of context.findings.alertPackets(alert.id)) {
          packets.set(`${packet.timestamp} ${packet.pcap_cnt}`, packet);
          bytes += packet.data.length;
        }
      }
      read += page.items.length;
      await new Promise((resolve) => setImmediate(resolve));
      if (page.next === null) break;
      cursor = page.next;
    }
    if (packets.size === 0) throw new ApiError(409, 'no_packets', 'No alert here has packets: choose a capture.');
    const inOrder = [...packets.values()].sort((a, b) =>
      a.timestamp === b.timestamp ? a.pcap_cnt - b.pcap_cnt : a.timestamp < b.timestamp ? -1 : 1,
    );
    writeFileSync(path, writePcapng(inOrder, `Fieldwatch ${context.version}`), { mode: 0o600 });
  }

  app.get(
    '/api/v1/rule-trials',
    { schema: { response: { 200: Type.Object({ items: Type.Array(TrialSchema), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: [...trials.values()].reverse().map(describe), next: null }),
  );

  app.post(
    '/api/v1/rule-trials',
    {
      schema: {
        description:
          'Shows a capture to the rules as they are and to the rules with a change, and tells how their alerts differ. The sensor’s knowledge of the plant is used, as if it were protecting.',
        body: Type.Object(
          {
            capture: Type.String({
              minLength: 1,
              maxLength: 100,
              description: 'Id of a workspace, or `alerts`: the packets that alerts keep.',
            }),
            text: Type.Optional(Type.String({ maxLength: MAX_TEXT, description: 'Rules or exceptions to add.' })),
            own: Type.Optional(
              Type.String({
                maxLength: 100,
                description: 'The rule made in the console that `text` takes the place of, or that is left out.',
              }),
            ),
            off: Type.Optional(RuleIds),
            on: Type.Optional(RuleIds),
          },
          closed,
        ),
        response: { 200: TrialSchema, '4xx': ErrorBody },
      },
    },
    async (request) => {
      const { capture, text = '', own = '', off = [], on = [] } = request.body;
      if (text === '' && own === '' && off.length === 0 && on.length === 0) {
        throw new ApiError(400, 'nothing', 'There is nothing to try: give a rule, or say what is switched.');
      }
      if (own !== '' && context.accounts.rules.get(own) === null) throw notFound('rule that was made in the console');
      const mistake =
        text === ''
          ? undefined
          : context.rules.check(text, own === '' ? null : own).problems.find(({ severity }) => severity === 'error');
      if (mistake) {
        throw new ApiError(400, 'bad_rule', `Line ${mistake.line}, column ${mistake.column}: ${mistake.reason}.`);
      }
      const stored = capture === STORED;
      const file = stored ? null : captures.capture(capture);
      if (!stored && file === null) throw notFound('capture that has been analysed');
      const id = randomBytes(12).toString('base64url');
      const folder = join(captures.root, `trial-${id}`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const clean = () => rmSync(folder, { recursive: true, force: true });
      const path = file?.path ?? join(folder, 'capture');
      try {
        if (stored) await writeStored(path);
        if (text !== '') writeFileSync(join(folder, 'rule.yml'), text, { mode: 0o600 });
      } catch (error) {
        clean();
        throw error;
      }
      const trial: Trial = {
        id,
        user: request.user?.name ?? '',
        created: new Date(context.now()).toISOString(),
        capture,
        capture_name: file?.name ?? '',
        text,
        own,
        off,
        on,
        job: null,
        end: null,
      };
      const ownFile = own === '' || context.rules.folder === null ? null : join(context.rules.folder, `${own}.yml`);
      trials.set(id, trial);
      for (const oldest of trials.values()) {
        if (trials.size <= MAX_TRIALS) break;
        remove(oldest);
      }
      trial.job = context.jobs.run({
        folder,
        args: [
          ...['rules', 'try', '--capture', path, '--data', context.data, '--json', '--progress'],
          ...(text === '' ? [] : ['--rules', join(folder, 'rule.yml')]),
          ...(ownFile === null ? [] : ['--without', ownFile]),
          ...off.flatMap((rule) => ['--off', rule]),
          ...on.flatMap((rule) => ['--on', rule]),
          ...(context.rules.configFile === null ? [] : ['--config', context.rules.configFile]),
        ],
        onEnd({ state, result, sentence }) {
          trial.end = { state, error: sentence, result };
          clean();
        },
      });
      context.accounts.audit(actorOf(request), 'rule.try', own === '' ? 'new' : own, '', file?.name ?? STORED);
      return describe(trial);
    },
  );

  app.get(
    '/api/v1/rule-trials/:id',
    { schema: { params: IdParams, response: { 200: TrialSchema, '4xx': ErrorBody } } },
    ({ params }) => {
      const trial = find(params.id);
      const result = (trial.end?.result ?? null) as {
        appear: { src_asset?: string; dest_asset?: string }[];
        disappear: { src_asset?: string; dest_asset?: string }[];
      } | null;
      if (result === null) return describe(trial);
      const mentioned = [...result.appear, ...result.disappear].flatMap((one) => [one.src_asset, one.dest_asset]);
      return { ...describe(trial), result: result as never, asset_names: assetNames(context.findings, mentioned) };
    },
  );

  app.delete(
    '/api/v1/rule-trials/:id',
    { schema: { params: IdParams, response: { 200: Type.Object({ done: Type.Boolean() }), '4xx': ErrorBody } } },
    ({ params }) => {
      remove(find(params.id));
      return { done: true };
    },
  );
}
