// The product's rules as one JSON file: they are checked here once, and no YAML has to be read at every start.
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib.mjs';

export async function writeRules(dist) {
  const module = await import(pathToFileURL(join(dist, 'sensor', 'detection', 'rule-files.js')).href);
  const { documents, errors } = module.readRuleFiles(join(root, 'rules'));
  for (const error of errors) process.stderr.write(`${error.message}\n`);
  if (errors.length > 0) process.exit(1);
  const entries = documents.map(({ file, document }) => ({ file: relative(root, file), document }));
  writeFileSync(join(dist, 'rules.json'), JSON.stringify(entries));
}
