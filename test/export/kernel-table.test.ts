import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { kernelAddress, unacknowledged } from '../../sensor/export/exporters/connection.js';
import { until } from './receivers.js';

describe('what the kernel says of a connection', () => {
  it.each([
    ['127.0.0.1', '0100007F'],
    ['192.168.10.99', '630AA8C0'],
    ['::ffff:10.0.0.1', '0100000A'],
  ])('%s stands in its table as %s, also mapped into IPv6', (address, words) => {
    const shape = new RegExp(`^${kernelAddress(address)}$`);
    expect(words).toMatch(shape);
    expect(`0000000000000000FFFF0000${words}`).toMatch(shape);
    expect(words.replace('0', '1')).not.toMatch(shape);
  });

  it.each([
    ['::1', '00000000000000000000000001000000'],
    ['2001:db8::7', 'B80D0120000000000000000007000000'],
    ['fe80::1%eth0', '000080FE000000000000000001000000'],
  ])('%s stands in its table as %s', (address, words) => {
    expect(kernelAddress(address)).toBe(words);
  });

  it.each(['127.0.0.1', '::1'])('finds the connection to %s, and what of it was not acknowledged', async (host) => {
    const server = createServer((socket) => socket.pause());
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as { port: number };
    const socket: Socket = connect(port, host);
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    expect(unacknowledged(socket)).toEqual({ bytes: 0, isSilent: false });
    socket.write(Buffer.alloc(32 * 1024 * 1024));
    await until('the buffers to fill', () => (unacknowledged(socket)?.bytes ?? 0) > 1_000_000);
    socket.destroy();
    server.close();
  });
});
