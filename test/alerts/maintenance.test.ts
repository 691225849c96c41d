import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MaintenancePlan, type MaintenanceWindow, problemOfWindow, WEEKDAYS } from '../../sensor/model/maintenance.js';
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

/** Whether the clock is put back within two hours around this time. */
function isTwice(zone: string, at: number): boolean {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' });
  const shown = new Set<string>();
  for (let minute = -120; minute <= 120; minute++) shown.add(format.format(at + minute * 60_000));
  return shown.size < 241;
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

  // A capture file may carry any time.
  test.each([8.64e18, 8.64e18 - 1, 8.64e18 - 2 * 86_400e6, 8.64e18 - 5 * 86_400e6, 0, -1, 1e300, Number.NaN])(
    'is asked for at the end of all calendars (%s) without a mishap',
    (at) => {
      for (const zone of ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
        const plan = new MaintenancePlan([{ name: 'w', from: '22:00', to: '21:00', time_zone: zone }], SITE);
        expect(() => plan.open(at, LAPTOP, PLC)).not.toThrow();
      }
    },
  );

  // Berlin 2026: on 29 March 02:00 becomes 03:00 (at 01:00 UTC), on 25 October 03:00 becomes 02:00 (at 01:00 UTC).
  test.each<[from: string, to: string, day: string, begin: string, end: string]>([
    ['06:00', '14:00', '2026-03-28', '05:00', '13:00'],
    ['06:00', '14:00', '2026-03-29', '04:00', '12:00'],
    ['01:00', '06:00', '2026-03-29', '00:00', '04:00'],
    // Times that the clock jumps over: from where it jumps.
    ['02:30', '06:00', '2026-03-29', '01:00', '04:00'],
    ['01:00', '02:15', '2026-03-29', '00:00', '01:00'],
    ['00:00', '24:00', '2026-03-29', '23:00-1', '22:00'],
    ['22:00', '06:00', '2026-03-28', '21:00', '04:00+1'],
    ['06:00', '14:00', '2026-10-24', '04:00', '12:00'],
    ['06:00', '14:00', '2026-10-25', '05:00', '13:00'],
    ['01:00', '06:00', '2026-10-25', '23:00-1', '05:00'],
    // Times that come twice: from the first to the last of them.
    ['02:30', '06:00', '2026-10-25', '00:30', '05:00'],
    ['01:00', '02:30', '2026-10-25', '23:00-1', '01:30'],
    ['02:15', '02:45', '2026-10-25', '00:15', '01:45'],
    ['22:00', '06:00', '2026-10-24', '20:00', '05:00+1'],
    ['00:00', '24:00', '2026-10-25', '22:00-1', '23:00'],
  ])('where clocks change: %s to %s, begun on %s, is open from %s to %s UTC', (from, to, day, begin, end) => {
    const weekday = WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7]!;
    const window = { days: [weekday], from, to, time_zone: 'Europe/Berlin' };
    const moment = (text: string) =>
      new Date(Date.parse(`${day}T${text.slice(0, 5)}Z`) + Number(text.slice(5)) * 86_400_000).toISOString();
    const shifted = (text: string, millis: number) => new Date(Date.parse(text) + millis).toISOString();
    const [opens, ends] = [moment(begin), moment(end)];
    expect(endOf(window, shifted(opens, -1), null, null)).toBeNull();
    expect(endOf(window, opens, null, null)).toBe(ends);
    expect(endOf(window, shifted(ends, -1), null, null)).toBe(ends);
    expect(endOf(window, ends, null, null)).toBeNull();
  });

  test('in any zone, on any day of a year, a weekly window is open when the clock on the wall is in it', () => {
    const arbitrary = fc.record({
      zone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/St_Johns',
        'Australia/Lord_Howe',
        'Asia/Beirut',
        'Asia/Kolkata',
      ),
      minute: fc.integer({ min: 0, max: 366 * 24 * 60 }),
      from: fc.integer({ min: 0, max: 1439 }),
      length: fc.integer({ min: 1, max: 1440 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ zone, minute, from, length }) => {
        const clock = (minutes: number) =>
          `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
        const at = Date.UTC(2026, 0, 1) + minute * 60_000;
        const plan = new MaintenancePlan(
          [{ name: 'w', from: clock(from), to: clock(from + length), time_zone: zone }],
          SITE,
        );
        const wall = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' }).format(at);
        const since = (Number(wall.slice(0, 2)) * 60 + Number(wall.slice(3)) - from + 1440) % 1440;
        // Where the clock shows a time twice, the hour between the two belongs to the window that ends in it.
        if (since < length) expect(plan.open(at * 1000, null, null)).not.toBeNull();
        else if (!isTwice(zone, at)) expect(plan.open(at * 1000, null, null)).toBeNull();
      }),
      { numRuns: 500 },
    );
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
