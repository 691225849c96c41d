import { beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, bytes, type Layer, modbusPdu, modbusTcp, TcpPair } from '../support/packets.js';
import { dissectFrames, type ModbusRecord } from './run.js';

/** One message with something wrong in it, in the middle of a sound conversation. */
interface Malformed {
  readonly name: string;
  /** PDUs in hex; the answer is left out where only the request matters. */
  readonly request: string;
  readonly response?: string;
  /** MBAP fields, where they lie. */
  readonly header?: { readonly length?: number; readonly protocol?: number };
  /** At least these codes, on the request's or the answer's record. */
  readonly requestAnomalies?: readonly string[];
  readonly responseAnomalies?: readonly string[];
  /** What must still be readable. */
  readonly requestFields?: Readonly<Record<string, unknown>>;
  readonly responseFields?: Readonly<Record<string, unknown>>;
}

const BYTE_COUNT = 'modbus.byte_count_mismatch';
const LENGTH = 'modbus.length_mismatch';
const QUANTITY = 'modbus.quantity_out_of_range';

const CASES: readonly Malformed[] = [
  {
    name: 'read of no registers',
    request: '03 0000 0000',
    requestAnomalies: [QUANTITY],
    requestFields: { quantity: 0 },
  },
  {
    name: 'read of 126 registers',
    request: '03 0000 007e',
    requestAnomalies: [QUANTITY],
    requestFields: { quantity: 126 },
  },
  { name: 'read of 126 input registers', request: '04 0000 007e', requestAnomalies: [QUANTITY] },
  { name: 'read of 2001 coils', request: '01 0000 07d1', requestAnomalies: [QUANTITY] },
  { name: 'read of 2001 discrete inputs', request: '02 0000 07d1', requestAnomalies: [QUANTITY] },
  { name: 'write of no coils', request: '0f 0000 0000 00', requestAnomalies: [QUANTITY] },
  { name: 'write of 1969 coils', request: `0f 0000 07b1 f7${'00'.repeat(247)}`, requestAnomalies: [QUANTITY] },
  { name: 'write of 124 registers', request: `10 0000 007c f8${'00'.repeat(248)}`, requestAnomalies: [QUANTITY] },
  { name: 'write of no registers', request: '10 0000 0000 00', requestAnomalies: [QUANTITY] },
  { name: 'read and write of too much', request: '17 0000 007e 0000 0001 02 0000', requestAnomalies: [QUANTITY] },
  {
    name: 'addresses beyond the last',
    request: '03 ffff 0002',
    requestAnomalies: ['modbus.address_out_of_range'],
    requestFields: { address: 0xffff, quantity: 2 },
  },
  { name: 'coil neither on nor off', request: '05 0001 1234', requestAnomalies: ['modbus.bad_coil_value'] },
  {
    name: 'byte count larger than the registers written',
    request: '10 0000 0001 04 0001 0002',
    requestAnomalies: [BYTE_COUNT],
    requestFields: { address: 0, quantity: 1, byte_count: 4 },
  },
  { name: 'byte count that reaches behind the end', request: '10 0000 0002 04 0001', requestAnomalies: [LENGTH] },
  { name: 'byte count of coils too small', request: '0f 0000 0010 01 ff', requestAnomalies: [BYTE_COUNT] },
  { name: 'request cut short', request: '03 0000', requestAnomalies: [LENGTH] },
  { name: 'request without anything', request: '03', requestAnomalies: [LENGTH] },
  { name: 'mask write cut short', request: '16 0000 0001', requestAnomalies: [LENGTH], requestFields: { address: 0 } },
  {
    name: 'request too long',
    request: '03 0000 0001 aabb',
    requestAnomalies: [LENGTH],
    requestFields: { quantity: 1 },
  },
  { name: 'function 0', request: '00 0000 0001', requestAnomalies: ['modbus.bad_function'] },
  { name: 'function with the exception bit in a request', request: '83 02', requestAnomalies: ['modbus.bad_function'] },
  {
    name: 'answer with an odd byte count',
    request: '03 0000 0002',
    response: '03 03 000100',
    responseAnomalies: [BYTE_COUNT],
  },
  {
    name: 'answer whose byte count reaches behind its end',
    request: '03 0000 0002',
    response: '03 08 0001 0002',
    responseAnomalies: [BYTE_COUNT],
    responseFields: { byte_count: 8, values: [1, 2] },
  },
  {
    name: 'answer longer than its byte count',
    request: '03 0000 0001',
    response: '03 02 0001 0002',
    responseAnomalies: [LENGTH],
    responseFields: { byte_count: 2, values: [1] },
  },
  {
    name: 'answer with more registers than were asked for',
    request: '03 0000 0001',
    response: '03 04 0001 0002',
    responseAnomalies: [BYTE_COUNT],
    responseFields: { values: [1, 2] },
  },
  {
    name: 'answer with fewer coils than were asked for',
    request: '01 0000 0011',
    response: '01 01 ff',
    responseAnomalies: [BYTE_COUNT],
  },
  {
    name: 'answer to another function',
    request: '03 0000 0001',
    response: '06 0000 0001',
    responseAnomalies: ['applayer.response_mismatch'],
    responseFields: { function_code: 6, address: 0, values: [1] },
  },
  {
    name: 'echo of another value',
    request: '06 0001 0001',
    response: '06 0001 0002',
    responseAnomalies: ['applayer.response_mismatch'],
  },
  { name: 'exception without a code', request: '03 0000 0001', response: '83', responseAnomalies: [LENGTH] },
  {
    name: 'exception with more than a code',
    request: '03 0000 0001',
    response: '83 02 00',
    responseAnomalies: [LENGTH],
    responseFields: { exception_code: 2 },
  },
  {
    name: 'file record that reaches behind the end',
    request: '15 09 06 0001 0001 ffff 0001',
    requestAnomalies: ['modbus.bad_record'],
  },
  {
    name: 'file request with half a record',
    request: '14 0a 06 0001 0001 0001 06 0001',
    requestAnomalies: ['modbus.bad_record'],
  },
  {
    name: 'file answer with a record of length 0',
    request: '14 07 06 0001 0001 0001',
    response: '14 04 00 06 0001',
    responseAnomalies: ['modbus.bad_record'],
  },
  {
    name: 'file answer with a record longer than the message',
    request: '14 07 06 0001 0001 0001',
    response: '14 04 ff 06 0001',
    responseAnomalies: ['modbus.bad_record'],
  },
  {
    name: 'more device objects announced than there are',
    request: '2b 0e 01 00',
    response: '2b 0e 01 01 00 00 02 00 04 41424344',
    responseAnomalies: ['modbus.bad_record'],
    responseFields: { objects: [{ id: 0, value: 'ABCD' }] },
  },
  {
    name: 'device object longer than the message',
    request: '2b 0e 01 00',
    response: '2b 0e 01 01 00 00 01 00 ff 41424344',
    responseAnomalies: ['modbus.bad_record'],
    responseFields: { objects: [] },
  },
  {
    name: 'FIFO with more than 31 registers',
    request: '18 0000',
    response: `18 0042 0020${'0001'.repeat(32)}`,
    responseAnomalies: [QUANTITY],
  },
  { name: 'header length 0', request: '03 0000 0001', header: { length: 0 }, requestAnomalies: ['modbus.bad_length'] },
  { name: 'header length 1', request: '03 0000 0001', header: { length: 1 }, requestAnomalies: ['modbus.bad_length'] },
  { name: 'header length too short', request: '03 0000 0001', header: { length: 4 }, requestAnomalies: [LENGTH] },
  {
    name: 'header length 255',
    request: '03 0000 0001',
    header: { length: 255 },
    requestAnomalies: ['modbus.bad_length'],
  },
  {
    name: 'header length 65535',
    request: '03 0000 0001',
    header: { length: 65_535 },
    requestAnomalies: ['modbus.bad_length'],
  },
  {
    name: 'protocol number 1',
    request: '03 0000 0001',
    header: { protocol: 1 },
    requestAnomalies: ['modbus.bad_protocol_id'],
  },
];

