import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { RecordView, RuleSet } from '../../sensor/detection/rule-set.js';
import { JsonEvent } from '../../sensor/detection/sigma/event.js';
import type { DetectionRule } from '../../sensor/detection/sigma/rule.js';
import type { RuleContext } from '../../sensor/detection/taxonomy.js';
import type { Operation } from '../../sensor/model/operation.js';
import type { Pdu } from '../../sensor/model/pdu.js';
import type { DissectionRecord } from '../../sensor/model/records.js';
import { Dissection } from '../../sensor/pipeline/dissection.js';
import { MODBUS_OPERATIONS } from '../../sensor/protocols/modbus/functions.js';
import { MODBUS_PROTOCOL } from '../../sensor/protocols/modbus/protocol.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import { naivelyMatches } from './naive.js';
import { ruleOf } from './rules.js';

const END = {
  zone: 'cell',
  roles: ['hmi', 'x'],
  isAuthorised: false,
  criticality: null,
  inBaseline: true,
  name: null,
  vendor: null,
  model: null,
  isInternal: true,
};

interface Message {
  readonly operation: Operation;
  readonly isRequest: boolean;
  readonly unit: number;
  readonly address: number;
}

function contextOf({ operation, isRequest, unit, address }: Message): RuleContext {
  return {
    src: END,
    dest: { ...END, zone: null, roles: [] },
    clientIp: '10.0.0.1',
    clientPort: 40_000,
    serverIp: '10.0.0.2',
    serverPort: 502,
    operation,
    rejection: 'none',
    isRequest,
    unit,
    targetSpace: 'holding_register',
    targetFrom: address,
    targetCount: 1,
    operationInBaseline: false,
    conversationInBaseline: true,
    isLearning: false,
  };
}

function recordOf({ operation, isRequest, unit, address }: Message): DissectionRecord {
  return {
    timestamp: '2026-11-22T03:00:00.000000Z',
    pcap_cnt: 1,
    event_type: 'modbus',
    src_ip: '10.0.0.1',
    dest_port: 502,
    modbus: {
      pdu: isRequest ? 'request' : 'response',
      function: operation.function,
      unit_id: unit,
      address,
      values: [unit, address, 7],
      text: unit === 0 ? '1' : 'Read_Coils',
    },
  };
}

function foundBy(rules: readonly DetectionRule[], message: Message): DetectionRule[] {
  const set = new RuleSet(rules, [MODBUS_PROTOCOL]);
  const group = set.of('modbus')?.group({ ...message, rejection: 'none' });
  const quick = { unit: message.unit, targetFrom: message.address };
  if (!group?.concerns(quick)) return [];
  const view = new RecordView(
    group.fields,
    () => recordOf(message),
    () => contextOf(message),
  );
  const part = group.standing(view);
  if (!part?.concerns(quick)) return [];
  return set.matches(part, quick, view, 0).map(({ rule }) => rule as DetectionRule);
}

/** The same, by trying every rule on everything that could be asked. */
function naivelyFoundBy(rules: readonly DetectionRule[], message: Message): DetectionRule[] {
  const group = new RuleSet([ruleOf({ s: { x: 1 }, condition: 'not s' })], [MODBUS_PROTOCOL])
    .of('modbus')
    ?.group({ operation: MODBUS_OPERATIONS[0]!, isRequest: true, rejection: 'none' });
  const event = new JsonEvent(recordOf(message));
  const view = new RecordView(
    group!.fields,
    () => recordOf(message),
    () => contextOf(message),
  );
  return rules.filter((rule) => naivelyMatches(rule.detection, (field) => view.value(field), event.leaves()));
}

