import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { unknownFields } from '../../sensor/detection/taxonomy.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import { hasBuiltRules, runFrames, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import { type Bytes, bytes, modbusPdu, modbusTcp, TcpPair } from '../support/packets.js';

const RULES = readRuleFiles(fileURLToPath(new URL('../../rules/', import.meta.url)));
const idOf = (name: string): string => RULES.rules.find((rule) => rule.file.endsWith(`modbus/${name}.yml`))?.id ?? '';

/** Rules that a request and its answer raise. */
function raisedBy(request: Bytes, answer: Bytes | null): string[] {
  const pair = new TcpPair();
  const frames = [...pair.open(), pair.client(modbusTcp(request))];
  if (answer) frames.push(pair.server(modbusTcp(answer)));
  return runFrames([...frames, ...pair.close()], { phase: 'learn' })
    .batch.alerts.filter((alert) => alert.kind === 'rule')
    .map((alert) => alert.rule_id);
}

const umas = (code: number, ...data: number[]): Bytes => bytes(90, 0, code, data);

/** What fires each rule, and the nearest thing that does not. */
const CASES: readonly [rule: string, fires: readonly Bytes[], neighbours: readonly Bytes[]][] = [
  ['clear-counters', [modbusPdu.diagnostics(10, 0), modbusPdu.diagnostics(20, 0)], [modbusPdu.diagnostics(11, 0)]],
  ['force-listen-only', [modbusPdu.diagnostics(4, 0)], [modbusPdu.diagnostics(2, 0), modbusPdu.diagnostics(14, 4)]],
  [
    'restart-communications',
    [modbusPdu.diagnostics(1, 0), modbusPdu.diagnostics(1, 0xff00)],
    [modbusPdu.diagnostics(0, 1)],
  ],
  [
    'legacy-programming',
    [9, 13, 18, 40, 41, 42, 125, 126].map((code) => bytes(code, 0)),
    [bytes(10, 0), bytes(7), bytes(17), modbusPdu.read(3, 9, 1)],
  ],
  ['umas-stop', [umas(0x41, 0xff)], [umas(0x40, 0xff), umas(0x04)]],
  ['umas-download', [umas(0x30, 0, 1), umas(0x31, 0, 1), umas(0x32, 0, 1)], [umas(0x33, 0, 1), umas(0x34, 0, 1)]],
];

test('all rules of the product are sound', () => {
  expect(RULES.errors).toEqual([]);
  expect(RULES.warnings).toEqual([]);
  const detections = RULES.rules.filter((rule) => rule.kind === 'detection');
  expect(
    unknownFields(
      detections,
      createDissectors().flatMap(({ protocols }) => protocols),
    ),
  ).toEqual([]);
});

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

describe.skipIf(!hasBuiltRules)('what fires the rules of the product', () => {
  test.each(CASES)('%s', (name, fires, neighbours) => {
    for (const request of fires) {
      expect(raisedBy(request, null), `request ${Buffer.from(request).toString('hex')}`).toContain(idOf(name));
    }
    for (const request of neighbours) {
      expect(raisedBy(request, request), `request ${Buffer.from(request).toString('hex')}`).not.toContain(idOf(name));
    }
  });

  test('an answer alone fires nothing: the rule is about who asks', () => {
    const pair = new TcpPair();
    const echo = modbusTcp(modbusPdu.diagnostics(4, 0));
    const { batch } = runFrames([...pair.open(), pair.server(echo), ...pair.close()], { phase: 'learn' });
    expect(batch.alerts.filter((alert) => alert.kind === 'rule')).toEqual([]);
  });
});
