import { describe, expect, test } from 'vitest';
import { S7COMM_PLUS_OPERATIONS } from '../../sensor/protocols/s7comm-plus/functions.js';
import { S7COMM_PLUS_PROTOCOL } from '../../sensor/protocols/s7comm-plus/protocol.js';
import { bytes } from '../support/packets.js';
import { CLIENT, Connection, SERVER } from './connection.js';
import {
  address,
  attribute,
  counted,
  DB,
  FUNCTION,
  frame,
  getMulti,
  join,
  MEMORY,
  object,
  plain,
  QUALIFIER,
  request,
  response,
  SESSION,
  sessionRequest,
  sessionResponse,
  setVariable,
  text,
  u32,
  VALUE,
  values,
  vlq,
} from './messages.js';

/** A connection with an open session. */
function opened(): Connection {
  const connection = new Connection();
  connection.send(CLIENT, frame(1, plain(sessionRequest(1, attribute(298, text('PC-7'))))));
  connection.send(SERVER, frame(1, plain(sessionResponse(1, '1;6ES7 214-1HE30-0XB0 ;V2.2'))));
  return connection;
}

describe('header', () => {
  test('version 3 has a digest, and its length counts it', () => {
    const found = new Connection().send(CLIENT, frame(3, counted(getMulti(7, address(50, 3451, [])), 9)));
    expect(found?.anomalies).toEqual([]);
    expect(found?.fields).toMatchObject({
      protocol_version: 3,
      opcode: 'request',
      function_code: 1356,
      function: 'get_multi_variables',
      sequence_number: 7,
      session_id: SESSION,
      integrity: true,
      integrity_id: 9,
    });
    expect(found?.fields['length']).toBe(33 + getMulti(7, address(50, 3451, [])).length + 5);
  });

  test('version 2 of early S7-1500 has it at the end', () => {
    const data = join(getMulti(7, address(50, 3451, [])), vlq(3), 0x20, new Uint8Array(32).fill(0xee));
    const found = new Connection().send(CLIENT, frame(2, data));
    expect(found?.anomalies).toEqual([]);
    expect(found?.fields).toMatchObject({ protocol_version: 2, integrity: true, integrity_id: 3 });
  });

  test('version 2 without one says so by leaving it out', () => {
    const { fields } = new Connection().send(CLIENT, frame(2, plain(getMulti(7, address(50, 3451, [])))))!;
    expect(fields).not.toHaveProperty('integrity');
    expect(fields).not.toHaveProperty('integrity_id');
  });

  test('system events carry a count, a text or a structure', () => {
    const connection = new Connection();
    const event = (tail: string) => {
      const body = bytes(`00000000000005180000000000000000${tail}`);
      return join(0x72, 0xfe, Uint8Array.of(0, body.length), body);
    };
    expect(connection.send(SERVER, event(''))?.fields).toEqual({
      protocol_version: 254,
      length: 16,
      system_event: { confirmed_bytes: 0x518 },
    });
    expect(connection.send(SERVER, event('4c4f474f5554'))?.fields).toMatchObject({
      system_event: { message: 'LOGOUT' },
    });
    const struct = '00000017 00009d00 00009d6f 00000004 000004ca 00000000'.replaceAll(' ', '');
    expect(connection.send(SERVER, event(struct))?.fields).toMatchObject({
      system_event: { value: { struct_id: 40192, '40303': 1226 } },
    });
    expect(connection.found.flatMap(({ anomalies }) => anomalies)).toEqual([]);
    expect(connection.last.operation).toBe('system_event');
  });

  test('a keep-alive is its number', () => {
    const found = new Connection().send(CLIENT, bytes('72ff0700'));
    expect(found).toMatchObject({
      fields: { protocol_version: 255, sequence_number: 7 },
      operation: 'keep_alive',
      anomalies: [],
    });
  });

  test('other opcodes are told in hexadecimal', () => {
    const connection = opened();
    connection.send(CLIENT, frame(2, plain(setVariable(9, SESSION, 323, '000405'))));
    const answer = join(0x02, '0000', '04f2', '0000', '0009', 0x74, 0x00);
    const found = connection.send(SERVER, frame(2, plain(answer)));
    expect(found).toMatchObject({
      fields: { opcode: '02', function: 'set_variable', request_pcap_cnt: 3 },
      isRequest: false,
      anomalies: [],
    });
  });
});

