// Compares `fieldwatch dissect` with tshark on every Modbus, S7 and OPC UA capture at hand and writes docs/agreement.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, ensureBuilt, ensureInstalled, root, run } from './lib.mjs';

const PROTOCOLS = ['modbus', 's7', 'opcua'];

const percent = (part, whole) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`);

function sum(rows) {
  const total = { frames: 0, tsharkFrames: 0, agreed: 0, unknownFrames: 0, known: {} };
  for (const row of rows) {
    for (const name of ['frames', 'tsharkFrames', 'agreed', 'unknownFrames']) total[name] += row[name];
    for (const [id, count] of Object.entries(row.known)) total.known[id] = (total.known[id] ?? 0) + count;
  }
  return total;
}

function line(name, { frames, tsharkFrames, agreed, known, unknownFrames }, mark = '') {
  const differences = Object.entries(known)
    .map(([id, count]) => `${id} ${count}`)
    .join(', ');
  const cells = [name, frames, tsharkFrames, agreed, percent(agreed, tsharkFrames)].map((cell) => mark + cell + mark);
  return `| ${cells.join(' | ')} | ${differences} | ${mark}${unknownFrames}${mark} |`;
}

const HEAD = [
  '| capture | frames | of these tshark’s | agreed | share of tshark’s | known differences | not explained |',
  '|---|---:|---:|---:|---:|---|---:|',
];

function chapter({ title, reasons, sections }) {
  const all = sum(sections.flatMap(({ rows }) => rows));
  return [
    `## ${title}`,
    '',
    ...HEAD.map((text) => text.replace('capture', 'captures')),
    ...sections.map((section) => line(section.title, sum(section.rows))),
    line('all', all, '**'),
    '',
    '| id | frames | reason |',
    '|---|---:|---|',
    ...reasons.map(({ id, reason }) => `| ${id} | ${all.known[id] ?? 0} | ${reason} |`),
    '',
    ...sections.flatMap((section) => [
      `### ${title}: ${section.title}`,
      '',
      ...HEAD,
      ...section.rows.map((row) => line(row.name, row)),
      line('all', sum(section.rows), '**'),
      '',
    ]),
  ];
}

function page(parts) {
  const text = [
    '# Agreement with tshark',
    '',
    `Written by \`node scripts/agreement.mjs\` on ${new Date().toISOString().slice(0, 10)}, with tshark ${parts[0].tsharkVersion}. Do not edit by hand.`,
    '',
    '`fieldwatch dissect` is compared with tshark frame by frame: how many messages the frame completes, and of each every field that both show. A frame agrees when nothing differs. A frame in which only one of the two sees the protocol counts as a difference, so `frames` counts those of either side. The share is taken of the frames in which tshark sees the protocol.',
    '',
    'Some differences are on purpose. They are closed lists (`test/agreement/known-differences.ts`, `test/agreement/s7comm/known-differences.ts`, `test/opcua/compare.ts`); the tests fail on anything that these do not explain. A frame with several differences counts under the reason of the first.',
    '',
    'S7comm-plus is not here: tshark 4.0.17 has no dissector for it.',
    '',
    ...parts.flatMap(chapter),
  ];
  return `${text.join('\n').trimEnd()}\n`;
}

ensureInstalled();
ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-agreement-'));
const env = { ...process.env, FIELDWATCH_AGREEMENT_PARTS: folder };
const status = run(bin('vitest'), ['run', 'test/agreement', 'test/opcua/agreement.test.ts'], { env });
if (status === 0) {
  const parts = PROTOCOLS.map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  writeFileSync(join(root, 'docs', 'agreement.md'), page(parts));
} else
  process.stderr.write('docs/agreement.md was left as it was: the comparison has differences that nothing explains.\n');
rmSync(folder, { recursive: true, force: true });
process.exit(status);
