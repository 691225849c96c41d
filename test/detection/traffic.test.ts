import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { hasBuiltRules, runSensor, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';

/**
 * The whole catalogue on real traffic: every capture of the fixtures is learned, and then seen again while protecting.
 * What is named here does what these rules are for; everything else is normal work, and must be quiet.
 */
const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const RULES = fileURLToPath(new URL('../../rules/', import.meta.url));

const FIRES: Readonly<Record<string, readonly [learning: readonly string[], protecting: readonly string[]]>> = {
  's7/raw-fragmented': [['s7comm/plc-stop'], ['s7comm/plc-stop']],
  's7/raw-functions': [[], ['s7comm/undocumented-function']],
  's7/snap7-blocks': [
    ['s7comm/delete-block', 's7comm/download', 's7comm/upload'],
    ['s7comm/delete-block', 's7comm/download', 's7comm/upload'],
  ],
  's7/snap7-clock': [[], ['s7comm/set-clock']],
  's7/snap7-control': [
    ['s7comm/compress-memory', 's7comm/plc-start', 's7comm/plc-stop', 's7comm/ram-to-rom'],
    ['s7comm/compress-memory', 's7comm/plc-start', 's7comm/plc-stop', 's7comm/ram-to-rom'],
  ],
  's7/snap7-password': [['s7comm/password'], ['s7comm/password']],
  // A tour through all services: some refused, a password without encryption, nodes added and deleted.
  'opcua/open62541-services': [
    ['function-scan', 'opcua/clear-password', 'opcua/nodes-changed'],
    ['function-scan', 'opcua/call-unusual', 'opcua/clear-password', 'opcua/nodes-changed'],
  ],
  'opcua/node-opcua-calls': [['opcua/server-state'], ['opcua/call-unusual', 'opcua/server-state']],
  'opcua/node-opcua-history': [[], ['opcua/history-changed']],
  'opcua/node-opcua-node-management': [
    ['function-scan', 'opcua/nodes-changed'],
    ['function-scan', 'opcua/nodes-changed'],
  ],
  'opcua/node-opcua-writes': [['opcua/write-attributes'], ['opcua/write-attributes']],
  'modbus/libmodbus-canopen-mei': [['modbus/canopen'], ['modbus/canopen']],
  'modbus/libmodbus-malformed': [
    ['function-scan', 'modbus/canopen', 'modbus/value-probing'],
    [
      'function-scan',
      'modbus/canopen',
      'modbus/file-read-unusual',
      'modbus/undocumented-function',
      'modbus/value-probing',
    ],
  ],
  'modbus/libmodbus-register-scan': [['address-scan'], ['address-scan']],
  'modbus/libmodbus-umas-refused': [
    ['function-scan', 'modbus/umas-reservation', 'modbus/umas-stop'],
    ['function-scan', 'modbus/umas-reservation', 'modbus/umas-stop'],
  ],
  'modbus/pymodbus-diagnostics': [
    ['modbus/clear-counters', 'modbus/input-delimiter', 'modbus/restart-communications'],
    ['modbus/clear-counters', 'modbus/input-delimiter', 'modbus/restart-communications'],
  ],
  'modbus/pymodbus-files-fifo-as-is': [['modbus/file-write'], ['modbus/file-write']],
  'modbus/pymodbus-files-fifo': [['modbus/file-write'], ['modbus/file-write']],
  'modbus/pymodbus-function-scan': [
    ['function-scan', 'modbus/file-write', 'modbus/legacy-programming', 'modbus/reset-link'],
    [
      'function-scan',
      'modbus/file-write',
      'modbus/legacy-programming',
      'modbus/reset-link',
      'modbus/undocumented-function',
    ],
  ],
  'modbus/pymodbus-listen-only': [['modbus/force-listen-only'], ['modbus/force-listen-only']],
  'modbus/pymodbus-malformed': [
    ['modbus/canopen', 'modbus/value-probing'],
    ['modbus/canopen', 'modbus/undocumented-function', 'modbus/value-probing'],
  ],
  'modbus/pymodbus-user-defined': [['function-scan'], ['function-scan', 'modbus/undocumented-function']],
};

const nameOf = new Map(
  readRuleFiles(RULES).rules.map(({ id, file }) => [id, `${basename(dirname(file))}/${basename(file, '.yml')}`]),
);
const captures = ['modbus', 's7', 'opcua'].flatMap((folder) =>
  readdirSync(`${FIXTURES}${folder}`)
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => `${folder}/${basename(name, '.pcap')}`),
);

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

describe.skipIf(!hasBuiltRules)('rules on real traffic', () => {
  test('name captures that exist', () => {
    expect(Object.keys(FIRES).filter((name) => !existsSync(`${FIXTURES}${name}.pcap`))).toEqual([]);
  });

  test.each(captures)('%s', (name) => {
    const capture = readFileSync(`${FIXTURES}${name}.pcap`);
    const learned = runSensor([capture], { phase: 'learn' });
    const memory = { ...learned.memory, openAlerts: [] };
    const seenAgain = runSensor([capture], { phase: 'protect', memory });
    const rules = [learned, seenAgain].map(({ batch }) => {
      const raised = batch.alerts.filter(({ kind }) => kind === 'rule');
      return [...new Set(raised.map(({ rule_id }) => nameOf.get(rule_id) ?? rule_id))].sort();
    });
    expect(rules).toEqual(FIRES[name] ?? [[], []]);
  });
});
