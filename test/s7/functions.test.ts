import { describe, expect, test } from 'vitest';
import { ascii, type Bytes, bytes, concat } from '../support/packets.js';
import { Connection, type Found } from './connection.js';
import {
  answer,
  anyItem,
  blockJob,
  connectConfirm,
  connectRequest,
  dataItem,
  dt,
  job,
  PLC_STOP,
  piService,
  readAnswer,
  readVar,
  refusal,
  userdata,
  writeVar,
} from './messages.js';

function request(tsdu: Bytes): Found {
  return new Connection().send(0, dt(tsdu)).messages[0]!;
}

function exchanged(asked: Bytes, answered: Bytes): Found {
  return new Connection().send(0, dt(asked)).send(1, dt(answered)).messages[1]!;
}

describe('what a variable is', () => {
  const DB = 0x84;
  test.each([
    [
      'a bit of a data block',
      { area: DB, db: 10, byte: 4, bit: 3, transport: 1 },
      3,
      '01',
      'DB10 4',
      ['DB10.DBX4.3 = 1'],
    ],
    ['bytes', { area: DB, db: 10, byte: 4, count: 2 }, 4, '2aff', 'DB10 4-5', ['DB10.DBB4 = 42', 'DB10.DBB5 = 255']],
    ['a character', { area: DB, db: 10, byte: 0, transport: 3 }, 9, '41', 'DB10 0', ['DB10.DBB0 = 65']],
    [
      'words',
      { area: DB, db: 10, byte: 4, transport: 4, count: 2 },
      4,
      'fffe0001',
      'DB10 4-7',
      ['DB10.DBW4 = 65534', 'DB10.DBW6 = 1'],
    ],
    ['an integer', { area: DB, db: 10, byte: 4, transport: 5 }, 5, 'fffe', 'DB10 4-5', ['DB10.DBW4 = -2']],
    [
      'a double word',
      { area: DB, db: 10, byte: 8, transport: 6 },
      4,
      'fffffffe',
      'DB10 8-11',
      ['DB10.DBD8 = 4294967294'],
    ],
    ['a double integer', { area: DB, db: 10, byte: 8, transport: 7 }, 6, 'fffffffe', 'DB10 8-11', ['DB10.DBD8 = -2']],
    ['a real number', { area: DB, db: 10, byte: 8, transport: 8 }, 7, '41ac0000', 'DB10 8-11', ['DB10.DBD8 = 21.5']],
    ['a date', { area: DB, db: 1, byte: 2, transport: 9 }, 4, '3039', 'DB1 2-3', ['DB1.DBW2 = 12345']],
    ['a time of day', { area: DB, db: 1, byte: 0, transport: 10 }, 4, '00000064', 'DB1 0-3', ['DB1.DBD0 = 100']],
    ['a duration', { area: DB, db: 1, byte: 0, transport: 11 }, 6, 'ffffff9c', 'DB1 0-3', ['DB1.DBD0 = -100']],
    ['an S5 time of 15 s', { area: DB, db: 1, byte: 0, transport: 12 }, 4, '1150', 'DB1 0-1', ['DB1.DBW0 = 15000']],
    [
      'date and time',
      { area: DB, db: 1, byte: 0, transport: 15 },
      9,
      '2611221420301234',
      'DB1 0-7',
      ['DB1.DBB0 = 2026-11-22T14:20:30.123'],
    ],
    ['an instance data block', { area: 0x85, db: 7, byte: 1 }, 4, '01', 'DI7 1', ['DI7.DIB1 = 1']],
    ['a flag', { area: 0x83, byte: 20, bit: 7, transport: 1 }, 3, '00', 'M 20', ['M20.7 = 0']],
    ['a flag word', { area: 0x83, byte: 20, transport: 4 }, 4, '0102', 'M 20-21', ['MW20 = 258']],
    ['an input', { area: 0x81, byte: 0, bit: 1, transport: 1 }, 3, '01', 'I 0', ['I0.1 = 1']],
    ['an output byte', { area: 0x82, byte: 5 }, 4, '80', 'Q 5', ['QB5 = 128']],
    ['peripheral input', { area: 0x80, byte: 256, transport: 4 }, 4, '6c00', 'PI 256-257', ['PIW256 = 27648']],
    ['a timer of 2.15 s', { area: 0x1d, number: 5, transport: 29 }, 9, '0215', 'T 5', ['T5 = 2150']],
    ['counters', { area: 0x1c, number: 3, transport: 28, count: 2 }, 9, '00990100', 'C 3-4', ['C3 = 99', 'C4 = 100']],
    ['variable memory of an S7-200', { area: 0x87, byte: 100 }, 4, '07', 'V 100', ['VB100 = 7']],
  ] as const)('%s', (_, address, size, data, target, variables) => {
    const found = exchanged(readVar(1, anyItem(address)), readAnswer(1, dataItem(size, data)));
    expect(found).toMatchObject({ targets: [target], variables, areWritten: false, anomalies: [], rejection: 'none' });
    expect(found.fields).toMatchObject({
      results: [{ return_code: 255, transport_size: size, length: data.length / 2, data }],
    });
  });

  test('what is written is told with the request', () => {
    const found = request(
      writeVar(
        1,
        [anyItem({ area: DB, db: 20, byte: 4, transport: 8 }), anyItem({ area: 0x80, byte: 2, transport: 2 })],
        [dataItem(7, '41ac0000', 0), dataItem(4, '55', 0)],
      ),
    );
    expect(found).toMatchObject({
      operation: 'write_var',
      targets: ['DB20 4-7', 'PQ 2'],
      variables: ['DB20.DBD4 = 21.5', 'PQB2 = 85'],
      areWritten: true,
    });
  });

  test('bits that cross a byte span both', () => {
    expect(request(readVar(1, anyItem({ area: 0x83, byte: 1, bit: 6, transport: 1, count: 4 }))).targets).toEqual([
      'M 1-2',
    ]);
  });

  test('an item that failed carries nothing; those beside it do', () => {
    const asked = readVar(
      1,
      anyItem({ area: 0x83, byte: 1 }),
      anyItem({ area: DB, db: 99, byte: 0 }),
      anyItem({ area: 0x83, byte: 3 }),
    );
    const found = exchanged(asked, answer(1, '04 03', 'ff 04 0008 11 00 0a 00 0004 ff 04 0008 33'));
    expect(found).toMatchObject({ variables: ['MB1 = 17', 'MB3 = 51'], rejection: 'bad_address', anomalies: [] });
    expect(found.fields['results']).toEqual([
      { return_code: 255, return_code_name: 'success', transport_size: 4, length: 1, data: '11' },
      { return_code: 10, return_code_name: 'object_does_not_exist', transport_size: 0, length: 4, data: '' },
      { return_code: 255, return_code_name: 'success', transport_size: 4, length: 1, data: '33' },
    ]);
  });

  test('areas of a DB read share one item, each behind its own return code', () => {
    const item = bytes('12 0c b0 02 02 0001 0004 03 0002 0006');
    const found = exchanged(readVar(1, item), readAnswer(1, dataItem(9, 'ff 040a ff 112233')));
    expect(found.targets).toEqual(['DB1 4-5', 'DB2 6-8']);
    expect(found.variables).toEqual([
      'DB1.DBB4 = 4',
      'DB1.DBB5 = 10',
      'DB2.DBB6 = 17',
      'DB2.DBB7 = 34',
      'DB2.DBB8 = 51',
    ]);
  });

  test('a symbolic address names its block', () => {
    const item = bytes('12 12 b2 ff 8a0e 000a 4e2c1f88 40000004 5000000a');
    const found = request(readVar(1, item));
    expect(found.targets).toEqual(['DB10.{4.#10}']);
    expect(found.fields['items']).toEqual([
      {
        syntax_id: 0xb2,
        syntax: 'symbolic_1200',
        address: 'ff8a0e000a4e2c1f88400000045000000a',
        area: DB,
        area_name: 'data_block',
        db_number: 10,
        crc: '4e2c1f88',
        lids: [
          { kind: 'lid', value: 4 },
          { kind: 'index', value: 10 },
        ],
        name: 'DB10.{4.#10}',
      },
    ]);
  });

  test('an NC address is taken apart', () => {
    const found = request(readVar(1, bytes('12 08 82 41 0001 000a 15 02')));
    expect((found.fields['items'] as unknown[])[0]).toMatchObject({
      syntax: 'nck',
      nck: {
        ...{ area: 2, area_name: 'channel', unit: 1, column: 1, line: 10 },
        ...{ module: 0x15, module_name: 'RP', line_count: 2 },
      },
    });
    expect(found.targets).toEqual(['NC channel 1 RP 1 10-11']);
  });

  test.each([
    ['a bit', 3, '01', 1],
    ['a word', 4, 'fffe', 65_534],
    ['an integer', 5, 'fffe', -2],
    ['a double integer', 6, 'fffffffe', -2],
    ['a real number', 7, '41ac0000', 21.5],
  ])('a symbolic variable has the type of its data: %s', (_, transport, data, value) => {
    const item = bytes('12 0e b2 ff 8a0e 000a 4e2c1f88 40000004');
    const found = exchanged(readVar(1, item), readAnswer(1, dataItem(transport, data)));
    expect(found.variables).toEqual([`DB10.{4} = ${value}`]);
  });

  test('octets behind a symbolic address are no number', () => {
    const item = bytes('12 0e b2 ff 8a0e 000a 4e2c1f88 40000004');
    expect(exchanged(readVar(1, item), readAnswer(1, dataItem(9, '0102'))).variables).toEqual([]);
  });

  test.each([
    ['fewer items than stated', readVar(1, anyItem({ area: 0x83 })).with(11, 2), 's7comm.bad_item'],
    ['an item longer than the message', job(1, '04 01 12 20 10 02 0001 0000 83 000000'), 's7comm.bad_item'],
    [
      'a value longer than the message',
      writeVar(1, [anyItem({ area: 0x83 })], [bytes('00 04 0100 11')]),
      's7comm.bad_data',
    ],
    ['no function', job(1, ''), 's7comm.bad_parameter'],
    ['a parameter length that does not fit', readVar(1, anyItem({ area: 0x83 })).with(7, 99), 's7comm.length_mismatch'],
    ['a message type that does not exist', readVar(1, anyItem({ area: 0x83 })).with(1, 9), 's7comm.bad_header'],
    ['nine bytes', bytes('32 01 0000 0001 0000 00'), 's7comm.bad_header'],
  ])('%s is told', (_, tsdu, code) => {
    const found = request(tsdu);
    expect(found.anomalies).toContain(code);
    expect(found.variables).toEqual([]);
  });
});

