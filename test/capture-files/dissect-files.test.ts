import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAW_ALL, SAW_READ, started, summary, written } from '../evasion/case.js';
import { bytes, concat, PcapngWriter, pcap, pcapng, TcpPair, timed } from '../support/packets.js';

const MAIN = fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));
const isBuilt = existsSync(MAIN);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-dissect-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly status: number | null;
  readonly records: Record<string, unknown>[];
  readonly stderr: string;
}

function parsed(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function save(name: string, data: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

function dissect(...args: string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'dissect', ...args], { encoding: 'utf8' });
  return { status, records: parsed(stdout), stderr };
}

/** Standard input in the given pieces, each written when the one before has been taken. */
async function dissectStdin(pieces: readonly Uint8Array[]): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, 'dissect', '-']);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  // The reader may have stopped at the damage.
  child.stdin.on('error', () => {});
  for (const piece of pieces) await new Promise((resolve) => child.stdin.write(piece, resolve));
  child.stdin.end();
  return { status: await ended, records: parsed(stdout), stderr };
}

const pair = new TcpPair();
const FRAMES = [...started(pair), ...written(pair)];
const FILE = pcap(FRAMES);
const UP_TO_READ = pcap(timed(FRAMES).slice(0, 5));

function seen(run: Run): string[] {
  return run.records.filter((record) => record['event_type'] === 'modbus').map(summary);
}

