import { describe, expect, test } from 'vitest';
import { AlertEngine } from '../../sensor/alerts/alert-engine.js';
import { INCIDENT_GAP, INCIDENT_LENGTH } from '../../sensor/alerts/incidents.js';
import type { Finding } from '../../sensor/model/finding.js';
import type { Alert } from '../../sensor/model/records.js';
import { MICROS_PER_SECOND } from '../../sensor/model/time.js';
import { BASE_TIME } from '../support/packets.js';

const VISIBILITY = { dropped_percent: 0, decode_error_percent: 0, encrypted_percent: 0 };
const MINUTE = 60 * MICROS_PER_SECOND;
const party = (ip: string | null) => (ip === null ? null : { ip, label: ip });

interface Step {
  readonly rule: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Microseconds after the beginning. */
  readonly at: number;
  readonly kind?: Finding['kind'];
}

function raise(engine: AlertEngine, { rule, from, to, at, kind = 'rule' }: Step): void {
  const finding: Finding = {
    kind,
    ruleId: rule,
    ruleVersion: '1',
    title: rule,
    description: '',
    severity: 'high',
    source: party(from),
    target: party(to),
    protocol: null,
    object: null,
    techniques: [],
    expected: null,
    observed: null,
    recommendation: '',
    key: `${from} ${to}`,
  };
  engine.raise(finding, BASE_TIME + at, 1, null, null, () => VISIBILITY);
}

function storyOf(steps: readonly Step[], engine = new AlertEngine()): (string | undefined)[] {
  for (const step of steps) raise(engine, step);
  const names = new Map<string, string>();
  return engine.collect(true).alerts.map(({ incident }) => {
    if (incident === undefined) return undefined;
    if (!names.has(incident)) names.set(incident, 'ABCDEF'[names.size]!);
    return names.get(incident);
  });
}

const [ATTACKER, HMI, PLC, PLC2] = ['10.0.0.66', '10.0.0.1', '10.0.0.5', '10.0.0.6'];
const SCAN: Step = { rule: 'port-scan', from: ATTACKER, to: null, at: 0 };
const WRITE: Step = { rule: 'write', from: ATTACKER, to: PLC, at: 5 * MINUTE };
const STOP: Step = { rule: 'stop', from: ATTACKER, to: PLC, at: 9 * MINUTE };

describe('an incident', () => {
  test.each<[name: string, steps: Step[], story: (string | undefined)[]]>([
    ['scan, write, stop of one source', [SCAN, WRITE, STOP], ['A', 'A', 'A']],
    ['another source is another story', [SCAN, WRITE, { ...STOP, from: HMI }], ['A', 'A', 'B']],
    ['after an hour of quiet it is over', [SCAN, { ...WRITE, at: INCIDENT_GAP + 1 }], ['A', 'B']],
    ['an older capture, shown later, is another one', [SCAN, { ...WRITE, at: -INCIDENT_GAP - 1 }], ['A', 'B']],
    ['packets may come a little out of their order', [SCAN, { ...WRITE, at: -MINUTE }], ['A', 'A']],
    ['up to an hour of quiet it goes on', [SCAN, { ...WRITE, at: INCIDENT_GAP }], ['A', 'A']],
    [
      'repetitions keep it open',
      [SCAN, ...[30, 60, 90].map((minutes) => ({ ...SCAN, at: minutes * MINUTE })), { ...WRITE, at: 120 * MINUTE }],
      ['A', 'A'],
    ],
    [
      'but not for ever',
      [
        ...Array.from({ length: 50 }, (_, index) => ({ ...SCAN, at: index * 30 * MINUTE })),
        { ...WRITE, at: INCIDENT_LENGTH + MINUTE },
      ],
      ['A', 'B'],
    ],
    [
      'a device that answers late after it is one of its consequences, not a story of who asks it',
      [WRITE, { rule: 'slow-answers', from: HMI, to: PLC, at: 12 * MINUTE, kind: 'deviation' }],
      ['A', 'A'],
    ],
    [
      'what happens to the device afterwards belongs to it',
      [WRITE, STOP, { rule: 'device-silent', from: HMI, to: PLC, at: 12 * MINUTE, kind: 'deviation' }],
      ['A', 'A', 'A'],
    ],
    [
      'what happens much later, or to another device, does not',
      [
        STOP,
        { rule: 'device-silent', from: HMI, to: PLC2, at: 12 * MINUTE, kind: 'deviation' },
        { rule: 'device-silent', from: HMI, to: PLC, at: 30 * MINUTE, kind: 'deviation' },
      ],
      ['A', 'B', 'B'],
    ],
    ['health of the sensor belongs to none', [{ ...SCAN, kind: 'health' }], [undefined]],
    ['without a source, the target is what it is about', [{ ...SCAN, from: null, to: PLC }], ['A']],
  ])('%s', (_name, steps, story) => {
    expect(storyOf(steps)).toEqual(story);
  });

  test('has the same id for the same traffic, and goes on after a restart', () => {
    const whole = new AlertEngine();
    for (const step of [SCAN, WRITE, STOP]) raise(whole, step);
    const ids = whole.collect(true).alerts.map(({ incident }) => incident);
    expect(new Set(ids).size).toBe(1);
    const before = new AlertEngine();
    for (const step of [SCAN, WRITE]) raise(before, step);
    const known: Alert[] = before.collect(true).alerts;
    const after = new AlertEngine();
    after.restore([...known].reverse(), ({ kind, rule_id, dedupe_key }) => `${kind} ${rule_id} ${dedupe_key}`);
    raise(after, STOP);
    expect(after.collect(true).alerts.map(({ incident }) => incident)).toEqual([ids[0]]);
  });

  test('a storm of sources and targets takes bounded memory and time', () => {
    const engine = new AlertEngine();
    const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    for (let index = 0; index < 60_000; index++)
      raise(engine, { rule: 'r', from: address(index), to: address(index + 1), at: index });
    expect(engine.collect(true).alerts.every(({ incident }) => incident !== undefined)).toBe(true);
  });
});
