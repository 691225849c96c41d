import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEVIATION_MODELS } from '../../sensor/baseline/registry.js';
import { DECODE } from '../../sensor/decode/anomalies.js';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { STREAM } from '../../sensor/flow/anomalies.js';
import type { AnomalyDef } from '../../sensor/model/anomaly.js';
import { APPLAYER } from '../../sensor/protocols/anomalies.js';
import { createDissectors } from '../../sensor/protocols/registry.js';

/** What the documents say of the code is held here. `UPDATE_DOCS=1` writes the tables anew. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const cell = (text: string) => text.replaceAll('|', '\\|');
const row = (...cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;

/** Compares the rows of the table behind the comment `<!-- NAME: …` with what they must be. */
function holdTable(path: string, name: string, rows: readonly string[]): void {
  const text = read(path);
  const updated = text.replace(
    new RegExp(`(<!-- ${name}: [^\\n]*-->\\n\\|[^\\n]*\\n\\|[-|]*\\n)[\\s\\S]*?\\n<!-- end -->`),
    (_, head: string) => `${head}${rows.join('\n')}\n\n<!-- end -->`,
  );
  expect(updated, `${path} has a table "${name}"`).toContain(`${rows.join('\n')}\n\n<!-- end -->`);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, path), updated);
  else expect(text, `${path} is out of date: run UPDATE_DOCS=1 npx vitest run test/docs`).toBe(updated);
}

describe('documents', () => {
  it('every link leads somewhere', () => {
    const broken: string[] = [];
    for (const path of DOCUMENTS) {
      const text = read(path).replace(/^```[\s\S]*?^```/gm, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const place = file === '' ? join(ROOT, path) : resolve(ROOT, dirname(path), file);
        if (!existsSync(place)) broken.push(`${path}: ${target}`);
        else if (anchor !== undefined && !anchorsOf(readFileSync(place, 'utf8')).includes(anchor))
          broken.push(`${path}: ${target} (no such heading)`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('every command named exists', () => {
    const commands = new Set(
      [...read('sensor/cli/program.ts').matchAll(/^ {2}(\w+): (?:async|listings)/gm)].map((match) => match[1]),
    );
    const npm = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    expect(commands.size).toBeGreaterThan(8);
    const unknown: string[] = [];
    for (const path of DOCUMENTS.filter((name) => name !== 'CHANGELOG.md')) {
      for (const [, command = ''] of read(path).matchAll(/(?:npx |`)fieldwatch ([a-z]+)/g))
        if (command !== 'help' && !commands.has(command)) unknown.push(`${path}: fieldwatch ${command}`);
      for (const [, script = ''] of read(path).matchAll(/npm run ([a-z]+)/g))
        if (!npm.includes(script)) unknown.push(`${path}: npm run ${script}`);
    }
    expect(unknown).toEqual([]);
  });

  it('ARCHITECTURE.md shows the import table that is enforced', () => {
    const source = /const TABLE[^=]*= \[\n([\s\S]*?)\n\];/.exec(read('test/arch/imports.test.ts'))?.[1] ?? '';
    const parts = [...source.replace(/^\s*\/\/.*$/gm, '').matchAll(/\[\s*'([^']+)',\s*\[([^\]]*)\],?\s*\]/g)];
    expect(parts.length).toBeGreaterThan(15);
    const rows = parts.map(([, part = '', list = '']) => {
      const allowed = [...list.matchAll(/'([^']+)'/g)].map(([, name]) => `\`${name}\``);
      return row(`\`${part}\``, allowed.length === 0 ? 'nothing of ours' : allowed.join(', '));
    });
    holdTable('ARCHITECTURE.md', 'import table', rows);
  });

  it('ARCHITECTURE.md names bounds as they are', () => {
    const rows = [
      ...read('ARCHITECTURE.md').matchAll(/\| `([A-Z_]+ = [^`]+|[a-z]+: [\d_]+)` \| \[[^\]]+\]\(([^)]+)\)/g),
    ];
    expect(rows.length).toBeGreaterThan(20);
    const wrong = rows.filter(([, bound = '', file = '']) => !read(file).includes(bound)).map(([line]) => line);
    expect(wrong).toEqual([]);
  });

  it('docs/dissection.md lists every anomaly', () => {
    const all: AnomalyDef[] = [
      ...Object.values(DECODE),
      ...Object.values(STREAM),
      ...Object.values(APPLAYER),
      ...createDissectors().flatMap(({ protocols }) => protocols.flatMap(({ anomalies }) => anomalies)),
    ];
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
    const rows = all.map(({ code, severity, title, description }) =>
      row(`\`${code}\``, severity ?? '–', title, description),
    );
    holdTable('docs/dissection.md', 'anomalies', rows);
  });

  it('docs/dissection.md lists every field', () => {
    for (const { name, fields } of createDissectors().flatMap(({ protocols }) => protocols)) {
      holdTable(
        'docs/dissection.md',
        `${name} fields`,
        fields.map((field) => row(`\`${field.name}\``, field.type, field.doc)),
      );
    }
  });

  it('docs/detections.md lists every model, scan check and rule', () => {
    holdTable(
      'docs/detections.md',
      'models',
      DEVIATION_MODELS.map(({ id, description }) => row(`\`${id}\``, description)),
    );
    const scans = [
      ...read('sensor/detection/checks/scan.ts').matchAll(
        /ruleId: '([^']+)',\s*rejection: '([^']+)',\s*threshold: (\d+),\s*title: '([^']+)',[\s\S]*?techniques: \[([^\]]*)\]/g,
      ),
    ].map(([, id = '', rejection = '', threshold = '', title = '', techniques = '']) =>
      row(`\`${id}\``, title, threshold, rejection.replaceAll('_', ' '), techniques.replaceAll("'", '')),
    );
    expect(scans.length).toBe(read('sensor/detection/checks/scan.ts').split(/ruleId: '/).length - 1);
    holdTable('docs/detections.md', 'scans', scans);
    const { rules, errors } = readRuleFiles(join(ROOT, 'rules'));
    expect(errors).toEqual([]);
    holdTable(
      'docs/detections.md',
      'rules',
      rules.map((rule) => {
        const file = rule.file.slice(rule.file.lastIndexOf('rules/'));
        return row(rule.title, rule.level, `\`${rule.id}\``, rule.techniques.join(', '), `[${file}](../${file})`);
      }),
    );
  });

  it('docs/dependencies.md names every package with its version', () => {
    const text = read('docs/dependencies.md');
    const { dependencies, optionalDependencies, devDependencies, overrides } = JSON.parse(
      read('package.json'),
    ) as Record<string, Record<string, string>>;
    const named = { ...dependencies, ...optionalDependencies, ...devDependencies, ...overrides };
    const missing = Object.entries(named).filter(([name, version]) => !text.includes(`| \`${name}\` | ${version} |`));
    expect(missing).toEqual([]);
    const inText = [...text.matchAll(/^\| `([^`]+)` \| \d+\.\d+\.\d+ \|/gm)].map(([, name = '']) => name);
    expect(inText.filter((name) => named[name] === undefined)).toEqual([]);
  });
});

/** Anchors of headings as code hosts make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
