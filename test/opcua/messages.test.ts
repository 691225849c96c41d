import { describe, expect, test } from 'vitest';
import { allServices, OPCUA_OPERATIONS } from '../../sensor/protocols/opcua/operations.js';
import { Connection, played, segmentsOf } from './connection.js';
import {
  acknowledge,
  hello,
  msg,
  node,
  open,
  request,
  requestAs,
  response,
  text,
  typeId,
  typeIdOf,
  u32,
} from './messages.js';

/** A connection whose channel 7 is open, without security. */
function opened(connection = new Connection()): Connection {
  connection.send(0, hello());
  connection.send(1, acknowledge());
  connection.send(0, open('request'));
  connection.send(1, open('response'));
  connection.found.length = 0;
  return connection;
}

const readOne = (id: number): Buffer =>
  Buffer.concat([Buffer.alloc(8), u32(2), u32(1), node(id), u32(13), text(null), Buffer.from([0, 0]), text(null)]);

/** A DataValue with an Int32. */
const int32 = (value: number): Buffer => Buffer.concat([Buffer.from([1, 6]), u32(value)]);

describe('operations', () => {
  test('every operation has a name of its own and is in its place', () => {
    expect(new Set(OPCUA_OPERATIONS.map(({ name }) => name)).size).toBe(OPCUA_OPERATIONS.length);
    OPCUA_OPERATIONS.forEach(({ index }, place) => {
      expect(index).toBe(place);
    });
  });

  test('every request and response of the standard is known', () => {
    expect(allServices()).toHaveLength(39 * 2 + 1);
    for (const { name, structure, isRequest } of allServices()) {
      expect(structure.fields[0]?.name, name).toBe(isRequest ? 'request_header' : 'response_header');
    }
  });

  test('what changes a plant is judged as such', () => {
    const classOf = (name: string) => OPCUA_OPERATIONS.find((operation) => operation.name === name)?.class;
    expect(classOf('write')).toBe('write');
    expect(classOf('history_update')).toBe('write');
    expect(classOf('call')).toBe('control');
    expect(classOf('call.change_server_state')).toBe('control');
    expect(classOf('call.manage_certificates')).toBe('program');
    expect(classOf('write.attributes')).toBe('program');
    for (const name of ['add_nodes', 'delete_nodes', 'add_references', 'delete_references']) {
      expect(classOf(name)).toBe('program');
    }
  });

  test('real requests and answers', () => {
    const brief = (name: string, wanted: string) =>
      played(segmentsOf(name), (data) => [data])
        .found.filter(({ operation }) => operation.startsWith(wanted))
        .map(({ operation, isRequest, rejection }) => `${isRequest ? '>' : '<'} ${operation} ${rejection}`);
    expect(brief('node-opcua-writes', 'write')).toEqual([
      '> write none',
      '< write none',
      '> write none',
      '< write none',
      '> write none',
      '< write none',
      '> write none',
      '< write failed',
      '> write none',
      '< write bad_value',
      '> write none',
      '< write bad_address',
      '> write.attributes none',
      '< write.attributes failed',
    ]);
    expect(brief('node-opcua-calls', 'call').filter((line) => line.startsWith('>'))).toEqual([
      '> call none',
      '> call none',
      '> call none',
      '> call.change_server_state none',
    ]);
    expect(brief('node-opcua-node-management', 'add_nodes')).toEqual([
      '> add_nodes none',
      '< add_nodes unsupported_operation',
    ]);
  });
});

