import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { translator } from '../../console/texts/phrases.js';
import { sensorDe } from '../../console/texts/sensor-de/index.js';
import { anomalyTexts } from '../../console/web/i18n/anomalies-en.generated.js';
import { DEVIATION_MODELS } from '../../sensor/baseline/registry.js';
import { NetworkCheck } from '../../sensor/detection/checks/network.js';
import type { Finding, Party } from '../../sensor/model/finding.js';
import type { ConversationView, Novelty, ValueProblem } from '../../sensor/model/novelty.js';
import type { Operation } from '../../sensor/model/operation.js';
import type { LearningPhase, ValueSummaryRecord } from '../../sensor/model/records.js';
import { MODBUS_OPERATIONS } from '../../sensor/protocols/modbus/functions.js';
import { hasBuiltRules, runSensor, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const german = translator(sensorDe);

/** Words of an English sentence that no German one has; names of functions and devices have none of them. */
const ENGLISH =
  /\b(the|of|is|were|with|from|this|that|which|who|has|have|been|every|within|seconds|requests|never|nobody|somebody)\b/;

/** What is not ours to translate: quoted names of functions, and who does what to what before a rule's own words. */
const ours = (text: string) => text.replaceAll(/„[^“]*“/g, '').replace(/^.* → [^.]*\. /, '');

/** The texts in which something English is left. */
function leftEnglish(texts: readonly (string | null | undefined)[]): string[] {
  const left = new Set<string>();
  for (const text of texts) if (text && ENGLISH.test(ours(german(text)))) left.add(`${text} => ${german(text)}`);
  return [...left];
}

const textsOf = (finding: Pick<Finding, 'title' | 'description' | 'expected' | 'observed' | 'recommendation'>) => [
  finding.title,
  finding.description,
  finding.expected,
  finding.observed,
  finding.recommendation,
];

interface RuleDocument {
  title?: string;
  description?: string;
  recommendation?: string;
  falsepositives?: string[];
}

test('every rule has German words (else: add them to console/texts/sensor-de)', () => {
  const folder = join(root, 'rules');
  const missing = new Set<string>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yml'));
  expect(files.length).toBeGreaterThan(180);
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const rule = document.toJS() as RuleDocument;
      // Parts of correlations raise no alerts and are not listed.
      if (rule.description === undefined) continue;
      for (const text of [rule.title, rule.description, rule.recommendation, ...(rule.falsepositives ?? [])]) {
        if (text !== undefined && german(text.trim()) === text.trim()) missing.add(`${file}: ${text.trim()}`);
      }
    }
  }
  expect([...missing]).toEqual([]);
});

test('every anomaly has German words (else: add them to console/texts/sensor-de/anomalies.ts)', () => {
  const texts = Object.values(anomalyTexts).flatMap(({ title, text }) => [title, text]);
  expect(texts.filter((text) => german(text) === text)).toEqual([]);
});

const hmi: Party = { ip: '10.0.0.5', port: 50_000, label: 'Operator panel (10.0.0.5)' };
const plc: Party = { ip: '10.0.0.1', port: 502, label: 'Example PLC (10.0.0.1)' };
const SINCE = '2026-03-02T06:00:00.000000Z';

const view = (change: Partial<ConversationView> = {}): ConversationView => ({
  client: hmi,
  server: plc,
  protocol: 'modbus',
  protocolTitle: 'Modbus',
  port: 502,
  transport: 'tcp',
  isIndustrial: true,
  isInternet: false,
  inBaseline: true,
  hasLearnedWriter: false,
  learnedOperations: ['Read holding registers', 'Read coils'],
  learnedWriters: [],
  observations: 3000,
  since: SINCE,
  learnedSeconds: 7200,
  isYoung: false,
  withNewDevice: false,
  ...change,
});