describe('blocks and services', () => {
  test.each([
    ['1a', 'request_download', '_0A00001P', 'block_DB 1', { length_load_memory: 216, length_mc7: 88 }],
    ['1b', 'download_block', '_0800035P', 'block_OB 35', {}],
    ['1c', 'download_ended', '_0C00007P', 'block_FC 7', {}],
    ['1d', 'start_upload', '$0B00000A', 'block_SDB 0', {}],
  ] as const)('function %s is %s', (code, operation, file, target, more) => {
    const tail = code === '1a' ? concat(bytes('0d'), ascii('1000216000088')) : '';
    const found = request(blockJob(1, code, file, tail));
    expect(found).toMatchObject({ operation, targets: [target], anomalies: [] });
    expect(found.fields['block']).toMatchObject({
      filename: file,
      block_type: file.slice(1, 3),
      block_number: Number(file.slice(3, 8)),
      destination_filesystem: file.slice(8),
      ...more,
    });
  });

  test('an upload goes by its number', () => {
    const begun = exchanged(
      blockJob(1, '1d', '_0800001A'),
      answer(1, concat(bytes('1d 00 0100 00000007 07'), ascii('0000216'))),
    );
    expect(begun.fields['block']).toEqual({ upload_id: 7, length: 216 });
    const part = exchanged(job(2, '1e 00 0000 00000007'), answer(2, '1e 01', '0004 00fb 70700102'));
    expect(part.fields).toMatchObject({ more_follows: true, length: 4, data: '70700102' });
  });

  const list = (...names: readonly string[]) => concat(bytes([names.length, 0]), ...names.map(ascii));
  test.each([
    ['P_PROGRAM', '', 'plc_hot_start', '', []],
    ['P_PROGRAM', ascii('C '), 'plc_cold_start', 'C ', []],
    ['_MODU', ascii('EP'), 'copy_ram_to_rom', 'EP', []],
    ['_GARB', '', 'compress_memory', '', []],
    ['_INSE', list('0A00001P', '0800001P'), 'insert_block', '0A00001P,0800001P', ['block_DB 1', 'block_OB 1']],
    ['_DELE', list('0E00010B'), 'delete_block', '0E00010B', ['block_FB 10']],
    ['_N_SELECT', concat(bytes('05'), ascii('_N_A1'), bytes('03'), ascii('MPF')), 'nc_select_program', '_N_A1,MPF', []],
    ['_N_F_DELE', '', 'nc_service', '', []],
    ['_XYZ', '', 'pi_service', '', []],
  ] as const)('service %s (%s) is %s', (service, argument, operation, text, targets) => {
    const found = request(piService(1, service, argument));
    expect(found).toMatchObject({ operation, targets, anomalies: [] });
    expect(found.fields).toMatchObject({ function: 'pi_service', pi_service: service, pi_argument: text });
  });

  test('a password of the NC is never shown', () => {
    const { fields } = request(piService(1, '_N_LOGIN_', concat(bytes('08'), ascii('SUNRISE1'))));
    expect(fields).toMatchObject({ pi_service: '_N_LOGIN_', password_set: true });
    expect(JSON.stringify(fields)).not.toMatch(/SUNRISE|53554e52495345/);
  });

  test('a stop is a stop', () => {
    const found = request(PLC_STOP);
    expect(found).toMatchObject({ operation: 'plc_stop', targets: [] });
    expect(found.fields).toMatchObject({ function_code: 0x29, function: 'plc_stop', pi_service: 'P_PROGRAM' });
  });

  test('every function code is an operation of its own', () => {
    const operations = new Set(
      Array.from(
        { length: 256 },
        (_, code) => request(job(1, concat(bytes([code]), bytes('00'.repeat(40))))).operation,
      ),
    );
    expect(operations.size).toBe(256);
  });

  test.each([
    [0x8104, 'unsupported_operation'],
    [0x8701, 'bad_address'],
    [0x8500, 'bad_value'],
    [0x8302, 'busy'],
    [0x8404, 'failed'],
    [0xd241, 'failed'],
  ] as const)('error %i means %s', (error, rejection) => {
    expect(exchanged(PLC_STOP, refusal(7, error)).rejection).toBe(rejection);
  });

  test.each([
    ['ff', 'none'],
    ['03', 'failed'],
    ['05', 'bad_address'],
    ['06', 'bad_value'],
    ['07', 'bad_value'],
    ['0a', 'bad_address'],
  ] as const)('return code %s of a write means %s', (code, rejection) => {
    const asked = writeVar(1, [anyItem({ area: 0x83 })], [dataItem(4, '01', 0)]);
    expect(exchanged(asked, answer(1, '05 01', code))).toMatchObject({ rejection, targets: ['M 0'] });
  });
});

