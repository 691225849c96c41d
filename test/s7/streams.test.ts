import { describe, expect, test } from 'vitest';
import { bytes, concat } from '../support/packets.js';
import { Connection } from './connection.js';
import {
  answer,
  anyItem,
  blockJob,
  connectConfirm,
  connectRequest,
  dataItem,
  dt,
  EXCHANGES,
  PLC_STOP,
  readAnswer,
  readVar,
  refusal,
  SETUP,
  SETUP_ANSWER,
  tpkt,
  userdata,
} from './messages.js';

const flags = (reference: number, byte = 20) => readVar(reference, anyItem({ area: 0x83, byte }));
const value = (reference: number, data = '01') => readAnswer(reference, dataItem(4, data));

/** Both ports are the protocol's: only what is said tells who asks. */
const UNKNOWN_ENDS = { clientPort: 102, clientIsCertain: false };

describe('connections', () => {
  test('request and confirmation, with rack and slot', () => {
    const { found } = new Connection().send(0, connectRequest()).send(1, connectConfirm());
    expect(found.map(({ fields }) => fields)).toEqual([
      {
        pdu_type: 'CR',
        dst_ref: 0,
        src_ref: 1,
        class: 0,
        calling_tsap: '0100',
        called_tsap: '0102',
        tpdu_size: 1024,
        connection_type: 'pg',
        rack: 0,
        slot: 2,
      },
      {
        pdu_type: 'CC',
        dst_ref: 1,
        src_ref: 0x44,
        class: 0,
        calling_tsap: '0100',
        called_tsap: '0102',
        tpdu_size: 1024,
        connection_type: 'pg',
        rack: 0,
        slot: 2,
        request_pcap_cnt: 1,
      },
    ]);
  });

  test('a TSAP that is text is shown as text', () => {
    const { found } = new Connection().send(0, connectRequest(Buffer.from('SIMATIC-ROOT-HMI').toString('hex'), '0620'));
    expect(found[0]?.fields).toMatchObject({ called_tsap: 'SIMATIC-ROOT-HMI', calling_tsap: '0620' });
    expect(found[0]?.fields).not.toHaveProperty('slot');
  });

  test('a refusal says why', () => {
    const refused = tpkt(bytes('06 80 0001 0000 03'));
    const { found } = new Connection().send(0, connectRequest('0107')).send(1, refused);
    expect(found[1]).toMatchObject({
      rejection: 'unreachable',
      operation: 'disconnect',
      fields: {
        pdu_type: 'DR',
        dst_ref: 1,
        src_ref: 0,
        reason: 3,
        reason_name: 'address_unknown',
        request_pcap_cnt: 1,
      },
    });
  });

  test('an error TPDU is a record', () => {
    const { found } = new Connection().send(1, tpkt(bytes('04 70 0001 02')));
    expect(found[0]?.fields).toEqual({ pdu_type: 'ER', dst_ref: 1, reason: 2, reason_name: 'invalid_tpdu_type' });
  });

  test('a parameter longer than its message is told', () => {
    const { found } = new Connection().send(0, tpkt(bytes('0a e0 0000 0001 00 c1 09 01 00')));
    expect(found[0]?.anomalies).toEqual(['cotp.bad_parameter']);
  });

  test('who asks for the connection is the client, whoever sent the first packet seen', () => {
    const connection = new Connection(UNKNOWN_ENDS).send(1, connectRequest());
    expect(connection.flow.client).toBe(1);
    expect(connection.found[0]?.fromClient).toBe(true);
  });
});