describe('sessions', () => {
  test('the request says who the client is', () => {
    const connection = new Connection();
    const found = connection.send(
      CLIENT,
      frame(
        1,
        plain(
          sessionRequest(
            1,
            attribute(233, text('ServerSession_1C9C380')),
            attribute(289, text('1:::6.0::TCP/IP -> Example NIC')),
            attribute(296, text('operator')),
            attribute(297, text('HMI RT')),
            attribute(298, text('PANEL-3')),
            attribute(299, '000402'),
          ),
        ),
      ),
    );
    expect(found).toMatchObject({ operation: 'create_session', operationClass: 'session', anomalies: [], targets: [] });
    expect(found?.fields['objects']).toEqual([
      {
        class_id: 287,
        class: 'ServerSession',
        relation_id: 211,
        name: 'ServerSession_1C9C380',
        client_id: '1:::6.0::TCP/IP -> Example NIC',
        user_name: 'operator',
        application: 'HMI RT',
        host_name: 'PANEL-3',
        role: 2,
      },
      { class_id: 255, class: 'Subscriptions', relation_id: 211, name: 'SubscriptionContainer' },
    ]);
    expect(connection.identity.map(({ field, value }) => `${field} ${value}`)).toEqual([
      'hostname PANEL-3',
      'software HMI RT',
      'role hmi',
    ]);
  });

  test.each([
    ['TIA-PC_238250', ['hostname TIA-PC']],
    ['YourHost', []],
    ['HMI HOST', []],
  ])('host %s', (host, expected) => {
    const connection = new Connection();
    connection.send(CLIENT, frame(1, plain(sessionRequest(1, attribute(298, text(host))))));
    expect(connection.identity.map(({ field, value }) => `${field} ${value}`)).toEqual(expected);
  });

  test('the answer says which controller it is', () => {
    const connection = opened();
    expect(connection.last).toMatchObject({ operation: 'create_session', rejection: 'none', anomalies: [] });
    expect(connection.last.fields).toMatchObject({
      error_code: 0,
      created_ids: [SESSION, SESSION + 1],
      request_pcap_cnt: 1,
      objects: [{ class: 'ServerSession', order_number: '6ES7 214-1HE30-0XB0', firmware: 'V2.2' }],
    });
    expect(connection.identity.slice(1).map(({ field, value }) => `${field} ${value}`)).toEqual([
      'order_number 6ES7 214-1HE30-0XB0',
      'vendor Siemens AG',
      'model CPU 1214C',
      'firmware V2.2',
    ]);
  });

  test('another maker’s controller is not called Siemens’', () => {
    const connection = new Connection();
    connection.send(CLIENT, frame(1, plain(sessionRequest(1))));
    connection.send(SERVER, frame(1, plain(sessionResponse(1, '1;ACME 9000;V1.0'))));
    expect(connection.identity.map(({ field, value }) => `${field} ${value}`)).toEqual([
      'order_number ACME 9000',
      'firmware V1.0',
    ]);
  });

  test('what proves an identity is never told', () => {
    const connection = opened();
    const secret = '1002 04 73337233'.replaceAll(' ', '');
    const logon = connection.send(CLIENT, frame(3, counted(setVariable(3, SESSION, 304, secret), 1)));
    expect(logon).toMatchObject({ operation: 'authenticate', fields: { carries_secret: true } });
    const legitimation = join(
      '0017',
      u32(40400),
      vlq(40401),
      '000401',
      vlq(40402),
      text('ada'),
      vlq(40403),
      secret,
      0x00,
    );
    connection.send(CLIENT, frame(3, counted(setVariable(4, SESSION, 1846, legitimation), 2)));
    const key = request(
      FUNCTION.setMultiVariables,
      5,
      SESSION,
      u32(SESSION),
      '0101',
      vlq(1830),
      0x01,
      secret,
      0x00,
      QUALIFIER,
    );
    expect(connection.send(CLIENT, frame(2, plain(key)))?.operation).toBe('exchange_key');
    const all = JSON.stringify(connection.found);
    expect(all).not.toContain('73337233');
    expect(all).not.toContain('115,51,114,51');
    expect(all).not.toContain('"ada"');
    expect(connection.found.flatMap(({ anomalies }) => anomalies)).toEqual([]);
  });

  test('closing one’s own session is no deletion', () => {
    const connection = opened();
    const found = connection.send(
      CLIENT,
      frame(2, plain(request(FUNCTION.deleteObject, 2, SESSION, u32(SESSION), 0x00, QUALIFIER))),
    );
    expect(found).toMatchObject({ operation: 'delete_session', operationClass: 'session', targets: [], anomalies: [] });
  });
});