describe('userdata', () => {
  test.each([
    [4, 1, '0131 0001', 'read_szl', 'SZL_0131 1', { szl: { id: 0x131, index: 1 } }],
    [3, 2, '3041', 'list_blocks_of_type', undefined, { block_type: '0A' }],
    [
      3,
      3,
      '3041 3030303130 41',
      'get_block_info',
      'block_DB 10',
      { block: { block_type_name: 'DB', block_number: 10 } },
    ],
    [7, 2, '00 19 26 11 22 14 20 30 12 31', 'set_clock', undefined, { clock: '2026-11-22T14:20:30.123' }],
    [
      4,
      2,
      '81 00 486d6952746d2020',
      'message_service',
      undefined,
      { events: ['mode_transition', 'alarms'], user_name: 'HmiRtm' },
    ],
    [
      4,
      19,
      '00 01 12 08 1a 00 01 34 00000004',
      'alarm_query',
      undefined,
      { alarm: { query: 'by_alarm_type', type: 'ALARM_S' } },
    ],
    [
      4,
      11,
      '09 01 12 08 19 00 00000011 01 00',
      'alarm_ack',
      undefined,
      { alarm: { objects: [{ event_id: '00000011' }] } },
    ],
    [
      2,
      1,
      '0001 01 05 120a10040001012c84000020',
      'cyclic_transfer',
      'DB300 4-5',
      { interval_milliseconds: 5000, item_count: 1 },
    ],
    [
      1,
      14,
      '0014 0002 0000000100000001000100010001000100010000 08 02',
      'enable_job',
      undefined,
      { job: { subfunction_name: 'modify_variable', sequence_number: 2 } },
    ],
    [1, 22, '', 'flash_led', undefined, {}],
    [5, 2, '', 'clear_password', undefined, { userdata: { subfunction_name: 'clear_password' } }],
    [9, 1, 'aa', 'userdata_9', undefined, { data: 'aa' }],
  ] as const)('group %i, subfunction %i', (group, subfunction, body, operation, target, fields) => {
    const found = request(userdata(1, group, subfunction, body));
    expect(found).toMatchObject({
      operation,
      isRequest: true,
      targets: target === undefined ? [] : [target],
      anomalies: [],
    });
    expect(found.fields).toMatchObject(fields);
  });

  test('a password is told, and never shown', () => {
    const found = request(userdata(1, 5, 1, '2736163331303633'));
    expect(found).toMatchObject({ operation: 'set_password', anomalies: ['s7comm.cleartext_password'] });
    expect(found.fields).toMatchObject({ password_set: true });
    expect(JSON.stringify(found.fields)).not.toContain('2736163331303633');
    expect(
      exchanged(userdata(1, 5, 1, '2736163331303633'), userdata(1, 5, 1, '', { type: 8, error: 0xd602 })).fields,
    ).toMatchObject({
      userdata: { error_code: 0xd602, error_name: 'wrong_password' },
    });
  });

  const MODIFY = `0014 0028 0000000100010006000100010001000100010200
    0003 0301 0000 0000 0201 0000 0004 1001 0000 0008
    0009 0004 4133851f 0009 0002 dead 0009 0001 01 00`;
  test('a programmer modifies variables', () => {
    expect(request(userdata(1, 1, 8, MODIFY))).toMatchObject({
      operation: 'modify_variable',
      targets: ['M 0-3', 'M 4-5', 'I 8'],
      variables: ['MD0 = 1093895455', 'MW4 = 57005', 'I8.1 = 1'],
      areWritten: true,
      anomalies: [],
    });
  });

  test('forcing names what is forced', () => {
    expect(request(userdata(1, 1, 9, MODIFY))).toMatchObject({
      operation: 'force',
      targets: ['M 0-3', 'M 4-5', 'I 8'],
    });
  });

  test('cyclic data has the names of what was subscribed to', () => {
    const connection = new Connection()
      .send(0, dt(userdata(1, 2, 1, '0002 01 01 120a10040001012c84000020 120a1002000200008300000a')))
      .send(1, dt(userdata(1, 2, 1, '0002 ff04 0010 0001 ff04 0010 0203', { type: 8, sequence: 5 })))
      .send(1, dt(userdata(0, 2, 1, '0002 ff04 0010 0007 ff04 0010 0809', { type: 0, sequence: 5 })))
      .send(1, dt(userdata(0, 2, 1, '0001 ff04 0010 0007', { type: 0, sequence: 5 })))
      .send(1, dt(userdata(0, 2, 1, '0002 ff04 0010 0007 ff04 0010 0809', { type: 0, sequence: 6 })));
    expect(connection.messages.map(({ variables }) => variables)).toEqual([
      [],
      ['DB300.DBW4 = 1', 'MB1 = 2', 'MB2 = 3'],
      ['DB300.DBW4 = 7', 'MB1 = 8', 'MB2 = 9'],
      [],
      [],
    ]);
    expect(connection.messages[2]).toMatchObject({ isRequest: false, fromClient: false, anomalies: [] });
  });

  test('an alarm', () => {
    const body = '94 01 06 00 27 20 39 75 40 01 12 0a 16 02 000000af 01 00 fe fd ff04 0010 0001 ff04 0008 07 00';
    expect(new Connection().send(1, dt(userdata(0, 4, 5, body, { type: 0 }))).messages[0]?.fields).toMatchObject({
      alarm: {
        timestamp: '1994-01-06T00:27:20.397',
        objects: [
          {
            event_id: '000000af',
            event_state: 1,
            state: 0,
            ack_state_going: 0xfe,
            ack_state_coming: 0xfd,
            values: ['0001', '07'],
          },
        ],
      },
    });
  });

  test('a message of SCAN, with two words more around its time', () => {
    const body = '0000 94 01 06 00 27 20 39 75 0000 40 01 12 0a 16 00 000000af 01 00 fe fd';
    expect(new Connection().send(1, dt(userdata(0, 4, 9, body, { type: 0 }))).messages[0]?.fields).toMatchObject({
      alarm: { timestamp: '1994-01-06T00:27:20.397', objects: [{ event_id: '000000af', event_state: 1 }] },
    });
  });

  test('alarms that are pending', () => {
    const alarm = (type: string, rest = '') => `${type} 600047a1 00 01 00 ff ${rest}`;
    const times = '94 01 06 00 27 20 39 75 ff09 0002 0001 00 00 00 00 00 00 00 00 ff09 0002 0000';
    const body = `00 02 ff 09 0034 25 0000 ${alarm('04', times)} 09 0000 ${alarm('02')}`;
    expect(new Connection().send(1, dt(userdata(0, 4, 19, body, { type: 8 }))).messages[0]?.fields).toMatchObject({
      alarm: {
        return_code: 255,
        objects: [
          {
            type: 'ALARM_S',
            event_id: '600047a1',
            event_state: 1,
            ack_state_going: 0,
            ack_state_coming: 255,
            coming: '1994-01-06T00:27:20.397',
            coming_values: ['0001'],
            going_values: ['0000'],
          },
          { type: 'ALARM_8', event_id: '600047a1' },
        ],
      },
    });
    const none = new Connection().send(1, dt(userdata(0, 4, 19, '00 01 0a 00 0000', { type: 8 })));
    expect(none.messages[0]?.fields['alarm']).toEqual({
      return_code: 10,
      return_code_name: 'object_does_not_exist',
      objects: [],
    });
  });

  test('return codes of alarms that are acknowledged', () => {
    const { messages } = new Connection().send(1, dt(userdata(0, 4, 11, '09 02 ff 05', { type: 8 })));
    expect(messages[0]?.fields).toMatchObject({
      item_count: 2,
      results: [{ return_code: 255 }, { return_code: 5, return_code_name: 'invalid_address' }],
    });
  });

  test('which alarms are subscribed to', () => {
    const { messages } = new Connection()
      .send(0, dt(userdata(1, 4, 2, '86 00 486d6952746d2020 09 00')))
      .send(1, dt(userdata(1, 4, 2, '02 00 09 00 00', { type: 8 })));
    expect(messages.map(({ fields }) => fields['alarm_subscription'])).toEqual([
      'alarm_s_initiate',
      'alarm_s_initiate',
    ]);
    expect(messages[1]?.fields['result']).toBe(2);
  });

  test.each([
    [1, 7, '2f5f4e5f41', { file: { name: '/_N_A' } }],
    [6, 7, '05 00 2f5f4e5f41', { file: { name: '/_N_A', unacknowledged_parts: 5 } }],
    [3, 3, '05 00', { file: { unacknowledged_parts: 5 } }],
    [
      2,
      3,
      `0000 ${Buffer.from('     1202026042412301500/_N_MPF_DIR\n').toString('hex')} 4731`,
      { file: { length: 120, time: '2026042412301500', path: '/_N_MPF_DIR' }, data: '4731' },
    ],
    [7, 11, '0000 47312058', { data: '47312058' }],
  ])('a file of an NC, function %i, type %i', (subfunction, type, body, fields) => {
    const { messages } = new Connection().send(1, dt(userdata(0, 15, subfunction, body, { type })));
    expect(messages[0]?.fields).toMatchObject(fields);
  });

  test.each([
    [13, '0000 0002 0205', { subfunction_name: 'variable_status', sequence_number: 5 }],
    [15, '0000 0004 0000 0908', { subfunction_name: 'force', sequence_number: 8 }],
    [18, '0000 0004 0000 0809', { subfunction_name: 'modify_variable', sequence_number: 9 }],
  ])('the job that a programmer’s command %i is about', (subfunction, body, job) => {
    const { messages } = new Connection().send(0, dt(userdata(0, 1, subfunction, body)));
    expect(messages[0]?.fields['job']).toMatchObject(job);
  });

  test('where a breakpoint is set, and where the program stopped', () => {
    const place = '000c 0005 0012';
    const { messages } = new Connection()
      .send(0, dt(userdata(0, 1, 10, `001a 0002 ${'00'.repeat(18)} 0c00 ${place} 0000`)))
      .send(
        1,
        dt(
          userdata(
            0,
            1,
            10,
            `0004 0026 00000000 0008 0001 0020 ${place} 0000 0101 ${'00000007'.repeat(4)} 0a0b 0003 0004`,
            { type: 0 },
          ),
        ),
      );
    expect(messages[0]?.fields).toMatchObject({
      trigger: 'before_code_address',
      block: { block_type: '0C', block_type_name: 'FC', block_number: 5, address: 18 },
    });
    expect(messages[1]?.fields['breakpoint']).toEqual({
      interrupted: { block_type: '08', block_type_name: 'OB', block_number: 1, address: 32 },
      at: { block_type: '0C', block_type_name: 'FC', block_number: 5, address: 18 },
      status_word: '0101',
      accu1: '00000007',
      accu2: '00000007',
      ar1: '00000007',
      ar2: '00000007',
      db1: 3,
      db2: 4,
    });
  });

  test('the end of cyclic reading', () => {
    const { messages } = new Connection().send(0, dt(userdata(0, 2, 4, '01 05')));
    expect(messages[0]?.fields['job']).toMatchObject({ subfunction_name: 'cyclic_transfer', sequence_number: 5 });
  });

  test('an entry of the diagnostic buffer', () => {
    const body = '4304 ff 00 c700 0000 00040001 94 01 06 00 27 20 39 75';
    expect(
      new Connection().send(1, dt(userdata(0, 4, 3, body, { type: 0 }))).messages[0]?.fields['diagnostic'],
    ).toEqual({
      event_id: '4304',
      event_class: 'mode_transition',
      priority_class: 255,
      ob_number: 0,
      data_id: 0xc700,
      info1: '0000',
      info2: '00040001',
      timestamp: '1994-01-06T00:27:20.397',
    });
  });

  test.each([
    [
      '0131 0001',
      '0131 0001 0010 0001 0001 00f0 0010 00b71b00 00b71b00 0000',
      { max_pdu_length: 240, max_connections: 16 },
    ],
    [
      '0132 0004',
      `0132 0004 0018 0001 0004 0001 0003 0003 0003 0000 0000 5656 00a4 1b93 1f4a 0144`,
      { valid_level: 3, mode_switch: 'STOP', program_checksum: '1f4a0144' },
    ],
    [
      '0424 0000',
      '0424 0000 0014 0001 5144 ff 48 00000000 00000000 94 01 06 00 27 20 39 75',
      { mode: 'run', previous_mode: 'stop' },
    ],
    ['0074 0000', '0074 0000 0004 0001 0004 01 01', { led: 'RUN', on: true, blinking: '2_hz' }],
    ['0f22 0000', '0f22 0000 0002 0001 abcd', 'abcd'],
    ['0000 0000', '0000 0000 0002 0001 0011', { szl_id: '0011' }],
    [
      '0d91 0000',
      '0d91 0000 0010 0001 0000 0201 07ff c4c0 c4c0 0000 b402 0011',
      {
        ...{ rack: 0, slot: 2, subslot: 1, logical_address: 2047, actual_type: 'c4c0', io_status: 'b402' },
        status: ['module_exists'],
      },
    ],
    ['0c91 0000', '0c91 0000 0010 0001 6405 0100 07ff c4c0 c4c0 0000 b401 0011', { bus: 100, station: 5, slot: 1 }],
    ['0092 0000', '0092 0000 0010 0001 05 000000000000000000000000000080', { set: [0, 2, 127] }],
    ['0294 0064', '0294 0064 0006 0001 0064 06000000', { index: 100, set: [1, 2] }],
    ['0015 0000', '0015 0000 000a 0001 0800 0016 03d1 0000fffe', { block_type: 'OB', max_count: 22 }],
    [
      '00a0 0000',
      '00a0 0000 0014 0001 4302 ff 68 c700 0000 08147714 16 02 08 23 08 10 26 42',
      { event_id: '4302', ob_number: 104, timestamp: '2016-02-08T23:08:10.264' },
    ],
  ])('status list %s', (asked, answered, entry) => {
    const found = exchanged(userdata(1, 4, 1, asked), userdata(1, 4, 1, answered, { type: 8 }));
    expect(found.fields['szl']).toMatchObject({
      entry_count: 1,
      entries: [typeof entry === 'string' ? entry : expect.objectContaining(entry)],
    });
  });

  test('a status list that does not exist is a refused address', () => {
    const found = exchanged(userdata(1, 4, 1, '0f99 0000'), userdata(1, 4, 1, '', { type: 8, error: 0xd401 }));
    expect(found).toMatchObject({ rejection: 'bad_address', targets: ['SZL_0f99 0'] });
  });
});

