import { expect, test } from 'vitest';
import type { Packet } from '../../sensor/capture/packet.js';
import { Sensor } from '../../sensor/pipeline/sensor.js';
import { arp, BASE_TIME, ethernet, ipv4, udp } from '../support/packets.js';

const MILLION = 1_000_000;

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
  sensor.finish();
  const { health, assets } = sensor.collect();
  expect(sensor.assetCount).toBe(10_000);
  expect(assets.length).toBeLessThanOrEqual(10_000);
  // Addresses that end in 255 are taken for broadcast, and belong to nobody.
  const broadcasts = Math.floor(MILLION / 256);
  expect(health.dropped['assets_not_kept']).toBe(MILLION - broadcasts - 10_000);
  expect(sensor.alertsRaised['health']).toBe(1);
});

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