describe('reading', () => {
  const ADDRESSES = [
    { written: address(DB + 6, VALUE.db, [3, 4, 2]), target: 'DB6 4+2', name: 'DB6.DBW4' },
    { written: address(DB + 1, VALUE.db, [3, 122, 1, 7]), target: 'DB1 122+1', name: 'DB1.DBX122.7' },
    { written: address(MEMORY, VALUE.area, [3, 100, 2]), target: 'M 100+2', name: 'MW100' },
    { written: address(80, VALUE.area, [3, 0, 1, 3]), target: 'I 0+1', name: 'I0.3' },
    { written: address(DB + 3, VALUE.db, [10], 0x1ff3322), target: 'DB3.LID 10+1', name: 'DB3.LID.10' },
    { written: address(DB + 3, VALUE.db, [14, 0, 256], 0xef), target: 'DB3.LID.14.0 256+1', name: 'DB3.LID.14.0.256' },
    { written: address(MEMORY, VALUE.area, [9], 0x77), target: 'M.LID 9+1', name: 'M.LID.9' },
  ];

  test.each(ADDRESSES)('$name', ({ written, target, name }) => {
    const connection = opened();
    const asked = connection.send(CLIENT, frame(2, plain(getMulti(2, written))));
    expect(asked).toMatchObject({ operation: 'get_multi_variables', targets: [target], variables: [], anomalies: [] });
    const items = asked?.fields['items'] as { address: string }[];
    expect(items[0]?.address).toBe(name);
    const value = name.includes('.DBX') || /^I/.test(name) ? '000101' : '00070017';
    const answer = response(FUNCTION.getMultiVariables, 2, 0x00, values([1, value]), 0x00);
    const found = connection.send(SERVER, frame(2, plain(answer)));
    const shown = value === '000101' ? 'bit 1' : 'int16 23';
    expect(found).toMatchObject({
      targets: [target],
      variables: [`${name} ${shown}`],
      rejection: 'none',
      anomalies: [],
    });
    expect(found?.fields['request_pcap_cnt']).toBe(3);
  });

  test('bytes of a block are one variable each', () => {
    const connection = opened();
    connection.send(CLIENT, frame(2, plain(getMulti(2, address(DB + 6, VALUE.db, [3, 10, 3])))));
    const answer = response(FUNCTION.getMultiVariables, 2, 0x00, values([1, '100203070809']), 0x00);
    expect(connection.send(SERVER, frame(2, plain(answer)))?.variables).toEqual([
      'DB6.DBB10 uint8 7',
      'DB6.DBB11 uint8 8',
      'DB6.DBB12 uint8 9',
    ]);
  });

  test.each([
    ['an S7 string is one text', '1002 06 04 03 50342d00', 'DB6.LID.7 string P4-'],
    ['a long buffer is one variable', `1002 28 ${'ab'.repeat(40)}`, `DB6.LID.7 bytes ${'ab'.repeat(40)}`],
    ['a short array is its elements', '1002 02 07 08', 'DB6.LID.7.0 uint8 7|DB6.LID.7.1 uint8 8'],
  ])('%s', (_, value, expected) => {
    const connection = opened();
    connection.send(CLIENT, frame(2, plain(getMulti(2, address(DB + 6, VALUE.db, [7], 0x77)))));
    const answer = response(FUNCTION.getMultiVariables, 2, 0x00, values([1, value.replaceAll(' ', '')]), 0x00);
    expect(connection.send(SERVER, frame(2, plain(answer)))?.variables.join('|')).toBe(expected);
  });

  test('of several items, each value finds its address, and the refused one its error', () => {
    const connection = opened();
    const asked = [
      address(DB + 1, VALUE.db, [9], 1),
      address(DB + 1, VALUE.db, [10], 1),
      address(DB + 1, VALUE.db, [11], 1),
    ];
    connection.send(CLIENT, frame(2, plain(getMulti(2, ...asked))));
    // -255 (invalid LID) in the low 16 bits of a 64-bit number.
    const error = join(vlq(2), '83fe01');
    const answer = response(FUNCTION.getMultiVariables, 2, 0x00, values([1, '000a01'], [3, '000a03']), error, 0x00);
    const found = connection.send(SERVER, frame(2, plain(answer)));
    expect(found).toMatchObject({ variables: ['DB1.LID.9 uint8 1', 'DB1.LID.11 uint8 3'], rejection: 'none' });
    expect(found?.fields['errors']).toEqual([{ item: 2, error_code: -255, error: 'invalid_lid' }]);
  });

  test('a refusal is one', () => {
    const connection = opened();
    connection.send(CLIENT, frame(2, plain(getMulti(2, address(DB + 999, VALUE.db, [9], 1)))));
    const answer = response(FUNCTION.getMultiVariables, 2, 0x00, 0x00, join(vlq(1), '83ff74'), 0x00);
    expect(connection.send(SERVER, frame(2, plain(answer)))).toMatchObject({
      rejection: 'bad_address',
      fields: { errors: [{ item: 1, error_code: -12, error: 'object_not_found' }] },
    });
  });

  test('an answer without a request still tells its values', () => {
    const connection = new Connection({ isOpened: false });
    const answer = response(FUNCTION.getMultiVariables, 2, 0x00, values([1, '00070017']), 0x00);
    expect(connection.send(SERVER, frame(2, plain(answer)))).toMatchObject({
      fields: { values: [{ item: 1, type: 'int', value: 23 }] },
      targets: [],
      variables: [],
      anomalies: [],
    });
  });

  test('an answer that nobody asked for is told once a request was seen', () => {
    const connection = opened();
    // From the opening on there is no number below the first one that something may have been asked with.
    for (const sequence of [99, 0x7fff, 0x9000, 0xffff]) {
      const answer = response(FUNCTION.getMultiVariables, sequence, 0x00, 0x00, 0x00);
      expect(connection.send(SERVER, frame(2, plain(answer)))?.anomalies).toEqual(['s7comm_plus.unsolicited_response']);
    }
  });

  test('the I&M0 record names the module', () => {
    const connection = opened();
    const asked = request(FUNCTION.getVarSubStreamed, 2, SESSION, u32(49), '200401', vlq(3753), QUALIFIER, '0001');
    expect(connection.send(CLIENT, frame(3, counted(asked, 4)))).toMatchObject({
      operation: 'get_var_substreamed',
      targets: ['CPUproxy 3753+1'],
    });
    const ascii = (value: string, size: number) => new TextEncoder().encode(value.padEnd(size));
    const record = join(
      '002000380100002a',
      ascii('6ES7 511-1AK00-0AB0', 20),
      ascii('S C-X0Y1Z2W3', 16),
      '0003',
      0x56,
      '010601',
      '0000',
      '00000000000000000000',
    );
    const answer = response(FUNCTION.getVarSubStreamed, 2, 0x00, 0x00, '001400', vlq(record.length), record);
    const found = connection.send(SERVER, frame(3, counted(answer, 6)));
    expect(found?.fields['objects']).toEqual([
      {
        name: 'SubmoduleAbstr.IuM0DataActual',
        order_number: '6ES7 511-1AK00-0AB0',
        serial_number: 'S C-X0Y1Z2W3',
        hardware_revision: '3',
        firmware: 'V1.6.1',
      },
    ]);
    const facts = connection.identity.filter(({ source }) => source === 's7comm_plus.im0');
    expect(facts.map(({ field, value }) => `${field} ${value}`)).toEqual([
      'vendor Siemens AG',
      'order_number 6ES7 511-1AK00-0AB0',
      'vendor Siemens AG',
      'model CPU 1511',
      'firmware V1.6.1',
      'serial S C-X0Y1Z2W3',
      'hardware_revision 3',
    ]);
  });
});

