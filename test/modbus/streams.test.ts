import { describe, expect, test } from 'vitest';
import {
  BASE_TIME,
  type Bytes,
  bytes,
  CLIENT_MAC,
  concat,
  ethernet,
  ipv4,
  type Layer,
  modbusPdu,
  modbusRtu,
  modbusTcp,
  SERVER_MAC,
  TcpPair,
  timed,
  udp,
} from '../support/packets.js';
import { EXCHANGES } from './pdus.js';
import { dissectFrames, type ModbusRecord } from './run.js';

function read(transaction: number, address = transaction, quantity = 1, unit = 1): Bytes {
  return modbusTcp(modbusPdu.read(3, address, quantity), { transaction, unit });
}

function registers(transaction: number, values: readonly number[] = [transaction], unit = 1): Bytes {
  return modbusTcp(modbusPdu.registers(3, values), { transaction, unit });
}

/** `request 5` for a request with transaction 5. */
function brief(records: readonly ModbusRecord[]): string[] {
  return records.map(({ modbus }) => `${modbus.pdu} ${modbus.transaction_id}`);
}

function anomaliesOf(records: readonly ModbusRecord[]): string[] {
  return records.flatMap(({ anomalies }) => anomalies ?? []);
}

/** Frames cut into segments of this size, both directions. */
function segmented(size: number): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  const send = (fromClient: boolean, adu: Bytes): void => {
    for (let at = 0; at < adu.length; at += size) {
      const part = adu.subarray(at, at + size);
      frames.push(fromClient ? pair.client(part) : pair.server(part));
    }
  };
  EXCHANGES.forEach(({ request, response }, transaction) => {
    send(true, modbusTcp(bytes(request), { transaction }));
    send(false, modbusTcp(bytes(response), { transaction }));
  });
  return frames;
}

/** What does not depend on how the bytes were cut into segments. */
function content(records: readonly ModbusRecord[]): unknown[] {
  return records.map(({ modbus, anomalies, src_port }) => ({
    ...modbus,
    request_pcap_cnt: modbus.request_pcap_cnt !== undefined,
    anomalies,
    src_port,
  }));
}

describe('segments', () => {
  const whole = content(dissectFrames(segmented(10_000)));

  test('an ADU is reported once, whole, however it was cut', () => {
    expect(whole).toHaveLength(EXCHANGES.length * 2);
    for (const size of [1, 2, 3, 5, 7, 8, 9, 11, 20]) {
      expect(content(dissectFrames(segmented(size))), `segments of ${size}`).toEqual(whole);
    }
  });

  test('the record carries the frame that completed the ADU', () => {
    const pair = new TcpPair();
    const adu = read(1);
    const records = dissectFrames([
      ...pair.open(),
      pair.client(adu.subarray(0, 5)),
      pair.client(adu.subarray(5, 9)),
      pair.client(adu.subarray(9)),
      pair.server(registers(1)),
    ]);
    expect(records.map(({ pcap_cnt }) => pcap_cnt)).toEqual([6, 7]);
    expect(records[1]?.modbus.request_pcap_cnt).toBe(6);
  });

  test('cut at every place between two ADUs', () => {
    const two = concat(read(1), read(2));
    for (let cut = 1; cut < two.length; cut++) {
      const pair = new TcpPair();
      const records = dissectFrames([
        ...pair.open(),
        pair.client(two.subarray(0, cut)),
        pair.client(two.subarray(cut)),
        pair.server(concat(registers(1), registers(2))),
      ]);
      expect(brief(records), `cut at ${cut}`).toEqual(['request 1', 'request 2', 'response 1', 'response 2']);
      expect(anomaliesOf(records)).toEqual([]);
    }
  });

  test('many ADUs in one segment are many records, in their order', () => {
    const pair = new TcpPair();
    const ids = Array.from({ length: 20 }, (_, i) => i);
    const records = dissectFrames([
      ...pair.open(),
      pair.client(concat(...ids.map((id) => read(id)))),
      pair.server(concat(...ids.map((id) => registers(id)))),
    ]);
    expect(brief(records)).toEqual([...ids.map((id) => `request ${id}`), ...ids.map((id) => `response ${id}`)]);
    expect(records.slice(20).map(({ modbus }) => modbus.request_pcap_cnt)).toEqual(ids.map(() => 4));
  });
});