describe('framing', () => {
  test('an empty DT that ends nothing belongs to nothing', () => {
    const empty = tpkt(bytes('02 f0 00'));
    const { messages, anomalies } = new Connection().send(0, concat(empty, dt(flags(1)), empty)).send(0, dt(flags(2)));
    expect(messages.map(({ fields }) => fields['pdu_reference'])).toEqual([1, 2]);
    expect(anomalies).toEqual([]);
  });

  test('a stop in three transport messages is one stop, in the packet of the last', () => {
    const connection = new Connection();
    connection.send(0, dt(PLC_STOP.subarray(0, 5), false)).send(0, dt(PLC_STOP.subarray(5, 9), false));
    expect(connection.found).toEqual([]);
    connection.send(0, dt(PLC_STOP.subarray(9)));
    expect(connection.messages).toMatchObject([{ operation: 'plc_stop', number: 3, anomalies: [] }]);
  });

  test.each([
    ['a numbered DT', tpkt(concat(bytes('02 f0 81'), flags(1)))],
    ['a DT with a longer header', tpkt(concat(bytes('04 f0 80 0000'), flags(1)))],
    ['a reserved byte', concat(bytes('03 07'), dt(flags(1)).subarray(2))],
  ])('%s is read all the same, and told', (_, packet) => {
    const { messages, anomalies } = new Connection().send(0, packet);
    expect(messages.map(({ fields }) => fields['pdu_reference'])).toEqual([1]);
    expect(anomalies).toEqual(['cotp.bad_header']);
  });

  test.each([
    ['shorter than any', '03 00 0005 02', 'cotp.bad_length'],
    ['of a kind that class 0 does not have', '03 00 0007 02 50 00', 'cotp.bad_header'],
    ['with a header longer than itself', '03 00 0007 09 f0 80', 'cotp.bad_header'],
  ])('a message %s is told, and the next one is read', (_, head, code) => {
    const { messages, anomalies } = new Connection().send(0, concat(bytes(head), dt(flags(3))));
    expect(anomalies).toEqual([code]);
    expect(messages.map(({ fields }) => fields['pdu_reference'])).toEqual([3]);
  });

  test('garbage between messages is told once, and skipped', () => {
    const { messages, anomalies } = new Connection()
      .send(0, dt(flags(1)))
      .send(0, bytes('474554202f20485454502f312e310d0a'))
      .send(0, dt(flags(2)));
    expect(messages.map(({ fields }) => fields['pdu_reference'])).toEqual([1, 2]);
    expect(anomalies).toEqual(['cotp.garbage']);
  });

  test('a capture that begins in the middle of a message says nothing of it', () => {
    const { messages, anomalies } = new Connection().send(0, concat(dt(flags(1)).subarray(9), dt(flags(2))));
    expect(messages.map(({ fields }) => fields['pdu_reference'])).toEqual([2]);
    expect(anomalies).toEqual([]);
  });

  test('what the snap length cut is reported with what is there of it', () => {
    const packet = dt(value(1, 'aa'.repeat(200)));
    const connection = new Connection()
      .send(0, dt(flags(1)))
      .send(1, packet.subarray(0, 60))
      .lose(1, 150, true);
    expect(connection.messages[1]).toMatchObject({ isPartial: true, anomalies: ['s7comm.truncated'], variables: [] });
    expect(connection.messages[1]?.fields).toMatchObject({ function: 'read_var', item_count: 1 });
    connection.send(1, dt(value(2)));
    expect(connection.messages[2]).toMatchObject({ isPartial: false });
  });

  test('a connection that is closed inside a message shows its beginning', () => {
    const connection = new Connection().send(0, dt(PLC_STOP).subarray(0, 20)).end();
    expect(connection.anomalies).toEqual(['cotp.unfinished']);
    expect(connection.messages).toMatchObject([
      { operation: 'plc_stop', anomalies: ['s7comm.length_mismatch', 's7comm.bad_parameter'] },
    ]);
  });
});

describe('on another port', () => {
  test('it is recognised, and all of it is read', () => {
    const connection = new Connection({ port: 1102, clientIsCertain: false });
    connection.send(0, connectRequest()).send(1, connectConfirm()).send(0, dt(SETUP)).send(1, dt(SETUP_ANSWER));
    expect(connection.found.map(({ fields }) => fields['pdu_type'] ?? fields['function'])).toEqual([
      'CR',
      'CC',
      'setup_communication',
      'setup_communication',
    ]);
    expect(connection.anomalies).toEqual(['applayer.unusual_port']);
  });

  test('two messages in the middle of a connection are enough', () => {
    const connection = new Connection({ port: 2000, clientIsCertain: false })
      .send(1, dt(flags(1)))
      .send(0, dt(value(1)));
    expect(connection.messages.map(({ operation }) => operation)).toEqual(['read_var', 'read_var']);
    expect(connection.flow.client).toBe(1);
  });

  test('remote desktop uses the same transport, and is not it', () => {
    const cookie = bytes('436f6f6b69653a206d737473686173683d610d0a0100080003000000');
    const request = tpkt(concat(bytes([6 + cookie.length], 'e0 0000 0000 00'), cookie));
    const confirm = tpkt(bytes('0e d0 0000 1234 00 02 1f 0800 02000000'));
    const connection = new Connection({ port: 3389 }).send(0, request).send(1, confirm);
    connection
      .send(0, tpkt(bytes('02 f0 80 7f65 8201 9404 0101')))
      .send(1, tpkt(bytes('02 f0 80 7f66 8201 4e0a 0100')));
    for (let i = 0; i < 40; i++) connection.send(0, bytes('160301 00c8 010000c40303')).send(1, bytes('160303 0057'));
    expect(connection.found).toEqual([]);
    expect(connection.anomalies).toEqual([]);
  });

  test.each(['474554202f20485454502f312e310d0a', '000100000006010300000001', '160301020001000001fc0303'])(
    '%s is not taken for it',
    (data) => {
      const connection = new Connection({ port: 8000 });
      for (let i = 0; i < 20; i++) connection.send(0, bytes(data)).send(1, bytes(data));
      expect(connection.found).toEqual([]);
    },
  );
});

