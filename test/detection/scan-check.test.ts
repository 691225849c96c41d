import { describe, expect, test } from 'vitest';
import { ScanCheck } from '../../sensor/detection/checks/scan.js';
import type { Finding, Party } from '../../sensor/model/finding.js';
import type { Pdu, Rejection } from '../../sensor/model/pdu.js';
import { MODBUS_OPERATIONS } from '../../sensor/protocols/modbus/functions.js';
import { MODBUS_PROTOCOL } from '../../sensor/protocols/modbus/protocol.js';

const SECOND = 1_000_000;

function party(ip: string): Party {
  return { ip, label: ip };
}

function refusal(rejection: Rejection, item: number): Pdu {
  const operation = MODBUS_OPERATIONS[rejection === 'unsupported_operation' ? item : 3];
  if (!operation) throw new Error(`no operation ${item}`);
  return {
    protocol: MODBUS_PROTOCOL,
    operation,
    isRequest: false,
    fromClient: false,
    from: 0,
    unit: rejection === 'unreachable' ? item : 1,
    rejection,
    targets: 1,
    selectTarget: () => {},
    targetSpace: 'holding_register',
    targetFrom: rejection === 'bad_address' ? item : 0,
    targetCount: 1,
    variables: 0,
    valuesAreWritten: false,
    readVariable: () => {},
    valuesBuf: new Uint8Array(0),
    valuesFrom: 0,
    valuesTo: 0,
    valueBits: 0,
    isEncrypted: false,
    requestNumber: 1,
    requestTimestamp: 0,
    anomalies: [],
    isPartial: false,
    fields: () => ({}),
  };
}

/** The first of these items, one every `step` seconds, that is a finding; -1 when none is. */
function firstFinding(
  rejection: Rejection,
  items: readonly number[],
  step: number,
  check = new ScanCheck('1'),
): number {
  return items.findIndex(
    (item, index) =>
      check.judge(refusal(rejection, item), 'modbus', party('c'), party('s'), index * step * SECOND) !== null,
  );
}

const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('scans', () => {
  test.each<[Rejection, number]>([
    ['unsupported_operation', 3],
    ['bad_address', 5],
    ['unreachable', 5],
  ])('%s: the threshold counts different ones', (rejection, threshold) => {
    expect(firstFinding(rejection, range(10), 1)).toBe(threshold - 1);
    expect(firstFinding(rejection, range(threshold - 1), 1)).toBe(-1);
    expect(firstFinding(rejection, new Array<number>(1000).fill(7), 0.01)).toBe(-1);
  });

  test('within a minute, not over the day', () => {
    expect(firstFinding('unsupported_operation', range(3), 30)).toBe(2);
    expect(firstFinding('unsupported_operation', range(100), 31)).toBe(-1);
  });

  test.each<Rejection>(['none', 'bad_value', 'busy', 'failed'])('%s is no scan', (rejection) => {
    expect(firstFinding(rejection, range(20), 1)).toBe(-1);
  });

  test('pairs of stations are watched apart, and so are kinds', () => {
    const check = new ScanCheck('1');
    const found: (Finding | null)[] = [];
    for (const item of range(2)) {
      for (const [client, server] of [
        ['a', 's'],
        ['b', 's'],
        ['a', 't'],
      ] as const) {
        found.push(check.judge(refusal('unsupported_operation', item), 'modbus', party(client), party(server), 0));
        found.push(check.judge(refusal('bad_address', item), 'modbus', party(client), party(server), 0));
      }
    }
    expect(found.every((finding) => finding === null)).toBe(true);
    const finding = check.judge(refusal('unsupported_operation', 9), 'modbus', party('a'), party('s'), 0);
    expect(finding).toMatchObject({ ruleId: 'function-scan', source: { ip: 'a' }, target: { ip: 's' } });
    expect(finding?.observed).toBe('3 refused requests, 3 of them different');
  });

  test('a million pairs are forgotten in time, and a scan among them is still seen', () => {
    const check = new ScanCheck('1');
    for (let index = 0; index < 1_000_000; index++) {
      check.judge(refusal('bad_address', index), 'modbus', party(`p${index}`), party('s'), 0);
    }
    expect(firstFinding('bad_address', range(5), 1, check)).toBe(4);
    // The first pair is forgotten: its count begins anew.
    expect(check.judge(refusal('bad_address', 1), 'modbus', party('p0'), party('s'), 0)).toBeNull();
  });

  test('one pair that asks for everything is counted within bounds', () => {
    const check = new ScanCheck('1');
    let last: Finding | null = null;
    for (let item = 0; item < 65_536; item++) {
      last = check.judge(refusal('bad_address', item), 'modbus', party('c'), party('s'), 0);
    }
    expect(last?.observed).toBe('65536 refused requests, 256 of them different');
  });
});