describe('targets and values', () => {
  test('an answer names the nodes of its request, and carries their values', () => {
    const connection = opened();
    connection.send(0, request('ReadRequest', readOne(42), { sequence: 2, request: 5 }));
    connection.send(
      1,
      response('ReadResponse', Buffer.concat([u32(1), int32(77), u32(0)]), { sequence: 2, request: 5 }),
    );
    expect(connection.found.map(({ targets, variables }) => ({ targets, variables }))).toEqual([
      { targets: ['i=42'], variables: [] },
      { targets: ['i=42'], variables: ['i=42=77 int32'] },
    ]);
  });

  test('data changes carry the node that the client asked to monitor', () => {
    const { found } = played(segmentsOf('node-opcua-subscription'), (data) => [data]);
    const changes = found.filter(({ operation, isRequest }) => operation === 'publish' && !isRequest);
    const variables = changes.flatMap((change) => change.variables);
    expect(variables).toEqual(
      expect.arrayContaining(['ns=1;s=Ph=8.5 float32', 'ns=1;s=Speeds[0]=1 uint16', 'ns=1;s=Speeds[2]=3 uint16']),
    );
    expect(variables.filter((variable) => variable.startsWith('ns=1;s=Level=')).length).toBeGreaterThan(3);
    const events = changes.flatMap(({ fields }) => (fields['events'] as { fields: { value: unknown }[] }[]) ?? []);
    expect(events.map((event) => event.fields[1]?.value)).toContain('Tank low');
  });

  test('real servers: nodes under registered names, a subscription on another connection', () => {
    const registered = played(segmentsOf('node-opcua-registered'), (data) => [data]).found;
    const written = registered.find(({ operation, isRequest }) => operation === 'write' && isRequest);
    expect(written).toMatchObject({ targets: ['ns=1;s=SetPoint'], variables: ['ns=1;s=SetPoint=6.8 float64'] });
    const read = registered.filter(({ operation, isRequest }) => operation === 'read' && !isRequest);
    expect(read.map(({ variables }) => variables.map((one) => one.split('=').slice(0, 3).join('=')))).toEqual(
      Array.from({ length: 3 }, () => ['ns=1;s=Ph', 'ns=1;s=SetPoint']),
    );
  });

  test('values of every type', () => {
    const { found } = played(segmentsOf('node-opcua-reads'), (data) => [data]);
    const variables = found.flatMap((one) => (one.isRequest ? [] : one.variables));
    expect(variables).toEqual(
      expect.arrayContaining([
        'ns=1;s=PumpRunning=1 bit',
        'ns=1;s=Alkalinity=-7 int8',
        'ns=1;s=Valve=-1200 int16',
        'ns=1;s=Strokes=4000000000 uint32',
        'ns=1;s=Volume=-256 int64',
        'ns=1;s=Energy=1234605616436508552 uint64',
        'ns=1;s=Ph=7.25 float32',
        'ns=1;s=SetPoint=7.4 float64',
        'ns=1;s=Recipe=Chlor dioxide, stage 3: 0,4 mg/l string',
        'ns=1;s=BatchId=72962b91-fa75-4ae6-8d28-b404dc7daf63 string',
        'ns=1;s=Speeds[1]=1460 uint16',
      ]),
    );
  });
});

describe('who is who', () => {
  const facts = (name: string, field: string) =>
    played(segmentsOf(name), (data) => [data])
      .identity.filter((fact) => fact.field === field)
      .map(({ value, source }) => `${value} (${source})`);

  test('the server tells make, model and firmware', () => {
    expect(facts('node-opcua-reads', 'vendor')).toContain('Example Dosing (opcua.build_info)');
    expect(facts('node-opcua-reads', 'model')).toContain('EXAMPLE DP-300 (opcua.build_info)');
    expect(facts('node-opcua-reads', 'firmware')).toContain('4.2.1 (opcua.build_info)');
    expect(facts('node-opcua-reads', 'application_uri')).toEqual(
      expect.arrayContaining([
        'urn:waterworks.example:dosing-plc (opcua.create_session)',
        'urn:waterworks.example:operator-panel (opcua.create_session)',
      ]),
    );
    expect(facts('node-opcua-reads', 'software')).toContain('Operator Panel (opcua.create_session)');
  });

  test('a nameplate that was looked up by name', () => {
    expect(facts('node-opcua-browse', 'serial')).toEqual(['DP300-0815 (opcua.nameplate)']);
    expect(facts('node-opcua-browse', 'hardware_revision')).toEqual(['C (opcua.nameplate)']);
  });

  test('certificates speak on encrypted connections as well', () => {
    const name = 'node-opcua-secure-basic256sha256-signandencrypt';
    expect(facts(name, 'application_uri')).toEqual([
      'urn:waterworks.example:operator-panel (opcua.certificate)',
      'urn:waterworks.example:dosing-plc (opcua.certificate)',
    ]);
    expect(facts(name, 'hostname')).toEqual([
      'panel.waterworks.example (opcua.certificate)',
      'plc.waterworks.example (opcua.certificate)',
    ]);
  });
});

