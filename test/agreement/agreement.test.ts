import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capturePath, modbusCaptures, RECORDED_CAPTURES_MISSING } from './captures.js';
import { type Comparison, compare, describe as describeDifference } from './compare.js';
import { craftedCaptures } from './crafted.js';
import { readWithFieldwatch } from './records.js';
import { agreementReport, type Row, type Section } from './report.js';
import { readWithTshark, tsharkVersion } from './tshark.js';
import { readPackets, VARIANTS, writePackets } from './variants.js';

const TSHARK = '4.0.17';
const version = tsharkVersion();
const usable = version === TSHARK;
const skipped =
  version === undefined
    ? 'tshark is not installed: our records are not compared with it'
    : `tshark is ${version}, the comparison is written for ${TSHARK}: our records are not compared with it`;

const { FIELDWATCH_AGREEMENT_REPORT } = process.env;
const sections: Section[] = [];
let scratch = '';

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'fieldwatch-agreement-'));
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  if (FIELDWATCH_AGREEMENT_REPORT !== undefined && version !== undefined) {
    writeFileSync(FIELDWATCH_AGREEMENT_REPORT, agreementReport(sections, version, new Date()));
  }
});

async function judge(file: string, tsharkOptions: readonly string[] = []): Promise<Comparison> {
  const [tshark, fieldwatch] = await Promise.all([readWithTshark(file, tsharkOptions), readWithFieldwatch(file)]);
  return compare(tshark, fieldwatch);
}

function section(title: string): Row[] {
  const rows: Row[] = [];
  sections.push({ title, rows });
  return rows;
}

/** Differences of one capture, few enough to read. */
function unexplained(comparison: Comparison): string[] {
  return comparison.unknown.slice(0, 12).map(describeDifference);
}

describe.skipIf(!usable)(usable ? 'captures made here agree with tshark' : skipped, () => {
  const rows = section('Captures made for the comparison');
  for (const { name, data, tsharkOptions } of craftedCaptures()) {
    test(name, async () => {
      const file = join(scratch, `${name}.pcap`);
      writeFileSync(file, data);
      const comparison = await judge(file, tsharkOptions);
      rows.push({ name, comparison });
      expect(comparison.frames).toBeGreaterThan(0);
      expect(unexplained(comparison)).toEqual([]);
    });
  }
});

const recorded = modbusCaptures();
const canReadRecorded = usable && recorded.length > 0;
const whyNot = usable ? RECORDED_CAPTURES_MISSING : skipped;

describe.skipIf(!canReadRecorded)(canReadRecorded ? 'recorded captures agree with tshark' : whyNot, () => {
  const rows = section('Recorded captures');
  for (const name of recorded) {
    test(name, async () => {
      const comparison = await judge(capturePath(name));
      rows.push({ name, comparison });
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
    const rows = section(`Recorded captures, ${variant}`);
    test(variant, async () => {
      const differences: string[] = [];
      for (const name of VARIED) {
        const { header, packets } = readPackets(capturePath(name), join(scratch, 'whole.pcap'));
        const file = join(scratch, 'changed.pcap');
        writePackets(file, header, change(packets.slice(0, VARIANT_PACKETS)));
        const comparison = await judge(file);
        rows.push({ name, comparison });
        differences.push(...unexplained(comparison).map((line) => `${name}: ${line}`));
      }
      expect(differences).toEqual([]);
    }, 300_000);
  }
});
