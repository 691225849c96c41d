import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { Dissection } from '../../sensor/pipeline/dissection.js';
import { sideIp } from '../../sensor/pipeline/pdu-context.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import { hasSharedCaptures, SHARED_CAPTURES, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';

interface Known {
  readonly file: string;
  readonly ip: string;
  /** Names of the station and of the module, with a slash between them. */
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Controllers of the list whose status lists were read in the capture. */
function known(): Known[] {
  if (!hasSharedCaptures) return [];
  const [, ...lines] = readFileSync(join(SHARED_CAPTURES, 'identity_devices.tsv'), 'utf8').trimEnd().split('\n');
  return lines
    .map((line) => line.split('\t'))
    .filter(([file, , , , , , , evidence]) => file?.startsWith('s7comm/') && evidence?.includes('S7 SZL'))
    .map(([file = '', ip = '', vendor = '', model = '', firmware = '', serial = '', name = '']) => {
      const values: Record<string, string> = { vendor, order_number: model.split(' | ')[0] ?? '', firmware };
      if (serial !== '') values['serial'] = serial;
      const cpu = model.split(' | ').find((part) => part.startsWith('CPU'));
      if (cpu) values['model'] = cpu;
      return { file, ip, name, values };
    });
}

function identityIn(file: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const ignore = () => {};
  const dissection = new Dissection(
    { dissectors: createDissectors(), flowLimits: { flows: 2000, unanswered: 1000 } },
    {
      pdu: ignore,
      anomaly: ignore,
      identity: ({ flow, side }, { field, value }) => {
        const key = `${flow ? sideIp(flow, side) : ''} ${field}`;
        found.set(key, (found.get(key) ?? new Set()).add(value));
      },
      closed: ignore,
      frame: ignore,
      flowEnded: ignore,
    },
  );
  const parser = new CaptureParser(dissection);
  parser.push(readFileSync(join(SHARED_CAPTURES, file)));
  parser.end();
  dissection.finish();
  return found;
}

const title = hasSharedCaptures ? 'controllers in recorded captures are known' : WITHOUT_SHARED_CAPTURES;

describe.skipIf(!hasSharedCaptures)(title, () => {
  test.each(known().map((each) => [each.file, each] as const))('%s', (_, { file, ip, name, values }) => {
    const found = identityIn(file);
    for (const [field, value] of Object.entries(values)) {
      expect([...(found.get(`${ip} ${field}`) ?? [])], field).toContain(value);
    }
    if (name === '') return;
    const [station = '', ...modules] = [...(found.get(`${ip} name`) ?? [])];
    expect(modules.map((module) => `${station}/${module}`)).toContain(name);
  });
});