const many = Array.from({ length: 9 }, (_, index) => `Function ${index}`);
const learned: ValueSummaryRecord = {
  kind: 'analogue',
  samples: 600,
  since: SINCE,
  until: SINCE,
  min: 1,
  max: 20,
  max_step: 2,
  values: [1, 2, 3],
  increases: 3,
  decreases: 3,
  max_flat_seconds: 12,
  watched_seconds: 720,
  dwells: [[30, 12]],
};

function novelties(): Novelty[] {
  const all: Novelty[] = [
    ...[true, false].flatMap((isLinkOnly): Novelty[] => [
      { kind: 'asset', asset: hmi, macs: ['02:00:00:00:00:01'], vendor: 'Raspberry Pi', knownAssets: 7, isLinkOnly },
      { kind: 'asset', asset: hmi, macs: [], vendor: null, knownAssets: 7, isLinkOnly },
    ]),
    {
      kind: 'silence',
      conversation: view(),
      silent: 'server',
      unit: null,
      since: SINCE,
      period: 1,
      observations: 9,
      requests: 30,
      extent: [],
    },
    {
      kind: 'silence',
      conversation: view(),
      silent: 'server',
      unit: 'unit 3',
      since: SINCE,
      period: 1,
      observations: 9,
      requests: 30,
      extent: [],
    },
    {
      kind: 'silence',
      conversation: view(),
      silent: 'client',
      unit: null,
      since: SINCE,
      period: 1,
      observations: 9,
      requests: 0,
      extent: [],
    },
    {
      kind: 'silence',
      conversation: view(),
      silent: 'client',
      unit: null,
      since: SINCE,
      period: 1,
      observations: 9,
      requests: 0,
      extent: ['10.0.0.2', '10.0.0.3'],
    },
    {
      kind: 'delay',
      conversation: view(),
      object: 'unit 1 coil 3',
      learned: 0.02,
      observed: 2.5,
      answers: 4,
      observations: 600,
    },
    { kind: 'stack', conversation: view(), learned: 1, observed: 4, packets: 3, observations: 600 },
    {
      kind: 'rate',
      conversation: view(),
      counted: 'changes',
      seconds: 60,
      learned: 2,
      observed: 60,
      observations: 100,
    },
    { kind: 'period', conversation: view(), object: 'unit 1 coil 3', learned: 1, observed: 0.5, observations: 600 },
    {
      kind: 'rate',
      conversation: view(),
      counted: 'requests',
      seconds: 10,
      learned: 20,
      observed: 400,
      observations: 60,
    },
    { kind: 'rate', conversation: view(), counted: 'refusals', seconds: 60, learned: 0, observed: 9, observations: 60 },
  ];
  for (const field of ['firmware', 'serial', 'model', 'order_number', 'hardware_revision'] as const) {
    for (const unit of [null, 'unit 3']) {
      const source = 'modbus.device_identification';
      all.push({ kind: 'identity', asset: plc, unit, field, from: '1.0', to: '1.1', source, since: SINCE });
    }
  }
  for (const isIndustrial of [true, false]) {
    for (const isInternet of [true, false]) {
      for (const port of [0, 443]) {
        const conversation = view({ isIndustrial, isInternet, port, inBaseline: false });
        all.push({ kind: 'conversation', conversation, extent: ['10.0.0.1 https (port 443)'] });
        all.push({ kind: 'conversation', conversation, extent: ['10.0.0.1 https (port 443)', '10.0.0.2 arp'] });
      }
    }
  }
  const classes = ['read', 'write', 'control', 'program'] as const;
  for (const operationClass of classes) {
    const operation = { ...(MODBUS_OPERATIONS[3] as Operation), class: operationClass };
    for (const object of [null, 'unit 1 holding_register 40']) {
      for (const learnedOperations of [[], many]) {
        for (const hasLearnedWriter of [true, false]) {
          const learnedWriters = hasLearnedWriter ? ['Historian (10.0.0.8)', 'HMI (10.0.0.9)'] : [];
          const conversation = view({ learnedOperations, hasLearnedWriter, learnedWriters });
          all.push({ kind: 'operation', conversation, operation, object, extent: ['Write: unit 1', 'Write: unit 2'] });
          for (const learnedSeconds of [50, 900]) {
            const young = view({ learnedOperations, hasLearnedWriter, learnedWriters, isYoung: true, learnedSeconds });
            all.push({ kind: 'operation', conversation: young, operation, object, extent: ['Write: unit 1'] });
          }
          const outsider = view({ learnedWriters: ['Historian (10.0.0.8)'] });
          all.push({ kind: 'operation', conversation: outsider, operation, object, extent: ['Write: unit 1'] });
        }
      }
    }
    for (const ranges of [['unit 1 coil 3'], many]) {
      const words = { object: 'unit 1 coil 9', learned: ranges, observations: 50, extent: ['unit 1 coil 9'] };
      all.push({ kind: 'target', conversation: view(), operation, ...words });
    }
  }
  const operation = MODBUS_OPERATIONS[6] as Operation;
  for (const day of ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']) {
    const hour = `${day}, 03:00 to 04:00 UTC`;
    all.push({ kind: 'hour', conversation: view(), operation, hour, hours: 12, observations: 60 });
  }
  const problems: ValueProblem[] = ['limit', 'range', 'state', 'step', 'backwards', 'frozen', 'dwell'];
  for (const problem of problems) {
    for (const writer of [null, hmi]) {
      const name = 'unit 1 holding_register 40021';
      const known = { server: plc, protocol: 'modbus', name, measure: ' °C', learned };
      for (const isYoung of [true, false]) {
        const variable = { ...known, isYoung };
        all.push({
          kind: 'value',
          variable,
          problem,
          value: 99,
          before: 12,
          writer,
          bound: 21,
          extent: [`${name}: 99 °C`],
        });
      }
    }
  }
  return all;
}

