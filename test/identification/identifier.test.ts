import { describe, expect, test } from 'vitest';
import { type Ends, Identifier, type Watch } from '../../sensor/identification/identifier.js';
import { IDENTITY_SOURCES } from '../../sensor/identification/registry.js';
import type { IdentityFact } from '../../sensor/model/pdu.js';
import { BASE_TIME, type Bytes } from '../support/packets.js';
import { SAMPLES } from './messages.js';

const SECOND = 1_000_000;

function listening() {
  const facts: IdentityFact[] = [];
  const ends: Ends = {
    ip: (side) => (side === 0 ? '10.0.0.1' : '10.0.0.7'),
    mac: () => null,
    port: (side) => (side === 0 ? 50_000 : 80),
    tell: (fact) => facts.push(fact),
    client: 0,
  };
  const identifier = new Identifier(IDENTITY_SOURCES, (fact) => facts.push(fact));
  return { identifier, ends, facts };
}

const sampleOf = (source: string): Bytes => SAMPLES.find((sample) => sample.source === source)!.data;

describe('streams', () => {
  test.each(['http', 'ssh', 'fox', 'telnet', 'greeting'])('%s says the same, wherever its segments are cut', (name) => {
    const source = IDENTITY_SOURCES.find((one) => one.name === name)!;
    const port = source.tcpPorts?.[0] ?? 0;
    const data = sampleOf(name);
    const saidIn = (pieces: readonly Bytes[]): string[] => {
      const { identifier, ends, facts } = listening();
      const watch = identifier.watchStream(50_000, port);
      for (const piece of pieces)
        identifier.data(
          watch,
          { ...ends, port: (side) => (side === 0 ? 50_000 : port) },
          1,
          piece,
          0,
          piece.length,
          BASE_TIME,
        );
      // A fact may be told again with more of the message at hand.
      return [...new Set(facts.map(({ field, value }) => `${field}=${value}`))];
    };
    const whole = saidIn([data]);
    expect(whole.length).toBeGreaterThan(0);
    for (let at = 1; at < data.length; at++)
      expect(saidIn([data.slice(0, at), data.slice(at)]), `cut at ${at}`).toEqual(whole);
    expect(saidIn(Array.from(data, (_, index) => data.slice(index, index + 1)))).toEqual(whole);
  });

  test('are recognised by their first bytes on any port, and otherwise let go', () => {
    const { identifier, ends, facts } = listening();
    const known = identifier.watchStream(50_000, 30_022);
    identifier.data(known, ends, 1, sampleOf('ssh'), 0, sampleOf('ssh').length, BASE_TIME);
    expect(facts.map(({ source }) => source)).toContain('ssh.banner');
    const unknown = identifier.watchStream(50_000, 30_023);
    for (const side of [0, 1] as const) identifier.data(unknown, ends, side, new Uint8Array(40), 0, 40, BASE_TIME);
    expect(unknown.isOver).toBe(true);
  });

  test('that never come to an end are let go, and their bytes with them', () => {
    const { identifier, ends } = listening();
    const endless = new TextEncoder().encode(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(200)}`);
    const watches: Watch[] = [];
    for (let index = 0; index < 20_000; index++) {
      const watch = identifier.watchStream(50_000, 80);
      identifier.data(watch, ends, 1, endless, 0, endless.length, BASE_TIME);
      watches.push(watch);
    }
    expect(identifier.notHeld).toBeGreaterThan(1000);
    for (const watch of watches) identifier.end(watch);
    const watch = identifier.watchStream(50_000, 80);
    identifier.data(watch, ends, 1, endless, 0, endless.length, BASE_TIME);
    expect(watch.isDone[1]).toBe(false);
    for (let round = 0; round < 10; round++) identifier.data(watch, ends, 1, endless, 0, endless.length, BASE_TIME);
    expect(watch.isDone[1]).toBe(true);
  });
});

describe('repetitions', () => {
  test('the same words of the same sender are read once a minute', () => {
    const { identifier, ends, facts } = listening();
    const watch = identifier.watchDatagrams(50_000, 47_808)!;
    const data = sampleOf('bacnet');
    for (let second = 0; second < 60; second++)
      identifier.datagram(watch, ends, 1, data, 0, data.length, BASE_TIME + second * SECOND);
    expect(facts).toHaveLength(3);
    identifier.datagram(watch, ends, 1, data, 0, data.length, BASE_TIME + 61 * SECOND);
    expect(facts).toHaveLength(6);
    identifier.datagram(watch, ends, 0, data, 0, data.length, BASE_TIME + 62 * SECOND);
    expect(facts).toHaveLength(9);
  });

  test('a sender that says something new without end is read sixty times a minute, and the rest is counted', () => {
    const { identifier, ends, facts } = listening();
    const watch = identifier.watchDatagrams(50_000, 47_808)!;
    const data = sampleOf('bacnet').slice();
    for (let instance = 0; instance < 1000; instance++) {
      new DataView(data.buffer).setUint16(11, instance);
      identifier.datagram(watch, ends, 1, data, 0, data.length, BASE_TIME + instance);
    }
    expect(facts).toHaveLength(180);
    expect(identifier.notRead).toBe(940);
    identifier.datagram(watch, ends, 1, data, 0, data.length, BASE_TIME + 61 * SECOND);
    expect(facts).toHaveLength(183);
  });
});

test('a frame of another kind is none of it', () => {
  const { identifier, facts } = listening();
  const frame = new Uint8Array(60);
  for (const type of [0x88f7, 0x0026, 0x8892])
    expect(identifier.frame(type, frame, 14, 60, 6, () => '02:00:00:00:00:01', BASE_TIME)).toBe(false);
  expect(facts).toEqual([]);
});

test('a source with a fault costs what it would have said, and is counted', () => {
  const broken = { name: 'broken', udpPorts: [4000], read: () => Uint8Array.from([1]).at(9)!.toFixed() as never };
  const identifier = new Identifier([broken], () => {});
  const watch = identifier.watchDatagrams(50_000, 4000)!;
  identifier.datagram(watch, listening().ends, 1, new Uint8Array(8), 0, 8, BASE_TIME);
  expect(identifier.failed).toBe(1);
});
