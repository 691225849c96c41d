import { describe, expect, test } from 'vitest';
import { MaintenancePlan, type MaintenanceWindow, problemOfWindow } from '../../sensor/model/maintenance.js';
import { SiteMap } from '../../sensor/model/site.js';
import { parseTimestamp } from '../../sensor/model/time.js';

const SITE = new SiteMap({
  zones: [{ name: 'cell', networks: ['10.1.0.0/16'] }],
  stations: [{ name: 'laptop', ips: ['10.9.9.9'] }],
});
const [LAPTOP, PLC, OTHER] = ['10.9.9.9', '10.1.0.5', '10.2.0.5'];

function endOf(window: Partial<MaintenanceWindow>, at: string, source: string | null, target: string | null) {
  const plan = new MaintenancePlan([{ name: 'w', ...window }], SITE);
  const open = plan.open(parseTimestamp(at), source, target);
  return open && new Date(open.ends / 1000).toISOString();
}

const ONCE = { begins: '2026-11-22T06:00:00Z', ends: '2026-11-22T08:00:00Z' };

describe('a maintenance window', () => {
  // 2026-11-22 is a Sunday.
  test.each<[window: Partial<MaintenanceWindow>, at: string, end: string | null]>([
    [ONCE, '2026-11-22T05:59:59Z', null],
    [ONCE, '2026-11-22T06:00:00Z', '2026-11-22T08:00:00.000Z'],
    [ONCE, '2026-11-22T08:00:00Z', null],
    [{ days: ['sun'], from: '06:00', to: '08:00' }, '2026-11-22T07:00:00.5Z', '2026-11-22T08:00:00.000Z'],
    [{ days: ['sun'], from: '06:00', to: '08:00' }, '2026-11-23T07:00:00Z', null],
    [{ days: ['sun'], from: '06:00', to: '08:00' }, '2026-11-29T07:00:00Z', '2026-11-29T08:00:00.000Z'],
    [{ from: '06:00', to: '08:00' }, '2026-11-23T07:00:00Z', '2026-11-23T08:00:00.000Z'],
    [{ days: ['sun'] }, '2026-11-22T23:59:59Z', '2026-11-23T00:00:00.000Z'],
    // Over midnight: what began on Sunday is still open on Monday morning, and not on Sunday morning.
    [{ days: ['sun'], from: '22:00', to: '02:00' }, '2026-11-23T01:00:00Z', '2026-11-23T02:00:00.000Z'],
    [{ days: ['sun'], from: '22:00', to: '02:00' }, '2026-11-22T01:00:00Z', null],
    [
      { days: ['sun'], from: '06:00', to: '08:00', time_zone: 'Europe/Berlin' },
      '2026-11-22T05:30:00Z',
      '2026-11-22T07:00:00.000Z',
    ],
    [{ days: ['sun'], from: '06:00', to: '08:00', time_zone: 'Europe/Berlin' }, '2026-11-22T07:30:00Z', null],
  ])('%j at %s ends %s', (window, at, end) => {
    expect(endOf(window, at, LAPTOP, PLC)).toBe(end);
  });

  test.each<[window: Partial<MaintenanceWindow>, source: string | null, target: string | null, isOpen: boolean]>([
    [{}, null, null, true],
    [{ zones: ['cell'] }, LAPTOP, PLC, true],
    [{ zones: ['cell'] }, LAPTOP, OTHER, false],
    [{ zones: ['cell'] }, PLC, OTHER, false],
    [{ zones: ['cell'] }, PLC, null, true],
    [{ devices: ['10.2.0.0/16'] }, LAPTOP, OTHER, true],
    [{ devices: ['10.2.0.0/16'] }, LAPTOP, PLC, false],
    [{ zones: ['cell'], devices: ['10.2.0.5'] }, LAPTOP, OTHER, true],
    [{ stations: ['laptop'] }, LAPTOP, PLC, true],
    [{ stations: ['laptop'] }, OTHER, PLC, false],
    [{ stations: ['10.2.0.0/16'] }, OTHER, PLC, true],
    [{ stations: ['laptop'] }, null, PLC, false],
    [{ stations: ['laptop'], zones: ['cell'] }, LAPTOP, OTHER, false],
  ])('%j from %s to %s: %s', (window, source, target, isOpen) => {
    expect(endOf({ ...ONCE, ...window }, '2026-11-22T07:00:00Z', source, target) !== null).toBe(isOpen);
  });

  test('of several open windows, the one that lasts longest counts; a time no calendar holds is in none', () => {
    const plan = new MaintenancePlan(
      [
        { name: 'short', begins: '2026-11-22T06:00:00Z', ends: '2026-11-22T07:00:00Z' },
        { name: 'long', ...ONCE },
        { name: 'daily', from: '00:00', to: '06:31' },
      ],
      SITE,
    );
    expect(plan.open(parseTimestamp('2026-11-22T06:30:00Z'), null, null)?.window.name).toBe('long');
    expect(plan.open(1e300, null, null)).toBeNull();
    expect(plan.open(Number.NaN, null, null)).toBeNull();
  });

  test.each<[window: Partial<MaintenanceWindow>, problem: RegExp]>([
    [{}, /says no time/],
    [{ ...ONCE, from: '06:00', to: '07:00' }, /either begins and ends, or days/],
    [{ begins: '2026-11-22T06:00:00Z' }, /both are needed/],
    [{ begins: 'tomorrow', ends: '2026-11-22T06:00:00Z' }, /times such as/],
    [{ begins: ONCE.ends, ends: ONCE.begins }, /ends before it begins/],
    [{ from: '06:00' }, /belong together/],
    [{ from: '25:00', to: '26:00' }, /"25:00" is no time of day/],
    [{ days: ['sun'], time_zone: 'Mars/Olympus' }, /no time zone "Mars\/Olympus"/],
    [{ ...ONCE, devices: ['plc'] }, /"plc" is no address/],
  ])('%j is refused', (window, problem) => {
    expect(problemOfWindow({ name: 'w', ...window })).toMatch(problem);
    expect(new MaintenancePlan([{ name: 'w', ...window }], SITE).open(0, null, null)).toBeNull();
  });
});
