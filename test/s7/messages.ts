import { ascii, type Bytes, bytes, concat, u16 } from '../support/packets.js';

/** Whole S7 messages and the transport around them, for tests. Layouts: sensor/protocols/s7comm. */

export function tpkt(tpdu: Bytes): Bytes {
  return concat(bytes('03 00'), u16(tpdu.length + 4), tpdu);
}

/** A data TPDU of class 0. */
export function dt(data: Bytes, isEnd = true): Bytes {
  return tpkt(concat(bytes('02 f0', isEnd ? '80' : '00'), data));
}

export function connectRequest(called = '0102', calling = '0100'): Bytes {
  return connection('e0', '0000 0001', called, calling);
}

export function connectConfirm(called = '0102', calling = '0100'): Bytes {
  return connection('d0', '0001 0044', called, calling);
}

function connection(code: string, references: string, called: string, calling: string): Bytes {
  const parameters = bytes('c0 01 0a', 'c1', [calling.length / 2], calling, 'c2', [called.length / 2], called);
  return tpkt(concat(bytes([6 + parameters.length], code, references, '00'), parameters));
}

export function job(reference: number, parameter: string | Bytes, data: string | Bytes = ''): Bytes {
  return message(1, reference, bytes(parameter), bytes(data));
}

export function answer(reference: number, parameter: string | Bytes, data: string | Bytes = '', error = 0): Bytes {
  return message(3, reference, bytes(parameter), bytes(data), u16(error));
}

export function refusal(reference: number, error: number): Bytes {
  return message(2, reference, bytes(''), bytes(''), u16(error));
}

function message(rosctr: number, reference: number, parameter: Bytes, data: Bytes, error: Bytes = bytes('')): Bytes {
  const header = concat(bytes('32', [rosctr], '0000'), u16(reference), u16(parameter.length), u16(data.length), error);
  return concat(header, parameter, data);
}

export interface UserdataOptions {
  readonly type?: number;
  readonly sequence?: number;
  readonly unit?: number;
  readonly more?: boolean;
  readonly error?: number;
}

/** `body` stands behind the head of the data; '' gives the head of "no data". */
export function userdata(
  reference: number,
  group: number,
  subfunction: number,
  body: string | Bytes,
  options: UserdataOptions = {},
): Bytes {
  const { type = 4, sequence = 0, unit = 0, more = false, error = 0 } = options;
  const isRequest = type === 4;
  const kind = [(type << 4) | group, subfunction, sequence];
  const parameter = isRequest
    ? bytes('000112 04 11', kind)
    : concat(bytes('000112 08 12', kind, [unit, more ? 1 : 0]), u16(error));
  const content = bytes(body);
  const data = content.length === 0 ? bytes('0a 00 0000') : concat(bytes('ff 09'), u16(content.length), content);
  return message(7, reference, parameter, data);
}

export interface Address {
  readonly area: number;
  readonly db?: number;
  readonly byte?: number;
  readonly bit?: number;
  /** Counters and timers. */
  readonly number?: number;
  readonly transport?: number;
  readonly count?: number;
}

export function anyItem({ area, db = 0, byte = 0, bit = 0, number, transport = 2, count = 1 }: Address): Bytes {
  const address = number ?? byte * 8 + bit;
  const place = [(address >> 16) & 255, (address >> 8) & 255, address & 255];
  return concat(bytes('12 0a 10', [transport]), u16(count), u16(db), bytes([area], place));
}

export function readVar(reference: number, ...items: readonly Bytes[]): Bytes {
  return job(reference, concat(bytes('04', [items.length]), ...items));
}

/** Data of one variable: return code, transport size, length as it is counted there, bytes. */
export function dataItem(transport: number, data: string, code = 0xff): Bytes {
  const content = bytes(data);
  const length =
    transport >= 3 && transport <= 5 ? (transport === 3 ? content.length : content.length * 8) : content.length;
  return concat(bytes([code, transport]), u16(length), content);
}

/** Data items behind each other: an odd one is filled up, except the last. */
export function dataItems(...items: readonly Bytes[]): Bytes {
  return concat(
    ...items.map((item, index) =>
      item.length % 2 !== 0 && index + 1 < items.length ? concat(item, bytes('00')) : item,
    ),
  );
}

export function readAnswer(reference: number, ...items: readonly Bytes[]): Bytes {
  return answer(reference, bytes('04', [items.length]), dataItems(...items));
}

export function writeVar(reference: number, items: readonly Bytes[], data: readonly Bytes[]): Bytes {
  return job(reference, concat(bytes('05', [items.length]), ...items), dataItems(...data));
}

export const SETUP = job(0, 'f0 00 0001 0001 01e0');
export const SETUP_ANSWER = answer(0, 'f0 00 0001 0001 00f0');

export function blockJob(reference: number, code: string, file: string, tail: string | Bytes = ''): Bytes {
  return job(reference, concat(bytes(code, '00 0000 00000000 09'), ascii(file), bytes(tail)));
}

export function piService(reference: number, service: string, argument: string | Bytes = ''): Bytes {
  const content = bytes(argument);
  return job(
    reference,
    concat(bytes('28 000000000000fd'), u16(content.length), content, bytes([service.length]), ascii(service)),
  );
}

export const PLC_STOP = job(7, concat(bytes('29 0000000000 09'), ascii('P_PROGRAM')));

/** Requests with their answers, one of each kind. `reference` makes them differ. */
export const EXCHANGES: readonly ((reference: number) => readonly [Bytes, Bytes])[] = [
  () => [SETUP, SETUP_ANSWER],
  (n) => [
    readVar(n, anyItem({ area: 0x84, db: 10, byte: 4, transport: 4, count: 2 })),
    readAnswer(n, dataItem(4, '00010002')),
  ],
  (n) => [
    readVar(n, anyItem({ area: 0x83, byte: 20, bit: 3, transport: 1 }), anyItem({ area: 0x81, count: 3 })),
    readAnswer(n, dataItem(3, '01'), dataItem(4, 'aabbcc')),
  ],
  (n) => [
    writeVar(n, [anyItem({ area: 0x84, db: 1, byte: 8, transport: 8 })], [dataItem(7, '41ac0000', 0)]),
    answer(n, '05 01', 'ff'),
  ],
  (n) => [PLC_STOP.slice().fill(n & 255, 5, 6), answer(n & 255, '29')],
  (n) => [piService(n, '_MODU', ascii('EP')), answer(n, '28')],
  (n) => [blockJob(n, '1a', '_0A00001P', concat(bytes('0d'), ascii('1000216000088'))), answer(n, '1a')],
  (n) => [blockJob(n, '1d', '_0800001A'), answer(n, concat(bytes('1d 00 0100 00000007 07'), ascii('0000216')))],
  (n) => [job(n, '1e 00 0000 00000007'), answer(n, '1e 00', '0004 00fb 70700102')],
  (n) => [
    userdata(n, 4, 1, '0011 0000'),
    userdata(
      n,
      4,
      1,
      concat(bytes('0011 0000 001c 0001 0001'), ascii('6ES7 315-2EH14-0AB0 '), bytes('00c0 0004 0001')),
      {
        type: 8,
      },
    ),
  ],
  (n) => [userdata(n, 7, 1, ''), userdata(n, 7, 1, '00 19 26 11 22 14 20 30 12 31', { type: 8 })],
  (n) => [userdata(n, 3, 1, ''), userdata(n, 3, 1, '3038 0001 3041 0002', { type: 8 })],
  (n) => [readVar(n, anyItem({ area: 0x84, db: 4711 })), refusal(n, 0x8701)],
];