describe('requests and answers', () => {
  test('answers in another order find their requests', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(1, 100, 1)),
      pair.client(read(2, 200, 2)),
      pair.client(read(3, 300, 3)),
      pair.server(registers(3, [1, 2, 3])),
      pair.server(registers(1, [1])),
      pair.server(registers(2, [1, 2])),
    ]);
    expect(records.slice(3).map(({ modbus }) => [modbus.request_pcap_cnt, modbus.address, modbus.quantity])).toEqual([
      [6, 300, 3],
      [4, 100, 1],
      [5, 200, 2],
    ]);
    expect(anomaliesOf(records)).toEqual([]);
  });

  test('a client that always uses transaction 0 is answered first in, first out', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(0, 100)),
      pair.client(read(0, 200)),
      pair.client(read(0, 300)),
      pair.server(registers(0, [1])),
      pair.server(registers(0, [2])),
      pair.server(registers(0, [3])),
    ]);
    expect(records.slice(3).map(({ modbus }) => [modbus.request_pcap_cnt, modbus.address])).toEqual([
      [4, 100],
      [5, 200],
      [6, 300],
    ]);
  });

  test('the unit and the function are part of the match', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(0, 100, 1, 1)),
      pair.client(read(0, 200, 1, 2)),
      pair.client(modbusTcp(modbusPdu.read(4, 300, 1), { transaction: 0, unit: 1 })),
      pair.server(modbusTcp(modbusPdu.registers(4, [9]), { transaction: 0, unit: 1 })),
      pair.server(registers(0, [2], 2)),
      pair.server(modbusTcp(modbusPdu.exception(3, 2), { transaction: 0, unit: 1 })),
    ]);
    expect(records.slice(3).map(({ modbus }) => modbus.request_pcap_cnt)).toEqual([6, 5, 4]);
  });

  test('coils are trimmed to what was asked for; without the request all bits are shown', () => {
    const pair = new TcpPair();
    const bits = modbusTcp(modbusPdu.bits(1, [1, 0, 1]), { transaction: 1 });
    const records = dissectFrames([
      ...pair.open(),
      pair.client(modbusTcp(modbusPdu.read(1, 7, 3), { transaction: 1 })),
      pair.server(bits),
      pair.server(modbusTcp(modbusPdu.bits(1, [1, 0, 1]), { transaction: 2 })),
    ]);
    expect(records[1]?.modbus).toMatchObject({ address: 7, quantity: 3, values: [1, 0, 1] });
    expect(records[2]?.modbus.values).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
    expect(records[2]?.modbus).not.toHaveProperty('quantity');
    expect(records[2]?.modbus).not.toHaveProperty('address');
  });

  test('an answer to what was asked before the capture began is none that nobody asked for', () => {
    const pair = new TcpPair();
    const frames = [
      pair.client(read(2)),
      pair.server(registers(1)),
      pair.server(registers(2)),
      pair.client(read(3)),
      pair.server(registers(3)),
      pair.server(registers(99)),
    ];
    const odd = (at: number) =>
      dissectFrames(timed([...frames.slice(0, 5), { ...frames[5]!, time: BASE_TIME + at }]))
        .filter(({ anomalies }) => anomalies?.includes('modbus.unsolicited_response'))
        .map(({ modbus }) => modbus.transaction_id);
    expect(odd(1_000_000)).toEqual([]);
    expect(odd(11_000_000)).toEqual([99]);
  });

  test('an answer that nobody asked for is said to be one', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(1)),
      pair.server(registers(1)),
      pair.server(registers(99)),
    ]);
    expect(brief(records)).toEqual(['request 1', 'response 1', 'response 99']);
    expect(records[2]?.modbus).not.toHaveProperty('request_pcap_cnt');
    expect(records[2]?.anomalies ?? []).toContainEqual(expect.stringMatching(/^modbus\.unsolicited/));
  });

  test('a request that is repeated is answered once each', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(1, 5)),
      pair.server(registers(1)),
      pair.client(read(1, 6)),
      pair.server(registers(1)),
    ]);
    expect(records.map(({ modbus }) => modbus.request_pcap_cnt)).toEqual([undefined, 4, undefined, 6]);
    expect(records[3]?.modbus.address).toBe(6);
  });
});

describe('who asks, where the opening was not seen', () => {
  test('on port 502 the port says it', () => {
    const pair = new TcpPair();
    expect(brief(dissectFrames([pair.server(registers(1)), pair.client(read(2)), pair.server(registers(2))]))).toEqual([
      'response 1',
      'request 2',
      'response 2',
    ]);
  });

  test('the answer seen first on another port', () => {
    const pair = new TcpPair({ serverPort: 5020, clientPort: 40_000 });
    const frames: Layer[] = [];
    for (let id = 0; id < 5; id++) frames.push(pair.server(registers(id, [1, 2])), pair.client(read(id + 1, 0, 2)));
    const records = dissectFrames(frames);
    expect(records.length).toBeGreaterThanOrEqual(8);
    for (const { modbus, src_port } of records) expect(modbus.pdu).toBe(src_port === 5020 ? 'response' : 'request');
  });

  test('a server on a high port, a client on a low one', () => {
    const pair = new TcpPair({ serverPort: 60_502, clientPort: 1025 });
    const frames: Layer[] = [];
    for (let id = 0; id < 5; id++) frames.push(pair.client(read(id, 0, 2)), pair.server(registers(id, [1, 2])));
    const records = dissectFrames(frames);
    expect(records).toHaveLength(10);
    for (const { modbus, src_port } of records) expect(modbus.pdu).toBe(src_port === 60_502 ? 'response' : 'request');
  });

  test('echoes alone do not decide; the port does', () => {
    const pair = new TcpPair();
    const echo = modbusTcp(modbusPdu.writeRegister(4, 5), { transaction: 3 });
    expect(brief(dissectFrames([pair.client(echo), pair.server(echo)]))).toEqual(['request 3', 'response 3']);
  });
});

