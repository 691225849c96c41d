import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KERNEL_TABLES } from '../../sensor/export/exporters/connection.js';
import { type ExporterSettings, FORMAT_NAMES, withDefaults } from '../../sensor/export/settings.js';
import { testExporter } from '../../sensor/export/test-run.js';
import { HOSTILE } from '../support/sample-findings.js';
import { parseCef, parseLeef } from './parsers.js';
import {
  Authority,
  freePort,
  Rsyslog,
  SyslogNg,
  until,
  WITHOUT_OPENSSL,
  WITHOUT_RSYSLOG,
  WITHOUT_SYSLOG_NG,
} from './receivers.js';
import { alert, ORIGIN, Plant } from './support.js';

/** Against rsyslog and syslog-ng as Debian brings them, and TLS peers that are wrong in every way. */

for (const reason of new Set([WITHOUT_OPENSSL, WITHOUT_RSYSLOG, WITHOUT_SYSLOG_NG]))
  if (reason !== '') process.stderr.write(`${reason}\n`);

const hostileAlerts = () =>
  [...Object.values(HOSTILE), '\n<134>1 2026-01-01T00:00:00Z forged f - x - forged', '"] [a@1 b="c', '\\"]', 'ü😀'].map(
    (text, n) => alert(n, { title: text, description: text, object: text, src_ip: text, observed: text }),
  );

