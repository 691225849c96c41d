import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { connect, createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TlsHandshake } from '../../sensor/protocols/_shared/tls-handshake.js';
import { bytes, concat } from '../support/packets.js';
import { CLIENT, Connection, SERVER } from './connection.js';
import { counted, FUNCTION, frame, join, plain, request, response } from './messages.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  process.stderr.write(
    'Skipped: TLS inside ISO transport is not tested, because openssl is not there for a certificate.\n',
  );

type Chunk = readonly [side: 0 | 1, data: Uint8Array];

/** What a real client and a real server send each other until the client has said "hello". */
async function handshake(version: 'TLSv1.2' | 'TLSv1.3', key: Buffer, cert: Buffer): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const server = createTlsServer({ key, cert, maxVersion: version, minVersion: version }, (socket) => {
    socket.on('data', () => socket.end('bye'));
    socket.on('error', () => {});
  });
  const listening = (listener: { listen(port: number, host: string, then: () => void): unknown; address(): unknown }) =>
    new Promise<number>((done) => {
      listener.listen(0, '127.0.0.1', () => done((listener.address() as { port: number }).port));
    });
  const serverPort = await listening(server);
  const relay = createServer((client: Socket) => {
    const upstream = connectTcp({ port: serverPort, host: '127.0.0.1' });
    client.on('data', (data) => {
      chunks.push([CLIENT, new Uint8Array(data)]);
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      chunks.push([SERVER, new Uint8Array(data)]);
      client.write(data);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  const port = await listening(relay);
  await new Promise<void>((done, fail) => {
    const client = connect({
      port,
      host: '127.0.0.1',
      servername: 'plc-1.plant.test',
      rejectUnauthorized: false,
      maxVersion: version,
      minVersion: version,
    });
    client.on('secureConnect', () => client.write('hello'));
    client.on('data', () => {});
    client.on('end', () => done());
    client.on('error', fail);
  });
  relay.close();
  server.close();
  return chunks;
}

describe.skipIf(!hasOpenssl)('TLS in place of messages', () => {
  let dir = '';
  let key: Buffer;
  let cert: Buffer;
  beforeAll(() => {
    dir = mkdtempSync(path(tmpdir(), 'fieldwatch-tls-'));
    const subject = '/O=Example Plant/CN=PLC-1 Communication';
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        subject,
        '-days',
        '30',
        '-set_serial',
        '0x1234',
        '-keyout',
        path(dir, 'key.pem'),
        '-out',
        path(dir, 'cert.pem'),
      ],
      { stdio: 'ignore' },
    );
    key = readFileSync(path(dir, 'key.pem'));
    cert = readFileSync(path(dir, 'cert.pem'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function initSsl(connection: Connection): void {
    connection.send(CLIENT, frame(1, plain(request(FUNCTION.initSsl, 1, 0))));
    connection.send(SERVER, frame(1, plain(response(FUNCTION.initSsl, 1, 0x00))));
  }

  test('TLS 1.2 tells the server’s name and certificate, and nothing of what is said', async () => {
    const chunks = await handshake('TLSv1.2', key, cert);
    const connection = new Connection();
    initSsl(connection);
    for (const [side, data] of chunks) connection.send(side, data);
    const encrypted = connection.found.slice(2);
    expect(encrypted.every(({ isEncrypted, operation }) => isEncrypted && operation === 'encrypted')).toBe(true);
    expect(encrypted.map(({ fields }) => fields['length'])).toEqual(chunks.map(([, data]) => data.length));
    expect(encrypted[0]?.fields).toMatchObject({ encrypted: true, tls: { server_name: 'plc-1.plant.test' } });
    const told = encrypted.map(({ fields }) => fields['tls'] as Record<string, unknown> | undefined).filter(Boolean);
    expect(told.at(-1)).toMatchObject({
      version: 'TLS 1.2',
      certificate: { subject: 'O=Example Plant, CN=PLC-1 Communication', serial_number: '1234' },
    });
    expect(connection.identity).toEqual([
      { unit: -1, field: 'name', value: 'PLC-1 Communication', source: 's7comm_plus.certificate', confidence: 60 },
    ]);
    expect(connection.found.flatMap(({ anomalies }) => anomalies)).toEqual([]);
  });

  test('TLS 1.3 tells its version and the name asked for; the certificate is encrypted', async () => {
    const chunks = await handshake('TLSv1.3', key, cert);
    const connection = new Connection({ isOpened: false });
    for (const [side, data] of chunks) connection.send(side, data);
    const told = connection.found
      .map(({ fields }) => fields['tls'] as Record<string, unknown> | undefined)
      .filter(Boolean);
    expect(told.at(-1)).toMatchObject({ version: 'TLS 1.3', server_name: 'plc-1.plant.test' });
    expect(told.at(-1)).not.toHaveProperty('certificate');
  });

  test('the same is told however the records were cut into TSDUs', async () => {
    const chunks = await handshake('TLSv1.2', key, cert);
    const whole = new TlsHandshake();
    for (const [side, data] of chunks) whole.feed(side, data, 0, data.length);
    expect(whole.facts.certificate).toBeDefined();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (size) => {
        const cut = new TlsHandshake();
        for (const [side, data] of chunks) {
          for (let at = 0; at < data.length; at += size) cut.feed(side, data, at, Math.min(data.length, at + size));
        }
        expect(cut.facts).toEqual(whole.facts);
      }),
      { numRuns: 40 },
    );
  });

  test('mutated handshakes never throw', async () => {
    const chunks = await handshake('TLSv1.2', key, cert);
    const serverHello = concat(...chunks.filter(([side]) => side === SERVER).map(([, data]) => data));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(serverHello.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const mutated = serverHello.slice();
        for (const [at, byte] of changes) mutated[at] = byte;
        new TlsHandshake().feed(SERVER, mutated, 0, mutated.length);
      }),
      { numRuns: 300 },
    );
  });
});

test('a handshake that never ends is not kept', () => {
  const handshakes = new TlsHandshake();
  const record = join('160303', '4000', new Uint8Array(0x4000).fill(0x0b));
  for (let count = 0; count < 100; count++) handshakes.feed(CLIENT, record, 0, record.length);
  expect(handshakes.facts).toEqual({});
});

test('a refused InitSSL leaves the connection open for reading', () => {
  const connection = new Connection();
  connection.send(CLIENT, frame(1, plain(request(FUNCTION.initSsl, 1, 0))));
  connection.send(SERVER, frame(1, plain(response(FUNCTION.initSsl, 1, '83ff74'))));
  expect(connection.last).toMatchObject({ operation: 'init_ssl', rejection: 'bad_address' });
  connection.send(CLIENT, bytes('00112233'));
  expect(connection.anomalies).toEqual(['s7comm_plus.garbage']);
  expect(connection.send(CLIENT, frame(2, counted(request(FUNCTION.endSequence, 2, 5, '0000'), 1)))?.anomalies).toEqual(
    [],
  );
});