describe('any port', () => {
  test('Modbus is found by its content', () => {
    const pair = new TcpPair({ serverPort: 4444 });
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(1)),
      pair.server(registers(1)),
      pair.client(modbusTcp(modbusPdu.writeRegister(1, 2), { transaction: 2 })),
      pair.server(modbusTcp(modbusPdu.writeRegister(1, 2), { transaction: 2 })),
    ]);
    expect(brief(records)).toEqual(['request 1', 'response 1', 'request 2', 'response 2']);
    expect(records.map(({ pcap_cnt }) => pcap_cnt)).toEqual([4, 5, 6, 7]);
  });

  test('what only looks like a header is not taken for Modbus', () => {
    const pair = new TcpPair({ serverPort: 4444 });
    const frames: Layer[] = [...pair.open()];
    for (let i = 0; i < 20; i++) {
      frames.push(
        pair.client(bytes('04000000 00132020 41424344 45464748 494a4b4c 4d4e4f')),
        pair.server(bytes('0100 0000 0006 20 20 2020')),
      );
    }
    expect(dissectFrames(frames)).toEqual([]);
  });

  test('text on port 502 is not Modbus', () => {
    const pair = new TcpPair();
    const text = new TextEncoder().encode('GET /index.html HTTP/1.1\r\nHost: plc\r\n\r\n');
    expect(
      dissectFrames([...pair.open(), pair.client(text), pair.server(text)]).filter(({ anomalies }) => !anomalies),
    ).toEqual([]);
  });
});

describe('gaps and garbage', () => {
  test('a lost segment costs only what it carried', () => {
    const pair = new TcpPair();
    const frames: Layer[] = [...pair.open()];
    const sent: string[] = [];
    for (let id = 0; id < 12; id++) {
      const frame = pair.client(read(id));
      const answer = pair.server(registers(id));
      if (id !== 5) {
        frames.push(frame);
        sent.push(`request ${id}`);
      }
      frames.push(answer);
      sent.push(`response ${id}`);
    }
    const records = dissectFrames(frames);
    expect(brief(records).sort()).toEqual(sent.sort());
  });

  test('half an ADU lost: nothing is made up from both sides of the gap', () => {
    const pair = new TcpPair();
    const frames: Layer[] = [...pair.open(), pair.client(read(1)), pair.server(registers(1))];
    const long = modbusTcp(modbusPdu.writeRegisters(0, [1, 2, 3, 4, 5, 6, 7, 8]), { transaction: 2 });
    frames.push(pair.client(long.subarray(0, 15)));
    pair.client(long.subarray(15)); // Lost.
    for (let id = 3; id < 12; id++) frames.push(pair.client(read(id)), pair.server(registers(id)));
    const records = dissectFrames(frames);
    for (const { modbus, partial } of records.filter((record) => record.modbus.function_code === 16)) {
      expect(partial).toBe(true);
      expect(modbus.values ?? []).toEqual([1, 2, 3, 4, 5, 6, 7, 8].slice(0, (modbus.values ?? []).length));
    }
    const reads = records.filter(({ modbus }) => modbus.function_code === 3 && modbus.pdu === 'request');
    expect(reads.map(({ modbus }) => modbus.transaction_id)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('after garbage the next ADU is found', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(1)),
      pair.server(registers(1)),
      pair.client(bytes('ffffffffffffffffffffffffffffffffffffffffffff')),
      pair.client(read(2)),
      pair.server(registers(2)),
      pair.client(concat(bytes('deadbeef00'), read(3))),
      pair.server(registers(3)),
    ]);
    const sound = records.filter(({ modbus, anomalies }) => modbus.function_code === 3 && !anomalies);
    expect(brief(sound)).toEqual(
      expect.arrayContaining(['request 1', 'response 1', 'request 2', 'response 2', 'response 3']),
    );
  });

  test('a header that lies does not end the connection’s analysis', () => {
    for (const length of [0, 1, 255, 65_535]) {
      const pair = new TcpPair();
      const records = dissectFrames([
        ...pair.open(),
        pair.client(read(1)),
        pair.server(registers(1)),
        pair.client(modbusTcp(modbusPdu.read(3, 1, 1), { transaction: 7, length })),
        ...[2, 3, 4].flatMap((id) => [pair.client(read(id)), pair.server(registers(id))]),
      ]);
      const found = brief(records);
      expect(found, `length ${length}`).toEqual(
        expect.arrayContaining(['request 2', 'request 3', 'request 4', 'response 2', 'response 3', 'response 4']),
      );
    }
  });
});

