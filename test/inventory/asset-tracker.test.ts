import { describe, expect, test } from 'vitest';
import { type AssetState, AssetTracker } from '../../sensor/inventory/asset-tracker.js';
import { EvidenceList } from '../../sensor/inventory/evidence.js';
import type { Asset, IdentityField } from '../../sensor/model/records.js';
import { BASE_TIME } from '../support/packets.js';

const VENDORS: Readonly<Record<string, string>> = { '00:00:54': 'Maker A', '00:80:63': 'Router Maker' };
const PLC_MAC = '00:00:54:00:00:01';
const ROUTER_MAC = '00:80:63:00:00:01';

function tracker(): AssetTracker {
  return new AssetTracker((mac) => VENDORS[mac.slice(0, 8)] ?? null);
}

function confirmed(assets: AssetTracker, ip: string): AssetState {
  const asset = assets.confirm(ip, BASE_TIME);
  if (!asset) throw new Error(`no room for ${ip}`);
  return asset;
}

function mac(assets: AssetTracker, ip: string, address: string, source: 'arp' | 'ethernet', at = BASE_TIME): void {
  assets.noteMac(confirmed(assets, ip), address, source, 1, at);
}

function says(assets: AssetTracker, ip: string, unit: number, field: IdentityField, value: string): void {
  const source = 'modbus.device_identification';
  assets.identity(confirmed(assets, ip), { unit, field, value, source, confidence: 90 }, 1, BASE_TIME);
}

function recordOf(assets: AssetTracker, ip: string): Asset {
  const asset = assets.get(ip);
  if (!asset) throw new Error(`no asset ${ip}`);
  return asset.toRecord();
}

