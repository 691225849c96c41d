import { describe, expect, test } from 'vitest';
import { AssetTracker } from '../../sensor/inventory/asset-tracker.js';
import { chooseRoles, inferRoles, type RoleView } from '../../sensor/inventory/roles.js';
import type { Asset, IdentityField } from '../../sensor/model/records.js';
import { SiteMap } from '../../sensor/model/site.js';
import { BASE_TIME } from '../support/packets.js';

const MAC = '02:00:00:00:00:01';
const IP = '10.0.0.1';

function tracker(site?: SiteMap) {
  const merged: [string, string][] = [];
  const assets = new AssetTracker(
    () => null,
    site,
    (from, to) => {
      for (const asset of from) merged.push([asset.id, to(asset, asset.ip ?? '')?.id ?? '']);
    },
  );
  let number = 0;
  const fact = (field: IdentityField, value: string, source = 'lldp', confidence = 90) => ({
    unit: -1,
    field,
    value,
    source,
    confidence,
  });
  return {
    assets,
    merged,
    ofMac: (mac: string, field: IdentityField, value: string) =>
      assets.identity(assets.confirmMac(mac, ++number, BASE_TIME)!, fact(field, value), number, BASE_TIME),
    ofIp: (ip: string, field: IdentityField, value: string, source?: string, confidence?: number, at = BASE_TIME) =>
      assets.identity(assets.confirm(ip, at)!, fact(field, value, source, confidence), ++number, at),
    arp: (ip: string, mac: string) =>
      assets.noteMac(assets.confirm(ip, BASE_TIME)!, mac, 'arp', ++number, BASE_TIME, ip),
    frame: (ip: string, mac: string) =>
      assets.noteMac(assets.confirm(ip, BASE_TIME)!, mac, 'ethernet', ++number, BASE_TIME, ip),
    records: () => assets.collect(true),
  };
}

describe('one device, several addresses', () => {
  test('a device without IP is an asset', () => {
    const { ofMac, records } = tracker();
    ofMac(MAC, 'name', 'io-dev-1');
    expect(records()).toMatchObject([{ name: 'io-dev-1', ips: [], macs: [MAC] }]);
  });

  test.each(['before', 'after'])(
    'what a card says %s its address is known belongs to the device at the address',
    (when) => {
      const { ofMac, arp, records, assets, merged } = tracker();
      if (when === 'before') ofMac(MAC, 'model', 'M');
      arp(IP, MAC);
      if (when === 'after') ofMac(MAC, 'model', 'M');
      expect(records()).toMatchObject([{ ips: [IP], macs: [MAC], model: 'M' }]);
      expect([assets.size, merged.length]).toEqual([1, when === 'before' ? 1 : 0]);
    },
  );

  test('a record that was handed out is taken back when its device turns out to be another', () => {
    const { ofMac, arp, records, assets } = tracker();
    ofMac(MAC, 'model', 'M');
    const [card] = records();
    arp(IP, MAC);
    expect(assets.collectMerged()).toEqual([{ id: card?.id, into: assets.get(IP)?.id }]);
    expect(assets.collectMerged()).toEqual([]);
  });

  test('a card that says it is a switch does not become the first host behind it', () => {
    const { ofMac, frame, records } = tracker();
    ofMac(MAC, 'role', 'switch');
    frame(IP, MAC);
    expect(records().map(({ ips, roles }) => [ips, roles])).toEqual([
      [[], ['switch']],
      [[IP], []],
    ]);
  });

  test('link-local IPv6 is the same device, whichever comes first', () => {
    for (const first of [true, false]) {
      const { arp, frame, records } = tracker();
      if (first) frame('fe80::1', MAC);
      arp(IP, MAC);
      if (!first) frame('fe80::1', MAC);
      expect(records().map(({ ips }) => ips)).toEqual([[IP, 'fe80::1']]);
    }
  });

  test('a claim to the address of somebody else takes nothing from it', () => {
    const { arp, ofIp, records } = tracker();
    arp(IP, MAC);
    arp('10.0.0.2', '02:00:00:00:00:02');
    ofIp('10.0.0.2', 'ip', IP);
    expect(records().map(({ ips }) => ips)).toEqual([[IP], ['10.0.0.2']]);
  });

  test('who tells its neighbours of itself is the one device that sends with its card, unless it hands on packets', () => {
    for (const role of ['plc', 'router']) {
      const { frame, ofMac, records } = tracker();
      frame(IP, MAC);
      ofMac(MAC, 'role', role);
      ofMac(MAC, 'mac', MAC);
      ofMac(MAC, 'name', 'press-1');
      const expected = role === 'router' ? [IP, 'press-1'] : ['press-1'];
      expect(records().map(({ name }) => name)).toEqual(expected);
    }
    const { frame, ofMac, records } = tracker();
    for (const ip of [IP, '10.0.0.2']) frame(ip, MAC);
    ofMac(MAC, 'mac', MAC);
    expect(records()).toHaveLength(3);
  });

  test('a million cards that name themselves stay bounded', () => {
    const { assets } = tracker();
    for (let index = 0; index < 30_000; index++) {
      const digits = index.toString(16).padStart(6, '0');
      assets.confirmMac(`02:00:00:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`, index, BASE_TIME);
    }
    expect([assets.size, assets.forgotten, assets.notKept]).toEqual([9500, 1000, 19_500]);
  });

  test('what the store gives back knows all its addresses', () => {
    const { ofMac, arp, frame, records } = tracker();
    ofMac('02:00:00:00:00:09', 'name', 'card');
    arp(IP, MAC);
    frame('fe80::1', MAC);
    const before = records();
    const again = tracker();
    again.assets.restore(JSON.parse(JSON.stringify(before)) as Asset[]);
    expect(again.assets.get('fe80::1')).toBe(again.assets.get(IP));
    again.arp('10.0.0.9', '02:00:00:00:00:09');
    expect(again.records().map(({ name, ips }) => [name, ips])).toContainEqual(['card', ['10.0.0.9']]);
  });
});

