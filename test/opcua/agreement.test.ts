import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { tsharkVersion } from '../agreement/tshark.js';
import { readPackets, VARIANTS, writePackets } from '../agreement/variants.js';
import { hasSharedCaptures, SHARED_CAPTURES, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';
import { type Comparison, compare } from './compare.js';
import { dissect } from './run.js';
import { ourMessages, readWithTshark } from './tshark.js';

const TSHARK = '4.0.17';
const version = tsharkVersion();
const isUsable = version === TSHARK;
const skipped = `tshark ${TSHARK} is not installed: OPC UA is not compared with it`;
const FIXTURES = fileURLToPath(new URL('../../fixtures/opcua', import.meta.url));

const all: Comparison[] = [];

function judge(file: string): Comparison {
  const ports = file.includes('non-standard-port') ? [48_010] : file.includes('reverse') ? [48_060] : [];
  const comparison = compare(readWithTshark(file, ports), ourMessages(dissect(file)));
  all.push(comparison);
  return comparison;
}

afterAll(() => {
  const frames = all.reduce((sum, one) => sum + one.frames, 0);
  const agreed = all.reduce((sum, one) => sum + one.agreed, 0);
  const known = all.reduce((sum, one) => sum + [...one.known.values()].reduce((a, b) => a + b, 0), 0);
  if (frames > 0)
    process.stderr.write(
      `OPC UA and tshark: ${agreed} of ${frames} frames agree, ${known} differ for a known reason\n`,
    );
});

const fixtures = readdirSync(FIXTURES).filter((name) => name.endsWith('.pcap'));

describe.skipIf(!isUsable)(isUsable ? 'our captures agree with tshark' : skipped, () => {
  test.each(fixtures)('%s', (name) => {
    const comparison = judge(join(FIXTURES, name));
    expect(comparison.frames).toBeGreaterThan(5);
    expect(comparison.unknown.slice(0, 12)).toEqual([]);
  });
});

const canCompare = isUsable && hasSharedCaptures;
const recorded = hasSharedCaptures ? readdirSync(join(SHARED_CAPTURES, 'opcua')) : [];

describe.skipIf(!canCompare)(
  canCompare ? 'recorded captures agree with tshark' : `${isUsable ? WITHOUT_SHARED_CAPTURES : skipped}`,
  () => {
    test.each(recorded)('%s', (name) => {
      const comparison = judge(join(SHARED_CAPTURES, 'opcua', name));
      expect(comparison.frames).toBeGreaterThan(5);
      expect(comparison.unknown.slice(0, 12)).toEqual([]);
    });
  },
);

/** Of different stacks and link types; all of them in every variant would take minutes. */
const VARIED = ['icsnpp-opcua__opcua_with-gap_with-handshake.pcapng', 'arkime__opcua_synthetic.pcap'];
/** Of what the snap length cut off, both sides show what they can: tshark zeros for numbers that are not there. */
const changes = VARIANTS.filter(({ name }) => !name.startsWith('cut'));

describe.skipIf(!canCompare)(canCompare ? 'changed captures agree with tshark' : skipped, () => {
  test.each(changes.map(({ name, change }) => [name, change] as const))('%s', (_, change) => {
    const scratch = mkdtempSync(join(tmpdir(), 'fieldwatch-opcua-'));
    for (const name of VARIED) {
      const { header, packets } = readPackets(join(SHARED_CAPTURES, 'opcua', name), join(scratch, 'whole.pcap'));
      const file = join(scratch, 'changed.pcap');
      writePackets(file, header, change(packets));
      const { unknown } = compare(readWithTshark(file), ourMessages(dissect(file)));
      // Behind a lost segment tshark waits for what will not come; we go on.
      const isMore = (line: string) => /: ours \d+ \(.*\), tshark 0 \(\)$/.test(line);
      expect(unknown.filter((line) => !isMore(line))).toEqual([]);
    }
    rmSync(scratch, { recursive: true });
  });
});