test('a block of data that programs send each other names its number', () => {
  expect(request(userdata(1, 6, 0, '12 06 13 00 00000007 cafe')).fields).toMatchObject({
    r_id: '00000007',
    data: 'cafe',
  });
});

describe('who a controller is', () => {
  const facts = (connection: Connection) =>
    connection.identity.map(({ field, value, source }) => `${field}: ${value} (${source})`);
  const entry = (index: string, text: string) => concat(bytes(index), ascii(text.padEnd(32, '\0')));

  test('the module that a connection leads to is known by rack and slot', () => {
    const list = concat(bytes('0011 0000 001c 0001 0001'), ascii('6ES7 315-2EH14-0AB0 '), bytes('00c0 0004 0001'));
    const connection = new Connection()
      .send(0, connectRequest('0122'))
      .send(1, connectConfirm('0122'))
      .send(0, dt(userdata(1, 4, 1, '0011 0000')))
      .send(1, dt(userdata(1, 4, 1, list, { type: 8 })));
    expect(connection.messages.map(({ fields }) => [fields['rack'], fields['slot']])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const modules = connection.identity.filter(({ isModule }) => isModule);
    expect(modules.map(({ unit, field, value }) => `${unit} ${field} ${value}`)).toEqual([
      '34 description Answers S7comm.',
      '34 order_number 6ES7 315-2EH14-0AB0',
      '34 vendor Siemens',
    ]);
    expect(connection.identity.filter(({ isModule }) => !isModule)).toHaveLength(2);
  });

  test('modules that are plugged are told, ports and stations on a bus are not', () => {
    const list = bytes(
      ['0d91 0000 0010 0003', '0000 0400 0100 71c4 71c4 0000 b402 0011'].join(' '),
      '0000 0201 07ff c4c0 c4c0 0000 b402 0011 6405 0100 07ff c4c0 c4c0 0000 b402 0011',
    );
    const connection = new Connection()
      .send(0, dt(userdata(1, 4, 1, '0d91 0000')))
      .send(1, dt(userdata(1, 4, 1, list, { type: 8 })));
    expect(connection.identity).toEqual([
      {
        ...{ unit: 4, isModule: true, field: 'description', value: 'Module of type 0x71c4.' },
        ...{ source: 's7comm.szl_0d91', confidence: 60 },
      },
    ]);
  });

  test('order number, hardware and firmware', () => {
    const module = (index: string, order: string, versions: string) =>
      concat(bytes(index), ascii(order.padEnd(20)), bytes('00c0', versions));
    const list = concat(
      bytes('0011 0000 001c 0003'),
      module('0001', '6ES7 315-2EH14-0AB0', '0004 0001'),
      module('0006', '6ES7 315-2EH14-0AB0', '0004 0001'),
      module('0007', '', '5603 0206'),
    );
    expect(facts(new Connection().send(1, dt(userdata(1, 4, 1, list, { type: 8 }))))).toEqual([
      'order_number: 6ES7 315-2EH14-0AB0 (s7comm.szl_0011)',
      'vendor: Siemens (s7comm.szl_0011)',
      'hardware_revision: 4 (s7comm.szl_0011)',
      'firmware: V3.2.6 (s7comm.szl_0011)',
    ]);
  });

  test('names, plant, serial number and place', () => {
    const list = concat(
      bytes('001c 0000 0022 0006'),
      entry('0001', 'Station 1'),
      entry('0003', 'Waterworks North'),
      entry('0005', 'S C-B1U393142011'),
      entry('0007', 'CPU 315-2 PN/DP'),
      concat(bytes('0009 002a f600 0001'), new Uint8Array(26)),
      entry('000b', 'Hall 3'),
    );
    expect(facts(new Connection().send(1, dt(userdata(1, 4, 1, list, { type: 8 }))))).toEqual([
      'name: Station 1 (s7comm.szl_001c)',
      'plant: Waterworks North (s7comm.szl_001c)',
      'serial: S C-B1U393142011 (s7comm.szl_001c)',
      'model: CPU 315-2 PN/DP (s7comm.szl_001c)',
      'vendor: Siemens (s7comm.szl_001c)',
      'location: Hall 3 (s7comm.szl_001c)',
    ]);
  });

  test('a controller that speaks S7 and is not of Siemens is not called so', () => {
    const list = concat(bytes('0011 0000 001c 0001 0001'), ascii('VIPA 315-4NE12'.padEnd(20)), bytes('00c0 0004 0001'));
    expect(facts(new Connection().send(1, dt(userdata(1, 4, 1, list, { type: 8 }))))).toEqual([
      'order_number: VIPA 315-4NE12 (s7comm.szl_0011)',
    ]);
  });

  test('a client that asks says nothing of itself', () => {
    expect(new Connection().send(0, dt(userdata(1, 4, 1, '0011 0000'))).identity).toEqual([]);
  });
});