describe('writing', () => {
  test('variables by address, with their values', () => {
    const connection = opened();
    const written = request(
      FUNCTION.setMultiVariables,
      2,
      SESSION,
      u32(0),
      '020a',
      address(DB + 6, VALUE.db, [3, 0, 4]),
      address(MEMORY, VALUE.area, [3, 5, 1, 2]),
      join(vlq(1), '000e41480000'),
      join(vlq(2), '000101'),
      0x00,
      QUALIFIER,
    );
    expect(connection.send(CLIENT, frame(2, plain(written)))).toMatchObject({
      operation: 'set_multi_variables',
      operationClass: 'write',
      targets: ['DB6 0+4', 'M 5+1'],
      variables: ['=DB6.DBD0 float32 12.5', '=M5.2 bit 1'],
      anomalies: [],
    });
    const answer = response(FUNCTION.setMultiVariables, 2, 0x00, 0x00);
    expect(connection.send(SERVER, frame(2, plain(answer)))).toMatchObject({
      operation: 'set_multi_variables',
      rejection: 'none',
      targets: ['DB6 0+4', 'M 5+1'],
      variables: [],
    });
  });

  test.each([
    ['stop_cpu', '000801', 'stop'],
    ['start_cpu', '000803', 'run'],
    ['change_operating_state', '000804', '4'],
  ])('%s', (operation, value, state) => {
    const found = opened().send(CLIENT, frame(3, counted(setVariable(9, 52, 2167, value), 4)));
    expect(found).toMatchObject({
      operation,
      operationClass: 'control',
      targets: ['CPUexecUnit 2167+1'],
      fields: {
        function: 'set_variable',
        object: 'CPUexecUnit',
        attributes: ['CPUexecUnit.OperatingStateREQ'],
        operating_state: state,
      },
      anomalies: [],
    });
  });

  test('the same command by address is a command as well', () => {
    const written = request(
      FUNCTION.setMultiVariables,
      2,
      SESSION,
      u32(0),
      '0104',
      address(52, 2167, []),
      join(vlq(1), '000801'),
      0x00,
      QUALIFIER,
    );
    expect(opened().send(CLIENT, frame(3, counted(written, 2)))).toMatchObject({
      operation: 'set_multi_variables.command',
      operationClass: 'control',
      fields: { items: [{ address: 'CPUexecUnit.OperatingStateREQ' }] },
    });
  });

  test.each([
    ['set_clock', 50, 2421, '00100000000000000001', 'control'],
    ['memory_reset', 201, 387, '000801', 'control'],
    ['change_protection', 50, 3451, '000804', 'program'],
    ['change_protection', 50, 7918, '1002020102', 'program'],
    ['set_attribute', 2, 4551, '000101', 'program'],
    ['set_session_attribute', SESSION, 323, '000405', 'session'],
    ['set_variable', DB + 1, 2550, '000701', 'write'],
  ])('%s', (operation, objectId, id, value, operationClass) => {
    const found = opened().send(CLIENT, frame(3, counted(setVariable(9, objectId, id, value.padEnd(8, '0')), 4)));
    expect(found).toMatchObject({ operation, operationClass });
  });
});

