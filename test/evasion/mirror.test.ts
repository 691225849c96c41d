import { describe, expect, test } from 'vitest';
import {
  BASE_TIME,
  type CaptureRecord,
  concat,
  ethernet,
  type Frame,
  internetChecksum,
  ipv4,
  type Layer,
  modbusPdu,
  modbusTcp,
  TcpPair,
  timed,
  u16,
  udp,
  vlan,
} from '../support/packets.js';
import { replayFrames } from '../support/replay-records.js';
import { DECOY, macsOf, SAW, summary, WRITE } from './case.js';

/** Two hundred polls and a write on one connection; packets numbered as an honest IP stack does. */
function plant(
  frame: (ip: Layer, fromClient: boolean) => Layer = (ip, fromClient) => ethernet(ip, macsOf(fromClient)),
): {
  frames: Layer[];
  expected: string[];
} {
  const pair = new TcpPair({ frame });
  let id = 100;
  const ip = (): { ip: { id: number } } => ({ ip: { id: id++ } });
  const frames = pair.open();
  const expected: string[] = [];
  for (let i = 0; i < 200; i++) {
    frames.push(pair.client(modbusTcp(modbusPdu.read(3, 0, 2), { transaction: i }), ip()));
    frames.push(pair.server(modbusTcp(modbusPdu.registers(3, [i, 7]), { transaction: i }), ip()));
    expected.push(SAW.read, `response read_holding_registers @0 x2 [${i},7]`);
  }
  frames.push(pair.client(modbusTcp(modbusPdu.writeRegister(40, 1234), { transaction: 999 }), ip()));
  frames.push(pair.server(modbusTcp(modbusPdu.writeRegister(40, 1234), { transaction: 999 }), ip()));
  expected.push(SAW.write, SAW.writeAnswer);
  frames.push(...pair.close());
  return { frames, expected };
}

/** What a router makes of a frame: its own MAC addresses, TTL one less, the header sum anew. */
function routed(frame: Layer): Layer {
  const data = frame.data.slice();
  data.set([2, 0, 0, 0, 0, 0xaa, 2, 0, 0, 0, 0, 0xbb], 0);
  data[22]! -= 1;
  data.set([0, 0], 24);
  data.set(u16(internetChecksum(data.subarray(14, 34))), 24);
  return { ...frame, data };
}

/** Each frame followed by its copy, `later` microseconds behind it. */
function copied(frames: readonly Layer[], copy: (frame: Layer) => Layer, later: number): CaptureRecord[] {
  return timed(frames)
    .flatMap((record) => [record, { ...record, ...copy(record), time: record.time + later }])
    .sort((one, other) => one.time - other.time);
}

describe('what a mirror port makes of a conversation', () => {
  const { frames, expected } = plant();
  const same = (frame: Layer): Layer => frame;
  const tagged = (frame: Layer): Layer => ({
    ...frame,
    data: concat(frame.data.subarray(0, 12), u16(0x8100), u16(10), frame.data.subarray(12)),
  });
  const cases: readonly [id: string, name: string, mirrored: Frame[], copies: number][] = [
    ['I12a', 'every packet twice, at once', copied(frames, same, 0), frames.length],
    ['I12b', 'every packet twice, 20 microseconds later', copied(frames, same, 20), frames.length],
    ['I12c', 'every packet twice, the copy behind the next packet', copied(frames, same, 1500), frames.length],
    ['I12d', 'every packet three times', copied(frames, same, 0).flatMap((each) => [each, each]), frames.length * 3],
    ['I13a', 'every packet before and after routing', copied(frames, routed, 30), frames.length],
    ['I14a', 'every packet with and without a VLAN tag', copied(frames, tagged, 10), frames.length],
  ];

  test.each(cases)('%s %s: each message once, and one notice', (_, __, mirrored, copies) => {
    const { records, anomalies, counters, flows } = replayFrames(mirrored);
    expect(records.map(summary)).toEqual(expected);
    expect(anomalies).toEqual({ 'stream.mirror_duplicates': 1 });
    expect(counters.duplicates).toBe(copies);
    expect(flows).toHaveLength(1);
  });

  test('I13b every packet after, then before routing', () => {
    const mirrored = timed(frames).flatMap((record, index) => [
      { ...record, data: routed(frames[index]!).data },
      { ...record, time: record.time + 30 },
    ]);
    const { records, anomalies } = replayFrames(mirrored);
    expect(records.map(summary)).toEqual(expected);
    expect(anomalies).toEqual({ 'stream.mirror_duplicates': 1 });
  });

  test.each([
    ['I14b', (ip: Layer, fromClient: boolean) => ethernet(fromClient ? vlan(10, ip) : ip, macsOf(fromClient)), [10]],
    ['I14c', (ip: Layer, fromClient: boolean) => ethernet(fromClient ? ip : vlan(10, ip), macsOf(fromClient)), null],
  ] as const)('%s one direction tagged: one flow, nothing odd', (_, frame, vlans) => {
    const tree = plant(frame);
    const { records, anomalies, flows } = replayFrames(tree.frames);
    expect(records.map(summary)).toEqual(tree.expected);
    expect(anomalies).toEqual({});
    expect(flows).toEqual([expect.objectContaining({ vlans })]);
  });

  test('an honest conversation has no copies', () => {
    const { counters, anomalies } = replayFrames(frames);
    expect(counters.duplicates).toBe(0);
    expect(anomalies).toEqual({});
  });
});

