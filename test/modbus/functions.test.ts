import { beforeAll, describe, expect, test } from 'vitest';
import { bytes, type Layer, modbusPdu, modbusTcp, TcpPair } from '../support/packets.js';
import { EXCHANGES, OPAQUE_FUNCTIONS, UMAS_EXCHANGES } from './pdus.js';
import { dissectFrames, type ModbusRecord } from './run.js';

const CLIENT_PORT = 41_000;

interface Case {
  readonly name: string;
  readonly request: string;
  readonly response: string;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

const OPAQUE: readonly Case[] = OPAQUE_FUNCTIONS.map(({ code, request, response }) => ({
  name: `function ${code}`,
  request: hexByte(code) + request,
  response: hexByte(code) + response,
}));
const UMAS: readonly Case[] = UMAS_EXCHANGES.map(({ code, request, response }) => ({
  name: `UMAS 0x${hexByte(code)}`,
  request,
  response,
}));
const EXCEPTIONS: readonly (Case & { fc: number; code: number })[] = EXCHANGES.flatMap(({ name, request }) => {
  const fc = Number.parseInt(request.slice(0, 2), 16);
  return [1, 2, 3, 4, 5, 6, 7, 8, 10, 11].map((code) => ({
    name: `exception ${code} to: ${name}`,
    request,
    response: hexByte(fc | 0x80) + hexByte(code),
    fc,
    code,
  }));
});
const ALL: readonly Case[] = [...EXCHANGES, ...OPAQUE, ...UMAS, ...EXCEPTIONS];

/** Every case on a connection of its own, all in one capture: one run of the command for the whole table. */
function capture(): Layer[] {
  return ALL.flatMap(({ request, response }, i) => {
    const pair = new TcpPair({ clientPort: CLIENT_PORT + i });
    const read = modbusPdu.read(3, i, 1);
    return [
      ...pair.open(),
      pair.client(modbusTcp(bytes(request), { transaction: i, unit: 9 })),
      pair.server(modbusTcp(bytes(response), { transaction: i, unit: 9 })),
      // A sound exchange behind it: whatever came before must not end the analysis.
      pair.client(modbusTcp(read, { transaction: 60_000, unit: 1 })),
      pair.server(modbusTcp(modbusPdu.registers(3, [i]), { transaction: 60_000, unit: 1 })),
    ];
  });
}

let byPort = new Map<number, ModbusRecord[]>();

beforeAll(() => {
  byPort = new Map();
  for (const record of dissectFrames(capture())) {
    const port = Math.max(record.src_port, record.dest_port);
    byPort.set(port, [...(byPort.get(port) ?? []), record]);
  }
});

function recordsOf(wanted: Case): ModbusRecord[] {
  return byPort.get(CLIENT_PORT + ALL.indexOf(wanted)) ?? [];
}

function headerOf(wanted: Case, pdu: 'request' | 'response'): Record<string, unknown> {
  const raw = pdu === 'request' ? wanted.request : wanted.response;
  return {
    pdu,
    transaction_id: ALL.indexOf(wanted),
    protocol_id: 0,
    length: raw.length / 2 + 1,
    unit_id: 9,
    function_code: Number.parseInt(raw.slice(0, 2), 16) & 0x7f,
  };
}

describe('every function of the specification', () => {
  for (const exchange of EXCHANGES) {
    test(exchange.name, () => {
      const records = recordsOf(exchange);
      expect(records.map(({ modbus }) => modbus.pdu)).toEqual(['request', 'response', 'request', 'response']);
      const [request, response] = records;
      expect(request?.modbus).toMatchObject({
        ...headerOf(exchange, 'request'),
        function: exchange.functionName,
        ...exchange.requestFields,
      });
      expect(response?.modbus).toMatchObject({
        ...headerOf(exchange, 'response'),
        function: exchange.functionName,
        request_pcap_cnt: request?.pcap_cnt,
        ...exchange.responseFields,
      });
      expect(request?.modbus).not.toHaveProperty('exception_code');
      expect(response?.modbus).not.toHaveProperty('exception_code');
      expect(request?.modbus).not.toHaveProperty('request_pcap_cnt');
      expect(records.flatMap(({ anomalies }) => anomalies ?? [])).toEqual([]);
    });
  }
});

describe('functions without a layout of their own carry their bytes as data', () => {
  for (const wanted of OPAQUE) {
    test(wanted.name, () => {
      const [request, response] = recordsOf(wanted);
      expect(request?.modbus).toMatchObject({ ...headerOf(wanted, 'request'), data: wanted.request.slice(2) });
      expect(response?.modbus).toMatchObject({ ...headerOf(wanted, 'response'), data: wanted.response.slice(2) });
      expect(response?.modbus.request_pcap_cnt).toBe(request?.pcap_cnt);
    });
  }
});

describe('UMAS (Schneider, function 90)', () => {
  for (const [index, wanted] of UMAS.entries()) {
    test(wanted.name, () => {
      const [request, response] = recordsOf(wanted);
      expect(request?.modbus).toMatchObject({ ...headerOf(wanted, 'request'), data: wanted.request.slice(2) });
      expect(request?.modbus.umas).toMatchObject({
        session: Number.parseInt(wanted.request.slice(2, 4), 16),
        function_code: UMAS_EXCHANGES[index]?.code,
        function: expect.stringMatching(/^[a-z0-9_]+$/),
      });
      expect(response?.modbus).toMatchObject({ ...headerOf(wanted, 'response'), data: wanted.response.slice(2) });
    });
  }
});

describe('exceptions', () => {
  for (const wanted of EXCEPTIONS) {
    test(wanted.name, () => {
      const records = recordsOf(wanted);
      expect(records).toHaveLength(4);
      const [request, response] = records;
      expect(response?.modbus).toMatchObject({
        ...headerOf(wanted, 'response'),
        exception_code: wanted.code,
        exception: expect.stringMatching(/^[a-z_]+$/),
        request_pcap_cnt: request?.pcap_cnt,
      });
      expect(response?.modbus).not.toHaveProperty('values');
      expect(response?.modbus).not.toHaveProperty('data');
      expect(response?.anomalies ?? []).toEqual([]);
    });
  }
});
