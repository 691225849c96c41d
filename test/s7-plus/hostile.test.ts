import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createS7CommPlus } from '../../sensor/protocols/s7comm-plus/index.js';
import { type Bytes, bytes } from '../support/packets.js';
import { CLIENT, Connection, type Found, SERVER } from './connection.js';
import {
  address,
  attribute,
  counted,
  DB,
  FUNCTION,
  frame,
  getMulti,
  join,
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

/** A conversation that has something of everything; each entry is side and TSDU. */
const CONVERSATION: readonly (readonly [0 | 1, Bytes])[] = [
  [CLIENT, frame(1, plain(sessionRequest(1, attribute(298, text('PC-7')), attribute(299, '000401'))))],
  [SERVER, frame(1, plain(sessionResponse(1, '1;6ES7 214-1HE30-0XB0 ;V2.2')))],
  [CLIENT, frame(2, plain(getMulti(2, address(DB + 6, VALUE.db, [3, 4, 2]), address(DB + 1, VALUE.db, [9], 1))))],
  [
    SERVER,
    frame(2, plain(response(FUNCTION.getMultiVariables, 2, 0x00, values([1, '00070017'], [2, '000a05']), 0x00))),
  ],
  [CLIENT, frame(3, counted(setVariable(3, 52, 2167, '000801'), 1))],
  [SERVER, frame(3, counted(response(FUNCTION.setVariable, 3, 0x00), 4))],
  [CLIENT, frame(3, counted(request(FUNCTION.explore, 4, SESSION, u32(3), 0x00, '010000', '0000'), 2))],
  [
    SERVER,
    frame(3, response(FUNCTION.explore, 4, 0x00, u32(3), vlq(9), object(3, 2520, attribute(233, text('A')))), false),
  ],
  [SERVER, frame(3, bytes('00000000'))],
  [
    CLIENT,
    frame(
      2,
      plain(
        request(
          FUNCTION.setMultiVariables,
          5,
          SESSION,
          u32(0),
          '0105',
          address(DB + 6, VALUE.db, [3, 0, 4]),
          join(vlq(1), '000e41480000'),
          0x00,
          QUALIFIER,
        ),
      ),
    ),
  ],
  [
    SERVER,
    frame(2, plain(join(0x33, u32(0x70000001), '0400', '0000', '0000', 0x05, 0x01, 0x02, '920000000700070001', 0x00))),
  ],
  [SERVER, bytes('72fe001000000000000005180000000000000000')],
  [CLIENT, bytes('72ff0100')],
];

function codes(found: readonly Found[]): string[] {
  return found.flatMap(({ anomalies }) => anomalies);
}

describe('malformed messages', () => {
  const sound = plain(getMulti(2, address(DB + 6, VALUE.db, [3, 4, 2])));

  test.each<[string, Bytes, string]>([
    ['a header and nothing more', bytes('7202'), 's7comm_plus.length_mismatch'],
    ['a length beyond the message', join(0x72, 0x02, '7fff', sound), 's7comm_plus.length_mismatch'],
    ['a trailer of another version', join(frame(2, sound, false), '72010000'), 's7comm_plus.bad_trailer'],
    ['a trailer cut short', join(frame(2, sound, false), '7202'), 's7comm_plus.bad_trailer'],
    ['bytes behind the trailer', join(frame(2, sound), '31'), 's7comm_plus.surplus_data'],
    ['an unknown version', frame(7, sound), 's7comm_plus.bad_version'],
    ['an unknown opcode', frame(2, join(0x41, sound.slice(1))), 's7comm_plus.bad_opcode'],
    ['nothing at all inside', frame(2, new Uint8Array(0)), 's7comm_plus.malformed'],
    [
      'version 3 without its digest',
      join(0x72, 0x03, '0031', sound.slice(0, 49), '72030000'),
      's7comm_plus.bad_digest',
    ],
    ['data behind what belongs to it', frame(2, join(sound, 'cafebabecafebabe')), 's7comm_plus.surplus_data'],
    [
      'more items than bytes',
      frame(2, plain(request(FUNCTION.getMultiVariables, 2, SESSION, u32(0), '8fffffff7f', '05'))),
      's7comm_plus.malformed',
    ],
    ['a data type that nobody knows', frame(2, plain(setVariable(2, DB + 1, 2550, '0018ff'))), 's7comm_plus.undecoded'],
  ])('%s', (_, tsdu, expected) => {
    const found = new Connection().send(CLIENT, tsdu);
    expect(found?.anomalies).toContain(expected);
    expect(found?.variables).toEqual([]);
  });

  test('a malformed message does not end the analysis', () => {
    const connection = new Connection();
    connection.send(CLIENT, frame(2, bytes('41')));
    expect(connection.send(CLIENT, frame(2, sound))).toMatchObject({ operation: 'get_multi_variables', anomalies: [] });
  });

  test('a digest of another length is told, and the message behind it read', () => {
    const found = new Connection().send(
      CLIENT,
      join(0x72, 0x03, Uint8Array.of(0, sound.length + 5), '04aabbccdd', sound, '72030000'),
    );
    expect(found).toMatchObject({ operation: 'get_multi_variables', anomalies: ['s7comm_plus.bad_digest'] });
  });

  test('bytes that are neither S7comm-plus nor TLS are told', () => {
    const connection = new Connection();
    connection.send(CLIENT, frame(2, sound));
    connection.send(CLIENT, bytes('deadbeef'));
    expect(connection.anomalies).toEqual(['s7comm_plus.garbage']);
  });

  test('objects inside objects end somewhere', () => {
    const bomb = join(...Array.from({ length: 5000 }, () => join(0xa1, u32(3), vlq(2520), 0x00, 0x00)));
    const found = new Connection().send(SERVER, frame(2, response(FUNCTION.explore, 4, 0x00, u32(3), bomb)));
    expect(found?.anomalies).toContain('s7comm_plus.malformed');
  });

  test('structures inside structures end somewhere', () => {
    const bomb = join('0017', u32(1), ...Array.from({ length: 5000 }, () => join(0x01, '0017', u32(1))));
    const found = new Connection().send(CLIENT, frame(2, setVariable(2, 2, 4551, bomb)));
    expect(found?.anomalies).toContain('s7comm_plus.malformed');
  });

  test('a message that never ends is let go, and the next one is read', () => {
    const connection = new Connection();
    const part = join(sound, new Uint8Array(60_000));
    for (let count = 0; count < 40; count++) connection.send(CLIENT, frame(2, part, false));
    expect(codes(connection.found)).toContain('s7comm_plus.too_long');
    connection.lose(CLIENT);
    expect(connection.send(CLIENT, frame(2, sound))).toMatchObject({ operation: 'get_multi_variables', anomalies: [] });
  });

  test('many thousand parts are too many', () => {
    const connection = new Connection();
    for (let count = 0; count < 1200; count++) connection.send(CLIENT, frame(2, sound.slice(0, 40), false));
    expect(codes(connection.found)).toContain('s7comm_plus.too_long');
  });

  test('a contradicting copy is reported and changes nothing', () => {
    const connection = new Connection();
    connection.send(CLIENT, frame(3, counted(setVariable(3, 52, 2167, '000803'), 1)));
    connection.sendAlternative(CLIENT, frame(3, counted(setVariable(3, 52, 2167, '000801'), 1)));
    expect(connection.last.operation).toBe('stop_cpu');
    connection.send(SERVER, frame(3, counted(response(FUNCTION.setVariable, 3, 0x00), 4)));
    expect(connection.last).toMatchObject({ operation: 'start_cpu', anomalies: [] });
  });
});

/** What does not depend on where the bytes stood. */
function content(found: readonly Found[]): string {
  return JSON.stringify(found);
}

describe('properties', () => {
  test('the same records wherever a message stands in its buffer', () => {
    const reference = new Connection();
    for (const [side, tsdu] of CONVERSATION) reference.send(side, tsdu);
    expect(codes(reference.found)).toEqual([]);
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { minLength: CONVERSATION.length, maxLength: CONVERSATION.length }),
        (margins) => {
          const connection = new Connection();
          CONVERSATION.forEach(([side, tsdu], index) => {
            connection.send(side, tsdu, { margin: margins[index] ?? 0 });
          });
          expect(content(connection.found)).toBe(content(reference.found));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a message cut anywhere is read as far as it goes, never throws, and carries no more than the whole', () => {
    for (const [side, tsdu] of CONVERSATION) {
      for (let length = 1; length < tsdu.length; length++) {
        const cut = new Connection().send(side, tsdu.slice(0, length), { isCut: true });
        expect(cut?.isPartial).toBe(true);
        expect(cut?.variables).toEqual([]);
      }
    }
  });

  test('random bytes never throw', () => {
    const connection = new Connection();
    fc.assert(
      fc.property(
        fc.constantFrom(CLIENT, SERVER) as fc.Arbitrary<0 | 1>,
        fc.constantFrom(1, 2, 3, 0xfe, 0xff, 9),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        (side, version, data, isLast) => {
          connection.send(side, frame(version, join(0x31, data), isLast));
          connection.send(side, join(0x72, data));
          connection.sendAlternative(side, join(0x72, version, data));
          connection.found.length = 0;
          connection.identity.length = 0;
          connection.anomalies.length = 0;
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('mutated conversations never throw and answer each TSDU with one record at most', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            message: fc.nat(CONVERSATION.length - 1),
            at: fc.nat(400),
            byte: fc.nat(255),
            isCut: fc.boolean(),
            lose: fc.boolean(),
          }),
          { minLength: 1, maxLength: 25 },
        ),
        (steps) => {
          const connection = new Connection();
          for (const { message, at, byte, isCut, lose } of steps) {
            const [side, tsdu] = CONVERSATION[message]!;
            const mutated = tsdu.slice();
            mutated[at % mutated.length] = byte;
            const before = connection.found.length;
            connection.send(side, mutated, { isCut });
            expect(connection.found.length - before).toBeLessThanOrEqual(1);
            if (lose) connection.lose(side);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('random object trees and values never throw', () => {
    const element = fc.constantFrom(
      'a1',
      'a2',
      'a3',
      'a4',
      'a7',
      'a8',
      'ab',
      'ac',
      '00',
      '17',
      '14',
      '10',
      '40',
      '81e9',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(element, fc.uint8Array({ maxLength: 12 })), { maxLength: 60 }), (parts) => {
        const tree = join(...parts.flat());
        const connection = new Connection();
        connection.send(
          CLIENT,
          frame(2, request(FUNCTION.createObject, 1, SESSION, u32(3), '000400', u32(0), 0xa1, tree)),
        );
        connection.send(SERVER, frame(2, response(FUNCTION.explore, 1, 0x00, u32(3), 0xa1, tree)));
        expect(connection.found.length).toBe(2);
      }),
      { numRuns: 600 },
    );
  });

  test('a gap never yields a message made from both its sides', () => {
    const whole = response(
      FUNCTION.explore,
      4,
      0x00,
      u32(3),
      vlq(9),
      object(3, 2520, attribute(233, text('P'.repeat(120)))),
    );
    fc.assert(
      fc.property(fc.integer({ min: 10, max: whole.length - 1 }), (at) => {
        const connection = new Connection();
        connection.send(SERVER, frame(3, whole.slice(0, at), false));
        connection.lose(SERVER);
        const found = connection.send(SERVER, frame(3, plain(whole.slice(at))));
        expect(found?.isPartial).toBe(true);
        expect(JSON.stringify(found?.fields)).not.toContain('PPPP');
      }),
    );
  });

  test('whatever is read without an oddity is recognised', () => {
    const protocol = createS7CommPlus();
    for (const [, tsdu] of CONVERSATION) expect(protocol.recognises(tsdu, 0, tsdu.length)).toBe(true);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (data) => {
        if (protocol.recognises(data, 0, data.length)) return;
        const connection = new Connection();
        const found = connection.send(CLIENT, data);
        expect(found === undefined || found.anomalies.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