describe('what only looks like a copy', () => {
  test('another segment with the same number, place, length and checksum is read', () => {
    // The transaction number balances the sums, so both checksums are equal.
    const write = modbusTcp(modbusPdu.writeRegister(40, 1234), { transaction: 0x1000 });
    const sum = (data: Uint8Array): number => ~internetChecksum(data) & 0xffff;
    const decoy = modbusTcp(modbusPdu.read(3, 40, 2), { transaction: 0 });
    const transaction = (sum(write) - sum(decoy) + 0xffff) % 0xffff;
    const forged = modbusTcp(modbusPdu.read(3, 40, 2), { transaction });
    expect(internetChecksum(forged)).toBe(internetChecksum(write));
    const pair = new TcpPair();
    const frames = [
      ...pair.open(),
      pair.client(forged, { stay: true, ip: { id: 5 } }),
      pair.client(write, { ip: { id: 5 } }),
      pair.server(write),
    ];
    const { records, anomalies } = replayFrames(frames);
    expect(records.map(summary)).toEqual([SAW.decoy, SAW.write, SAW.writeAnswer]);
    expect(Object.keys(anomalies)).toContain('stream.overlap_different_data');
  });

  test('equal datagrams that are meant, and different ones with one checksum', () => {
    const send = (payload: Uint8Array, id: number): Layer => ethernet(ipv4({ id }, udp({}, payload)));
    const read = (address: number, quantity: number): Uint8Array =>
      modbusTcp(modbusPdu.read(3, address, quantity), { transaction: 1 });
    const frames = timed(
      [
        // Same sum: the address and the quantity change places.
        send(read(5, 9), 7),
        send(read(9, 5), 7),
        // The same question again and again, without an identification, as some stacks send it.
        send(read(1, 1), 0),
        send(read(1, 1), 0),
        send(read(1, 1), 0),
      ],
      BASE_TIME,
      20_000,
    );
    const { records, counters } = replayFrames(frames);
    expect(records.map(summary)).toEqual([
      'request read_holding_registers @5 x9',
      'request read_holding_registers @9 x5',
      ...new Array<string>(3).fill('request read_holding_registers @1 x1'),
    ]);
    expect(counters.duplicates).toBe(0);
  });

  test('retransmissions of a sender are not copies of the mirror: they have another IP number', () => {
    const pair = new TcpPair();
    const frames = [...pair.open()];
    const at = pair.clientSeq;
    frames.push(pair.client(WRITE, { ip: { id: 1 } }), pair.client(WRITE, { seq: at, stay: true, ip: { id: 2 } }));
    frames.push(pair.server(WRITE), pair.client(DECOY), pair.server(DECOY));
    const { counters, records } = replayFrames(frames);
    expect(counters.duplicates).toBe(0);
    expect(records.filter((record) => summary(record) === SAW.write)).toHaveLength(1);
  });
});