describe('changes', () => {
  test('a strong source that takes back what it said is a change; others are contradictions', () => {
    const { ofIp, records } = tracker();
    expect(ofIp(IP, 'firmware', '1.0', 'lldp', 90)).toBeNull();
    expect(ofIp(IP, 'firmware', '1.0', 'lldp', 90)).toBeNull();
    expect(ofIp(IP, 'firmware', '3.0', 'snmp.sys_descr', 70)).toBeNull();
    expect(ofIp(IP, 'firmware', '2.0', 'lldp', 90, BASE_TIME + 5)).toMatchObject({
      field: 'firmware',
      from: '1.0',
      to: '2.0',
      since: BASE_TIME,
    });
    expect(ofIp(IP, 'hostname', 'b', 'lldp', 90)).toBeNull();
    expect(records()[0]).toMatchObject({
      firmware: '2.0',
      changes: [{ field: 'firmware', from: '1.0', to: '2.0', source: 'lldp' }],
    });
  });

  test('several modules in one message are no change', () => {
    const { assets } = tracker();
    const plc = assets.confirm(IP, BASE_TIME)!;
    const say = (unit: number, value: string) =>
      assets.identity(plc, { unit, field: 'firmware', value, source: 'cip.identity', confidence: 95 }, 1, BASE_TIME);
    expect([say(7, '1.0'), say(8, '2.0'), say(-1, '1.0'), say(-1, '2.0')]).toEqual([null, null, null, null]);
  });

  test('are bounded, the latest stay', () => {
    const { ofIp, records } = tracker();
    for (let index = 0; index < 200; index++) ofIp(IP, 'firmware', `${index}`, 'lldp', 90, BASE_TIME + index);
    const [record] = records();
    expect([record?.changes?.length, record?.changes?.at(-1)?.to, record?.firmware]).toEqual([32, '199', '199']);
    expect(record?.evidence.filter(({ field }) => field === 'firmware')).toHaveLength(24);
  });
});

describe('roles', () => {
  const view = (values: Partial<RoleView>): RoleView => ({
    identity: {},
    description: '',
    claimed: [],
    serves: new Set(),
    uses: new Set(),
    unitsBehind: 0,
    acts: new Set(),
    forwards: 0,
    ...values,
  });
  const roles = (values: Partial<RoleView>) => {
    const { roles: chosen, level } = chooseRoles(inferRoles(view(values)));
    return [...chosen, level];
  };

  test.each<[string, Partial<RoleView>, (string | number | null)[]]>([
    ['a Modbus server', { serves: new Set(['modbus']) }, ['plc', 1]],
    ['a gateway', { serves: new Set(['modbus']), unitsBehind: 3 }, ['gateway', 'plc', 1]],
    ['an operator panel', { acts: new Set(['read', 'write']) }, ['hmi', 2]],
    ['who loads programs', { acts: new Set(['read', 'write', 'program']) }, ['engineering_station', 2]],
    ['who reads only', { acts: new Set(['read']) }, ['scada_server', 2]],
    ['who reads, and keeps it in a database', { acts: new Set(['read']), uses: new Set(['mssql']) }, ['historian', 3]],
    ['a controller that reads another', { serves: new Set(['s7comm']), acts: new Set(['read']) }, ['plc', 1]],
    [
      'a switch that also answers Modbus',
      { serves: new Set(['modbus']), claimed: [{ role: 'switch', confidence: 80, source: 'lldp' }] },
      ['switch', null],
    ],
    ['an outstation', { serves: new Set(['dnp3']) }, ['rtu', 1]],
    ['a panel by its order number', { identity: { order_number: '6AV2 124-0MC01-0AX0' } }, ['hmi', 2]],
    ['remote I/O by its name', { identity: { model: 'ET200SP IM155-6' } }, ['io_device', 0]],
    ['whose card hands on the packets of others', { forwards: 8 }, ['router', null]],
    ['nobody in particular', {}, [null]],
  ])('%s', (_name, values, expected) => expect(roles(values)).toEqual(expected));

  test('every inferred role has its reason in the evidence', () => {
    const { assets, records } = tracker();
    assets.confirm(IP, BASE_TIME)!.addProtocol('modbus', 'server', 502);
    expect(records()[0]?.evidence).toMatchObject([
      { field: 'role', value: 'plc', source: 'inferred.server', reason: 'It answers modbus requests.' },
      { field: 'purdue_level', value: '1', source: 'inferred.level', reason: 'Devices of the role plc work there.' },
      { field: 'zone', value: '10.0.0.0/24 L0-1', source: 'inferred.zone' },
    ]);
  });

  test('what the settings say of zones and stations stands above', () => {
    const site = new SiteMap({
      zones: [{ name: 'Hall', networks: ['10.0.0.0/24'], purdue_level: 0.5, criticality: 'medium' }],
      stations: [{ name: 'Panel 1', ips: [IP], roles: ['hmi'] }],
    });
    const { assets, records } = tracker(site);
    assets.confirm(IP, BASE_TIME)!.addProtocol('modbus', 'server', 502);
    expect(records()[0]).toMatchObject({
      name: 'Panel 1',
      zone: 'Hall',
      purdue_level: 0.5,
      criticality: 'medium',
      roles: ['hmi', 'plc'],
    });
  });
});
