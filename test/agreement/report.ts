import type { Comparison } from './compare.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';

export interface Row {
  readonly name: string;
  readonly comparison: Comparison;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}

function reasons(known: ReadonlyMap<string, number>): string {
  return [...known].map(([id, count]) => `${id} ${count}`).join(', ');
}

function table({ title, rows }: Section): string[] {
  const lines = [
    `## ${title}`,
    '',
    '| capture | frames | of these tshark’s | agreed | share of tshark’s | known differences | not explained |',
  ];
  lines.push('|---|---:|---:|---:|---:|---|---:|');
  let frames = 0;
  let theirs = 0;
  let agreed = 0;
  let unknown = 0;
  for (const { name, comparison } of rows) {
    frames += comparison.frames;
    theirs += comparison.tsharkFrames;
    agreed += comparison.agreed;
    unknown += comparison.unknownFrames;
    const share = percent(comparison.agreed, comparison.tsharkFrames);
    lines.push(
      `| ${name} | ${comparison.frames} | ${comparison.tsharkFrames} | ${comparison.agreed} | ${share} | ${reasons(comparison.known)} | ${comparison.unknownFrames} |`,
    );
  }
  lines.push(
    `| **all** | **${frames}** | **${theirs}** | **${agreed}** | **${percent(agreed, theirs)}** | | **${unknown}** |`,
    '',
  );
  return lines;
}

/** docs/agreement.md. */
export function agreementReport(sections: readonly Section[], tsharkVersion: string, date: Date): string {
  const lines = [
    '# Agreement with tshark',
    '',
    `Written by \`node scripts/agreement.mjs\` on ${date.toISOString().slice(0, 10)}, with tshark ${tsharkVersion}. Do not edit by hand.`,
    '',
    '`fieldwatch dissect` is compared with tshark frame by frame: how many Modbus ADUs the frame completes, and of each the MBAP header, direction, function, exception code, byte count, address, quantity, values and every other field that tshark shows. A frame agrees when nothing differs. A frame in which only one of the two sees Modbus counts as a difference, so `frames` counts those of either side. The share is taken of the frames in which tshark sees Modbus.',
    '',
    'Some differences are on purpose. They are a closed list, `test/agreement/known-differences.ts`; the test fails on anything that it does not explain.',
    '',
    '## Known differences',
    '',
    '| id | reason |',
    '|---|---|',
    ...KNOWN_DIFFERENCES.map(({ id, reason }) => `| ${id} | ${reason} |`),
    '',
    ...sections.filter(({ rows }) => rows.length > 0).flatMap(table),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