describe('what is not normal', () => {
  const found = novelties().flatMap((novelty) => DEVIATION_MODELS.flatMap((model) => model.judge(novelty) ?? []));

  it('is said in German by every deviation model', () => {
    const titles = new Set(found.map(({ title }) => title));
    expect(titles.size).toBeGreaterThan(20);
    expect(leftEnglish(found.flatMap(textsOf))).toEqual([]);
    expect(leftEnglish(DEVIATION_MODELS.map(({ description }) => description))).toEqual([]);
  });

  it('keeps every figure and name', () => {
    const figures = (text: string) => (text.match(/\d+/g) ?? []).sort();
    for (const text of found.flatMap(textsOf)) {
      if (text !== null) expect(figures(german(text)), `${text}\n${german(text)}`).toEqual(figures(text));
    }
  });
});

test('scans, floods and forged addresses are told in German', () => {
  const check = new NetworkCheck('1');
  const found: (Finding | null)[] = [];
  const at = (second: number) => 1e15 + second * 1e6;
  const other = (last: number): Party => ({ ip: `10.0.1.${last}`, label: `10.0.1.${last}` });
  for (let port = 1; port <= 40; port++) {
    for (const target of [plc, other(9)]) {
      found.push(...check.probe({ source: hmi, target, transport: 'tcp', port: port + 90 }, at(1)));
    }
    found.push(...check.probe({ source: other(3), target: other(port), transport: 'icmp', port: 0 }, at(1)));
    found.push(...check.probe({ source: other(4), target: other(port), transport: 'udp', port: 161 }, at(port * 300)));
    found.push(check.arpRequest(other(5), '02:00:00:00:00:05', `10.0.2.${port}`, () => false, at(2)));
  }
  for (const port of [102, 502, 4840, 44_818]) {
    found.push(...check.probe({ source: other(7), target: plc, transport: 'tcp', port }, at(3)));
  }
  for (let time = 0; time < 600; time++) {
    found.push(check.opening(plc, 502, at(20_000)), check.icmp(hmi, plc, 8, at(20_000)), check.broadcast(at(20_000)));
    found.push(check.arpRequest(other(6), '02:00:00:00:00:06', '10.0.0.250', () => false, at(20_001)));
  }
  found.push(check.icmp(hmi, plc, 5, at(20_002)));
  for (const [second, mac] of [
    [0, '1'],
    [10, '2'],
    [20, '1'],
    [9000, '3'],
  ] as const) {
    found.push(check.arpClaim(plc, `02:00:00:00:00:0${mac}`, null, at(20_010 + second)));
  }
  const findings = found.filter((finding) => finding !== null);
  expect([...new Set(findings.map(({ ruleId }) => ruleId))].sort()).toEqual([
    'address-taken',
    'arp-flood',
    'arp-sweep',
    'broadcast-storm',
    'connection-flood',
    'control-port-sweep',
    'host-sweep',
    'icmp-flood',
    'icmp-redirect',
    'port-scan',
    'slow-scan',
  ]);
  expect(leftEnglish(findings.flatMap(textsOf))).toEqual([]);
});

