import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capturePath, RECORDED_CAPTURES_MISSING, s7commCaptures } from './captures.js';
import { ProtocolReport } from './report.js';
import { type Comparison, compare, describe as describeDifference } from './s7comm/compare.js';
import { craftedS7Captures } from './s7comm/crafted.js';
import { KNOWN_DIFFERENCES } from './s7comm/known-differences.js';
import { readWithFieldwatch } from './s7comm/records.js';
import { readWithTshark } from './s7comm/tshark.js';
import { tsharkVersion } from './tshark.js';
import { readPackets, VARIANTS, writePackets } from './variants.js';

const TSHARK = '4.0.17';
const version = tsharkVersion();
const usable = version === TSHARK;
const skipped =
  version === undefined
    ? 'tshark is not installed: our S7 records are not compared with it'
    : `tshark is ${version}, the comparison is written for ${TSHARK}: our S7 records are not compared with it`;

const report = new ProtocolReport('s7', 'S7comm and its transport', KNOWN_DIFFERENCES);
const fixtures = fileURLToPath(new URL('../../fixtures/s7', import.meta.url));
const recorded = s7commCaptures();
const canReadRecorded = usable && recorded.length > 0;
const whyNot = usable ? RECORDED_CAPTURES_MISSING : skipped;
let scratch = '';

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'fieldwatch-agreement-'));
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  report.write(version);
});

async function judge(file: string, tsharkOptions: readonly string[] = []): Promise<Comparison> {
  const [tshark, fieldwatch] = await Promise.all([readWithTshark(file, tsharkOptions), readWithFieldwatch(file)]);
  return compare(tshark, fieldwatch);
}

/** Differences of one capture, few enough to read. */
function unexplained(comparison: Comparison): string[] {
  return comparison.unknown.slice(0, 12).map(describeDifference);
}

describe.skipIf(!usable)(usable ? 'S7 fixtures agree with tshark' : skipped, () => {
  const section = report.section('fixtures, from Snap7 and nodeS7');
  const captures = existsSync(fixtures) ? readdirSync(fixtures).filter((name) => name.endsWith('.pcap')) : [];
  test.each(captures)('%s', async (name) => {
    const options = name.includes('port-1102') ? ['-d', 'tcp.port==1102,tpkt'] : [];
    const comparison = await judge(join(fixtures, name), options);
    section.add(name, comparison);
    expect(comparison.frames).toBeGreaterThan(0);
    expect(unexplained(comparison)).toEqual([]);
  });
});

/** Other seeds make other messages: `FIELDWATCH_SEED=$RANDOM npx vitest run test/agreement/s7comm.test.ts`. */
const SEED = Number(process.env['FIELDWATCH_SEED'] ?? 20_260_101);

describe.skipIf(!usable)(usable ? 'messages of every kind agree with tshark' : skipped, () => {
  const section = report.section('made for the comparison');
  test.each(craftedS7Captures(SEED))('$name', async ({ name, data, messages }) => {
    const file = join(scratch, `${name}.pcap`);
    writeFileSync(file, data);
    const [tshark, fieldwatch] = await Promise.all([readWithTshark(file), readWithFieldwatch(file)]);
    const comparison = compare(tshark, fieldwatch);
    section.add(name, comparison);
    expect(unexplained(comparison)).toEqual([]);
    const ours = [...fieldwatch.values()].flat();
    // Not all are answers to something; none has anything wrong in itself.
    expect(ours.flatMap(({ anomalies }) => anomalies).filter((code) => /bad_|mismatch|truncated/.test(code))).toEqual(
      [],
    );
    expect(ours.length).toBe(messages);
  });
});

describe.skipIf(!canReadRecorded)(canReadRecorded ? 'recorded S7 captures agree with tshark' : whyNot, () => {
  const section = report.section('recorded');
  test.each(recorded)(
    '%s',
    async (name) => {
      const comparison = await judge(capturePath(name));
      section.add(name, comparison);
      expect(unexplained(comparison)).toEqual([]);
    },
    240_000,
  );
});

/** Enough packets to meet every stage of a conversation, few enough to try every variant. */
const VARIANT_PACKETS = 1500;
/** Captures of different stations and work; all of them in every variant would take minutes. */
const VARIED = recorded.filter((name) =>
  /gymgit__(tia_s300_goOnline|step7_s300_(readVarTab|download)|wincc_s300_setup-alarm-read-write|wincc_s400)|snap7|CyclicData|lllzasd|WaterTankOff/.test(
    name,
  ),
);

describe.skipIf(!canReadRecorded)(canReadRecorded ? 'changed S7 captures agree with tshark' : whyNot, () => {
  test.each(VARIANTS.map(({ name, change }) => [name, change] as const))(
    '%s',
    async (variant, change) => {
      const section = report.section(`recorded, ${variant}`);
      const differences: string[] = [];
      let frames = 0;
      let agreed = 0;
      for (const name of VARIED) {
        const { header, packets } = readPackets(capturePath(name), join(scratch, 'whole.pcap'));
        const file = join(scratch, 'changed.pcap');
        writePackets(file, header, change(packets.slice(0, VARIANT_PACKETS)));
        const comparison = await judge(file);
        section.add(name, comparison);
        frames += comparison.frames;
        agreed += comparison.agreed;
        differences.push(...unexplained(comparison).map((line) => `${name}: ${line}`));
      }
      expect(frames).toBeGreaterThan(0);
      expect(differences, `${agreed} of ${frames} frames agree`).toEqual([]);
    },
    300_000,
  );
});