const FIRST_PORT = 42_000;

function exchange(pair: TcpPair, transaction: number): Layer[] {
  const request: Bytes = modbusTcp(modbusPdu.read(3, transaction, 1), { transaction });
  return [pair.client(request), pair.server(modbusTcp(modbusPdu.registers(3, [transaction]), { transaction }))];
}

function capture(): Layer[] {
  return CASES.flatMap(({ request, response, header }, i) => {
    const pair = new TcpPair({ clientPort: FIRST_PORT + i });
    const frames: Layer[] = [...pair.open(), ...exchange(pair, 1), ...exchange(pair, 2)];
    frames.push(pair.client(modbusTcp(bytes(request), { transaction: 77, ...header })));
    if (response !== undefined) frames.push(pair.server(modbusTcp(bytes(response), { transaction: 77 })));
    return [...frames, ...exchange(pair, 3), ...exchange(pair, 4), ...exchange(pair, 5)];
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

describe('malformed messages are reported with what is wrong and what could be read', () => {
  for (const [index, wanted] of CASES.entries()) {
    test(wanted.name, () => {
      const records = byPort.get(FIRST_PORT + index) ?? [];
      const odd = records.filter(({ anomalies }) => anomalies !== undefined);
      const request = records.find(({ modbus }) => modbus.transaction_id === 77 && modbus.pdu === 'request');
      const response = records.find(({ modbus }) => modbus.transaction_id === 77 && modbus.pdu === 'response');
      if (wanted.requestAnomalies) {
        expect(odd.flatMap(({ anomalies }) => anomalies)).toEqual(expect.arrayContaining([...wanted.requestAnomalies]));
        expect(request?.anomalies).toEqual(expect.arrayContaining([...wanted.requestAnomalies]));
      } else expect(request?.anomalies ?? []).toEqual([]);
      if (wanted.responseAnomalies) {
        expect(response?.anomalies).toEqual(expect.arrayContaining([...wanted.responseAnomalies]));
      }
      expect(request?.modbus).toMatchObject(wanted.requestFields ?? {});
      if (wanted.responseFields) expect(response?.modbus).toMatchObject(wanted.responseFields);
    });

    test(`${wanted.name}: the conversation goes on`, () => {
      const records = byPort.get(FIRST_PORT + index) ?? [];
      const sound = records.filter(({ anomalies, modbus }) => !anomalies && modbus.transaction_id !== 77);
      expect(sound.map(({ modbus }) => `${modbus.pdu} ${modbus.transaction_id}`)).toEqual(
        [1, 2, 3, 4, 5].flatMap((id) => [`request ${id}`, `response ${id}`]),
      );
    });
  }
});