const PLACEHOLDERS = new Map([
  ['texts', ['read_coils', '1']],
  ['what', ['coils', 'inputs']],
]);
const FUNCTIONS = ['read_coils', 'diagnostics', 'umas', 'unknown', 'write_single_coil'] as const;
const functionValue = fc.oneof(fc.constantFrom(...FUNCTIONS), fc.constantFrom('read_*', 'UMAS', 'none', '*'));
const small = fc.integer({ min: 0, max: 3 });
const oneOrMore = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
const item = fc.oneof(
  fc.record({ 'modbus.function': oneOrMore(functionValue) }),
  fc.record({ 'modbus.function|contains': functionValue }),
  fc.record({ 'modbus.function|all': oneOrMore(functionValue) }),
  fc.record({ 'modbus.function|neq': functionValue }),
  fc.record({ 'modbus.function|cased': functionValue }),
  fc.record({ func: oneOrMore(functionValue) }),
  fc.record({ 'modbus.pdu': fc.constantFrom('request', 'response', 'RESPONSE') }),
  fc.record({ request_response: fc.constantFrom('REQUEST', 'RESPONSE', 'request') }),
  fc.record({ 'operation.class': fc.constantFrom('read', 'write', 'program') }),
  fc.record({ 'operation.direction': fc.constantFrom('request', 'response') }),
  fc.record({ event_type: fc.constantFrom('modbus', 's7comm') }),
  fc.record({ 'modbus.unit_id': oneOrMore(fc.oneof(small, fc.constantFrom('1', '*', null))) }),
  fc.record({ unit: oneOrMore(small) }),
  fc.record({ 'modbus.address': oneOrMore(small) }),
  fc.record({ 'target.from': small }),
  fc.record({ 'modbus.address|gte': small }),
  fc.record({ 'modbus.values': oneOrMore(small) }),
  fc.record({ 'modbus.values|all': oneOrMore(small) }),
  fc.record({ 'modbus.text': oneOrMore(fc.constantFrom<string | number>('read_coils', 1, '1', 'x')) }),
  fc.record({ 'modbus.text|fieldref': fc.constant('modbus.function') }),
  fc.record({ 'modbus.text|fieldref|startswith': fc.constantFrom('modbus.function', 'modbus.address') }),
  fc.record({ 'modbus.function|fieldref|contains|neq': fc.constant('modbus.text') }),
  fc.record({ 'modbus.text|re': fc.constantFrom('^R.*s$', 'zz', '1', '(?!r).') }),
  fc.record({ 'modbus.text|re|i': fc.constantFrom('^R.*s$', 'zz') }),
  fc.record({ 'modbus.function|re|i': fc.constantFrom('^UM', 'coil$') }),
  fc.record({ 'modbus.function|startswith': functionValue }),
  fc.record({ 'modbus.function|endswith|cased': functionValue }),
  fc.record({ 'modbus.address|lt': small }),
  fc.record({ 'modbus.unit_id|lte|neq': small }),
  fc.record({ 'modbus.values|gt': small }),
  fc.record({ 'source.ip|cidr': oneOrMore(fc.constantFrom('10.0.0.0/31', '10.0.0.2/32', 'fd00::/8')) }),
  fc.record({ 'modbus.text|expand': fc.constantFrom('%texts%', '%none%', 'read_%what%') }),
  fc.record({ 'modbus.absent|exists': fc.boolean() }),
  fc.record({ 'modbus.absent': fc.constant(null) }),
  fc.record({ 'src.zone': fc.constantFrom('cell', 'dmz') }),
  fc.record({ 'src.role': oneOrMore(fc.constantFrom('hmi', 'plc')) }),
  fc.record({ 'dest.zone': fc.constantFrom<string | null>('cell', null) }),
  fc.record({ conversation_in_baseline: fc.boolean() }),
  fc.record({ 'source.ip': fc.constantFrom('10.0.0.1', '10.0.0.2') }),
  fc.record({ 'id.resp_p': fc.constantFrom(502, 503) }),
  fc.record({ '|contains': fc.constantFrom('coil', 'nothing') }),
);
const map = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.assign({}, ...items) as object);
const search = fc.oneof(
  map,
  fc.array(map, { minLength: 1, maxLength: 3 }),
  fc.array(fc.constantFrom('coil', 'request', 'zz'), { minLength: 1, maxLength: 2 }),
);
const condition = fc.constantFrom(
  'a',
  'a and b',
  'a or b',
  'not a',
  'a and not b',
  'not a and b',
  '1 of them',
  'all of them',
  '(a or b) and c',
  'a and (b and c)',
  'a and b and c',
  'a or (b and c)',
  'not (a or b)',
  '1 of x* or a',
  'a and 1 of x*',
  ['a', 'b'],
  ['a and b', 'c'],
);
const message: fc.Arbitrary<Message> = fc.record({
  operation: fc.constantFrom(...MODBUS_OPERATIONS),
  isRequest: fc.boolean(),
  unit: small,
  address: small,
});

