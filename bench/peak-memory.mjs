// Loaded into the measured process with `node --import`: its last act is to write down its own peak memory.
import { writeFileSync } from 'node:fs';

const { BENCH_PEAK_MEMORY } = process.env;
if (BENCH_PEAK_MEMORY !== undefined) {
  process.on('exit', () => {
    // In kilobytes; of the whole process, worker threads included (getrusage(2)).
    writeFileSync(BENCH_PEAK_MEMORY, String(process.resourceUsage().maxRSS));
  });
}