describe('length smuggling', () => {
  const hidden = modbusTcp(modbusPdu.writeRegister(0x10, 0xbeef), { transaction: 9 });

  test('a write behind a read within one length is seen and said', () => {
    const pair = new TcpPair();
    const records = dissectFrames([
      ...pair.open(),
      pair.client(read(1)),
      pair.server(registers(1)),
      pair.client(modbusTcp(concat(modbusPdu.read(3, 1, 1), hidden), { transaction: 2 })),
      pair.server(registers(2)),
      pair.server(modbusTcp(modbusPdu.writeRegister(0x10, 0xbeef), { transaction: 9 })),
    ]);
    expect(anomaliesOf(records)).toContain('modbus.length_smuggling');
    const write = records.find(({ modbus }) => modbus.function_code === 6 && modbus.pdu === 'request');
    expect(write?.modbus).toMatchObject({ transaction_id: 9, address: 0x10, values: [0xbeef] });
  });
});

describe('datagrams', () => {
  test('UDP carries the same ADUs', () => {
    const frames = EXCHANGES.flatMap(({ request, response }, transaction) => [
      ethernet(ipv4({}, udp({ sport: 40_000, dport: 502 }, modbusTcp(bytes(request), { transaction })))),
      ethernet(
        ipv4(
          { src: '10.0.0.2', dst: '10.0.0.1' },
          udp({ sport: 502, dport: 40_000 }, modbusTcp(bytes(response), { transaction })),
        ),
        { src: SERVER_MAC, dst: CLIENT_MAC },
      ),
    ]);
    const records = dissectFrames(frames);
    expect(records).toHaveLength(EXCHANGES.length * 2);
    EXCHANGES.forEach(({ requestFields, responseFields }, i) => {
      expect(records[2 * i]?.modbus).toMatchObject({ pdu: 'request', ...requestFields });
      expect(records[2 * i + 1]?.modbus).toMatchObject({
        pdu: 'response',
        request_pcap_cnt: 2 * i + 1,
        ...responseFields,
      });
    });
  });
});

test('datagrams have no opening: what was asked before the capture began is answered without an oddity', () => {
  const asked = (transaction: number) =>
    ethernet(ipv4({}, udp({}, modbusTcp(modbusPdu.read(3, 1, 1), { transaction }))));
  const answered = (transaction: number) =>
    ethernet(ipv4({ src: '10.0.0.2', dst: '10.0.0.1' }, udp({ sport: 502, dport: 40_000 }, registers(transaction))), {
      src: SERVER_MAC,
      dst: CLIENT_MAC,
    });
  const odd = (at: number) =>
    dissectFrames(timed([asked(2), answered(1), answered(2), { ...answered(99), time: BASE_TIME + at }]))
      .filter(({ anomalies }) => anomalies?.includes('modbus.unsolicited_response'))
      .map(({ modbus }) => modbus.transaction_id);
  expect(odd(1_000_000)).toEqual([]);
  expect(odd(11_000_000)).toEqual([99]);
});

describe('RTU over TCP', () => {
  function conversation(port: number): Layer[] {
    const pair = new TcpPair({ serverPort: port });
    return [
      ...pair.open(),
      ...EXCHANGES.filter(({ request }) => /^0[1-6]|^0f|^10/.test(request)).flatMap(({ request, response }) => [
        pair.client(modbusRtu(3, bytes(request))),
        pair.server(modbusRtu(3, bytes(response))),
      ]),
    ];
  }

  for (const port of [502, 4001]) {
    test(`frames with a CRC instead of a header, on port ${port}`, () => {
      const records = dissectFrames(conversation(port));
      const wanted = EXCHANGES.filter(({ request }) => /^0[1-6]|^0f|^10/.test(request));
      expect(records).toHaveLength(wanted.length * 2);
      wanted.forEach(({ requestFields, responseFields }, i) => {
        expect(records[2 * i]?.modbus).toMatchObject({ pdu: 'request', unit_id: 3, ...requestFields });
        expect(records[2 * i + 1]?.modbus).toMatchObject({ pdu: 'response', unit_id: 3, ...responseFields });
        expect(records[2 * i]?.modbus).not.toHaveProperty('transaction_id');
      });
    });
  }
});
