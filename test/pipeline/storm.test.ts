import { expect, test } from 'vitest';
import { type Frame, modbusPdu, modbusTcp, TcpPair, timed } from '../support/packets.js';
import { hasBuiltRules, runFrames, WITHOUT_BUILT_RULES } from './run-sensor.js';

const ATTACKER = '10.0.0.66';
const PLC = '10.0.0.5';
const HMI = '10.0.0.7';
const WRITES = 400;
const STOPS = 30;

function normal(): Frame[] {
  const pair = new TcpPair({ clientIp: HMI, serverIp: PLC });
  const frames: Frame[] = [...pair.open()];
  for (let index = 0; index < 50; index++) {
    frames.push(pair.client(modbusTcp(modbusPdu.read(3, 0, 2), { transaction: index })));
    frames.push(pair.server(modbusTcp(modbusPdu.registers(3, [1, 2]), { transaction: index })));
  }
  return [...frames, ...pair.close()];
}

/** A scan for one port, then the same write again and again, then the same stop again and again. */
function storm(): Frame[] {
  const frames: Frame[] = [];
  for (let host = 100; host < 160; host++) {
    const probe = new TcpPair({ clientIp: ATTACKER, serverIp: `10.0.0.${host}`, clientPort: 50_000 + host });
    frames.push(probe.client(undefined, { flags: 'S', ack: 0 }), probe.server(undefined, { flags: 'RA' }));
  }
  const pair = new TcpPair({ clientIp: ATTACKER, serverIp: PLC, clientPort: 51_000 });
  frames.push(...pair.open());
  for (let index = 0; index < WRITES; index++) {
    const write = modbusPdu.writeRegister(7, index);
    frames.push(pair.client(modbusTcp(write, { transaction: index })));
    frames.push(pair.server(modbusTcp(write, { transaction: index })));
  }
  for (let index = 0; index < STOPS; index++)
    frames.push(pair.client(modbusTcp(modbusPdu.diagnostics(4, 0), { transaction: WRITES + index })));
  return [...frames, ...pair.close()];
}

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

test.skipIf(!hasBuiltRules)('a storm is a handful of alerts that count, and one incident', () => {
  const learned = runFrames(normal(), { phase: 'learn' });
  expect(learned.batch.alerts).toEqual([]);
  const attack = timed(storm(), 1_767_225_700_000_000);
  const { alerts } = runFrames(attack, { phase: 'protect', memory: learned.memory }).batch;
  const stories = alerts.map(({ rule_id, dest_ip, object, dedupe_key }) =>
    [rule_id, dest_ip, object, dedupe_key].join(),
  );
  expect(new Set(stories).size).toBe(stories.length);
  expect(alerts.length).toBeLessThan(20);
  const sweeps = alerts.filter(({ rule_id }) => rule_id === 'host-sweep' || rule_id === 'control-port-sweep');
  expect(sweeps).toHaveLength(1);
  const writers = alerts.filter(({ rule_id }) => rule_id === 'new-writer');
  expect(writers.reduce((sum, { count }) => sum + count, 0)).toBe(WRITES + STOPS);
  const silenced = alerts.filter(({ title }) => title === 'Device silenced (Force Listen Only Mode)');
  expect(silenced.map(({ count }) => count)).toEqual([STOPS]);
  const incidents = new Set(alerts.filter(({ src_ip }) => src_ip === ATTACKER).map(({ incident }) => incident));
  expect(incidents.size).toBe(1);
  expect([...incidents][0]).toMatch(/^incident-/);
});
