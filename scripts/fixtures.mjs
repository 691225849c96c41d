// `npm run fixtures`: makes the captures of fixtures/ anew from real stacks in network namespaces (Linux, root).
//   npm run fixtures                   everything (about twenty minutes: the plant works in real time)
//   npm run fixtures -- modbus plant   only these parts; modbus:TEXT, s7:TEXT … only captures whose name contains TEXT
//   npm run fixtures -- quick DIR      a plant of seconds into DIR, to try a change of the generators
//   npm run fixtures -- --expect       only the expectations (*.expect.ndjson), from this build of dissect
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './lib.mjs';

const args = process.argv.slice(2);
const fixtures = join(root, 'fixtures');

async function main() {
  if (args.includes('--expect')) {
    const { writeExpectations } = await import('../fixtures/make/expect.mjs');
    return writeExpectations(root, fixtures);
  }
  const { missingTools } = await import('../fixtures/make/lab.mjs');
  const missing = missingTools();
  if (missing.length > 0) {
    process.stderr.write(`The fixtures cannot be made here.\n${missing.map((line) => `- ${line}\n`).join('')}`);
    return 2;
  }
  if (args[0] === 'quick') {
    const folder = resolve(args[1] ?? 'fixtures-quick');
    mkdirSync(folder, { recursive: true });
    const { makePlant } = await import('../fixtures/make/plant.mjs');
    await makePlant(folder, { normalSeconds: 8, betweenSeconds: 2, calmSeconds: 3 });
    return 0;
  }
  const parts = args.length > 0 ? args : ['modbus', 's7', 's7-plus', 'opcua', 'plant'];
  for (const part of parts) {
    if (part.startsWith('modbus')) {
      const { makeModbus } = await import('../fixtures/make/modbus.mjs');
      await makeModbus(join(fixtures, 'modbus'), part.split(':')[1]);
    } else if (part.startsWith('opcua')) {
      const { makeOpcUa } = await import('../fixtures/make/opcua.mjs');
      await makeOpcUa(join(fixtures, 'opcua'), part.split(':')[1]);
    } else if (part.startsWith('s7-plus')) {
      const { makeS7Plus } = await import('../fixtures/make/s7-plus.mjs');
      await makeS7Plus(join(fixtures, 's7-plus'), part.split(':')[1]);
    } else if (part.startsWith('s7')) {
      const { makeS7 } = await import('../fixtures/make/s7.mjs');
      await makeS7(join(fixtures, 's7'), part.split(':')[1]);
    } else if (part === 'plant') {
      const { makePlant } = await import('../fixtures/make/plant.mjs');
      await makePlant(join(fixtures, 'plant'));
    } else {
      process.stderr.write(
        `There is no part "${part}" of the fixtures: say modbus, s7, s7-plus, opcua, plant, quick or --expect.\n`,
      );
      return 2;
    }
  }
  return 0;
}

process.exitCode = await main();
