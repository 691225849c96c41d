import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeText } from '../../sensor/identification/description.js';
import { IDENTITY_SOURCES } from '../../sensor/identification/registry.js';
import { bytes } from '../support/packets.js';
import { heard, SAMPLES } from './messages.js';

describe('what devices say', () => {
  test.each(SAMPLES.map((sample) => [sample.source, sample.name, sample] as const))(
    '%s: %s',
    (_source, _name, sample) => {
      expect(heard(sample, sample.data)).toEqual(sample.says);
    },
  );

  test('wherever the message begins in its buffer', () => {
    for (const sample of SAMPLES) {
      const source = IDENTITY_SOURCES.find(({ name }) => name === sample.source)!;
      const shifted = bytes(new Uint8Array(37).fill(0xa5), sample.data, new Uint8Array(21).fill(0x5a));
      const said: string[] = [];
      const [from, to] = [37, 37 + sample.data.length];
      if (source.isOfInterest && !source.isOfInterest(shifted, from, to)) continue;
      const message = { senderIp: '10.0.0.7', receiverIp: null, senderMac: '02:00:00:00:00:07', isFromServer: true };
      source.read({ buf: shifted, from, to, ...message, ...sample.message }, (_, { field, value }) =>
        said.push(`${field}=${value}`),
      );
      expect(said, sample.name).toEqual(
        sample.says.map((line) => line.replace(/^(?:#\d+ )?(?:[\d.:a-f]+ )?(?=[a-z_]+=)/, '')),
      );
    }
  });

  test('a message cut anywhere says less, and never something else', () => {
    // Without the address that stands behind the cut, the same is said of the card.
    const plain = (line: string) => line.replace(/^(?:#\d+ )?(?:[\d.:a-f]+ )?(?=[a-z_]+=)/, '');
    for (const sample of SAMPLES) {
      const whole = sample.says.map(plain);
      for (let length = 0; length < sample.data.length; length++) {
        for (const line of heard(sample, sample.data.slice(0, length)).map(plain)) {
          const isBegun = whole.some((full) => full.startsWith(line)) || line.startsWith('mac=');
          expect(isBegun, `${sample.name} cut at ${length}: ${line}`).toBe(true);
        }
      }
    }
  });

  test('no bytes make a source throw or say without bounds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.uint8Array({ maxLength: 64 }),
        (sample, changes, tail) => {
          const data = bytes(sample.data, tail);
          for (const [at, value] of changes) data[at % data.length] = value;
          const said = heard(sample, data);
          expect(said.length).toBeLessThan(200);
          for (const line of said) expect(line.length).toBeLessThan(600);
        },
      ),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        for (const { name } of IDENTITY_SOURCES) heard({ source: name }, data);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('free texts', () => {
  test.each([
    [
      'ProCurve J8762A Switch 2600-8-PWR, revision H.08.89, ROM H.08.5X',
      {
        vendor: 'Hewlett-Packard',
        model: 'ProCurve J8762A Switch 2600-8-PWR',
        firmware: 'H.08.89',
        order_number: 'J8762A',
      },
    ],
    ['Hirschmann MAR - SW: L2P-09.0.00', { vendor: 'Hirschmann', model: 'MAR', firmware: 'L2P-09.0.00' }],
    [
      'Summit300-48 - Version 7.4e.1 (Build 5)',
      { vendor: 'Extreme Networks', model: 'Summit300-48', firmware: '7.4e.1' },
    ],
    ['Dell Inc. OptiPlex 990,01,G22XB2S + HMI', { vendor: 'Dell', model: 'OptiPlex 990', serial: 'G22XB2S' }],
    ['Linux plc1 5.10.0-rt #1 SMP armv7l', { os: 'Linux 5.10.0-rt' }],
    ['Hardware: x86 Family 6 - Software: Windows Version 6.1 (Build 7601)', { os: 'Windows Version 6.1 (Build 7601)' }],
    ['', {}],
  ])('%s', (line, expected) => {
    const found = Object.fromEntries(
      describeText(line)
        .filter(({ field }) => field !== 'description')
        .map(({ field, value }) => [field, value]),
    );
    expect(found).toEqual(expected);
  });

  test('take linear time', () => {
    const started = process.cpuUsage().user;
    for (const line of ['Siemens, '.repeat(2000), `Cisco ${'Version '.repeat(3000)}`, `Dell ${'A1,'.repeat(9000)}`])
      describeText(line);
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(200_000);
  });
});
