// The product's rules as one JSON file: they are checked here once, and no YAML has to be read at every start. Their
// texts, and how they are tested, stand in a second file that only the console reads.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib.mjs';

/** Traffic on which the rules of a file fire, and close traffic on which they do not. */
function testsOf(file) {
  const path = join(root, 'test/detection/cases', relative('rules', file).replace(/\.yml$/, '.json'));
  if (!existsSync(path)) return { fires: 0, quiet: 0 };
  const { fires, quiet } = JSON.parse(readFileSync(path, 'utf8'));
  return { fires: fires.length, quiet: quiet.length };
}

export async function writeRules(dist) {
  const module = await import(pathToFileURL(join(dist, 'sensor', 'detection', 'rule-files.js')).href);
  const { packed, errors } = module.readRuleFiles(join(root, 'rules'));
  for (const error of errors) process.stderr.write(`${error.message}\n`);
  if (errors.length > 0) process.exit(1);
  const entries = packed.map((rule) => ({ ...rule, file: relative(root, rule.file) }));
  writeFileSync(join(dist, 'rules.json'), JSON.stringify(entries));
  const texts = {};
  for (const { file } of entries) texts[file] ??= { text: readFileSync(join(root, file), 'utf8'), ...testsOf(file) };
  writeFileSync(join(dist, 'rule-texts.json'), JSON.stringify(texts));
}
