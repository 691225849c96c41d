import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ALIASES, COMMON_FIELDS, CONNECTION_FIELDS, CONTEXT_FIELDS } from '../../sensor/detection/taxonomy.js';
import type { FieldDef } from '../../sensor/model/fields.js';
import { createDissectors } from '../../sensor/protocols/registry.js';

const PATH = fileURLToPath(new URL('../../docs/rule-fields.md', import.meta.url));

const row = (...cells: string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

function table(title: string, sentence: string, fields: readonly FieldDef[]): string {
  const rows = fields.map(({ name, type, doc }) => row(`\`${name}\``, type, doc));
  return [`## ${title}`, '', sentence, '', '| field | type | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

function aliasTable(): string {
  const rows = ALIASES.map(({ name, field, protocol, values }) =>
    row(
      `\`${name}\``,
      `\`${field}\``,
      protocol ?? 'all',
      Object.entries(values ?? {})
        .map(([ours, theirs]) => `${ours} → ${theirs}`)
        .join(', '),
    ),
  );
  return [
    '## Names of other products',
    '',
    'Rules written for Zeek, ICSNPP, ECS or firewalls may use these names. Zeek and ECS log sources: `product: zeek` with `service: conn`, `modbus`, `modbus_detailed`, `s7comm`, `opcua_binary`, …, and `category: network` or `firewall`.',
    '',
    '| name | stands for | in records of | values |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

test('docs/rule-fields.md lists every field that rules can name', () => {
  const protocols = createDissectors().flatMap((dissector) => dissector.protocols);
  const sections = [
    table('Every record', 'The names of Suricata’s EVE.', COMMON_FIELDS),
    table('What the sensor knows', 'Worked out only when a rule names it.', CONTEXT_FIELDS),
    table('Connections', 'Of records of the service `connection`.', CONNECTION_FIELDS),
    ...protocols.map(({ title, name, fields }) => table(title, `Service \`${name}\`.`, fields)),
    ...protocols.map(({ title, name, operations }) =>
      [
        `## Operations of ${title}`,
        '',
        `Values of \`operation.name\`, \`operation.class\` and \`${name}.function\`.`,
        '',
        '| operation.name | class | function | meaning |',
        '|---|---|---|---|',
        ...operations.map((one) => row(`\`${one.name}\``, one.class, `\`${one.function}\``, one.title)),
        '',
      ].join('\n'),
    ),
    aliasTable(),
  ];
  const text = readFileSync(PATH, 'utf8');
  const updated = text.replace(
    /<!-- fields -->[\s\S]*<!-- end -->/,
    () => `<!-- fields -->\n\n${sections.join('\n')}\n<!-- end -->`,
  );
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PATH, updated);
  else expect(text === updated, 'out of date: run UPDATE_DOCS=1 npx vitest run test/docs').toBe(true);
});
