import { describe, expect, test } from 'vitest';
import type { Alert } from '../../sensor/model/records.js';
import { hasBuiltRules, runSensor, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import {
  arp,
  BASE_TIME,
  bytes,
  type CaptureRecord,
  ethernet,
  icmp,
  ipv4,
  modbusPdu,
  modbusTcp,
  pcap,
  TcpPair,
  udp,
} from '../support/packets.js';

const SECOND = 1_000_000;
const SCANNER = '10.0.0.66';
const PLC = '10.0.0.10';
const MAC = (last: number): string => `02:00:00:00:01:${last.toString(16).padStart(2, '0')}`;
const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

/** At second `at` after the capture's beginning. */
type Timed = readonly [at: number, layer: { data: Uint8Array }];

function alertsOf(timed: readonly Timed[]): Alert[] {
  const records: CaptureRecord[] = timed.map(([at, { data }]) => ({ data, time: BASE_TIME + Math.round(at * SECOND) }));
  return runSensor([pcap(records)], { phase: 'learn' }).batch.alerts;
}

const ruleIds = (timed: readonly Timed[]): string[] =>
  alertsOf(timed)
    .map((alert) => alert.rule_id)
    .sort();

/** A connection request, and what comes of it. */
function attempt(
  at: number,
  to: { ip?: string; port: number },
  outcome: 'refused' | 'silence' | 'half-open' | 'conversation',
  clientPort = 40_000,
): Timed[] {
  const pair = new TcpPair({ clientIp: SCANNER, serverIp: to.ip ?? PLC, serverPort: to.port, clientPort });
  const open = pair.open();
  const frames = {
    silence: () => open.slice(0, 1),
    refused: () => [open[0]!, pair.server(undefined, { flags: 'RA' })],
    'half-open': () => [open[0]!, open[1]!, pair.client(undefined, { flags: 'R' })],
    conversation: () => [
      ...open,
      pair.client(modbusTcp(modbusPdu.read(3, 0, 1))),
      pair.server(modbusTcp(modbusPdu.registers(3, [1]))),
      ...pair.close(),
    ],
  }[outcome]();
  return frames.map((frame, index) => [at + index * 0.001, frame] as const);
}

const arpRequest = (at: number, target: string, senderMac = MAC(66), senderIp = SCANNER): Timed => [
  at,
  ethernet(arp({ senderIp, senderMac, targetIp: target }), { src: senderMac, dst: 'ff:ff:ff:ff:ff:ff' }),
];
const arpAnswer = (at: number, ip: string, mac: string): Timed => [
  at,
  ethernet(arp({ operation: 2, senderIp: ip, senderMac: mac, targetIp: SCANNER, targetMac: MAC(66) }), { src: mac }),
];

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

describe.skipIf(!hasBuiltRules)('scans', () => {
  test.each(['refused', 'silence', 'half-open'] as const)('ports of one device, %s', (outcome) => {
    const scan = (ports: number, step: number) =>
      ruleIds(range(ports, 1000).flatMap((port, index) => attempt(index * step, { port }, outcome, 41_000 + index)));
    expect(scan(15, 0.1)).toEqual(['port-scan']);
    expect(scan(14, 0.1)).toEqual([]);
    // Slower than the window of a minute.
    expect(scan(15, 5)).toEqual([]);
  });

  test('ports of several devices are one story', () => {
    const [alert, ...others] = alertsOf(
      range(3, 1).flatMap((host) =>
        range(20, 1000).flatMap((port, index) =>
          attempt(host * 5 + index * 0.1, { ip: `10.0.1.${host}`, port }, 'refused', 41_000 + index),
        ),
      ),
    );
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ rule_id: 'port-scan', count: 18 });
    expect(alert?.description).toContain('and so it did with 2 other devices');
  });

  test('many conversations with many ports are no scan', () => {
    const ids = ruleIds(
      range(30, 1000).flatMap((port, index) => attempt(index * 0.1, { port }, 'conversation', 41_000 + index)),
    );
    expect(ids.filter((id) => id.endsWith('scan') || id.endsWith('sweep'))).toEqual([]);
  });

  test('one port of many addresses, and it is one alert that tells its extent', () => {
    const sweep = (hosts: number) =>
      alertsOf(
        range(hosts, 1).flatMap((host, index) => attempt(index * 0.1, { ip: `10.0.1.${host}`, port: 502 }, 'silence')),
      );
    expect(sweep(14)).toEqual([]);
    const [alert, ...others] = sweep(40);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ rule_id: 'host-sweep', severity: 'high', src_ip: SCANNER, count: 26 });
    expect(alert?.description).toContain('tcp/502 on 40 addresses');
  });

  test('ports of three automation protocols, on whatever device', () => {
    const sweep = (ports: readonly number[]) =>
      ruleIds(ports.flatMap((port, index) => attempt(index, { ip: `10.0.1.${index + 1}`, port }, 'refused')));
    expect(sweep([502, 102, 44_818])).toEqual(['control-port-sweep']);
    expect(sweep([502, 102, 80, 443, 22])).toEqual([]);
  });

  test('thirty services a day, slowly', () => {
    const slow = (count: number) =>
      ruleIds(range(count, 1000).flatMap((port, index) => attempt(index * 600, { port }, 'silence', 41_000 + index)));
    expect(slow(30)).toEqual(['slow-scan']);
    expect(slow(29)).toEqual([]);
  });

  test('datagrams that nobody answers', () => {
    const probe = (index: number): Timed => [
      index * 0.1,
      ethernet(ipv4({ src: SCANNER, dst: PLC }, udp({ sport: 50_000, dport: 2000 + index }, bytes(1, 2, 3)))),
    ];
    expect(ruleIds(range(15).map(probe))).toEqual(['port-scan']);
    expect(ruleIds(range(14).map(probe))).toEqual([]);
  });

  test('a ping sweep', () => {
    const ping = (index: number): Timed => [
      index * 0.05,
      ethernet(ipv4({ src: SCANNER, dst: `10.0.1.${index + 1}` }, icmp(8, 0, bytes(0, 1, 0, 1)))),
    ];
    expect(ruleIds(range(15).map(ping))).toEqual(['host-sweep']);
    expect(ruleIds(range(14).map(ping))).toEqual([]);
  });

  test('ARP for addresses nobody has; a station that starts and is answered is none', () => {
    const asked = range(20, 1).map((host) => `10.0.1.${host}`);
    const requests = asked.map((ip, index) => arpRequest(index * 0.2, ip));
    expect(ruleIds(requests)).toEqual(['arp-sweep']);
    expect(ruleIds(requests.slice(1))).toEqual([]);
    const answered = asked.flatMap((ip, index) => [
      arpRequest(index * 0.2, ip),
      arpAnswer(index * 0.2 + 0.01, ip, MAC(index)),
    ]);
    expect(ruleIds(answered)).toEqual([]);
  });
});

