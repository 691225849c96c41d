import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasBuiltRules, runSensor, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import { hasSharedCaptures, SHARED_CAPTURES, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';

/** Devices of recorded captures whose identity a person has read in the packets. */
const rows = hasSharedCaptures
  ? readFileSync(join(SHARED_CAPTURES, 'identity_devices.tsv'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('opcua/'))
      .map((line) => line.split('\t'))
  : [];

const isPossible = hasSharedCaptures && hasBuiltRules;
const title = hasSharedCaptures ? (hasBuiltRules ? 'identities' : WITHOUT_BUILT_RULES) : WITHOUT_SHARED_CAPTURES;

describe.skipIf(!isPossible)(title, () => {
  test('there are some', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  test.each(
    rows.map(([file = '', ip = '', vendor = '', model = '', , , name = '']) => [file, ip, vendor, model, name]),
  )('%s %s', (file, ip, _vendor, model, name) => {
    const { batch } = runSensor([readFileSync(join(SHARED_CAPTURES, file))], { phase: 'learn' });
    const asset = batch.assets.find(({ ips }) => ips.includes(ip));
    const told = asset?.evidence.map(({ value }) => value) ?? [];
    for (const wanted of [model, name]) if (wanted !== '') expect(told).toContain(wanted);
  });
});
