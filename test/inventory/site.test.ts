import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp } from '../../sensor/model/address.js';
import { parseIp, parseMac, parseNetwork, SiteMap } from '../../sensor/model/site.js';

const text = (ip: string): string | null => {
  const words = parseIp(ip);
  return words && formatIp(...words);
};

describe('addresses', () => {
  test.each([
    ['10.0.0.5', '10.0.0.5'],
    ['::', '::'],
    ['::1', '::1'],
    ['FD00:0:0::00a1', 'fd00::a1'],
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['10.0.0.256', null],
    ['10.0.0', null],
    ['1::2::3', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['12345::', null],
    ['::10.0.0', null],
    ['plc', null],
    ['', null],
  ])('%s', (written, read) => expect(text(written)).toBe(read));

  test('whatever formatIp writes is read back', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (words) => {
        expect(parseIp(formatIp(...words))).toEqual(words);
      }),
    );
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', 'fd00::/129', '10.0.0.0/8/8', '/8'])(
    '%s is no block',
    (block) => expect(parseNetwork(block)).toBeNull(),
  );

  test.each([
    ['00-1B-1B-AA-BB-CC', '00:1b:1b:aa:bb:cc'],
    ['001b.1baa.bbcc', '00:1b:1b:aa:bb:cc'],
    ['00:1b:1b:aa:bb', null],
  ])('MAC %s', (written, read) => expect(parseMac(written)).toBe(read));
});

describe('zones and stations', () => {
  const map = new SiteMap({
    zones: [
      { name: 'plant', networks: ['10.0.0.0/8', 'fd00::/8'] },
      { name: 'cell', networks: ['10.1.2.0/23'] },
      { name: 'all', networks: ['0.0.0.0/0'] },
    ],
    stations: [
      { name: 'eng', ips: ['10.1.2.9'] },
      { name: 'laptop', macs: ['00-1B-1B-AA-BB-CC'] },
      { name: 'office', ips: ['10.1.4.4'], macs: ['00:1b:1b:aa:bb:dd'] },
    ],
  });

  test.each([
    ['10.1.3.255', 'cell'],
    ['10.1.4.0', 'plant'],
    ['11.0.0.1', 'all'],
    ['fd12::1', 'plant'],
    ['fe80::1', undefined],
  ])('%s lies in the smallest zone around it', (ip, zone) => expect(map.zoneOf(ip)?.name).toBe(zone));

  test('a station is known by address or card', () => {
    expect(map.stationOf('10.1.2.9')?.name).toBe('eng');
    expect(map.stationOf('10.1.2.10', ['00:1b:1b:aa:bb:cc'])?.name).toBe('laptop');
    expect(map.stationOf('10.1.2.10')).toBeNull();
  });

  test.each([
    ['10.1.2.9', [], 'eng'],
    ['10.1.2.9', ['00:1b:1b:00:00:01'], 'eng'],
    ['10.1.2.10', ['00:1b:1b:aa:bb:cc'], 'laptop'],
    ['10.1.4.4', ['00:1b:1b:aa:bb:dd'], 'office'],
    ['10.1.4.4', ['00:1b:1b:00:00:01'], undefined],
    ['10.1.4.4', [], undefined],
    ['10.1.4.5', ['00:1b:1b:aa:bb:dd'], undefined],
  ])('%s with the cards %j may do what is written down of %s', (ip, macs, name) => {
    expect(map.provenStationOf(ip, macs)?.name).toBe(name);
  });
});