describe('requests and answers', () => {
  test('the reference makes the pair, in any order', () => {
    const { messages } = new Connection()
      .send(0, concat(dt(flags(1, 10)), dt(flags(2, 20)), dt(flags(3, 30))))
      .send(1, dt(value(3, '33')))
      .send(1, dt(value(1, '11')))
      .send(1, dt(value(2, '22')));
    expect(messages.slice(3).map(({ variables }) => variables)).toEqual([['MB30 = 51'], ['MB10 = 17'], ['MB20 = 34']]);
  });

  test('a reference that is used for ever means the latest request', () => {
    const { messages } = new Connection()
      .send(0, connectRequest())
      .send(0, dt(flags(0, 10)))
      .send(0, dt(flags(0, 20)))
      .send(1, dt(value(0, '22')))
      .send(1, dt(value(0, '11')));
    expect(messages[2]).toMatchObject({ variables: ['MB20 = 34'], anomalies: [] });
    expect(messages[3]).toMatchObject({ variables: [], anomalies: ['s7comm.unsolicited_response'] });
  });

  test('an answer to what was asked before the capture began, or in a gap, is no oddity', () => {
    const connection = new Connection()
      .send(0, dt(flags(2, 20)))
      .send(1, dt(value(1, '11')))
      .send(1, dt(value(2, '22')));
    expect(connection.messages.flatMap(({ anomalies }) => anomalies)).toEqual([]);
    // All that was asked before is answered by now.
    connection.wait(11).send(1, dt(value(3, '33')));
    expect(connection.messages.at(-1)?.anomalies).toEqual(['s7comm.unsolicited_response']);

    connection.lose(0, 31);
    connection.send(0, dt(flags(5, 50))).send(1, dt(value(4, '44')));
    expect(connection.messages.at(-1)?.anomalies).toEqual([]);
    connection.wait(11).send(1, dt(value(4, '44')));
    expect(connection.messages.at(-1)?.anomalies).toEqual(['s7comm.unsolicited_response']);
  });

  test('jobs that the controller sends find the answers of the client', () => {
    const { messages } = new Connection()
      .send(0, dt(blockJob(1, '1a', '_0A00030P')))
      .send(1, dt(answer(1, '1a')))
      .send(1, dt(blockJob(1, '1b', '_0A00030P')))
      .send(0, dt(answer(1, '1b 00', '0004 00fb 70700101')))
      .send(1, dt(blockJob(2, '1c', '_0A00030P')))
      .send(0, dt(answer(2, '1c')));
    expect(
      messages.map(({ operation, fromClient, fields }) => [operation, fromClient, fields['request_pcap_cnt']]),
    ).toEqual([
      ['request_download', true, undefined],
      ['request_download', false, 1],
      ['download_block', false, undefined],
      ['download_block', true, 3],
      ['download_ended', false, undefined],
      ['download_ended', true, 5],
    ]);
    expect(messages[3]?.targets).toEqual(['block_DB 30']);
  });

  test('a refusal is what was refused, with the reason', () => {
    const { messages } = new Connection().send(0, dt(PLC_STOP)).send(1, dt(refusal(7, 0xd241)));
    expect(messages[1]).toMatchObject({
      operation: 'plc_stop',
      rejection: 'failed',
      fields: {
        error_class: 0xd2,
        error_code: 0x41,
        error_name: 'not_permitted_at_protection_level',
        request_pcap_cnt: 1,
      },
    });
  });

  test('an answer to something else than was asked is told', () => {
    const { messages } = new Connection().send(0, dt(flags(9))).send(1, dt(answer(9, '05 01', 'ff')));
    expect(messages[1]?.anomalies).toEqual(['applayer.response_mismatch']);
  });

  test('an answer with more items than were asked for is told', () => {
    const two = readAnswer(9, dataItem(4, '01'), dataItem(4, '02'));
    const { messages } = new Connection().send(0, dt(flags(9))).send(1, dt(two));
    expect(messages[1]).toMatchObject({ anomalies: ['applayer.response_mismatch'], variables: [] });
  });

  test('an answer behind a gap proves nothing', () => {
    const { messages } = new Connection()
      .send(0, dt(flags(1)))
      .lose(0, 40)
      .send(1, dt(value(2)));
    expect(messages[1]?.anomalies).toEqual([]);
  });

  test('a message longer than agreed is told', () => {
    const long = readAnswer(1, dataItem(4, '00'.repeat(240)));
    const { messages } = new Connection()
      .send(0, dt(SETUP))
      .send(1, dt(SETUP_ANSWER))
      .send(0, dt(flags(1)))
      .send(1, dt(long));
    expect(messages.map(({ anomalies }) => anomalies)).toEqual([[], [], [], ['s7comm.pdu_size_exceeded']]);
  });

  test.each(EXCHANGES.map((make, index) => [index, make] as const))(
    'exchange %i shows who asks where the opening was not seen',
    (_, make) => {
      const [request, response] = make(1);
      const first = new Connection(UNKNOWN_ENDS).send(1, dt(request));
      const second = new Connection(UNKNOWN_ENDS).send(0, dt(response));
      expect(first.flow.client).toBe(1);
      // A bare refusal shows by its kind alone that the other side asked.
      if (response[1] !== 2) expect(second.flow.client).toBe(1);
    },
  );

  test('an answer in several messages is put together', () => {
    const entries = Array.from(
      { length: 10 },
      (_, i) => `00${(i + 1).toString(16).padStart(2, '0')}${'41'.repeat(32)}`,
    ).join('');
    const body = bytes(`001c 0000 0022 000a ${entries}`);
    const part = (from: number, to: number, more: boolean, reference: number) =>
      userdata(reference, 4, 1, body.subarray(from, to), { type: 8, unit: 5, more, sequence: 1 });
    const { messages, identity } = new Connection()
      .send(0, dt(userdata(1, 4, 1, '001c 0000')))
      .send(1, dt(part(0, 200, true, 1)))
      .send(0, dt(userdata(2, 4, 1, '')))
      .send(1, dt(part(200, body.length, false, 2)));
    const entriesOf = (index: number) => (messages[index]!.fields['szl'] as { entries: unknown[] }).entries.length;
    expect([entriesOf(1), entriesOf(3)]).toEqual([5, 10]);
    expect(messages.map(({ targets }) => targets)).toEqual([['SZL_001c 0'], ['SZL_001c 0'], [], ['SZL_001c 0']]);
    // Once, and from the whole.
    expect(identity.filter(({ field }) => field === 'serial')).toHaveLength(1);
  });

  test('the rest of an answer that was never fetched does not spoil the next', () => {
    const first = userdata(1, 4, 1, `001c 0000 0022 000a${'00'.repeat(100)}`, { type: 8, unit: 5, more: true });
    const second = userdata(2, 4, 1, '0131 0001 0002 0001 abcd', { type: 8, unit: 5 });
    const { messages } = new Connection()
      .send(0, dt(userdata(1, 4, 1, '001c 0000')))
      .send(1, dt(first))
      .send(0, dt(userdata(2, 4, 1, '0131 0001')))
      .send(1, dt(second));
    expect(messages[3]).toMatchObject({ targets: ['SZL_0131 1'], fields: { szl: { id: 0x131, entries: ['abcd'] } } });
  });

  test('a part that is missing costs that answer only', () => {
    const part = userdata(1, 4, 1, `001c 0000 0022 000a${'00'.repeat(100)}`, { type: 8, unit: 5, more: true });
    const rest = userdata(2, 4, 1, '41'.repeat(40), { type: 8, unit: 5 });
    const { messages, anomalies, identity } = new Connection().send(1, dt(part)).lose(1, 20).send(1, dt(rest));
    expect(messages).toHaveLength(2);
    expect(identity).toEqual([]);
    expect(anomalies).toEqual([]);
  });
});