describe('the rule set', () => {
  test('finds what trying every rule finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: search, b: search, c: search, condition }), { minLength: 1, maxLength: 8 }),
        fc.array(message, { minLength: 1, maxLength: 5 }),
        (detections, messages) => {
          const rules = detections.map((detection, index) =>
            ruleOf(detection, { service: 'modbus' }, `id-${index}`, PLACEHOLDERS),
          );
          for (const one of messages) {
            const found = foundBy(rules, one);
            expect(new Set(found).size).toBe(found.length);
            expect(found.map(({ id }) => id).sort()).toEqual(
              naivelyFoundBy(rules, one)
                .map(({ id }) => id)
                .sort(),
            );
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  const set = (detection: object) => new RuleSet([ruleOf(detection)], [MODBUS_PROTOCOL]);
  const asked = (rules: RuleSet, unit: number, targetFrom: number): Set<string> =>
    new Set(
      MODBUS_OPERATIONS.flatMap((operation) =>
        [true, false].flatMap((isRequest) =>
          rules.of('modbus')?.group({ operation, isRequest, rejection: 'none' })?.concerns({ unit, targetFrom })
            ? [`${operation.function} ${isRequest}`]
            : [],
        ),
      ),
    );

  test('a rule costs nothing for functions, directions, units and addresses that it does not name', () => {
    expect(asked(set({ a: { 'modbus.function': 'umas' }, condition: 'a' }), 1, 1)).toEqual(
      new Set(['umas true', 'umas false']),
    );
    const exact = set({
      a: { 'modbus.pdu': 'request', 'modbus.function': 'write_single_coil', 'modbus.unit_id': [1, 2] },
      condition: 'a',
    });
    expect(asked(exact, 2, 0)).toEqual(new Set(['write_single_coil true']));
    expect(asked(exact, 3, 0)).toEqual(new Set());
    const address = set({ a: { 'modbus.function': 'read_coils', 'modbus.address': 400 }, condition: 'a' });
    expect(asked(address, 1, 400)).toEqual(new Set(['read_coils true', 'read_coils false']));
    expect(asked(address, 1, 401)).toEqual(new Set());
    expect(set({ a: { x: 1 }, condition: 'a' }).of('s7comm')).toBeNull();
  });

  test('a rule that can never match is asked for nothing', () => {
    expect(asked(set({ a: { x: 1 }, condition: '1 of none*' }), 1, 1)).toEqual(new Set());
  });

  test('the numbers by which rules are found are those of the record', () => {
    const differing: unknown[] = [];
    let compared = 0;
    const compare = (pdu: Pdu): void => {
      const fields = pdu.fields();
      for (const { name, pdu: property } of pdu.protocol.fields) {
        if (property === undefined) continue;
        const value = fields[name.slice(pdu.protocol.name.length + 1)];
        if (value === undefined) continue;
        compared++;
        if (value !== pdu[property])
          differing.push({ name, value, found: pdu[property], operation: pdu.operation.name });
      }
    };
    const folders = ['plant', 'modbus'].map((name) =>
      fileURLToPath(new URL(`../../fixtures/${name}/`, import.meta.url)),
    );
    for (const folder of folders) {
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.pcap'))) {
        const dissection = new Dissection(
          { dissectors: createDissectors(), flowLimits: { flows: 2000, unanswered: 1000 } },
          {
            pdu: ({ pdu }) => compare(pdu!),
            anomaly() {},
            identity() {},
            closed() {},
            frame() {},
            flowEnded() {},
          },
        );
        const parser = new CaptureParser(dissection);
        parser.push(readFileSync(join(folder, file)));
        parser.end();
        dissection.finish();
      }
    }
    expect(compared).toBeGreaterThan(5000);
    expect(differing.slice(0, 5)).toEqual([]);
  });
});
