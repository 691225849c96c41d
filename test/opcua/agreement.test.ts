import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { ProtocolReport, type Section } from '../agreement/report.js';
import { tsharkVersion } from '../agreement/tshark.js';
import { readPackets, VARIANTS, writePackets } from '../agreement/variants.js';
import { hasSharedCaptures, SHARED_CAPTURES, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';
import { ALL_REASONS, type Comparison, compare } from './compare.js';
import { craftedOpcUa } from './crafted.js';
import { dissect } from './run.js';
import { ourMessages, readWithTshark } from './tshark.js';

const TSHARK = '4.0.17';
const version = tsharkVersion();
const isUsable = version === TSHARK;
const skipped = `tshark ${TSHARK} is not installed: OPC UA is not compared with it`;
const FIXTURES = fileURLToPath(new URL('../../fixtures/opcua', import.meta.url));

const all: Comparison[] = [];
const report = new ProtocolReport('opcua', 'OPC UA', ALL_REASONS);

function judge(file: string, section: Section): Comparison {
  const ports = file.includes('non-standard-port') ? [48_010] : file.includes('reverse') ? [48_060] : [];
  const comparison = compare(readWithTshark(file, ports), ourMessages(dissect(file)));
  all.push(comparison);
  section.add(basename(file), comparison);
  return comparison;
}

afterAll(() => {
  report.write(version);
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
  const section = report.section('fixtures, from node-opcua and open62541');
  test.each(fixtures)('%s', (name) => {
    const comparison = judge(join(FIXTURES, name), section);
    expect(comparison.frames).toBeGreaterThan(5);
    expect(comparison.unknown.slice(0, 12)).toEqual([]);
  });
});

/** Other seeds make other messages: `FIELDWATCH_SEED=$RANDOM npx vitest run test/opcua/agreement.test.ts`. */
const SEED = Number(process.env['FIELDWATCH_SEED'] ?? 20_260_101);

describe.skipIf(!isUsable)(isUsable ? 'every service with random content agrees with tshark' : skipped, () => {
  const section = report.section('made for the comparison');
  test.each([0, 1, 2])('%i', (round) => {
    const scratch = mkdtempSync(join(tmpdir(), 'fieldwatch-opcua-'));
    const file = join(scratch, `every-service-${round}.pcap`);
    const { data, messages } = craftedOpcUa(SEED + round, 4);
    writeFileSync(file, data);
    const records = dissect(file);
    const comparison = judge(file, section);
    rmSync(scratch, { recursive: true });
    expect(comparison.unknown.slice(0, 12)).toEqual([]);
    expect(records.length).toBe(messages);
    // A request that was broken off is answered all the same; no message has anything wrong in itself.
    const codes = records.flatMap(({ anomalies = [], opcua }) => (opcua['service_id'] === 700 ? [] : anomalies));
    expect(codes.filter((code) => code !== 'opcua.unsolicited_response')).toEqual([]);
  });
});

const canCompare = isUsable && hasSharedCaptures;
const recorded = hasSharedCaptures ? readdirSync(join(SHARED_CAPTURES, 'opcua')) : [];

describe.skipIf(!canCompare)(
  canCompare ? 'recorded captures agree with tshark' : `${isUsable ? WITHOUT_SHARED_CAPTURES : skipped}`,
  () => {
    const section = report.section('recorded');
    test.each(recorded)('%s', (name) => {
      const comparison = judge(join(SHARED_CAPTURES, 'opcua', name), section);
      expect(comparison.frames).toBeGreaterThan(5);
      expect(comparison.unknown.slice(0, 12)).toEqual([]);
    });
  },
);

function count(messages: ReadonlyMap<number, readonly unknown[]>): number {
  return [...messages.values()].reduce((sum, list) => sum + list.length, 0);
}

/** Of different stacks and link types; all of them in every variant would take minutes. */
const VARIED = [
  ...['icsnpp-opcua__opcua_with-gap_with-handshake.pcapng', 'arkime__opcua_synthetic.pcap'].map((name) =>
    join(SHARED_CAPTURES, 'opcua', name),
  ),
  ...['browse', 'calls', 'history', 'reads', 'subscription', 'subscription-signed', 'writes'].map((name) =>
    join(FIXTURES, `node-opcua-${name}.pcap`),
  ),
];
/** Of what the snap length cut off, both sides show what they can: tshark zeros for numbers that are not there. */
const changes = VARIANTS.filter(({ name }) => !name.startsWith('cut'));

describe.skipIf(!canCompare)(canCompare ? 'changed captures agree with tshark' : skipped, () => {
  test.each(changes.map(({ name, change }) => [name, change] as const))(
    '%s',
    (variant, change) => {
      const section = report.section(`both, ${variant}`);
      const scratch = mkdtempSync(join(tmpdir(), 'fieldwatch-opcua-'));
      const differences: string[] = [];
      for (const name of VARIED) {
        const { header, packets } = readPackets(name, join(scratch, 'whole.pcap'));
        const file = join(scratch, 'changed.pcap');
        writePackets(file, header, change(packets));
        const kind = /lost|middle/.test(variant) ? 'lost' : /swapped/.test(variant) ? 'swapped' : 'none';
        const [theirs, ours] = [readWithTshark(file, [], kind === 'lost'), ourMessages(dissect(file))];
        const comparison = compare(theirs, ours, kind);
        section.add(basename(name), comparison);
        // In whatever packets, all that tshark sees is there.
        if (kind === 'swapped') expect(count(ours), name).toBe(count(theirs));
        differences.push(...comparison.unknown.slice(0, 12).map((line) => `${basename(name)}: ${line}`));
      }
      rmSync(scratch, { recursive: true });
      expect(differences).toEqual([]);
    },
    240_000,
  );
});
