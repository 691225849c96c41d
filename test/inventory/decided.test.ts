import { describe, expect, test } from 'vitest';
import { AssetTracker } from '../../sensor/inventory/asset-tracker.js';
import { ConversationTracker } from '../../sensor/inventory/conversation-tracker.js';
import type { DeviceDecisions, IdentityField } from '../../sensor/model/records.js';
import { DeviceNews } from '../../sensor/threads/device-news.js';
import { BASE_TIME } from '../support/packets.js';

const NOTHING: DeviceDecisions = { approved: {}, merged: [], split: [] };

function running() {
  const conversations = new ConversationTracker();
  const assets = new AssetTracker(
    () => null,
    undefined,
    (from, to) => conversations.moveAssets(from, to),
  );
  const device = (ip: string) => assets.confirm(ip, BASE_TIME)!;
  const says = (ip: string, field: IdentityField, value: string, source = 'lldp') =>
    assets.identity(device(ip), { unit: -1, field, value, source, confidence: 88 }, 1, BASE_TIME);
  const talk = (clientIp: string, serverIp: string) => {
    const key = { clientIp, serverIp, protocol: 'modbus', port: 502, transport: 'tcp' } as const;
    const conversation = conversations.find(key, BASE_TIME)!;
    conversation.client = device(clientIp);
    conversation.server = device(serverIp);
    return conversation;
  };
  return { assets, conversations, device, says, talk };
}

describe('what people decide acts in the running sensor', () => {
  test('two records are one device, with its conversations, and are two again', () => {
    const { assets, device, says, talk } = running();
    says('10.0.0.1', 'serial', 'S-1');
    says('10.0.0.2', 'serial', 'S-2', 'snmp.entity');
    const conversation = talk('10.0.0.9', '10.0.0.2');
    const [whole, part] = [device('10.0.0.1'), device('10.0.0.2')];
    assets.collect(true);
    const record = part.toRecord();
    assets.decided({ ...NOTHING, merged: [{ id: part.id, into: whole.id }] });
    expect([assets.get('10.0.0.2'), conversation.server]).toEqual([whole, whole]);
    expect(whole.toRecord()).toMatchObject({ ips: ['10.0.0.1', '10.0.0.2'] });
    // The store knows it already.
    expect(assets.collectMerged()).toEqual([]);

    assets.decided({ ...NOTHING, split: [record] });
    const again = assets.get('10.0.0.2')!;
    expect([again.id, conversation.server]).toEqual([part.id, again]);
    expect(again.toRecord()).toMatchObject({ ips: ['10.0.0.2'], serial: 'S-2' });
    expect(whole.toRecord()).toMatchObject({ ips: ['10.0.0.1'], serial: 'S-1' });
    expect(assets.collect(false).map(({ id }) => id)).toEqual([whole.id, part.id]);
  });

  test('a part that is seen later belongs to its whole at once', () => {
    const { assets, device } = running();
    const whole = device('10.0.0.1');
    const id = new AssetTracker(() => null).confirm('10.0.0.2', BASE_TIME)!.id;
    assets.decided({ ...NOTHING, merged: [{ id, into: whole.id }] });
    expect(device('10.0.0.2')).toBe(whole);
    expect([assets.size, whole.ips]).toEqual([1, ['10.0.0.1', '10.0.0.2']]);
  });

  test('a device that is let in learns on its own from then on, and one that is let out does not', () => {
    const { assets, device } = running();
    const asset = device('10.0.0.1');
    assets.decided({ ...NOTHING, approved: { [asset.id]: true } });
    expect([asset.approved, asset.isLetIn]).toEqual([true, true]);
    assets.decided({ ...NOTHING, approved: { [asset.id]: false } });
    expect([asset.approved, asset.isLetIn]).toEqual([false, false]);
    asset.inBaseline = true;
    assets.decided({ ...NOTHING, approved: { [asset.id]: true } });
    expect(asset.isLetIn).toBe(false);
  });

  test('a device that only a file declared is unknown again without it, also after a restart', () => {
    const { assets, device } = running();
    const [declared, learned] = [device('10.0.0.1'), device('10.0.0.2')];
    learned.inBaseline = true;
    for (const asset of [declared, learned]) asset.declare();
    const again = new AssetTracker(() => null);
    again.restore(assets.collect(true));
    again.forEach((asset) => {
      asset.withdraw();
    });
    expect(['10.0.0.1', '10.0.0.2'].map((ip) => again.get(ip)?.inBaseline)).toEqual([false, true]);
  });
});

test('a flood of conversations takes the place of its own, never of what was learned', () => {
  const { conversations, talk } = running();
  const learned = talk('10.0.0.1', '10.0.0.2');
  learned.inBaseline = true;
  const find = (index: number) =>
    conversations.find(
      { clientIp: `c${index}`, serverIp: 's', protocol: 'tcp', port: 0, transport: 'tcp' },
      BASE_TIME + 1 + index,
    );
  for (let index = 0; index < 49_999; index++) find(index);
  conversations.collect(true, () => false);
  for (let index = 0; index < 60_000; index++) expect(find(index)).not.toBeNull();
  expect(conversations.notKept).toBe(0);
  expect(conversations.size).toBeLessThanOrEqual(50_000);
  expect(conversations.get(learned.key)).toBe(learned);
  expect(conversations.collectRemoved().length).toBeGreaterThan(9000);
});

test('decisions are told once, and what was split with the record that it has now', () => {
  let decisions: Omit<DeviceDecisions, 'split'> = { approved: { a: true }, merged: [{ id: 'b', into: 'a' }] };
  const part = { id: 'b' } as never;
  const news = new DeviceNews({ deviceDecisions: () => decisions, asset: (id) => (id === 'b' ? part : null) });
  expect(news.next()).toEqual({ ...decisions, split: [] });
  decisions = { approved: { a: true, c: false }, merged: [] };
  expect(news.next()).toEqual({ approved: { c: false }, merged: [], split: [part] });
  expect(news.next()).toEqual({ approved: {}, merged: [], split: [] });
});

test('the value that is shown changes with a statement that is not new: the record is written', () => {
  const { assets, device, says } = running();
  says('10.0.0.1', 'model', 'A');
  assets.identity(
    device('10.0.0.1'),
    { unit: -1, field: 'model', value: 'B', source: 'lldp', confidence: 88 },
    2,
    BASE_TIME + 1,
  );
  expect(assets.collect(false)[0]?.model).toBe('B');
  expect(assets.collect(false)).toEqual([]);
  assets.identity(
    device('10.0.0.1'),
    { unit: -1, field: 'model', value: 'A', source: 'lldp', confidence: 88 },
    3,
    BASE_TIME + 2,
  );
  expect(assets.collect(false)[0]?.model).toBe('A');
});
