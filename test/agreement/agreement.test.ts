import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capturePath, modbusCaptures, RECORDED_CAPTURES_MISSING } from './captures.js';
import { type Comparison, compare, describe as describeDifference } from './compare.js';
import { craftedCaptures } from './crafted.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { readWithFieldwatch } from './records.js';
import { ProtocolReport } from './report.js';
import { readWithTshark, tsharkVersion } from './tshark.js';
import { readPackets, VARIANTS, writePackets } from './variants.js';

const TSHARK = '4.0.17';
const version = tsharkVersion();
const usable = version === TSHARK;
const skipped =
  version === undefined
    ? 'tshark is not installed: our records are not compared with it'
    : `tshark is ${version}, the comparison is written for ${TSHARK}: our records are not compared with it`;

const report = new ProtocolReport('modbus', 'Modbus', KNOWN_DIFFERENCES);
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

/** Other seeds make other messages: `FIELDWATCH_SEED=$RANDOM npx vitest run test/agreement/agreement.test.ts`. */
const SEED = Number(process.env['FIELDWATCH_SEED'] ?? 20_260_101);

describe.skipIf(!usable)(usable ? 'captures made here agree with tshark' : skipped, () => {
  const section = report.section('made for the comparison');
  for (const { name, data, tsharkOptions } of craftedCaptures(SEED)) {
    test(name, async () => {
      const file = join(scratch, `${name}.pcap`);
      writeFileSync(file, data);
      const comparison = await judge(file, tsharkOptions);
      section.add(name, comparison);
      expect(comparison.frames).toBeGreaterThan(0);
      expect(unexplained(comparison)).toEqual([]);
    });
  }
});

const recorded = modbusCaptures();
const canReadRecorded = usable && recorded.length > 0;
const whyNot = usable ? RECORDED_CAPTURES_MISSING : skipped;

describe.skipIf(!canReadRecorded)(canReadRecorded ? 'recorded captures agree with tshark' : whyNot, () => {
  const section = report.section('recorded');
  for (const name of recorded) {
    test(name, async () => {
      const comparison = await judge(capturePath(name));
      section.add(name, comparison);
      expect(comparison.frames).toBeGreaterThan(0);
      expect(unexplained(comparison)).toEqual([]);
    });
  }
});

/** Enough packets to meet every stage of a conversation, few enough to try every variant. */
const VARIANT_PACKETS = 2000;
/** Captures of different stacks and kinds; all of them in every variant would take minutes. */
const VARIED = recorded.filter((name) =>
  /aarondr|agentcarter__1|channel_4d_9s|arkime__modbus|ModbusFloat|icsnpp|Modbus_modbus_test|kb221svs__modbus(_lo)?\.|phase3/.test(
    name,
  ),
);

describe.skipIf(!canReadRecorded)(canReadRecorded ? 'changed captures agree with tshark' : whyNot, () => {
  for (const { name: variant, change } of VARIANTS) {
    const section = report.section(`recorded, ${variant}`);
    test(variant, async () => {
      const differences: string[] = [];
      for (const name of VARIED) {
        const { header, packets } = readPackets(capturePath(name), join(scratch, 'whole.pcap'));
        const file = join(scratch, 'changed.pcap');
        writePackets(file, header, change(packets.slice(0, VARIANT_PACKETS)));
        const comparison = await judge(file);
        section.add(name, comparison);
        differences.push(...unexplained(comparison).map((line) => `${name}: ${line}`));
      }
      expect(differences).toEqual([]);
    }, 300_000);
  }
});
