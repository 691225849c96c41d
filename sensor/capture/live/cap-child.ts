/**
 * Captures one interface with the `cap` package and writes a pcap stream to standard output, speaking tcpdump's words
 * on standard error. Runs as its own process: `node cap-child.js INTERFACE BUFFER_MEGABYTES FILTER`.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LINKTYPE } from '../packet.js';

interface Cap {
  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string;
  setMinBytes?(bytes: number): void;
  close(): void;
  on(event: 'packet', listener: (bytes: number, truncated: boolean) => void): void;
}

/** cap's fixed snap length. */
const SNAP_LENGTH = 65_535;
const LINK_TYPES: Readonly<Record<string, number>> = {
  NULL: LINKTYPE.NULL,
  ETHERNET: LINKTYPE.ETHERNET,
  RAW: LINKTYPE.RAW,
  LINKTYPE_LINUX_SLL: LINKTYPE.LINUX_SLL,
};

/** The pipe may be full: wait for the reader as a blocking write would, so that the kernel does the dropping. */
function writeAll(bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function say(text: string): void {
  writeSync(2, `${text}\n`);
}

function capture(device: string, bufferMegabytes: number, filter: string): void {
  let CapClass: new () => Cap;
  try {
    CapClass = (createRequire(import.meta.url)('cap') as { Cap: new () => Cap }).Cap;
  } catch {
    say('the cap package is not installed');
    process.exit(1);
  }
  const cap = new CapClass();
  // Room for the record header in front, so that a packet leaves in one write.
  const record = Buffer.alloc(16 + SNAP_LENGTH);
  const linkName = cap.open(device, filter, bufferMegabytes * 1024 * 1024, record.subarray(16));
  const linkType = LINK_TYPES[linkName];
  if (linkType === undefined) {
    say(`the link type ${linkName} is not supported`);
    process.exit(1);
  }
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_LENGTH, 16);
  header.writeUInt32LE(linkType, 20);
  writeAll(header);
  let packets = 0;
  cap.on('packet', (bytes) => {
    packets++;
    const now = performance.timeOrigin + performance.now();
    record.writeUInt32LE(Math.floor(now / 1000), 0);
    record.writeUInt32LE(Math.floor((now % 1000) * 1000), 4);
    record.writeUInt32LE(bytes, 8);
    record.writeUInt32LE(bytes, 12);
    writeAll(record.subarray(0, 16 + bytes));
  });
  process.on('SIGUSR2', () => say(`${packets} packets captured`));
  process.on('SIGTERM', () => {
    cap.close();
    process.exit(0);
  });
  say(`listening on ${device}`);
}

const [device = '', bufferMegabytes = '64', filter = ''] = process.argv.slice(2);
try {
  capture(device, Number(bufferMegabytes), filter);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