describe('secrets', () => {
  /** ActivateSession with a user name and this password. */
  function login(password: string, algorithm: string | null): Buffer {
    return activation(Buffer.concat([text('policy'), text('operator'), text(password), text(algorithm)]));
  }

  function activation(token: Buffer): Buffer {
    return request(
      'ActivateSessionRequest',
      Buffer.concat([
        text(null),
        text(null),
        u32(0),
        u32(0),
        typeId('UserNameIdentityToken'),
        Buffer.from([1]),
        u32(token.length),
        token,
        text(null),
        text(null),
      ]),
      { sequence: 2 },
    );
  }

  test('a password in clear is told and never shown', () => {
    const connection = opened();
    connection.send(0, login('hunter2-secret', null));
    expect(connection.found[0]?.fields['user_token']).toEqual({
      type: 'username',
      policy_id: 'policy',
      user_name: 'operator',
      password_in_clear: true,
      default_password: false,
    });
    expect(connection.found[0]?.anomalies).toEqual(['opcua.password_in_clear']);
    expect(JSON.stringify(connection.found)).not.toContain('hunter2');
    expect(JSON.stringify(connection.found)).not.toContain(Buffer.from('hunter2-secret').toString('hex'));
  });

  test.each<[password: string, isDefault: boolean]>([
    ['', true],
    ['operator', true],
    ['OPERATOR', true],
    ['Password', true],
    ['hunter2-secret', false],
    ['operator1', false],
    ['x'.repeat(200), false],
  ])('a delivered password is told: "%s"', (password, isDefault) => {
    const connection = opened();
    connection.send(0, login(password, null));
    expect(connection.found[0]?.fields['user_token']).toMatchObject({
      password_in_clear: password !== '',
      default_password: isDefault,
    });
  });

  test('of a damaged token nothing is said of the password', () => {
    const connection = opened();
    // The password's length is beyond the token's end, and of the other the algorithm is missing.
    const beyond = Buffer.concat([text('policy'), text('operator'), u32(1000)]);
    const unfinished = Buffer.concat([text('policy'), text('operator'), text('operator')]);
    for (const token of [beyond, unfinished]) connection.send(0, activation(token));
    expect(connection.found.map(({ fields }) => fields['user_token'])).toEqual([
      { type: 'username', policy_id: 'policy', user_name: 'operator' },
      { type: 'username', policy_id: 'policy', user_name: 'operator' },
    ]);
  });

  test('an encrypted one is not', () => {
    const connection = opened();
    connection.send(0, login('xxxxxx', 'http://www.w3.org/2001/04/xmlenc#rsa-oaep'));
    expect(connection.found[0]?.fields['user_token']).toMatchObject({ password_in_clear: false });
    expect(connection.found[0]?.fields['user_token']).not.toHaveProperty('default_password');
    expect(connection.found[0]?.anomalies).toEqual([]);
  });

  test('arguments of methods that set passwords are hidden', () => {
    const connection = opened();
    // UserManagement.AddUser (i=24304): name, password.
    const method = Buffer.from([1, 0, 0xf0, 0x5e]);
    const argument = (value: string) => Buffer.concat([Buffer.from([12]), text(value)]);
    const call = Buffer.concat([u32(1), node(1), method, u32(2), argument('eve'), argument('s3cret')]);
    connection.send(0, request('CallRequest', call, { sequence: 2 }));
    expect(connection.found[0]?.operation).toBe('call.manage_users');
    expect(JSON.stringify(connection.found[0]?.fields)).not.toContain('s3cret');
  });
});