describe('programs', () => {
  const block = object(
    DB + 12,
    2574,
    attribute(233, text('Recipes')),
    attribute(2521, '0003000c'),
    attribute(2523, '00030005'),
  );

  test('a block that is created is a download', () => {
    const created = request(
      FUNCTION.createObject,
      4,
      SESSION,
      u32(3),
      '000400',
      u32(0),
      vlq(7),
      object(3, 2520, block),
    );
    expect(opened().send(CLIENT, frame(3, plain(created)))).toMatchObject({
      operation: 'download_block',
      operationClass: 'program',
      fields: {
        object: 'PLCProgram',
        integrity_id: 7,
        objects: [{ class: 'PLCProgram' }, { block: 'DB12', name: 'Recipes' }],
      },
      anomalies: [],
    });
  });

  test('a block that is deleted', () => {
    const deleted = request(FUNCTION.deleteObject, 4, SESSION, u32(DB + 12), 0x00, QUALIFIER);
    expect(opened().send(CLIENT, frame(3, counted(deleted, 2)))).toMatchObject({
      operation: 'delete_block',
      targets: ['block.DB 12+1'],
      fields: { object: 'DB12' },
      anomalies: [],
    });
  });

  test('a block that is read with its code is an upload', () => {
    const explored = request(FUNCTION.explore, 4, SESSION, u32(DB + 12), 0x00, '010000', '0001', vlq(2533));
    expect(opened().send(CLIENT, frame(3, counted(explored, 2)))).toMatchObject({
      operation: 'upload_block',
      operationClass: 'program',
      targets: ['block.DB 12+1'],
      anomalies: [],
    });
  });

  test('a job that forces variables is told from a block', () => {
    const created = request(FUNCTION.createObject, 4, SESSION, u32(7), '000400', u32(0), vlq(7), object(211, 4699));
    expect(opened().send(CLIENT, frame(3, plain(created)))).toMatchObject({
      operation: 'create_test_job',
      operationClass: 'control',
    });
  });

  test('declarations of variables are passed over, whatever they hold', () => {
    const types = join(0xab, '000a', '00000001', 'aabbccddeeff', '0000');
    const names = join(0xac, '0006', '04', '53706565', '00', '0000');
    const described = object(DB + 12, 2574, types, names, attribute(233, text('Recipes')));
    const answer = response(FUNCTION.explore, 4, 0x00, u32(DB + 12), vlq(9), described);
    expect(new Connection({ isOpened: false }).send(SERVER, frame(3, plain(answer)))).toMatchObject({
      fields: { function: 'explore', integrity_id: 9, objects: [{ block: 'DB12', name: 'Recipes' }] },
      anomalies: [],
    });
  });

  test('sequences', () => {
    const connection = opened();
    const begun = request(FUNCTION.beginSequence, 4, SESSION, 0x04, '0012', u32(3));
    expect(connection.send(CLIENT, frame(2, plain(begun)))).toMatchObject({
      operation: 'begin_sequence',
      fields: { transaction_type: 4, object: 'PLCProgram' },
      anomalies: [],
    });
    const ended = request(FUNCTION.endSequence, 5, SESSION, '0000');
    expect(connection.send(CLIENT, frame(2, plain(ended)))?.anomalies).toEqual([]);
  });
});

