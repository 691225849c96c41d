// Runs commands one after the other and says how long they took and how much memory they needed.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PEAK_MEMORY = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Wall time in seconds, from before the process starts to after it has ended. */
export function timed(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      if (code === 0) resolve({ seconds, output });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors.trim()}`));
    });
  });
}

/** A Node program: also its peak memory in MiB. */
export async function timedNode(args, scratch) {
  const note = join(scratch, `peak-${process.pid}`);
  const result = await timed(process.execPath, ['--import', PEAK_MEMORY, ...args], { BENCH_PEAK_MEMORY: note });
  const peakMib = Number(readFileSync(note, 'utf8')) / 1024;
  rmSync(note);
  return { ...result, peakMib };
}