describe('hostile messages', () => {
  const VARIANT_ARRAY = 0x98;

  test('a count that cannot be there', () => {
    const connection = opened();
    const bomb = Buffer.concat([Buffer.alloc(8), u32(2), u32(0x7fffffff)]);
    connection.send(0, request('ReadRequest', bomb, { sequence: 2 }));
    expect(connection.found[0]?.anomalies).toEqual(['opcua.malformed_body']);
    connection.send(0, request('ReadRequest', readOne(1), { sequence: 3, request: 2 }));
    expect(connection.found[1]?.anomalies).toEqual([]);
  });

  test('arrays of 2^31 in values', () => {
    for (const type of [1, 6, 12, 22, 23, 24]) {
      const connection = opened();
      const value = Buffer.concat([u32(1), Buffer.from([1, 0x80 | type]), u32(0x7fffffff)]);
      connection.send(1, response('ReadResponse', value, { sequence: 2 }));
      expect(connection.found[0]?.anomalies).toContain('opcua.malformed_body');
    }
  });

  test('values in values without end', () => {
    const connection = opened();
    const nested = Buffer.concat(
      Array.from({ length: 50_000 }, () => Buffer.concat([Buffer.from([VARIANT_ARRAY]), u32(1)])),
    );
    connection.send(1, response('ReadResponse', Buffer.concat([u32(1), Buffer.from([1]), nested]), { sequence: 2 }));
    expect(connection.found[0]?.anomalies).toContain('opcua.too_deep');
    expect(connection.anomalies).toEqual([]);
  });

  test('diagnostics in diagnostics without end', () => {
    const connection = opened();
    const nested = Buffer.alloc(60_000, 0x40);
    connection.send(1, response('WriteResponse', Buffer.concat([u32(0), u32(1), nested]), { sequence: 2 }));
    expect(connection.found[0]?.anomalies).toContain('opcua.too_deep');
  });

  test('bytes behind the end of a service', () => {
    const connection = opened();
    connection.send(0, request('ReadRequest', Buffer.concat([readOne(1), Buffer.from('hidden')]), { sequence: 2 }));
    expect(connection.found[0]?.anomalies).toEqual(['opcua.length_mismatch']);
  });

  test('a service that does not exist', () => {
    const connection = opened();
    connection.send(0, msg(Buffer.from([1, 0, 0xff, 0xff, 1, 2, 3]), { sequence: 2 }));
    expect(connection.found[0]).toMatchObject({ operation: 'unknown_service', anomalies: ['opcua.unknown_service'] });
  });

  test('the three encodings of a service’s number are one', () => {
    for (const id of [Buffer.from([1, 0, 0x77, 2]), Buffer.from([2, 0, 0, 0x77, 2, 0, 0])]) {
      const connection = opened();
      const whole = request('ReadRequest', readOne(9), { sequence: 2 });
      connection.send(0, msg(Buffer.concat([id, whole.subarray(28)]), { sequence: 2 }));
      expect(connection.found[0]).toMatchObject({ operation: 'read', targets: ['i=9'], anomalies: [] });
    }
  });

  test('sizes that cannot be, and what comes behind them', () => {
    for (const size of [0, 7, 23, 0x7fffffff, 0xffffffff]) {
      const connection = opened();
      connection.send(0, request('ReadRequest', readOne(1), { sequence: 2, size }));
      connection.send(0, request('ReadRequest', readOne(2), { sequence: 3, request: 2 }));
      expect(connection.anomalies, `size ${size}`).toContain('opcua.bad_size');
      expect(connection.found.at(-1)?.targets).toEqual(['i=2']);
    }
  });

  test('a message of chunks without end is bounded, and its beginning is read', () => {
    const connection = opened();
    const whole = request('ReadRequest', readOne(5)).subarray(24);
    connection.send(0, msg(Buffer.concat([whole, Buffer.alloc(900_000)]), { flag: 'C', sequence: 2 }));
    for (let part = 0; part < 10; part++) {
      connection.send(0, msg(Buffer.alloc(1_000_000), { flag: 'C', sequence: 3 + part }));
    }
    connection.send(0, msg(Buffer.alloc(10), { sequence: 13 }));
    expect(connection.found).toHaveLength(1);
    expect(connection.found[0]).toMatchObject({ operation: 'read', targets: ['i=5'], isPartial: true });
    expect(connection.found[0]?.anomalies).toContain('opcua.message_too_large');
  });

  test('a broken-off message is one record with its reason', () => {
    const connection = opened();
    connection.send(0, msg(request('ReadRequest', readOne(5)).subarray(24, 60), { flag: 'C', sequence: 2 }));
    connection.send(0, msg(Buffer.concat([u32(0x80030000), text('no memory')]), { flag: 'A', sequence: 3 }));
    expect(connection.found.map(({ fields }) => fields)).toMatchObject([
      { chunk_type: 'A', chunks: 2, error: 0x80030000, error_name: 'BadOutOfMemory', reason: 'no memory' },
    ]);
  });

  test('two messages in chunks, one between the chunks of the other', () => {
    const connection = opened();
    const [one, other] = [
      request('ReadRequest', readOne(1)).subarray(24),
      request('ReadRequest', readOne(2)).subarray(24),
    ];
    connection.send(0, msg(one.subarray(0, 30), { flag: 'C', sequence: 2, request: 1 }));
    connection.send(0, msg(other.subarray(0, 20), { flag: 'C', sequence: 3, request: 2 }));
    connection.send(0, msg(one.subarray(30), { sequence: 4, request: 1 }));
    connection.send(0, msg(other.subarray(20), { sequence: 5, request: 2 }));
    expect(connection.found.map(({ targets, anomalies }) => ({ targets, anomalies }))).toEqual([
      { targets: ['i=1'], anomalies: [] },
      { targets: ['i=2'], anomalies: [] },
    ]);
  });

  test('sequence numbers that jump, another channel, another answer', () => {
    const connection = opened();
    connection.send(0, request('ReadRequest', readOne(1), { sequence: 9 }));
    expect(connection.found[0]?.anomalies).toEqual(['opcua.sequence_gap']);
    connection.send(0, request('ReadRequest', readOne(1), { sequence: 10, channel: 8, request: 2 }));
    expect(connection.found[1]?.anomalies).toEqual(['opcua.channel_mismatch']);
    connection.send(1, response('WriteResponse', Buffer.concat([u32(1), u32(0), u32(0)]), { sequence: 2, request: 1 }));
    expect(connection.found[2]?.anomalies).toEqual(['applayer.response_mismatch']);
    connection.send(1, response('ReadResponse', Buffer.concat([u32(0), u32(0)]), { sequence: 3, request: 99 }));
    expect(connection.found[3]?.anomalies).toEqual(['opcua.unsolicited_response']);
  });
});