describe.skipIf(!hasBuiltRules)(`the sample plant${hasBuiltRules ? '' : ` (${WITHOUT_BUILT_RULES})`}`, () => {
  it('is told in German from the first alert to the last', { timeout: 120_000 }, () => {
    const run = (name: string, phase: LearningPhase, memory?: ReturnType<typeof runSensor>['memory']) =>
      runSensor([readFileSync(join(root, 'fixtures', 'plant', name))], { phase, ...(memory ? { memory } : {}) });
    const normal = run('normal.pcap', 'learn');
    const { batch } = run('attack.pcap', 'protect', normal.memory);
    expect(batch.alerts.length).toBeGreaterThan(40);
    const texts = batch.alerts.flatMap((alert) => [
      ...[alert.title, alert.description, alert.expected, alert.observed, alert.recommendation],
    ]);
    expect(leftEnglish(texts)).toEqual([]);
    const reasons = [...normal.batch.assets, ...batch.assets].flatMap(({ evidence }) =>
      evidence.map((one) => one.reason),
    );
    expect(leftEnglish(reasons)).toEqual([]);
    expect(leftEnglish([normal.batch.health.learning?.advice, batch.health.learning?.advice])).toEqual([]);
  });
});

describe('a translator', () => {
  const translate = translator({
    'Pump stopped.': 'Pumpe steht.',
    'Look at it.': 'Sehen Sie nach.',
    '{0} by {1}': '{1}: {0}',
    '{0} asked {1} for {2}.': '{0} hat {1} nach {2} gefragt.',
    'the pump': 'der Pumpe',
    '{0} at {1}': '{0} bei {1}',
  });

  it('knows whole texts, sentences in a row, gaps, and phrases in gaps', () => {
    expect(translate('Pump stopped.')).toBe('Pumpe steht.');
    expect(translate('Pump stopped. Look at it.')).toBe('Pumpe steht. Sehen Sie nach.');
    expect(translate('HMI asked PLC for the pump.')).toBe('HMI hat PLC nach der Pumpe gefragt.');
    expect(translate('HMI → PLC: Write. Pump stopped. Look at it.')).toBe(
      'HMI → PLC: Write. Pumpe steht. Sehen Sie nach.',
    );
  });

  it('leaves alone what people wrote, and what it knows only in part', () => {
    for (const text of [
      'Our own rule',
      'The pump at 2 is on. Look at it or not.',
      'Pump stopped. And then?',
      'Log-in at night',
      '',
      'constructor',
    ]) {
      expect(translate(text)).toBe(text);
    }
    expect(translate('10.0.0.1 at 02:00')).toBe('10.0.0.1 bei 02:00');
  });

  it('takes no longer for names that are made to be ambiguous', () => {
    const hostile = `${' asked '.repeat(200)}${' for '.repeat(200)}`;
    const start = performance.now();
    translate(hostile);
    translate(` → ${'. '.repeat(1900)}`);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
