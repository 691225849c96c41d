import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'vitest';
import { runSensor } from './run-sensor.js';

test('survey', { timeout: 3_600_000 }, () => {
  const root = '/work/shared/captures/';
  const labelled = new Set(
    readFileSync(`${root}labels.tsv`, 'utf8')
      .split('\n')
      .map((line) => line.split('\t')[0]),
  );
  const files = readFileSync(`${root}index.tsv`, 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0]!);
  const out: string[] = [];
  for (const file of files) {
    if (labelled.has(file) || !/^(modbus|s7comm|s7comm-plus|opcua|mms)\//.test(file)) continue;
    try {
      let data: Buffer = readFileSync(root + file);
      if (file.endsWith('.gz')) data = gunzipSync(data);
      const learn = runSensor([data], { phase: 'learn' });
      const protect = runSensor([data], { phase: 'protect', memory: { ...learn.memory, openAlerts: [] } });
      const cold = protect;
      for (const [phase, run] of [
        ['learn', learn],
        ['protect', protect],
        ['cold', cold],
      ] as const)
        for (const a of run.batch.alerts)
          if (a.kind !== 'protocol' && !(phase === 'cold' && a.kind === 'deviation'))
            out.push(
              [
                phase,
                file,
                a.kind,
                a.rule_id,
                a.severity,
                a.title,
                a.src_ip ?? '',
                a.dest_ip ?? '',
                a.count,
                a.observed ?? '',
                a.description.slice(0, 160),
              ].join('\t'),
            );
    } catch (error) {
      out.push(['error', file, String(error)].join('\t'));
    }
  }
  writeFileSync('/tmp/wtrules-x/survey2.tsv', out.join('\n'));
});
