import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { Alert } from '../../sensor/model/records.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import { type Frame, modbusPdu, modbusTcp, pcap, TcpPair } from '../support/packets.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Alerts of the user's own rules. */
function alertsOf(rules: string, frames: readonly Frame[]): Alert[] {
  writeFileSync(join(folder, 'own.yml'), rules);
  const sensor = createSensor({
    sensor: 'test',
    mode: 'replay',
    phase: 'learn',
    memory: null,
    flowLimits: { flows: 1000, unanswered: 500 },
    site: {
      zones: [{ name: 'cell', networks: ['10.0.0.0/8'] }],
      stations: [{ name: 'panel', ips: ['10.9.9.9'], authorised: ['read'] }],
    },
    rules: { paths: [folder], disabled: [], placeholders: [{ name: 'ports', values: [502, 102] }] },
  });
  const parser = new CaptureParser(sensor);
  parser.push(pcap(frames));
  parser.end();
  sensor.finish();
  return sensor.collect().alerts.filter(({ rule_id }) => rule_id.startsWith('own'));
}

const rule = (id: string, detection: string, service = 'connection') =>
  `title: ${id}\nid: ${id}\nlevel: medium\nlogsource: {product: fieldwatch, service: ${service}}\ndetection:\n${detection}\n  condition: s\n`;

function session(): Frame[] {
  const pair = new TcpPair();
  const read = modbusPdu.read(3, 7, 1);
  return [...pair.open(), pair.client(modbusTcp(read)), ...pair.close()];
}

test('a connection is shown when it is established, and when it ends', () => {
  const alerts = alertsOf(
    [
      rule('own-start', '  s: {connection.event: start, dest_port|expand: "%ports%", connection.service: modbus}'),
      rule('own-end', '  s: {connection.event: end, connection.state: established, destination.port: 502}'),
      rule('own-zone', '  s: {connection.event: start, src.zone: cell, src.authorised: false, src.internal: true}'),
      rule('own-not', '  s: {connection.event: start, dest_port: 503}'),
      rule('own-zeek', '  s: {id.resp_p: 502, connection.event: start}', 'conn'),
    ].join('---\n'),
    session(),
  );
  expect(alerts.map(({ rule_id }) => rule_id).sort()).toEqual(['own-end', 'own-start', 'own-zeek', 'own-zone']);
  const start = alerts.find(({ rule_id }) => rule_id === 'own-start');
  expect(start?.evidence.records[0]).toMatchObject({ event_type: 'connection', connection: { event: 'start' } });
  expect(start?.evidence.pcap_cnts.length).toBeGreaterThan(0);
});

test('rules of other products work on our messages, and correlations count them in packet time', () => {
  const pair = new TcpPair();
  const frames = [...pair.open()];
  for (let index = 0; index < 12; index++) frames.push(pair.client(modbusTcp(modbusPdu.read(3, index, 1))));
  frames.push(...pair.close());
  const alerts = alertsOf(
    [
      'title: reads\nid: own-reads\nname: reads\nlogsource: {product: zeek, service: modbus_detailed}\ndetection:\n  s: {func: READ_HOLDING_REGISTERS, request_response: REQUEST, source.ip|cidr: 0.0.0.0/0}\n  condition: s\n',
      'title: many\nid: own-many\nlevel: high\ncorrelation:\n  type: value_count\n  rules: [reads]\n  group-by: [src_ip]\n  timespan: 1m\n  condition: {gte: 10, field: address}\n',
    ].join('---\n'),
    frames,
  );
  expect(alerts.map(({ rule_id, count, observed, severity }) => ({ rule_id, count, observed, severity }))).toEqual([
    { rule_id: 'own-many', count: 1, observed: '10 different values within 60 seconds', severity: 'high' },
  ]);
});

test('what the sensor knows beside the record', () => {
  const alerts = alertsOf(
    [
      rule(
        'own-class',
        '  s: {operation.class: read, operation.direction: request, dest.zone: cell, unit: 1}',
        'modbus',
      ),
      rule('own-target', '  s: {target.space: holding_register, target.from: 7, learning: true}', 'modbus'),
      rule('own-other', '  s: {operation.class: write}', 'modbus'),
      rule('own-keyword', '  s: [read_holding]', 'modbus'),
    ].join('---\n'),
    session(),
  );
  expect(alerts.map(({ rule_id }) => rule_id).sort()).toEqual(['own-class', 'own-keyword', 'own-target']);
  expect(alerts[0]?.rule_version).toMatch(/^[0-9a-f]{8}$/);
});