test('an answer to what was asked before the capture began, or in a gap, is no oddity', () => {
  const connection = new Connection();
  const answer = (number: number, sequence: number): Buffer =>
    response('ReadResponse', Buffer.concat([u32(0), u32(0)]), { sequence, request: number });
  connection.send(0, request('ReadRequest', readOne(1), { sequence: 30, request: 20 }));
  connection.send(1, answer(19, 30));
  connection.send(1, answer(21, 31));
  expect(connection.found.map(({ anomalies }) => anomalies)).toEqual([[], [], ['opcua.unsolicited_response']]);

  connection.lose(0, 100);
  connection.send(0, request('ReadRequest', readOne(1), { sequence: 40, request: 30 }));
  connection.send(1, answer(29, 32));
  expect(connection.found.at(-1)?.anomalies).toEqual([]);
});

test('from the opening on every request was seen, whatever number an answer bears', () => {
  const connection = new Connection();
  connection.send(0, hello());
  connection.send(0, request('ReadRequest', readOne(1), { sequence: 30, request: 20 }));
  for (const [index, number] of [19, 0x8000_0000, 0xffff_ffff].entries()) {
    const body = Buffer.concat([u32(0), u32(0)]);
    connection.send(1, response('ReadResponse', body, { sequence: 30 + index, request: number }));
    expect(connection.found.at(-1)?.anomalies).toEqual(['opcua.unsolicited_response']);
  }
});

