import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileSource } from '../../sensor/capture/file-source.js';
import { CaptureError, type Damage } from '../../sensor/capture/packet.js';
import { bytes, concat, ethernet, ipv4, pcap, pcapng, tcp } from '../support/packets.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-files-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Payloads that gzip cannot shrink, so that a place in the file is a place in the capture. */
function noisyFrames(count: number): ReturnType<typeof ethernet>[] {
  let state = 12_345;
  return Array.from({ length: count }, (_, index) => {
    const payload = new Uint8Array(100);
    for (let at = 0; at < payload.length; at++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      payload[at] = state >>> 16;
    }
    return ethernet(ipv4({ id: index }, tcp({ seq: index * 100 }, payload)));
  });
}

async function read(file: Uint8Array, name = 'capture.pcap'): Promise<{ packets: number; damage: Damage | null }> {
  const path = join(folder, name);
  writeFileSync(path, file);
  const source = new FileSource(path);
  let packets = 0;
  await source.run(
    {
      packet() {
        packets++;
      },
    },
    new AbortController().signal,
  );
  return { packets, damage: source.damage };
}

const FRAMES = noisyFrames(200);
const MANY = noisyFrames(20_000);

describe('plain files', () => {
  test('packets broken off by the end of a piece are put together', async () => {
    expect(await read(pcap(MANY))).toEqual({ packets: 20_000, damage: null });
    expect(await read(pcapng(MANY))).toEqual({ packets: 20_000, damage: null });
  });

  test('a block larger than what is read at once is passed over, and all behind it is read', async () => {
    const length = 3 * 1024 * 1024;
    const block = new Uint8Array(length);
    const view = new DataView(block.buffer);
    // Of a type that nobody has given a meaning.
    view.setUint32(0, 0x0bad, true);
    view.setUint32(4, length, true);
    view.setUint32(length - 4, length, true);
    const section = pcapng([]);
    const packets = pcapng(MANY).subarray(section.length);
    const file = concat(section, packets, block, packets);
    expect(await read(file)).toEqual({ packets: 40_000, damage: null });
  });
});

describe('gzip', () => {
  test.each([
    ['pcap', pcap(FRAMES)],
    ['pcapng', pcapng(FRAMES)],
  ])('a packed %s reads like the plain one', async (_, file) => {
    expect(await read(file)).toEqual({ packets: 200, damage: null });
    expect(await read(gzipSync(file))).toEqual({ packets: 200, damage: null });
  });

  test('a file of several packed parts', async () => {
    const file = pcap(FRAMES);
    const packed = concat(gzipSync(file.subarray(0, 5000)), gzipSync(file.subarray(5000)));
    expect(await read(packed)).toEqual({ packets: 200, damage: null });
  });

  test.each([
    ['small', FRAMES, 200],
    ['large', MANY, 20_000],
  ])('a %s file that ends in the middle: everything before its end is read', async (_, frames, count) => {
    const packed = gzipSync(pcap(frames));
    const { packets, damage } = await read(packed.subarray(0, Math.floor(packed.length / 2)));
    expect(packets).toBeGreaterThan(count / 2 - 2 - count / 100);
    expect(packets).toBeLessThan(count / 2 + count / 50);
    expect(damage?.reason).toMatch(/gzip/);
    expect(damage?.offset).toBeGreaterThan(0);
  });

  /** A gzip file whose DEFLATE blocks are stored, `size` bytes each, so that a place can be damaged exactly. */
  function storedGzip(data: Uint8Array, size: number): Uint8Array {
    const blocks: Uint8Array[] = [bytes('1f8b 08 00 00000000 00 03')];
    for (let at = 0; at < data.length; at += size) {
      const part = data.subarray(at, at + size);
      const header = bytes(0, part.length, part.length >> 8, ~part.length, ~part.length >> 8);
      blocks.push(header, part);
    }
    return concat(...blocks);
  }

  test.each([
    ['small', FRAMES, 13_000],
    ['small, in many blocks', FRAMES, 100],
    ['large', MANY, 65_000],
    ['large, in many blocks', MANY, 777],
  ])('a %s file that is damaged in the middle: everything before the damage is read', async (_, frames, size) => {
    const file = pcap(frames);
    const packed = storedGzip(file, size);
    const block = Math.floor(file.length / size / 2);
    // Block type 3 does not exist (RFC 1951, 3.2.3).
    packed[10 + block * (size + 5)] = 0x06;
    const { packets, damage } = await read(packed);
    expect(packets).toBe(Math.floor((block * size - 24) / (16 + 14 + 40 + 100)));
    expect(damage?.offset).toBe(block * size);
    expect(damage?.reason).toMatch(/gzip/);
  });

  test('a wrong check sum at the end is said; all packets are read', async () => {
    const packed = new Uint8Array(gzipSync(pcap(FRAMES)));
    packed[packed.length - 6]! ^= 0xff;
    const { packets, damage } = await read(packed);
    expect(packets).toBe(200);
    expect(damage).not.toBeNull();
  });

  test('damage in the capture itself counts before damage of the packing', async () => {
    const file = concat(pcap(FRAMES.slice(0, 3)), bytes('00000000 00000000 ffffffff ffffffff'));
    const { packets, damage } = await read(gzipSync(file));
    expect(packets).toBe(3);
    expect(damage?.offset).toBe(pcap(FRAMES.slice(0, 3)).length);
  });

  test('what is packed is no capture', async () => {
    await expect(read(gzipSync(new Uint8Array(40_000_000).fill(65)))).rejects.toThrow(CaptureError);
    const noise = MANY.map((frame) => frame.data);
    await expect(read(gzipSync(concat(...noise)))).rejects.toThrow(/no pcap or pcapng capture/);
  });

  test('nothing but a gzip header', async () => {
    await expect(read(gzipSync(bytes('')))).rejects.toThrow(/empty/);
    await expect(read(bytes('1f8b'))).rejects.toThrow(CaptureError);
    await expect(read(bytes('1f8b ffff ffff ffff'))).rejects.toThrow(/gzip/);
  });

  test('a bomb is read in pieces, never in one', async () => {
    // 64 MiB of one packet's header that never ends: the claimed length stops it at once.
    const bomb = gzipSync(concat(pcap(FRAMES.slice(0, 1)), new Uint8Array(64 * 1024 * 1024)));
    const before = process.memoryUsage().arrayBuffers;
    const { packets } = await read(bomb);
    expect(packets).toBeGreaterThan(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('files that cannot be read are said with their name and what to do', () => {
  const run = (path: string): Promise<void> => new FileSource(path).run({ packet() {} }, new AbortController().signal);

  test('missing, folder, empty', async () => {
    await expect(run(join(folder, 'nowhere.pcap'))).rejects.toThrow(/nowhere\.pcap does not exist/);
    await expect(run(folder)).rejects.toThrow(/is a folder/);
    await expect(read(bytes(''), 'empty.pcap')).rejects.toThrow(/empty\.pcap is empty/);
    await expect(read(bytes('41'), 'one.pcap')).rejects.toThrow(/one\.pcap is no pcap/);
  });

  test('names with every odd character are only names', async () => {
    for (const name of ['new\nline.pcap', '<script>.pcap', 'ünï côdé.pcap', '-dash.pcap', 'quote\'".pcap']) {
      expect(await read(pcap(FRAMES.slice(0, 2)), name)).toEqual({ packets: 2, damage: null });
    }
  });
});
