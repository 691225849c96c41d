import { describe, expect, test } from 'vitest';
import { AssetTracker } from '../../sensor/inventory/asset-tracker.js';
import { inferZone } from '../../sensor/inventory/zones.js';
import { SiteMap } from '../../sensor/model/site.js';
import { withSettings } from '../../sensor/store/sqlite/asset-settings.js';
import { BASE_TIME } from '../support/packets.js';

describe('the zone that a device seems to belong to', () => {
  test.each([
    ['10.1.2.3', true, 1, '10.1.2.0/24 L0-1'],
    ['10.1.2.200', true, 0, '10.1.2.0/24 L0-1'],
    ['10.1.2.3', false, 2, '10.1.2.0/24 L2'],
    ['192.168.7.9', true, 3.5, '192.168.7.0/24 L3'],
    ['172.16.0.1', true, 5, '172.16.0.0/24 L4-5'],
    ['10.1.2.3', true, null, '10.1.2.0/24'],
    ['fd00:1:2:3::9', true, 2, 'fd00:1:2:3::/64 L2'],
    ['fe80::1', true, null, 'fe80::/64'],
    ['198.51.100.7', false, 3, 'Internet'],
    // A plant that uses public addresses itself.
    ['198.51.100.7', true, 1, '198.51.100.0/24 L0-1'],
    [null, false, 0, 'Ethernet L0-1'],
    [null, false, null, 'Ethernet'],
  ])('%s (on link: %s), level %s: %s', (ip, isOnLink, level, zone) => {
    const inferred = inferZone({ ip, isOnLink, level });
    expect(inferred.zone).toBe(zone);
    expect(inferred.reason).toMatch(/\.$/);
  });
});

describe('who says so', () => {
  const zones = [{ name: 'Hall', networks: ['10.0.0.0/24'] }];
  const recordIn = (site?: SiteMap) => {
    const assets = new AssetTracker(() => null, site);
    const asset = assets.confirm('10.0.0.1', BASE_TIME)!;
    asset.addProtocol('modbus', 'server', 502);
    return { asset, record: asset.toRecord() };
  };

  test('nobody: it is inferred, with the reason, and authorises nothing', () => {
    const { asset, record } = recordIn();
    expect(record.zone).toBe('10.0.0.0/24 L0-1');
    expect(record.zone_inferred).toBe(true);
    expect(asset.statedZone).toBeNull();
    expect(record.evidence).toContainEqual(
      expect.objectContaining({
        field: 'zone',
        source: 'inferred.zone',
        reason: 'Its address lies in the network 10.0.0.0/24; it works at level 1 of the Purdue model.',
      }),
    );
  });

  test('the settings stand above', () => {
    const { asset, record } = recordIn(new SiteMap({ zones, stations: [] }));
    expect([record.zone, record.zone_inferred, asset.statedZone]).toEqual(['Hall', false, 'Hall']);
    expect(record.evidence.filter(({ field }) => field === 'zone')).toMatchObject([{ value: 'Hall', source: 'site' }]);
  });

  test('a person stands above both, also with the very name that was inferred', () => {
    const { asset, record } = recordIn();
    for (const zone of ['Press', '10.0.0.0/24 L0-1']) {
      const said = withSettings(record, { zone });
      expect([said.zone, said.zone_inferred]).toEqual([zone, false]);
      asset.say({ zone });
      expect(asset.statedZone).toBe(zone);
    }
  });

  test('it is the same after a restart, and follows the level that a person gives', () => {
    const { record } = recordIn();
    const again = new AssetTracker(() => null);
    again.restore([record]);
    expect(again.get('10.0.0.1')!.toRecord().evidence).toEqual(record.evidence);
    again.setWords({ [record.id]: { purdue_level: 2 } });
    expect(again.get('10.0.0.1')!.toRecord().zone).toBe('10.0.0.0/24 L2');
  });
});
