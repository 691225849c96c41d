import { describe, expect, test } from 'vitest';
import { Reader } from '../../sensor/protocols/s7comm-plus/reader.js';
import { ValueJson, walkValue } from '../../sensor/protocols/s7comm-plus/values.js';
import { bytes } from '../support/packets.js';
import { join, text, u32, vlq } from './messages.js';

function reader(hex: string): Reader {
  const data = bytes(hex.replaceAll(' ', ''));
  return new Reader().set(data, 0, data.length);
}

describe('variable-length numbers', () => {
  test.each([
    ['00', 0],
    ['7f', 127],
    ['8100', 128],
    ['821f', 287],
    ['8169', 233],
    ['9d29', 3753],
    ['88d0b88003', 0x8a0e0003],
    ['8fffffff7f', 0xffffffff],
  ])('unsigned %s is %d', (hex, expected) => {
    const from = reader(hex);
    expect([from.varUint32(), from.left, from.isBroken]).toEqual([expected, 0, false]);
  });

  test.each([
    ['00', 0],
    ['3f', 63],
    ['8040', 64],
    ['7f', -1],
    ['40', -64],
    ['fe01', -255],
    ['8ffffffe01', -255],
    ['ffb4d279', -1234567],
    ['f880808000', -0x80000000],
  ])('signed %s is %d', (hex, expected) => {
    const from = reader(hex);
    expect([from.varInt32(), from.isBroken]).toEqual([expected, false]);
  });

  test.each([
    ['00', '0'],
    ['ffffffffffffffff ff', '18446744073709551615'],
    ['80edd3b4dd98e1f34e', '123456789012345678'],
  ])('unsigned of 64 bits %s', (hex, expected) => {
    const from = reader(hex);
    from.varUint64();
    expect(from.exact64(false).toString()).toBe(expected);
    expect([from.left, from.isBroken]).toEqual([0, false]);
  });

  test.each(['7f', 'ffffffffffffffff ff'])('signed of 64 bits %s is -1', (hex) => {
    const from = reader(hex);
    expect(from.varInt64()).toBe(-1);
    expect(from.exact64(true)).toBe(-1n);
  });

  test.each(['', '80', 'ffffffff', '8080808080', '80808080808080'])('%s has no end', (hex) => {
    for (const read of ['varUint32', 'varInt32', 'varUint64', 'varInt64'] as const) {
      const from = reader(hex);
      expect(from[read]()).toBe(0);
      expect(from.isBroken).toBe(true);
    }
  });
});

const JSON_OF: readonly (readonly [name: string, hex: string, type: string, value: unknown])[] = [
  ['null', '0000', 'null', null],
  ['bool', '000101', 'bool', true],
  ['usint', '0002ff', 'usint', 255],
  ['uint', '0003fffe', 'uint', 65534],
  ['udint', '00048100', 'udint', 128],
  ['ulint', '0005ffffffffffffffffff', 'ulint', '18446744073709551615'],
  ['sint', '0006ff', 'sint', -1],
  ['int', '0007fffe', 'int', -2],
  ['dint', '0008fe01', 'dint', -255],
  ['lint', '00097f', 'lint', '-1'],
  ['byte', '000aab', 'byte', 171],
  ['word', '000babcd', 'word', 0xabcd],
  ['dword', '000cffffffff', 'dword', 4294967295],
  ['lword', '000d8000000000000001', 'lword', '9223372036854775809'],
  ['real', '000e40490fdb', 'real', 3.1415927410125732],
  ['real that is no number', '000e7fc00000', 'real', 'NaN'],
  ['lreal', '000f400921fb54442d18', 'lreal', Math.PI],
  // 1,500,000,000 seconds.
  ['timestamp', '0010 14d1120d7b160000', 'timestamp', '2017-07-14T02:40:00.000Z'],
  ['rid', '001288e10107', 'rid', 0x88e10107],
  ['aid', '00139d29', 'aid', 3753],
  ['blob', '00140004deadbeef', 'blob', 'deadbeef'],
  ['blob of a later kind', `00148a0d 0102030405060708 02 03 aabbcc`, 'blob', 'aabbcc'],
  ['wstring', '0015 04 c3b62131', 'wstring', 'ö!1'],
  ['array', '1007 03 0001 fffe 0003', 'int', [1, -2, 3]],
  ['empty array', '1002 00', 'usint', []],
  ['address array', '2004 02 05 8100', 'udint', [5, 128]],
  ['sparse array', '4004 05 8100 07 01 00', 'udint', { '5': 128, '7': 1 }],
  ['array of variants', '1016 02 00 02 07 00 0f 400921fb54442d18', 'variant', [7, Math.PI]],
];

describe('values', () => {
  test.each(JSON_OF)('%s', (_, hex, type, value) => {
    const from = reader(hex);
    const json = new ValueJson();
    expect(json.read(from)).toEqual(value);
    expect([json.type, from.left, from.isBroken]).toEqual([type, 0, false]);
  });

  test('structures have their members by number', () => {
    const data = join('0017', u32(314), vlq(315), '000401', vlq(319), text('V2'), 0x00);
    expect(new ValueJson().read(new Reader().set(data, 0, data.length))).toEqual({
      struct_id: 314,
      '315': 1,
      '319': 'V2',
    });
  });

  test('the controller’s own structures come as their memory', () => {
    const data = join('0017', u32(0x02000043), '0102030405060708', vlq(1), vlq(4), 'cafebabe');
    expect(new ValueJson().read(new Reader().set(data, 0, data.length))).toEqual({
      struct_id: 0x02000043,
      data: 'cafebabe',
    });
  });

  test('secret members stay away, whatever they hold', () => {
    const data = join(
      '0017',
      u32(40400),
      vlq(40402),
      text('ada'),
      vlq(40403),
      '1002 03 010203'.replaceAll(' ', ''),
      0x00,
    );
    const json = new ValueJson((id) => id === 40403);
    expect(json.read(new Reader().set(data, 0, data.length))).toEqual({ struct_id: 40400, '40402': 'ada' });
  });

  test.each([
    ['an array that states more than there is', '1007 8fffffff7f 0001'],
    ['a text that states more than there is', '0015 7f 41'],
    ['a blob that states more than there is', '0014 00 7f 41'],
    ['a number cut off', '000e4049'],
    ['structures inside structures without end', `0017 00000001${' 01 0017 00000001'.repeat(40)}${' 00'.repeat(41)}`],
  ])('%s breaks the reading', (_, hex) => {
    const from = reader(hex);
    walkValue(from, null);
    expect(from.isBroken).toBe(true);
    expect(from.at).toBe(from.end);
  });

  test('an unknown type is told from a damaged one', () => {
    const unknown = reader('0018 01');
    walkValue(unknown, null);
    expect([unknown.isBroken, unknown.isUnknown]).toEqual([true, true]);
    const damaged = reader('000e 01');
    walkValue(damaged, null);
    expect([damaged.isBroken, damaged.isUnknown]).toEqual([true, false]);
  });

  test('as many nulls as anybody claims take no time', () => {
    const from = reader('1000 8fffffff7f');
    expect(new ValueJson().read(from)).toEqual([]);
    expect(from.isBroken).toBe(false);
  });
});