describe.skipIf(!isBuilt)('fieldwatch dissect on files of every condition', () => {
  test.each([
    ['pcap', FILE],
    ['big-endian nanosecond pcap', pcap(FRAMES, { bigEndian: true, nanoseconds: true })],
    ['pcapng', pcapng(FRAMES)],
    ['gzip', gzipSync(FILE)],
  ])('%s: status 0, nothing on standard error', (name, data) => {
    const run = dissect(save(`${name}.pcap`, data));
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(seen(run)).toEqual(SAW_ALL);
    expect(run.records[0]?.['timestamp']).toMatch(
      name.includes('nano') ? /^2026-01-01T00:00:00\.003000000Z$/ : /^2026-01-01T00:00:00\.003000Z$/,
    );
  });

  test('a file that ends in the middle: status 3, the offset, and everything before it', () => {
    const run = dissect(save('cut.pcap', FILE.subarray(0, UP_TO_READ.length + 30)));
    expect(run.status).toBe(3);
    expect(run.stderr).toContain(`damaged at byte ${UP_TO_READ.length}`);
    expect(run.stderr).toContain('cut.pcap');
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(seen(run)).toEqual(SAW_READ);
  });

  test('a pcapng file with a broken block: what comes after it is reported as well', () => {
    const writer = new PcapngWriter();
    const [one, two] = [FRAMES.slice(0, 5), FRAMES.slice(5)].map((frames) =>
      concat(...timed(frames).map((record) => writer.enhanced(record.data, { units: BigInt(record.time) }))),
    );
    const start = concat(writer.section(), writer.interface(), one!);
    const broken = writer.enhanced(bytes('00'), { interface: 9 });
    const run = dissect(save('block.pcapng', concat(start, broken, two!)));
    expect(run.status).toBe(3);
    expect(run.stderr).toContain(`byte ${start.length}`);
    expect(seen(run)).toEqual(SAW_ALL);
  });

  test('packets of a link type nobody decodes are said', () => {
    const writer = new PcapngWriter();
    const blocks = timed(FRAMES).map((record) => writer.enhanced(record.data, { units: BigInt(record.time) }));
    const foreign = writer.enhanced(bytes('00010203'), { interface: 1 });
    const file = concat(writer.section(), writer.interface(), writer.interface({ linkType: 195 }), foreign, ...blocks);
    const run = dissect(save('foreign.pcapng', file));
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/1 packets? .*link type/);
    expect(seen(run)).toEqual(SAW_ALL);
    // Their numbers count, as everywhere.
    expect(run.records[0]?.['pcap_cnt']).toBe(5);
  });

  test('gzip that ends in the middle', () => {
    const packed = gzipSync(FILE, { level: 0 });
    const run = dissect(save('cut.pcap.gz', packed.subarray(0, 15 + UP_TO_READ.length + 20)));
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/gzip/);
    expect(seen(run)).toEqual(SAW_READ);
  });

  test.each<[name: string, data: Uint8Array, message: RegExp]>([
    ['empty', bytes(''), /is empty/],
    ['text', new TextEncoder().encode('no capture at all, only words'), /no pcap or pcapng capture/],
    ['linktype', pcap(FRAMES, { linkType: 147 }), /link type 147/],
    ['version', pcap(FRAMES, { versionMajor: 9 }), /version 9/],
    ['gzip-of-text', gzipSync(new TextEncoder().encode('no capture at all')), /no pcap or pcapng capture/],
  ])('%s: status 2, one sentence with the name, nothing on standard output', (name, data, message) => {
    const run = dissect(save(`${name}.pcap`, data));
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain(`${name}.pcap`);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(run.records).toEqual([]);
  });

  test('a missing file and a folder: status 2', () => {
    expect(dissect(join(folder, 'nowhere.pcap'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nowhere.pcap does not exist'),
    });
    expect(dissect(folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('is a folder') });
    expect(dissect().status).toBe(2);
    expect(dissect('--protocol', 'nonsense', save('fine.pcap', FILE))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nonsense'),
    });
  });

  test('several files: each record names its file; one bad file does not hide the others', () => {
    const good = save('good.pcap', FILE);
    const cut = save('half.pcap', FILE.subarray(0, UP_TO_READ.length + 3));
    const run = dissect(good, cut, good);
    expect(run.status).toBe(3);
    expect(seen(run)).toEqual([...SAW_ALL, ...SAW_READ, ...SAW_ALL]);
    expect(run.records.map((record) => record['pcap_filename'])).toEqual([
      ...SAW_ALL.map(() => good),
      ...SAW_READ.map(() => cut),
      ...SAW_ALL.map(() => good),
    ]);
  });

  test('names that are no harmless text are printed so that they stay one line', () => {
    const run = dissect(save('two\nlines \u001b[31m.pcap', bytes('')));
    expect(run.status).toBe(2);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).not.toContain('\u001b');
  });

  test('standard input, in one piece and byte by byte', async () => {
    for (const size of [FILE.length, 100, 1]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < FILE.length; at += size) pieces.push(FILE.subarray(at, at + size));
      const run = await dissectStdin(pieces);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(seen(run)).toEqual(SAW_ALL);
    }
  });

  test('standard input: gzip, cut short, empty, and no capture', async () => {
    expect(seen(await dissectStdin([gzipSync(FILE)]))).toEqual(SAW_ALL);
    const cut = await dissectStdin([FILE.subarray(0, UP_TO_READ.length + 30)]);
    expect(cut.status).toBe(3);
    expect(cut.stderr).toContain(`byte ${UP_TO_READ.length}`);
    expect(seen(cut)).toEqual(SAW_READ);
    expect(await dissectStdin([])).toMatchObject({ status: 2, stderr: expect.stringContaining('empty') });
    expect((await dissectStdin([bytes('41424344454647')])).status).toBe(2);
  });

  test('a reader that goes away ends the program, not the terminal', () => {
    const many = new TcpPair();
    const frames = many.open();
    for (let i = 0; i < 20_000; i++) frames.push(...written(many));
    const path = save('many.pcap', pcap(frames));
    const run = spawnSync('sh', ['-c', `"${process.execPath}" "${MAIN}" dissect "${path}" | head -n 1`], {
      encoding: 'utf8',
    });
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).toBe('');
  });
});

if (!isBuilt) test.skip('dist/ is missing (npm run build makes it): the dissect command is not run', () => {});