describe('network cards', () => {
  test.each(['lldp', 'dhcp.ack'])(
    'a known device that speaks by its card alone after a restart is no new one (%s)',
    (source) => {
      const before = tracker();
      mac(before, '10.0.0.1', PLC_MAC, 'ethernet');
      const fact = { unit: 0, field: 'mac' as const, value: PLC_MAC, source, confidence: 85 };
      before.identity(confirmed(before, '10.0.0.1'), fact, 2, BASE_TIME);
      const record = recordOf(before, '10.0.0.1');
      const after = tracker();
      after.restore([JSON.parse(JSON.stringify(record)) as Asset]);
      expect(after.confirmMac(PLC_MAC, 1, BASE_TIME)?.id).toBe(record.id);
      // What a router forwards comes from its card: that alone says nothing of whose card it is.
      const passing = tracker();
      mac(passing, '10.0.0.2', ROUTER_MAC, 'ethernet');
      const again = tracker();
      again.restore([recordOf(passing, '10.0.0.2')]);
      expect(again.confirmMac(ROUTER_MAC, 1, BASE_TIME)?.id).not.toBe(recordOf(passing, '10.0.0.2').id);
    },
  );

  test("a device's own card gives address and maker", () => {
    const assets = tracker();
    mac(assets, '10.0.0.1', PLC_MAC, 'ethernet');
    expect(recordOf(assets, '10.0.0.1')).toMatchObject({ macs: [PLC_MAC], vendor: 'Maker A' });
  });

  test("a router's card is not given to those behind it, once it shows what it is", () => {
    const assets = tracker();
    for (let host = 1; host <= 10; host++) mac(assets, `10.1.0.${host}`, ROUTER_MAC, 'ethernet');
    for (let host = 1; host <= 10; host++) {
      const record = recordOf(assets, `10.1.0.${host}`);
      const said = record.evidence.filter(({ source }) => source !== 'inferred.zone');
      expect([record.macs, record.vendor, said], record.ips[0]).toEqual([[], undefined, []]);
    }
  });

  test.each([['before'], ['after']])('ARP %s the forwarded frames says whose card it is', (when) => {
    const assets = tracker();
    if (when === 'before') mac(assets, '10.0.0.254', ROUTER_MAC, 'arp');
    mac(assets, '10.1.0.1', ROUTER_MAC, 'ethernet');
    mac(assets, '10.1.0.2', ROUTER_MAC, 'ethernet');
    if (when === 'after') mac(assets, '10.0.0.254', ROUTER_MAC, 'arp');
    mac(assets, '10.1.0.3', ROUTER_MAC, 'ethernet');
    expect(recordOf(assets, '10.0.0.254')).toMatchObject({ macs: [ROUTER_MAC], vendor: 'Router Maker' });
    for (const ip of ['10.1.0.1', '10.1.0.2', '10.1.0.3']) {
      expect([recordOf(assets, ip).macs, recordOf(assets, ip).vendor], ip).toEqual([[], undefined]);
    }
  });

  test('a card with several addresses of its own keeps address and maker at each', () => {
    const assets = tracker();
    for (let round = 0; round < 2; round++) {
      for (let host = 1; host <= 6; host++) {
        mac(assets, `10.0.0.${host}`, PLC_MAC, 'ethernet');
        mac(assets, `10.0.0.${host}`, PLC_MAC, 'arp');
      }
    }
    for (let host = 1; host <= 6; host++) {
      expect(recordOf(assets, `10.0.0.${host}`), `host ${host}`).toMatchObject({ macs: [PLC_MAC], vendor: 'Maker A' });
    }
  });

  test('two devices that claim one address are both on record', () => {
    const assets = tracker();
    mac(assets, '10.0.0.1', PLC_MAC, 'arp');
    mac(assets, '10.0.0.1', '02:00:00:00:00:66', 'arp', BASE_TIME + 1);
    expect(recordOf(assets, '10.0.0.1').macs).toEqual([PLC_MAC, '02:00:00:00:00:66']);
  });

  test('a flood of cards is bounded and counted', () => {
    const assets = tracker();
    for (let index = 0; index < 50_000; index++) {
      const digits = index.toString(16).padStart(6, '0');
      const address = `02:00:00:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
      mac(assets, '10.0.0.1', address, 'arp');
    }
    expect(assets.macsNotKept).toBe(50_000 - 64);
    // It takes nobody else's place.
    mac(assets, '10.0.0.2', PLC_MAC, 'arp');
    expect(recordOf(assets, '10.0.0.2').macs).toEqual([PLC_MAC]);
    // One field never takes the room of the others.
    expect(recordOf(assets, '10.0.0.1').evidence.filter(({ field }) => field === 'mac')).toHaveLength(24);
  });
});

describe('identity', () => {
  test('a device with one unit is that unit, and what it says outweighs the maker of its card', () => {
    const assets = tracker();
    mac(assets, '10.0.0.1', PLC_MAC, 'arp');
    says(assets, '10.0.0.1', 1, 'vendor', 'Example');
    says(assets, '10.0.0.1', 1, 'model', 'PLC 1');
    expect(recordOf(assets, '10.0.0.1')).toMatchObject({ name: 'PLC 1', vendor: 'Example', model: 'PLC 1' });
  });

  test('behind a gateway every unit keeps its own', () => {
    const assets = tracker();
    const gateway = confirmed(assets, '10.0.0.2');
    for (const unit of [11, 12, 255]) assets.unitAnswered(gateway, unit, BASE_TIME);
    says(assets, '10.0.0.2', 11, 'model', 'Analyser');
    says(assets, '10.0.0.2', 12, 'model', 'Flow meter');
    says(assets, '10.0.0.2', 255, 'model', 'Gateway');
    const record = recordOf(assets, '10.0.0.2');
    expect(record.model).toBe('Gateway');
    expect(record.units.map(({ unit, model }) => [unit, model])).toEqual([
      ['unit 11', 'Analyser'],
      ['unit 12', 'Flow meter'],
      ['unit 255', undefined],
    ]);
  });

  test('a gateway that says nothing of itself takes no name from the devices behind it', () => {
    const assets = tracker();
    const gateway = confirmed(assets, '10.0.0.2');
    for (const unit of [11, 12]) {
      assets.unitAnswered(gateway, unit, BASE_TIME);
      says(assets, '10.0.0.2', unit, 'model', `Device ${unit}`);
    }
    expect(recordOf(assets, '10.0.0.2')).toMatchObject({ name: '10.0.0.2', units: [{}, {}] });
    expect(recordOf(assets, '10.0.0.2').model).toBeUndefined();
  });

  test('contradicting statements all stay; the best supported and then the latest is shown', () => {
    const list = new EvidenceList();
    expect(list.add('firmware', '1.0', 'a', 90, 1, BASE_TIME)).toBe(true);
    expect(list.add('firmware', '2.0', 'a', 90, 2, BASE_TIME + 1)).toBe(true);
    expect(list.add('firmware', '9.9', 'b', 40, 3, BASE_TIME + 2)).toBe(true);
    expect(list.add('firmware', '1.0', 'a', 90, 4, BASE_TIME + 3)).toBe(false);
    expect(list.best('firmware')).toBe('1.0');
    expect(list.values('firmware')).toEqual(['1.0', '2.0', '9.9']);
    expect(list.toRecords()[0]).toMatchObject({
      pcap_cnt: 1,
      first_seen: '2026-01-01T00:00:00.000000Z',
      last_seen: '2026-01-01T00:00:00.000003Z',
    });
    const again = new EvidenceList();
    again.restore(list.toRecords());
    expect(again.toRecords()).toEqual(list.toRecords());
  });
});

describe('what alerts and rules are told of a device', () => {
  test('follows what it says, and what people say of it', () => {
    const assets = tracker();
    const asset = confirmed(assets, '10.0.0.1');
    expect([asset.label, asset.profile.model]).toEqual(['10.0.0.1', null]);
    says(assets, '10.0.0.1', -1, 'model', 'Model A');
    expect([asset.label, asset.profile.model]).toEqual(['Model A (10.0.0.1)', 'Model A']);
    assets.setWords({ [asset.id]: { name: 'Pump house', roles: ['rtu'], criticality: 'low' } });
    expect(asset.label).toBe('Pump house (10.0.0.1)');
    expect(asset.profile).toMatchObject({ name: 'Pump house', roles: ['rtu'], criticality: 'low' });
    assets.setWords({});
    expect(asset.label).toBe('Model A (10.0.0.1)');
  });
});

describe('bounds', () => {
  const invent = (assets: AssetTracker, count: number, use: (asset: AssetState | null) => void = () => {}) => {
    for (let index = 0; index < count; index++)
      use(assets.confirm(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, index, 'proven'));
  };

  test('assets stop at the cap: who was quiet longest goes, and is told as gone where it was told', () => {
    const assets = tracker();
    invent(assets, 10_000);
    expect(assets.collect(true)).toHaveLength(10_000);
    invent(assets, 10_500);
    expect([assets.size, assets.notKept, assets.forgotten]).toEqual([9500, 0, 1000]);
    expect([assets.get('10.0.0.1'), assets.get('10.0.3.231')]).toEqual([null, null]);
    expect(assets.get('10.0.3.232')).not.toBeNull();
    expect(assets.collectRemoved()).toHaveLength(1000);
    expect(assets.collectRemoved()).toEqual([]);
  });

  test('devices that were learned at work, approved or named are never forgotten; then the rest is counted', () => {
    const assets = tracker();
    invent(assets, 10_000, (asset) => {
      asset?.addProtocol('modbus', 'server', 502);
      if (asset) asset.inBaseline = true;
    });
    invent(assets, 10_500);
    expect([assets.size, assets.notKept, assets.forgotten]).toEqual([10_000, 500, 0]);
    const [one, other] = [assets.get('10.0.0.1')!, assets.get('10.0.0.2')!];
    one.inBaseline = false;
    other.inBaseline = false;
    other.letIn(true);
    expect(assets.confirm('10.9.9.9', 60_000_000, 'proven')).not.toBeNull();
    expect([assets.get('10.0.0.1'), assets.get('10.0.0.2')]).toEqual([null, other]);
  });

  test('addresses that are only said to be there leave room for who takes part in a conversation', () => {
    const assets = tracker();
    for (let index = 0; index < 30_000; index++)
      assets.confirm(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, index);
    expect([assets.size, assets.forgotten, assets.notKept]).toEqual([9500, 1000, 19_500]);
    expect(assets.confirm('10.9.9.9', 30_000, 'proven')).not.toBeNull();
  });

  test('units, protocols and ports of one device are bounded', () => {
    const assets = tracker();
    const asset = confirmed(assets, '10.0.0.1');
    for (let number = 0; number < 1000; number++) {
      assets.unitAnswered(asset, number, BASE_TIME);
      asset.addProtocol('modbus', 'server', number + 1);
      asset.addProtocol(`p${number}`, 'client', 0);
    }
    const record = asset.toRecord();
    expect([record.units.length, record.protocols.length, record.protocols[0]?.ports.length]).toEqual([256, 64, 16]);
  });
});

test('what the store gives back is the same device', () => {
  const assets = tracker();
  const asset = confirmed(assets, '10.0.0.1');
  mac(assets, '10.0.0.1', PLC_MAC, 'arp');
  says(assets, '10.0.0.1', 3, 'serial', 'S-1');
  assets.unitAnswered(asset, 3, BASE_TIME);
  asset.addProtocol('modbus', 'server', 502);
  asset.inBaseline = true;
  asset.packets = 17;
  const before = asset.toRecord();
  const again = tracker();
  again.restore([JSON.parse(JSON.stringify(before)) as Asset]);
  expect(recordOf(again, '10.0.0.1')).toEqual(before);
  expect(again.collect(false)).toEqual([]);
  // It is still the owner of its card.
  for (let host = 2; host <= 9; host++) mac(again, `10.0.0.${host}`, PLC_MAC, 'ethernet');
  expect(recordOf(again, '10.0.0.1').macs).toEqual([PLC_MAC]);
});

describe('modules', () => {
  test('are listed with what is known of them, and are no devices behind a gateway', () => {
    const assets = tracker();
    const plc = confirmed(assets, '10.0.0.5');
    const fact = (unit: number, value: string) =>
      ({ unit, isModule: true, field: 'order_number', value, source: 's7comm.szl_0011', confidence: 95 }) as const;
    assets.identity(plc, fact(0, '6ES7 1'), 1, BASE_TIME, 'rack 0 slot 0');
    assets.identity(plc, fact(2, '6ES7 2'), 2, BASE_TIME, 'rack 0 slot 2');
    // A Modbus unit of the same number is something else.
    assets.unitAnswered(plc, 2, BASE_TIME, 'unit 2');
    const { units, roles } = plc.toRecord();
    expect(units.map(({ unit, order_number }) => [unit, order_number])).toEqual([
      ['rack 0 slot 0', '6ES7 1'],
      ['rack 0 slot 2', '6ES7 2'],
      ['unit 2', undefined],
    ]);
    expect(roles).not.toContain('gateway');
  });
});