describe('subscriptions', () => {
  /** Reference 7 is `MW100` by its LID, reference 8 is `DB6.DBW4`. */
  function list(
    header: number,
    ended: readonly number[],
    begun: readonly (readonly [number, Uint8Array])[],
  ): Uint8Array {
    const numbers = join(
      vlq(header),
      vlq(ended.length),
      vlq(begun.length),
      ...ended.map(vlq),
      ...begun.map(([reference, path]) => join(vlq(0x80040000 + 2), vlq(reference), vlq(0), path)),
    );
    return join('2004', vlq(200), numbers);
  }
  const byLid = (area: number, subArea: number, lid: number) => join(vlq(area), vlq(0x55), vlq(subArea), vlq(lid));

  /** Address arrays state how many numbers they have. */
  function counts(value: Uint8Array): Uint8Array {
    const head = join('2004', vlq(200));
    const numbers = value.slice(head.length);
    const many = numbers.filter((byte) => byte < 0x80).length;
    return join('2004', vlq(many), numbers);
  }

  const SUBSCRIPTION = 0x70400c9b;

  function subscribed(): Connection {
    const connection = opened();
    const first = counts(list(0x80010000, [], [[7, byLid(MEMORY, VALUE.area, 10)]]));
    const created = request(
      FUNCTION.createObject,
      4,
      SESSION,
      u32(SESSION + 1),
      '000400',
      u32(0),
      vlq(7),
      object(0x7fffc001, 1001, attribute(1048, first)),
    );
    expect(connection.send(CLIENT, frame(3, plain(created)))).toMatchObject({
      operation: 'create_subscription',
      operationClass: 'read',
      anomalies: [],
    });
    connection.send(SERVER, frame(3, counted(response(FUNCTION.createObject, 4, 0x00, 0x01, vlq(SUBSCRIPTION)), 8)));
    return connection;
  }

  function notified(...items: readonly string[]): Uint8Array {
    return frame(3, plain(join(0x33, u32(SUBSCRIPTION), '0400', '0000', '0000', 0x05, vlq(300), 0x02, ...items, 0x00)));
  }

  test('a notification’s values have the names that were subscribed', () => {
    const connection = subscribed();
    expect(connection.send(SERVER, notified('92 00000007 0007 0811'.replaceAll(' ', '')))).toMatchObject({
      operation: 'notification',
      isRequest: false,
      targets: ['M.LID 10+1'],
      variables: ['M.LID.10 int16 2065'],
      fields: { opcode: 'notification', subscription_id: SUBSCRIPTION, notification_number: 300 },
      anomalies: [],
    });
  });

  test('variables are added and taken away later', () => {
    const connection = subscribed();
    const change = counts(list(0x00020000, [7], [[8, byLid(DB + 6, VALUE.db, 4)]]));
    const written = request(
      FUNCTION.setMultiVariables,
      5,
      SESSION,
      u32(SUBSCRIPTION),
      '0101',
      vlq(1048),
      0x01,
      change,
      0x00,
      QUALIFIER,
    );
    expect(connection.send(CLIENT, frame(3, counted(written, 8)))?.operation).toBe('change_subscriptions');
    const found = connection.send(SERVER, notified('920000000700070001', '920000000800070002', '9b08000a05'));
    expect(found?.variables).toEqual(['DB6.LID.4 int16 2', 'DB6.LID.4 uint8 5']);
  });

  test('a variable that cannot be read is told', () => {
    expect(subscribed().send(SERVER, notified('1300000007'))?.fields['errors']).toEqual([
      { item: 7, address: 'M.LID.10', error: 'access_error' },
    ]);
  });

  test('the time of newer controllers is read', () => {
    const data = join(0x33, u32(SUBSCRIPTION), '0400', '0000', '0000', 0x05, 0x01, '0005f5e100000000', 0x02, 0x00);
    expect(new Connection({ isOpened: false }).send(SERVER, frame(3, plain(data)))).toMatchObject({
      fields: { notification_time: '2023-03-02T01:46:40.000Z' },
      anomalies: [],
    });
  });
});