describe('what cannot be read', () => {
  test('is said to be encrypted, and nothing of it is guessed', () => {
    const { found } = played(segmentsOf('node-opcua-secure-basic256sha256-signandencrypt'), (data) => [data]);
    const hidden = found.filter(({ fields }) => fields['encrypted'] === true);
    expect(hidden.length).toBeGreaterThan(8);
    for (const { fields } of hidden) {
      for (const name of [
        'service',
        'service_id',
        'request_id',
        'sequence_number',
        'request_handle',
        'nodes',
        'values',
      ]) {
        expect(fields).not.toHaveProperty(name);
      }
    }
    expect(found.filter(({ fields }) => fields['message_type'] === 'MSG' && fields['encrypted'] !== true)).toEqual([]);
  });

  test('the same without the channel’s opening', () => {
    const segments = segmentsOf('node-opcua-secure-basic256sha256-signandencrypt').slice(5);
    const { found } = played(segments, (data) => [data]);
    expect(found.length).toBeGreaterThan(4);
    for (const { fields } of found) expect(fields['encrypted']).toBe(true);
  });

  test('signed messages without the opening are read all the same', () => {
    const segments = segmentsOf('node-opcua-secure-basic256sha256-sign').slice(5);
    const { found } = played(segments, (data) => [data]);
    const services = found.map(({ fields }) => fields['service']);
    expect(services).toEqual(expect.arrayContaining(['ReadRequest', 'ReadResponse', 'WriteRequest', 'WriteResponse']));
    expect(found.flatMap(({ anomalies }) => anomalies)).toEqual([]);
  });
});