describe.skipIf(!hasBuiltRules)('who pretends to be another', () => {
  test('an address that changes its card while the old one is there', () => {
    const [alert, ...others] = alertsOf([
      arpAnswer(0, PLC, MAC(1)),
      arpAnswer(30, PLC, MAC(1)),
      arpAnswer(40, PLC, MAC(9)),
    ]);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      rule_id: 'address-taken',
      severity: 'high',
      expected: `${PLC} at ${MAC(1)}`,
      observed: `${PLC} at ${MAC(9)}`,
    });
    expect(alert?.description).toContain('until 10 s ago');
  });

  test('both claim it in turn: one alert that counts', () => {
    const [alert, ...others] = alertsOf(range(10).map((index) => arpAnswer(index, PLC, MAC(1 + (index % 2)))));
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ rule_id: 'address-taken', count: 9 });
  });

  test('a card that was silent for long was perhaps replaced', () => {
    const alerts = alertsOf([arpAnswer(0, PLC, MAC(1)), arpAnswer(7200, PLC, MAC(9))]);
    expect(alerts.map(({ rule_id, severity }) => [rule_id, severity])).toEqual([['address-taken', 'medium']]);
  });

  test.each([['00:00:5e:00:01:0a'], ['00:00:0c:07:ac:01'], ['00:07:b4:00:01:02']])(
    'a card that routers share (%s) is none',
    (shared) => {
      expect(ruleIds([arpAnswer(0, PLC, MAC(1)), arpAnswer(1, PLC, shared), arpAnswer(2, PLC, MAC(1))])).toEqual([]);
    },
  );

  test('an ICMP redirect, and no other ICMP message', () => {
    const message = (type: number): Timed => [
      0,
      ethernet(ipv4({ src: SCANNER, dst: PLC }, icmp(type, 1, bytes(10, 0, 0, 66, 0, 0, 0, 0)))),
    ];
    expect(ruleIds([message(5)])).toEqual(['icmp-redirect']);
    for (const type of [0, 3, 8, 11]) expect(ruleIds([message(type)])).toEqual([]);
  });
});

describe.skipIf(!hasBuiltRules)('floods', () => {
  test('connection requests to one service within a second', () => {
    const flood = (count: number, seconds: number) =>
      ruleIds(
        range(count).flatMap((index) =>
          attempt((index / count) * seconds, { port: 502 }, 'conversation', 20_000 + index),
        ),
      ).filter((id) => id.endsWith('flood'));
    expect(flood(200, 0.9)).toEqual(['connection-flood']);
    expect(flood(199, 0.9)).toEqual([]);
    expect(flood(400, 3)).toEqual([]);
  });

  test('ICMP messages', () => {
    const flood = (count: number) =>
      ruleIds(
        range(count).map(
          (index): Timed => [
            index * 0.005,
            ethernet(ipv4({ src: SCANNER, dst: PLC }, icmp(8, 0, bytes(0, 1, 0, index)))),
          ],
        ),
      );
    expect(flood(100)).toEqual(['icmp-flood']);
    expect(flood(99)).toEqual([]);
  });

  test('frames to everybody', () => {
    const storm = (count: number) =>
      ruleIds(range(count).map((index) => arpRequest(index * 0.0015, PLC, MAC(index % 100), `10.0.2.${index % 100}`)));
    expect(storm(500)).toContain('broadcast-storm');
    expect(storm(499)).not.toContain('broadcast-storm');
  });
});