describe('parts of one message', () => {
  const whole = plain(
    response(FUNCTION.explore, 4, 0x00, u32(3), vlq(9), object(3, 2520, attribute(233, text('P'.repeat(200))))),
  );

  test.each([2, 3, 7])('%d parts', (count) => {
    const connection = new Connection();
    const parts: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / count)) {
      parts.push(whole.slice(at, at + Math.ceil(whole.length / count)));
    }
    expect(parts.length).toBe(count);
    for (const [index, part] of parts.entries()) connection.send(SERVER, frame(3, part, index === count - 1));
    expect(connection.found.map(({ fields }) => fields['fragment'])).toEqual([
      'first',
      ...Array.from({ length: count - 2 }, () => 'middle'),
      'last',
    ]);
    expect(connection.found[0]).toMatchObject({ fields: { function: 'explore' }, operation: 'explore', anomalies: [] });
    expect(connection.last).toMatchObject({
      fields: { function: 'explore', fragments: count, objects: [{ class: 'PLCProgram', name: 'P'.repeat(200) }] },
      operation: 'explore.continued',
      operationClass: 'session',
      anomalies: [],
    });
  });

  test('parts of an answer belong to its request', () => {
    const connection = opened();
    connection.send(
      CLIENT,
      frame(3, counted(request(FUNCTION.explore, 4, SESSION, u32(3), 0x00, '010000', '0000'), 5)),
    );
    connection.send(SERVER, frame(3, whole.slice(0, 100), false));
    connection.send(SERVER, frame(3, whole.slice(100)));
    expect(connection.found.slice(3).map(({ operation, fields }) => [operation, fields['request_pcap_cnt']])).toEqual([
      ['explore', 3],
      ['explore', 3],
    ]);
  });

  test('the sides do not mix', () => {
    const connection = opened();
    connection.send(SERVER, frame(3, whole.slice(0, 100), false));
    const asked = connection.send(CLIENT, frame(3, counted(getMulti(8, address(50, 3451, [])), 4)));
    expect(asked?.fields).not.toHaveProperty('fragment');
    expect(connection.send(SERVER, frame(3, whole.slice(100)))?.fields['fragments']).toBe(2);
  });

  test('a part without its beginning is told, and the next message is whole again', () => {
    const connection = new Connection({ isOpened: false });
    expect(connection.send(SERVER, frame(3, whole.slice(100)))).toMatchObject({
      fields: { fragment: 'last' },
      isPartial: true,
      anomalies: ['s7comm_plus.truncated'],
    });
    expect(connection.send(SERVER, frame(3, whole))).toMatchObject({ fields: { function: 'explore' }, anomalies: [] });
  });

  test('nothing is put together across a gap', () => {
    const connection = opened();
    connection.send(SERVER, frame(3, whole.slice(0, 100), false));
    connection.lose(SERVER);
    expect(connection.send(SERVER, frame(3, whole.slice(100)))).toMatchObject({
      fields: { fragment: 'last' },
      isPartial: true,
    });
    expect(connection.last.fields).not.toHaveProperty('objects');
  });

  test('a part whose end is missing in the capture is joined with nothing, and is no oddity', () => {
    const connection = opened();
    connection.send(SERVER, frame(3, whole.slice(0, 100), false));
    const cut = connection.send(SERVER, frame(3, whole.slice(100, 200), false).slice(0, 80), { isCut: true });
    expect(cut).toMatchObject({ operation: 'fragment', isPartial: true, anomalies: ['s7comm_plus.truncated'] });
    const rest = connection.send(SERVER, frame(3, whole.slice(200)));
    expect(rest).toMatchObject({ isPartial: true, fields: { fragment: 'last' } });
    expect(rest?.fields).not.toHaveProperty('objects');
    expect(connection.send(SERVER, frame(3, whole))?.anomalies).not.toContain('s7comm_plus.malformed');
  });

  test.each([1, 2, 3])('a trailer of which %d bytes were captured is no oddity', (bytesThere) => {
    const message = frame(3, whole);
    const found = new Connection().send(SERVER, message.slice(0, message.length - 4 + bytesThere), { isCut: true });
    expect(found).toMatchObject({ fields: { function: 'explore' }, anomalies: ['s7comm_plus.truncated'] });
  });

  test('streamed writes go on in parts of their own', () => {
    const connection = opened();
    const first = request(
      FUNCTION.setVarSubStreamed,
      5,
      SESSION,
      u32(DB + 6),
      '200401',
      vlq(2550),
      QUALIFIER,
      '0000',
      '00140103aabbcc',
    );
    expect(connection.send(CLIENT, frame(3, first, false))).toMatchObject({
      operation: 'write_block',
      fields: { fragment: 'first' },
      anomalies: [],
    });
    expect(connection.send(CLIENT, frame(3, bytes('03112233'), false))?.fields['fragment']).toBe('middle');
    expect(connection.send(CLIENT, frame(3, bytes('0311223300000000')))).toMatchObject({
      fields: { fragment: 'last' },
      operation: 'fragment',
      anomalies: [],
    });
    expect(
      connection.send(CLIENT, frame(3, counted(getMulti(8, address(50, 3451, [])), 4)))?.fields,
    ).not.toHaveProperty('fragment');
  });
});

describe('roles', () => {
  test('who asks is learned from what is said', () => {
    const connection = new Connection({ isOpened: false, clientIsCertain: false });
    connection.client = CLIENT;
    const found = connection.send(SERVER, frame(2, plain(getMulti(2, address(50, 3451, [])))));
    expect(found).toMatchObject({ isRequest: true, fromClient: true });
    expect(connection.client).toBe(SERVER);
  });
});

describe('operations', () => {
  test('have names of their own, and the function of their records', () => {
    const names = S7COMM_PLUS_OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(S7COMM_PLUS_OPERATIONS.map(({ index }) => index)).toEqual(names.map((_, index) => index));
    expect(S7COMM_PLUS_PROTOCOL.operations).toBe(S7COMM_PLUS_OPERATIONS);
  });

  test('every record’s function is its operation’s', () => {
    const connection = opened();
    connection.send(CLIENT, frame(3, counted(setVariable(9, 52, 2167, '000801'), 4)));
    connection.send(SERVER, frame(3, counted(response(FUNCTION.setVariable, 9, 0x00), 13)));
    for (const { fields, functionOfOperation } of connection.found)
      expect(fields['function']).toBe(functionOfOperation);
  });
});
