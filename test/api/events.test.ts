import { existsSync, renameSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeEvent } from '../../console/api/events.js';
import { type RunningConsole, startConsole } from '../../console/api/start.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { addUser, sampleDataDir } from '../support/console.js';
import { manyAlerts, sampleAlert, sampleFindings, sampleHealth } from '../support/sample-findings.js';

/** Reads server-sent events off a real connection. */
class Stream {
  readonly response: IncomingMessage;
  readonly events: ChangeEvent[] = [];
  ended = false;
  #text = '';
  #wake: (() => void) | null = null;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#take(chunk));
    response.on('close', () => {
      this.ended = true;
      this.#wake?.();
    });
  }

  /** The first event for which the test holds, of those that came or will come. */
  async until(test: (event: ChangeEvent) => boolean): Promise<ChangeEvent> {
    for (let seen = 0; ; ) {
      for (; seen < this.events.length; seen++) {
        const event = this.events[seen];
        if (event && test(event)) return event;
      }
      if (this.ended) throw new Error('The stream ended.');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const parts = this.#text.split('\n\n');
    this.#text = parts.pop() ?? '';
    for (const part of parts) {
      const line = part.split('\n').find((text) => text.startsWith('data: '));
      if (line) this.events.push(JSON.parse(line.slice(6)) as ChangeEvent);
    }
    this.#wake?.();
  }
}

let data: { dir: string; remove(): void };
let running: RunningConsole;
let sensor: SqliteFindingsStore;
let accounts: ConsoleStore;
let session: string;
const open: IncomingMessage[] = [];

beforeEach(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  running = await startConsole({
    data: data.dir,
    listen: '127.0.0.1:0',
    webRoot: null,
    pollMs: 20,
    requestsPerMinute: 100_000,
    log: () => {},
  });
  sensor = new SqliteFindingsStore(data.dir, { role: 'sensor' });
  accounts = new ConsoleStore(data.dir);
  session = accounts.openSession('ada', 'test');
});

afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  accounts.close();
  sensor.close();
  await running.close();
  data.remove();
});

function connect(cookie = `fieldwatch=${session}`): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(`${running.url}api/v1/events`, { headers: { cookie }, agent: false }, (response) => {
      open.push(response);
      resolve(response);
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the live feed', () => {
  it('needs a session', async () => {
    expect((await connect('')).statusCode).toBe(401);
  });

  it('is no cacheable page and carries the security headers', async () => {
    const response = await connect();
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/event-stream');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('tells every page what another process wrote, by id', async () => {
    const streams = [new Stream(await connect()), new Stream(await connect())];
    for (const stream of streams) await stream.until((event) => event.type === 'hello');
    const health = sampleHealth({ packets: 99 });
    sensor.write({ ...sampleFindings(), alerts: [sampleAlert('fresh', {})], health });
    for (const stream of streams) {
      expect(await stream.until((event) => event.type === 'alerts')).toMatchObject({ ids: ['fresh'] });
      await stream.until((event) => event.type === 'health');
      expect(stream.events.some((event) => event.type === 'assets')).toBe(false);
    }
    sensor.setAssetApproved('asset-ews', true);
    expect(await streams[0]?.until((event) => event.type === 'assets')).toMatchObject({ ids: ['asset-ews'] });
  });

  it('tells of proposals once they are worked out, without anybody asking again', async () => {
    const get = () =>
      new Promise<{ total: number }>((resolve, reject) => {
        const headers = { cookie: `fieldwatch=${session}` };
        const asked = request(`${running.url}api/v1/baseline/proposals`, { headers, agent: false }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve(JSON.parse(text) as { total: number }));
        });
        asked.on('error', reject);
        asked.end();
      });
    const before = await get();
    const stream = new Stream(await connect());
    await stream.until((event) => event.type === 'hello');
    const [conversation] = sampleFindings().conversations;
    const telnet = {
      ...conversation!,
      id: 'conversation-telnet',
      protocol: 'telnet',
      operations: [],
      in_baseline: false,
    };
    sensor.write({ ...sampleFindings(), conversations: [telnet] });
    await stream.until((event) => event.type === 'conversations');
    // What is answered at once may be what was there before.
    expect((await get()).total - before.total).toBeLessThanOrEqual(1);
    await stream.until((event) => event.type === 'baseline');
    expect((await get()).total).toBe(before.total + 1);
  });

  it('says "read everything anew" when too much changed to name', async () => {
    const stream = new Stream(await connect());
    await stream.until((event) => event.type === 'hello');
    sensor.write({ ...sampleFindings(), alerts: manyAlerts(500) });
    const event = await stream.until((item) => item.type === 'resync');
    expect(event.ids).toBeUndefined();
    expect(event.revision).toBe(sensor.revision());
  });

  it('drops what a page that does not read would pile up, tells it so later, and others notice nothing', async () => {
    const slow = await connect();
    slow.pause();
    const quick = new Stream(await connect());
    await quick.until((event) => event.type === 'hello');
    // Long ids fill the sockets' buffers and then the queue of the page that does not read.
    const pad = 'x'.repeat(2000);
    let round = 0;
    for (; round < 30; round++) {
      const alerts = manyAlerts(150).map((alert) => ({ ...alert, id: `${alert.id}-${round}-${pad}` }));
      sensor.write({ ...sampleFindings(), alerts });
      const revision = sensor.revision();
      await quick.until((event) => event.revision >= revision);
    }
    const late = new Stream(slow);
    slow.resume();
    // The next change finds the page reading again.
    let told = false;
    const resync = late
      .until((event) => event.type === 'resync')
      .then(() => {
        told = true;
      });
    for (let n = 0; n < 200 && !told; n++) {
      sensor.write({ ...sampleFindings(), alerts: [sampleAlert(`after-${n}`, {})] });
      const revision = sensor.revision();
      await quick.until((event) => event.revision >= revision);
    }
    await resync;
    expect(late.events.filter((event) => event.type === 'alerts').length).toBeLessThan(round);
  });

  it('allows a bounded number of streams per session', async () => {
    const streams = await Promise.all(Array.from({ length: 12 }, () => connect()));
    expect(streams.filter((stream) => stream.statusCode === 200)).toHaveLength(10);
    expect(streams.filter((stream) => stream.statusCode === 429)).toHaveLength(2);
  });

  it('ends with the console', async () => {
    const stream = new Stream(await connect());
    await stream.until((event) => event.type === 'hello');
    const ended = new Promise((resolve) => stream.response.once('close', resolve));
    await running.close();
    await ended;
    running = await startConsole({ data: data.dir, listen: '127.0.0.1:0', webRoot: null, log: () => {} });
  });

  it('follows a store that the sensor had to start anew', async () => {
    const stream = new Stream(await connect());
    await stream.until((event) => event.type === 'hello');
    sensor.close();
    for (const suffix of ['', '-wal', '-shm']) {
      const path = join(data.dir, `findings.db${suffix}`);
      if (existsSync(path)) renameSync(path, `${path}.old`);
    }
    sensor = new SqliteFindingsStore(data.dir, { role: 'sensor' });
    sensor.write({ ...sampleFindings(), alerts: [sampleAlert('in the new store', {})] });
    const event = await stream.until((item) => item.type === 'resync' || item.type === 'alerts');
    expect(event.type === 'resync' || event.ids?.includes('in the new store')).toBe(true);
  });
});