describe('what outlives a connection', () => {
  const TOKEN = Buffer.from([1, 0, 0x34, 0x12]);
  const ask = (service: string, parameters: Buffer, options: Parameters<typeof msg>[1] = {}) =>
    requestAs(TOKEN, service, parameters, options);
  const monitor = (id: number, handle: number) =>
    Buffer.concat([
      ...[u32(5), u32(0), u32(1), node(id), u32(13), text(null), Buffer.from([0, 0]), text(null)],
      ...[u32(2), u32(handle), Buffer.alloc(8), Buffer.from([0, 0, 0]), u32(1), Buffer.from([1])],
    ]);
  const monitored = (id: number, status = 0) =>
    Buffer.concat([u32(1), u32(status), u32(id), Buffer.alloc(8), u32(1), Buffer.from([0, 0, 0]), u32(0)]);
  const notification = (handle: number, value: number) => {
    const body = Buffer.concat([u32(1), u32(handle), int32(value), u32(0)]);
    return Buffer.concat([u32(1), Buffer.alloc(8), u32(1), typeIdOf(811), Buffer.from([1]), u32(body.length), body]);
  };
  const published = (handle: number, value: number) =>
    Buffer.concat([u32(5), u32(0), Buffer.from([0]), notification(handle, value), u32(0), u32(0)]);
  const valuesOf = ({ found }: Connection) => found.flatMap(({ variables }) => variables);

  function subscribed(first: Connection): void {
    first.send(0, ask('CreateMonitoredItemsRequest', monitor(42, 9), { sequence: 2, request: 2 }));
    first.send(1, response('CreateMonitoredItemsResponse', monitored(70), { sequence: 2, request: 2 }));
  }

  test('a transferred subscription keeps its names on the other connection', () => {
    const first = opened();
    subscribed(first);
    const other = opened(first.another());
    const transfer = Buffer.concat([u32(1), u32(5), Buffer.from([1])]);
    other.send(0, ask('TransferSubscriptionsRequest', transfer, { sequence: 2, request: 2 }));
    other.send(
      1,
      response('TransferSubscriptionsResponse', Buffer.concat([u32(1), u32(0), u32(0), u32(0)]), {
        sequence: 2,
        request: 2,
      }),
    );
    other.send(0, ask('PublishRequest', u32(0), { sequence: 3, request: 3 }));
    other.send(1, response('PublishResponse', published(9, 77), { sequence: 3, request: 3 }));
    expect(valuesOf(other)).toEqual(['i=42=77 int32']);
  });

  test('a notification that is sent again says which subscription only in its request', () => {
    const connection = opened();
    subscribed(connection);
    connection.send(0, ask('RepublishRequest', Buffer.concat([u32(5), u32(1)]), { sequence: 3, request: 3 }));
    connection.send(1, response('RepublishResponse', notification(9, 78), { sequence: 3, request: 3 }));
    expect(valuesOf(connection)).toEqual(['i=42=78 int32']);
  });

  test('another server has subscriptions of its own, and so has one that began anew', () => {
    const first = opened();
    subscribed(first);
    const stranger = opened(first.another(4841));
    stranger.send(0, ask('PublishRequest', u32(0), { sequence: 2, request: 2 }));
    stranger.send(1, response('PublishResponse', published(9, 77), { sequence: 2, request: 2 }));
    expect(valuesOf(stranger)).toEqual([]);
    const created = Buffer.concat([u32(5), Buffer.alloc(8), u32(10), u32(3)]);
    const parameters = Buffer.concat([Buffer.alloc(8), u32(10), u32(3), u32(0), Buffer.from([1, 0])]);
    first.send(0, ask('CreateSubscriptionRequest', parameters, { sequence: 3, request: 3 }));
    first.send(1, response('CreateSubscriptionResponse', created, { sequence: 3, request: 3 }));
    first.send(0, ask('PublishRequest', u32(0), { sequence: 4, request: 4 }));
    first.send(1, response('PublishResponse', published(9, 77), { sequence: 4, request: 4 }));
    expect(valuesOf(first)).toEqual([]);
  });

  test('what a stranger asks for and does not get gives no wrong names', () => {
    const first = opened();
    subscribed(first);
    const intruder = opened(first.another());
    intruder.send(0, ask('CreateMonitoredItemsRequest', monitor(66, 9), { sequence: 2, request: 2 }));
    const refused = { sequence: 2, request: 2, result: 0x80280000 };
    intruder.send(1, response('CreateMonitoredItemsResponse', Buffer.concat([u32(0), u32(0)]), refused));
    first.send(0, ask('PublishRequest', u32(0), { sequence: 3, request: 3 }));
    first.send(1, response('PublishResponse', published(9, 77), { sequence: 3, request: 3 }));
    expect(valuesOf(first)).toEqual(['i=42=77 int32']);
  });

  const modified = (id: number, handle: number) =>
    Buffer.concat([
      u32(5),
      u32(0),
      u32(1),
      u32(id),
      u32(handle),
      Buffer.alloc(8),
      Buffer.alloc(3),
      u32(1),
      Buffer.from([1]),
    ]);
  const [removeItem, removeAll] = [Buffer.concat([u32(5), u32(1), u32(70)]), Buffer.concat([u32(1), u32(5)])];
  const outcome = (status: number) => Buffer.concat([u32(1), u32(status), u32(0)]);
  const modifyOutcome = (status: number) =>
    Buffer.concat([u32(1), u32(status), Buffer.alloc(8), u32(1), Buffer.alloc(3), u32(0)]);

  function exchange(on: Connection, service: string, parameters: Buffer, results: Buffer, number: number): void {
    on.send(0, ask(`${service}Request`, parameters, { sequence: number, request: number }));
    on.send(1, response(`${service}Response`, results, { sequence: number, request: number }));
  }

  test('what is refused to a stranger takes no names away', () => {
    const first = opened();
    subscribed(first);
    const intruder = opened(first.another());
    exchange(intruder, 'ModifyMonitoredItems', modified(70, 11), modifyOutcome(0x80280000), 2);
    exchange(intruder, 'DeleteMonitoredItems', removeItem, outcome(0x80280000), 3);
    exchange(intruder, 'DeleteSubscriptions', removeAll, outcome(0x80280000), 4);
    exchange(first, 'Publish', u32(0), published(9, 77), 3);
    expect(valuesOf(first)).toEqual(['i=42=77 int32']);
  });

  test('what is granted counts', () => {
    const first = opened();
    subscribed(first);
    exchange(first, 'ModifyMonitoredItems', modified(70, 11), modifyOutcome(0), 3);
    exchange(first, 'Publish', u32(0), published(11, 1), 4);
    expect(valuesOf(first)).toEqual(['i=42=1 int32']);
    exchange(first, 'DeleteMonitoredItems', removeItem, outcome(0), 5);
    exchange(first, 'Publish', u32(0), published(11, 2), 6);
    exchange(first, 'CreateMonitoredItems', monitor(43, 12), monitored(71), 7);
    exchange(first, 'Publish', u32(0), published(12, 3), 8);
    exchange(first, 'DeleteSubscriptions', removeAll, outcome(0), 9);
    exchange(first, 'Publish', u32(0), published(12, 4), 10);
    expect(valuesOf(first)).toEqual(['i=42=1 int32', 'i=43=3 int32']);
  });

  test('of items with one handle the last one keeps it', () => {
    const first = opened();
    subscribed(first);
    exchange(first, 'CreateMonitoredItems', monitor(43, 9), monitored(71), 3);
    exchange(first, 'DeleteMonitoredItems', removeItem, outcome(0), 4);
    exchange(first, 'Publish', u32(0), published(9, 5), 5);
    expect(valuesOf(first)).toEqual(['i=43=5 int32']);
  });

  test('registered nodes are known by their own names, also when the session comes back on a new connection', () => {
    const first = opened();
    const real = Buffer.concat([u32(1), Buffer.from([3, 1, 0]), text('Pump')]);
    first.send(0, ask('RegisterNodesRequest', real, { sequence: 2, request: 2 }));
    first.send(1, response('RegisterNodesResponse', Buffer.concat([u32(1), node(200)]), { sequence: 2, request: 2 }));
    expect(first.found.at(-1)?.fields['nodes']).toEqual([{ node_id: 'i=200', registered_for: 'ns=1;s=Pump' }]);
    const again = opened(first.another());
    again.send(0, ask('ReadRequest', readOne(200), { sequence: 2, request: 2 }));
    again.send(1, response('ReadResponse', Buffer.concat([u32(1), int32(5), u32(0)]), { sequence: 2, request: 2 }));
    expect(again.found.map(({ targets }) => targets)).toEqual([['ns=1;s=Pump'], ['ns=1;s=Pump']]);
    expect(again.found[0]?.fields['nodes']).toMatchObject([{ node_id: 'i=200', registered_for: 'ns=1;s=Pump' }]);
    expect(valuesOf(again)).toEqual(['ns=1;s=Pump=5 int32']);
    // Another session's i=200 is another node.
    again.send(0, request('ReadRequest', readOne(200), { sequence: 3, request: 3 }));
    expect(again.found.at(-1)?.targets).toEqual(['i=200']);
    again.send(0, ask('UnregisterNodesRequest', Buffer.concat([u32(1), node(200)]), { sequence: 4, request: 4 }));
    expect(again.found.at(-1)?.fields['nodes']).toEqual([{ node_id: 'i=200', registered_for: 'ns=1;s=Pump' }]);
    again.send(1, response('UnregisterNodesResponse', Buffer.alloc(0), { sequence: 3, request: 4 }));
    again.send(0, ask('ReadRequest', readOne(200), { sequence: 5, request: 5 }));
    expect(again.found.at(-1)?.targets).toEqual(['i=200']);
  });
});
