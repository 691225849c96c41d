import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../identification/messages.js';
import { arp, type Bytes, bytes, ethernet, ipv4, udp } from '../support/packets.js';
import { hasBuiltRules, runFrames, WITHOUT_BUILT_RULES } from './run-sensor.js';

const sample = (source: string, name?: string): Bytes =>
  SAMPLES.find((one) => one.source === source && (name === undefined || one.name === name))!.data;
const lldp = (data: Bytes) => ethernet(data, { type: 0x88cc, src: '02:00:00:00:00:07', dst: '01:80:c2:00:00:0e' });
const bacnet = (data: Bytes) =>
  ethernet(ipv4({ src: '10.0.0.9', dst: '10.0.0.255' }, udp({ sport: 47808, dport: 47808 }, data)), {
    src: '02:00:00:00:00:09',
  });
const replaced = (data: Bytes, from: string, to: string): Bytes =>
  bytes(Uint8Array.from(Buffer.from(Buffer.from(data).toString('latin1').replace(from, to), 'latin1')));

if (!hasBuiltRules) process.stderr.write(`${WITHOUT_BUILT_RULES}\n`);

describe.skipIf(!hasBuiltRules)('what devices say, through the whole sensor', () => {
  test('a frame without IP makes a device with its address, name, model and reason for its role', () => {
    const { batch } = runFrames([lldp(sample('lldp', 'a PROFINET controller'))], { phase: 'learn' });
    expect(batch.assets).toMatchObject([
      {
        name: 'press-1',
        ips: ['10.0.0.20'],
        macs: ['02:00:00:00:00:01', '02:00:00:00:00:07'],
        vendor: 'Siemens',
        order_number: '6ES7 215-1AG40-0XB0',
        firmware: 'V4.3.1',
        roles: ['plc'],
      },
    ]);
  });

  test('a card that only announces itself is an observation, and a finding once it has an address', () => {
    const mac = '02:00:00:00:00:07';
    // Chassis, port, time to live, end: nothing but the card.
    const card = lldp(bytes('0207 04 020000000007 0407 03 020000000007 0602 0078 0000'));
    const known = { src: '02:00:00:00:00:09' };
    const learned = runFrames([ethernet(arp({ senderMac: known.src, senderIp: '10.0.0.9' }), known)], {
      phase: 'learn',
    });
    const speaks = ethernet(arp({ senderMac: mac, senderIp: '10.0.0.50', targetIp: '10.0.0.9' }), { src: mac });
    const { batch } = runFrames([card, speaks], { phase: 'protect', memory: learned.memory });
    const told = batch.alerts.filter(({ rule_id }) => rule_id === 'new-asset');
    expect(told.map(({ severity, src_ip }) => [severity, src_ip ?? ''])).toEqual([
      ['informational', ''],
      ['medium', '10.0.0.50'],
    ]);
  });

  test('a broadcast that nobody answers is heard', () => {
    const { batch } = runFrames([bacnet(sample('bacnet', 'I-Am'))], { phase: 'learn' });
    expect(batch.assets).toMatchObject([{ ips: ['10.0.0.9'], vendor: 'Delta Controls', name: 'device,100' }]);
  });

  test('other firmware than learned is an alert, once; in the learning phase it is only noted', () => {
    const before = sample('lldp', 'a PROFINET controller');
    const after = replaced(before, 'FW: V.4.3.1', 'FW: V.4.4.0');
    const learned = runFrames([lldp(before)], { phase: 'learn' });
    const { batch } = runFrames([lldp(before), lldp(after), lldp(after)], { phase: 'protect', memory: learned.memory });
    const alerts = batch.alerts.filter(({ rule_id }) => rule_id === 'identity-changed');
    expect(alerts).toMatchObject([
      {
        severity: 'high',
        expected: expect.stringContaining('V4.3.1'),
        observed: expect.stringContaining('V4.4.0'),
        dest_ip: '10.0.0.20',
      },
    ]);
    expect(batch.assets[0]).toMatchObject({
      firmware: 'V4.4.0',
      changes: [{ field: 'firmware', from: 'V4.3.1', to: 'V4.4.0' }],
    });
    const relearned = runFrames([lldp(before), lldp(after)], { phase: 'learn' });
    expect(relearned.batch.alerts).toEqual([]);
    expect(relearned.batch.assets[0]?.changes).toHaveLength(1);
  });

  test('a device without IP that was not there before is a new device', () => {
    const { batch } = runFrames([lldp(sample('lldp', 'LLDP-MED inventory, and a name that nobody gave'))], {
      phase: 'protect',
    });
    expect(batch.alerts.filter(({ rule_id }) => rule_id === 'new-asset')).toHaveLength(1);
  });
});
