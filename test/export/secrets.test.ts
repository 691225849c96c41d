import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './receivers.js';

const MAIN = fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));
const PLANT = fileURLToPath(new URL('../../fixtures/plant/', import.meta.url));
const HAS_BUILD = existsSync(MAIN);
if (!HAS_BUILD)
  process.stderr.write('skipped: the test of secrets in a running program needs a build (npm run build)\n');

/** In a file, in the environment, and in the path of a url: none may be seen anywhere but at the receiver. */
const SECRET = 'signing-secret-4711-abcdef';
const TOKEN = 'environment-token-0815-xyz';
const PATH_KEY = 'path-key-1234567890';

describe.skipIf(!HAS_BUILD)('secrets of a running program', () => {
  let folder = '';
  let server: Server;
  let isGood = false;
  const authorizations: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fieldwatch-secrets-'));
    // An unfriendly receiver tells everything it was told.
    server = createServer((request, response) => {
      authorizations.push(String(request.headers.authorization));
      response.statusCode = isGood ? 200 : 500;
      response.statusMessage = `no ${request.headers.authorization} at ${request.url}`;
      response.end(JSON.stringify([request.headers, request.url]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    writeFileSync(join(folder, 'secret'), `${SECRET}\n`, { mode: 0o600 });
    writeFileSync(
      join(folder, 'fieldwatch.yaml'),
      `data: kept
export:
  exporters:
    hook:
      type: webhook
      url: http://127.0.0.1:${port}/in/${PATH_KEY}
      secret_file: secret
      token_env: FIELDWATCH_TEST_TOKEN
`,
    );
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function begin(...args: string[]): { child: ChildProcess; ended: Promise<unknown>; said: () => string } {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { ...process.env, FIELDWATCH_TEST_TOKEN: TOKEN },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    return { child, ended: new Promise((resolve) => child.once('close', resolve)), said: () => said };
  }

  async function run(...args: string[]): Promise<string> {
    const { ended, said } = begin(...args);
    await ended;
    return said();
  }

  function files(path: string): string[] {
    return readdirSync(path).flatMap((name) => {
      const whole = join(path, name);
      return statSync(whole).isDirectory() ? files(whole) : [whole];
    });
  }

  it('are in no output and no file of the data folder, whether the receiver works or tells them back', {
    timeout: 120_000,
  }, async () => {
    const said = [
      await run('replay', join(PLANT, 'normal.pcap'), '--phase', 'learn', '--export-timeout', '3'),
      await run('replay', join(PLANT, 'attack.pcap'), '--phase', 'protect', '--export-timeout', '3'),
      await run('export', 'test'),
      await run('export', 'test', '--json'),
      await run('export', 'status', '--json'),
      await run('export', 'send', '--timeout', '3'),
      await run('doctor', '--json'),
    ];
    expect(said.join()).toContain('answered with status 500');
    const console = begin('console', '--listen', '127.0.0.1:0');
    await until('the failure to be told', () => console.said().includes('answered with status 500'));
    isGood = true;
    const before = authorizations.length;
    await until('the delivery', () => authorizations.length > before);
    console.child.kill('SIGTERM');
    await console.ended;
    said.push(console.said(), await run('export', 'status'));
    expect(new Set(authorizations)).toEqual(new Set([`Bearer ${TOKEN}`]));
    for (const text of said) for (const secret of [SECRET, TOKEN, PATH_KEY]) expect(text).not.toContain(secret);
    const kept = files(join(folder, 'kept'));
    expect(kept.length).toBeGreaterThan(1);
    for (const path of kept)
      for (const secret of [SECRET, TOKEN, PATH_KEY]) expect(readFileSync(path).includes(secret), path).toBe(false);
  });
});