function syslog(port: number, over: object = {}): ExporterSettings {
  return { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp', resend_seconds: 1, ...over } as ExporterSettings;
}

async function steps(settings: ExporterSettings): Promise<{ ok: boolean; eventId: string; last: string }> {
  const planned = {
    name: 'soc',
    settings: withDefaults(settings),
    from: 'file' as const,
    sealed: '',
    secrets: () => ({}),
  };
  const { ok, eventId, steps: all } = await testExporter(planned, '/', ORIGIN, Date.now());
  return { ok, eventId, last: all.at(-1)?.detail ?? '' };
}

describe.skipIf(WITHOUT_OPENSSL !== '' || WITHOUT_RSYSLOG !== '')('rsyslog', () => {
  let authority: Authority;
  let there: Rsyslog;
  let client: { cert: string; key: string };

  beforeAll(async () => {
    authority = new Authority();
    const server = authority.issue('siem.test', 'DNS:siem.test,IP:127.0.0.1');
    client = authority.issue('north-1', 'DNS:north-1');
    there = await Rsyslog.create({ ca: authority.ca, cert: server.cert, key: server.key, clientName: 'north-1' });
    await there.start();
  });

  afterAll(async () => {
    await there.end();
    authority.remove();
  });

  const tls = (over: object = {}) =>
    syslog(there.tlsPort, {
      transport: 'tls',
      ca_file: authority.ca,
      server_name: 'siem.test',
      cert_file: client.cert,
      key_file: client.key,
      ...over,
    });

  async function sendAll(settings: ExporterSettings): Promise<number> {
    const here = new Plant({ soc: settings }, { per_second: 10_000 });
    try {
      const alerts = hostileAlerts();
      here.find(alerts);
      const [left] = await here.service().drain(20_000);
      expect(left).toMatchObject({ left: 0, error: '' });
      return alerts.length;
    } finally {
      here.close();
    }
  }

  const since = async (before: number, amount: number) => {
    await until(`${amount} messages`, () => there.received().length >= before + amount);
    return there.received().slice(before);
  };

  it.each([
    ['UDP', () => syslog(there.port, { transport: 'udp' })],
    ['TCP', () => syslog(there.port)],
    ['TCP with newlines', () => syslog(there.port, { framing: 'newline' })],
    ['TLS with certificates on both sides', () => tls()],
  ] as const)('gets hostile alerts whole, one message each, over %s', async (_, settings) => {
    const before = there.received().length;
    const amount = await sendAll(settings());
    const got = await since(before, amount);
    expect(got).toHaveLength(amount);
    for (const message of got) {
      expect(message).toMatchObject({ host: 'north-1', app: 'fieldwatch', msgid: 'alert' });
      expect(message.sd).toMatch(/^\[fieldwatch@32473 eventId="event-[0-9a-f]{16}" /);
      const body = JSON.parse(message.msg) as { event_id: string };
      expect(message.sd).toContain(body.event_id);
    }
    expect(new Set(got.map(({ msg }) => (JSON.parse(msg) as { alert: { id: string } }).alert.id)).size).toBe(amount);
  });

  it.each(FORMAT_NAMES)('gets the format %s readable', async (format) => {
    const before = there.received().length;
    const amount = await sendAll(syslog(there.port, { format }));
    for (const { msg } of await since(before, amount)) {
      if (format === 'cef') parseCef(msg);
      else if (format === 'leef') parseLeef(msg);
      else JSON.parse(msg);
    }
  });

  it('gets RFC 3164 with the tag and the sensor as host', async () => {
    const before = there.received().length;
    const amount = await sendAll(syslog(there.port, { header: 'rfc3164', framing: 'newline', format: 'cef' }));
    for (const message of await since(before, amount)) {
      expect(message).toMatchObject({ host: 'north-1', app: 'fieldwatch' });
      parseCef(message.msg.trimStart());
    }
  });

  it('reads the test message, and the test says so', async () => {
    const { ok, eventId, last } = await steps(tls());
    expect({ ok, last }).toMatchObject({ ok: true, last: expect.stringContaining('read to the end') });
    await until('the test message', () => there.received().some(({ msg }) => msg.includes(eventId)));
  });

  it('refuses a sender without a certificate, and the test notices', async () => {
    const { ok, last } = await steps(tls({ cert_file: '', key_file: '' }));
    expect(ok).toBe(false);
    expect(last).toContain('certificate of ours');
  });

  it('refuses a sender whose certificate somebody else signed, and the test notices', async () => {
    const stranger = new Authority('Stranger');
    const wrong = stranger.issue('north-1', 'DNS:north-1');
    const { ok, last } = await steps(tls({ cert_file: wrong.cert, key_file: wrong.key }));
    stranger.remove();
    expect({ ok, last: /certificate|closed|broke/.test(last) }).toEqual({ ok: false, last: true });
  });

  it.each([
    ['is killed again and again while messages come', KERNEL_TABLES],
    ['is so on a machine that does not tell what a receiver has got', ['/nowhere/tcp']],
  ])('loses nothing when it %s', { timeout: 120_000 }, async (_, tables) => {
    const real = KERNEL_TABLES.splice(0, KERNEL_TABLES.length, ...tables);
    const here = new Plant({ soc: syslog(there.port, { resend_seconds: 3 }) }, { per_second: 10_000 });
    const service = here.start();
    try {
      const before = there.received().length;
      for (let round = 0; round < 8; round++) {
        here.find(Array.from({ length: 250 }, (_, n) => alert(100_000 + round * 250 + n)));
        await until('something to arrive', () => there.received().length > before);
        await there.kill();
        await there.start();
      }
      const ids = () =>
        new Set(
          there
            .received()
            .slice(before)
            .map(({ msg }) => (JSON.parse(msg) as { alert?: { id: string } }).alert?.id),
        );
      await until('every alert', () => ids().size >= 2000, 60_000);
      expect(ids().size).toBe(2000);
      // What was read to its end does not come again.
      await until('all to be certain', () => here.waiting('soc') === 0);
      const amount = there.received().length;
      here.find([alert(200_000)]);
      await until('one more', () => ids().has('alert-00200000'));
      expect(there.received()).toHaveLength(amount + 1);
    } finally {
      KERNEL_TABLES.splice(0, KERNEL_TABLES.length, ...real);
      await service.stop();
      here.close();
    }
  });
});

describe.skipIf(WITHOUT_OPENSSL !== '' || WITHOUT_SYSLOG_NG !== '')('syslog-ng', () => {
  let authority: Authority;
  let there: SyslogNg;
  let client: { cert: string; key: string };
  let port = 0;
  let tlsPort = 0;

  beforeAll(async () => {
    authority = new Authority();
    const server = authority.issue('siem.test', 'DNS:siem.test');
    client = authority.issue('north-1', 'DNS:north-1');
    [port, tlsPort] = [await freePort(), await freePort()];
    there = new SyslogNg();
    await there.start(port, tlsPort, { ca: authority.ca, ...server });
  });

  afterAll(async () => {
    await there.end();
    authority.remove();
  });

  it.each(['udp', 'tcp', 'tls'] as const)('gets hostile alerts whole, one message each, over %s', async (transport) => {
    const before = there.received().length;
    const over = {
      transport,
      ca_file: authority.ca,
      server_name: 'siem.test',
      cert_file: client.cert,
      key_file: client.key,
    };
    const here = new Plant({ soc: syslog(transport === 'tls' ? tlsPort : port, over) }, { per_second: 10_000 });
    try {
      const alerts = hostileAlerts();
      here.find(alerts);
      await here.service().drain(20_000);
      await until('the messages', () => there.received().length >= before + alerts.length);
      const got = there
        .received()
        .slice(before)
        .map((line) => JSON.parse(line) as { alert: { id: string } });
      expect(new Set(got.map((message) => message.alert.id)).size).toBe(alerts.length);
    } finally {
      here.close();
    }
  });
});

describe.skipIf(WITHOUT_OPENSSL !== '')('a TLS receiver that is not what it should be', () => {
  let authority: Authority;
  let stranger: Authority;

  beforeAll(() => {
    authority = new Authority();
    stranger = new Authority('Stranger');
  });

  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  async function against(
    pair: { cert: string; key: string },
    over: object,
    options: object = {},
  ): Promise<{ ok: boolean; last: string; got: number }> {
    let got = 0;
    const server = createServer(
      { cert: readFileSync(pair.cert), key: readFileSync(pair.key), ...options },
      (socket) => {
        socket.on('error', () => {});
        socket.on('data', (chunk: Buffer) => {
          got += chunk.length;
        });
      },
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const { ok, last } = await steps(
        syslog(port, { transport: 'tls', ca_file: authority.ca, server_name: 'siem.test', ...over }),
      );
      return { ok, last, got };
    } finally {
      server.close();
    }
  }

  it('is used when it is right', async () => {
    const result = await against(authority.issue('siem.test', 'DNS:siem.test'), {});
    expect(result).toMatchObject({ ok: true, got: expect.any(Number) });
    expect(result.got).toBeGreaterThan(100);
  });

  it.each([
    [
      'has expired',
      () => authority.issue('siem.test', 'DNS:siem.test', ['20200101000000Z', '20200201000000Z']),
      'has expired',
    ],
    [
      'is not valid yet',
      () => authority.issue('siem.test', 'DNS:siem.test', ['20980101000000Z', '20990201000000Z']),
      'not valid yet',
    ],
    ['is for another name', () => authority.issue('other.test', 'DNS:other.test'), 'is for another name'],
    ['was signed by a stranger', () => stranger.issue('siem.test', 'DNS:siem.test'), 'not known here'],
    ['signed itself', () => ({ cert: stranger.ca, key: `${stranger.folder}/ca.key` }), 'signed by itself'],
  ] as const)('gets nothing when its certificate %s', async (_, pair, words) => {
    const { ok, last, got } = await against(pair(), {});
    expect({ ok, got }).toEqual({ ok: false, got: 0 });
    expect(last).toContain(words);
  });

  it('has not read what it closes the connection upon, as when it does not accept our certificate', async () => {
    const wrong = stranger.issue('north-1', 'DNS:north-1');
    const strict = { requestCert: true, rejectUnauthorized: true, ca: [readFileSync(authority.ca)] };
    const ours = { cert_file: wrong.cert, key_file: wrong.key };
    const { ok, last, got } = await against(authority.issue('siem.test', 'DNS:siem.test'), ours, strict);
    expect({ ok, got }).toEqual({ ok: false, got: 0 });
    expect(last).toMatch(/closed the connection after the handshake: it may not accept our certificate|broke off/);
  });

  it('is not looked for where no certificate stands in ca_file', async () => {
    const { ok, last } = await steps(syslog(9, { transport: 'tls', ca_file: `${authority.folder}/ca.key` }));
    expect(ok).toBe(false);
    expect(last).toContain('ca.key holds no certificate in PEM form');
  });

  it('cannot write to the terminal with the names in its certificate', async () => {
    const { last } = await against(authority.issue('evil\u001b[31m', 'DNS:other.test,URI:evil\u001b[2Jforged'), {});
    expect(last).toContain('is for another name');
    expect(last).not.toMatch(/\p{Cc}/u);
  });

  it('gets nothing when it speaks only TLS 1.0', async () => {
    const pair = authority.issue('siem.test', 'DNS:siem.test');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const { ok, last, got } = await against(pair, {}, old);
    expect({ ok, got }).toEqual({ ok: false, got: 0 });
    expect(last).toContain('too old');
  });

  it('gets nothing in the clear when it speaks no TLS at all', async () => {
    const { createServer: plain } = await import('node:net');
    let got = '';
    const server = plain((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
        socket.end('220 mail.example.com\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { ok, last } = await steps(syslog(port, { transport: 'tls', ca_file: authority.ca }));
    server.close();
    expect(ok).toBe(false);
    expect(last).toContain('does not speak TLS');
    expect(got).not.toContain('fieldwatch');
  });

  it('keeps the queue while its certificate is wrong, and gets all of it when it is right', async () => {
    const wrong = authority.issue('other.test', 'DNS:other.test');
    const right = authority.issue('siem.test', 'DNS:siem.test');
    const port = await freePort();
    let bytes = '';
    const listen = async (pair: { cert: string; key: string }) => {
      const server = createServer({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) }, (socket) => {
        socket.on('error', () => {});
        socket.on('data', (chunk: Buffer) => {
          bytes += chunk.toString();
        });
      });
      server.on('tlsClientError', () => {});
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return server;
    };
    const here = new Plant({
      soc: syslog(port, { transport: 'tls', ca_file: authority.ca, server_name: 'siem.test' }),
    });
    let server = await listen(wrong);
    const service = here.start();
    try {
      here.find([alert(1), alert(2)]);
      await until('the failure', () => here.state('soc').state === 'failing');
      expect(here.state('soc').error).toContain('is for another name');
      expect(here.waiting('soc')).toBe(2);
      await new Promise((resolve) => server.close(resolve));
      server = await listen(right);
      await until('both alerts', () => bytes.includes(alert(1).id) && bytes.includes(alert(2).id));
      expect(here.state('soc').error).toBe('');
    } finally {
      await service.stop();
      server.close();
      here.close();
    }
  });
});
