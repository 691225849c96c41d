import { expect, test } from 'vitest';
import type { Packet } from '../../sensor/capture/packet.js';
import { Sensor } from '../../sensor/pipeline/sensor.js';
import { arp, BASE_TIME, ethernet, ipv4, ipv6, udp } from '../support/packets.js';

const MILLION = 1_000_000;
/** More than there is room for. */
const PAIRS = 8000;

function newSensor(): Sensor {
  return new Sensor({
    sensor: 'test',
    mode: 'replay',
    phase: 'protect',
    memory: null,
    version: '1',
    dissectors: [],
    rules: [],
    vendorOf: () => null,
    flowLimits: { flows: 4000, unanswered: 2000 },
  });
}

/** The same frame a million times, with another address each time. */
function flood(sensor: Sensor, frame: Uint8Array, change: (buf: Uint8Array, index: number) => void): void {
  const packet: Packet = {
    buf: frame,
    from: 0,
    to: frame.length,
    originalLength: frame.length,
    linkType: 1,
    timestamp: BASE_TIME,
    nanos: -1,
    number: 0,
  };
  for (let index = 0; index < MILLION; index++) {
    change(frame, index);
    packet.number = index + 1;
    packet.timestamp = BASE_TIME + index * 10;
    sensor.packet(packet);
    // As a live capture does.
    if (index % 100_000 === 0) sensor.collect();
  }
}

function setWord(buf: Uint8Array, at: number, value: number): void {
  new DataView(buf.buffer, buf.byteOffset).setUint32(at, value >>> 0);
}

test('a million invented addresses in ARP: bounded, counted, told once', () => {
  const sensor = newSensor();
  const frame = ethernet(arp({ senderIp: '10.0.0.1', senderMac: '02:00:00:00:00:01' })).data.slice();
  flood(sensor, frame, (buf, index) => {
    setWord(buf, 8, index);
    setWord(buf, 24, index);
    setWord(buf, 28, 0x0a00_0000 + index);
  });
  expect(sensor.assetCount).toBeLessThanOrEqual(10_000);
  const { health, assets } = sensor.collect();
  expect(assets.length).toBeLessThanOrEqual(10_000);
  // Addresses that end in 255 are taken for broadcast, and belong to nobody.
  const broadcasts = Math.floor(MILLION / 256);
  const { assets_forgotten: forgotten = 0, assets_not_kept: notKept = 0 } = health.dropped;
  expect(forgotten + notKept + sensor.assetCount).toBe(MILLION - broadcasts);
  expect(sensor.alertsRaised['health']).toBe(1);
  expect(sensor.alertsRaised['deviation']).toBeLessThanOrEqual(400);
  seesWhoComes(sensor);
});

test.each<[string, () => Uint8Array, number, number]>([
  [
    'IPv6, with answers',
    () => ethernet(ipv6({ src: 'fd00::1', dst: 'fd00::2' }, udp({ sport: 502, dport: 502 }, new Uint8Array(8)))).data,
    14 + 8 + 12,
    14 + 24 + 12,
  ],
  [
    'IPv4, with answers',
    () => ethernet(ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ sport: 502, dport: 502 }, new Uint8Array(8)))).data,
    14 + 12,
    14 + 16,
  ],
])('thousands of pairs of invented addresses in %s: nobody who comes then is overlooked', (_name, make, src, dst) => {
  const sensor = newSensor();
  const there = make().slice();
  const back = make().slice();
  const packet: Packet = {
    buf: there,
    from: 0,
    to: there.length,
    originalLength: there.length,
    linkType: 1,
    timestamp: BASE_TIME,
    nanos: -1,
    number: 0,
  };
  for (let index = 0; index < PAIRS; index++) {
    const [one, other] = [0x0a00_0001 + 2 * index, 0x0a80_0001 + 2 * index];
    for (const [buf, from, to] of [
      [there, one, other],
      [back, other, one],
    ] as const) {
      setWord(buf, src, from);
      setWord(buf, dst, to);
      packet.number++;
      packet.timestamp = BASE_TIME + packet.number * 10;
      sensor.packet({ ...packet, buf });
    }
    if (index % 5000 === 0) sensor.collect();
  }
  const { health } = sensor.collect();
  expect(sensor.assetCount).toBeLessThanOrEqual(10_000);
  expect(sensor.conversationCount).toBeLessThanOrEqual(50_000);
  expect(health.dropped['conversations_not_kept']).toBe(0);
  seesWhoComes(sensor);
});

/** A device that comes after the flood is kept and told of. */
function seesWhoComes(sensor: Sensor): void {
  const told = sensor.alertsRaised['deviation'] ?? 0;
  const [station, plc] = ['172.16.5.5', '172.16.5.6'];
  const send = (frame: Uint8Array, at: number) =>
    sensor.packet({
      buf: frame,
      from: 0,
      to: frame.length,
      originalLength: frame.length,
      linkType: 1,
      timestamp: BASE_TIME + 600_000_000 + at,
      nanos: -1,
      number: 2 * MILLION + at,
    });
  const datagram = (src: string, dst: string) =>
    ethernet(ipv4({ src, dst }, udp({ sport: 502, dport: 502 }, new Uint8Array(8)))).data;
  send(ethernet(arp({ senderIp: station, senderMac: '02:00:00:00:99:01' })).data, 1);
  send(datagram(station, plc), 2);
  send(datagram(plc, station), 3);
  sensor.finish();
  const { assets, conversations } = sensor.collect();
  expect(assets.flatMap(({ ips }) => ips)).toEqual(expect.arrayContaining([station, plc]));
  expect(conversations.some(({ client_ip, server_ip }) => [client_ip, server_ip].includes(plc))).toBe(true);
  expect(sensor.alertsRaised['deviation']).toBeGreaterThan(told);
}

test('a million invented addresses in UDP: unanswered ones become no devices at all', () => {
  const sensor = newSensor();
  const inner = udp({ sport: 50_000, dport: 9999 }, new Uint8Array(8));
  const frame = ethernet(ipv4({ src: '10.0.0.1', dst: '192.168.0.1' }, inner)).data.slice();
  flood(sensor, frame, (buf, index) => setWord(buf, 26, 0x0a00_0000 + index));
  sensor.finish();
  const { health } = sensor.collect();
  expect(sensor.assetCount).toBeLessThanOrEqual(10_000);
  expect(sensor.conversationCount).toBeLessThanOrEqual(50_000);
  expect(health.flows_active).toBeLessThanOrEqual(4000);
  expect(health.packets).toBe(MILLION);
});

test.each<[string, (index: number) => Uint8Array]>([
  [
    'DHCP clients',
    (index) => {
      const message = new Uint8Array(300);
      message.set([1, 1, 6, 0]);
      message.set([2, 0, index >>> 24, index >>> 16, index >>> 8, index], 28);
      message.set([0x63, 0x82, 0x53, 0x63, 53, 1, 1, 12, 8], 236);
      message.set(new TextEncoder().encode(index.toString(16).padStart(8, '0')), 245);
      message[253] = 255;
      return ethernet(ipv4({ src: '0.0.0.0', dst: '255.255.255.255' }, udp({ sport: 68, dport: 67 }, message))).data;
    },
  ],
  [
    'LLDP neighbours',
    (index) => {
      const body = new Uint8Array(40);
      body.set([0x02, 7, 4, 2, 0, index >>> 24, index >>> 16, index >>> 8, index]);
      body.set([0x0a, 4, 0x61 + (index & 15), 0x62, 0x63, 0x64], 9);
      return ethernet(body, { type: 0x88cc }).data;
    },
  ],
  [
    'names of one device in mDNS',
    (index) => {
      const name = `host-${index.toString(16).padStart(6, '0')}`;
      const message = new Uint8Array(12 + 1 + name.length + 7 + 10 + 4);
      message.set([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, name.length]);
      message.set(new TextEncoder().encode(name), 13);
      message.set([5, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 7], 13 + name.length);
      return ethernet(ipv4({ src: '10.0.0.7', dst: '224.0.0.251' }, udp({ sport: 5353, dport: 5353 }, message))).data;
    },
  ],
])('twenty thousand invented %s', (_name, make) => {
  const sensor = newSensor();
  for (let index = 0; index < 20_000; index++) {
    const buf = make(index);
    sensor.packet({
      buf,
      from: 0,
      to: buf.length,
      originalLength: buf.length,
      linkType: 1,
      timestamp: BASE_TIME + index * 1000,
      nanos: -1,
      number: index + 1,
    });
    if (index % 5000 === 0) sensor.collect();
  }
  const { assets } = sensor.collect();
  expect(sensor.assetCount).toBeLessThanOrEqual(10_000);
  for (const asset of assets) expect(asset.evidence.length).toBeLessThanOrEqual(100);
  seesWhoComes(sensor);
});
