import { fileURLToPath } from 'node:url';
import { ANY_INTERFACE } from './network-interfaces.js';

/** How a live interface is captured. */
export interface CaptureSettings {
  source: 'tcpdump' | 'cap';
  /** BPF filter in pcap-filter(7) syntax; empty: everything. */
  filter: string;
  /** Bytes kept of each packet. */
  snaplen: number;
  promiscuous: boolean;
  /** The kernel's buffer between interface and sensor. */
  bufferMegabytes: number;
  /**
   * `low`: every packet is handed over at once. `bulk`: in blocks, for links with more than about 100,000 packets a
   * second; an alert may come a second or two later. docs/live-capture.md has the figures.
   */
  latency: 'low' | 'bulk';
}

export const DEFAULT_CAPTURE: Readonly<CaptureSettings> = {
  source: 'tcpdump',
  filter: '',
  // Larger than any Ethernet frame, because the kernel may have merged several into one (GRO). libpcap shrinks the
  // buffer's slots to the MTU by itself where such merging is off.
  snaplen: 65_535,
  promiscuous: true,
  bufferMegabytes: 64,
  latency: 'low',
};

/** A child process that writes a pcap stream of one interface to its standard output. */
export interface CaptureCommand {
  source: string;
  command: string;
  args: string[];
  /**
   * Signal that makes it say its counters on standard error, which is also its sign of life; such a process says
   * "listening on" when it captures. null: it says nothing and counts as capturing from its first byte on.
   */
  heartbeat: 'SIGUSR1' | 'SIGUSR2' | null;
  /** Whether the kernel's drop counter is known. */
  countsDrops: boolean;
  /** It plays something that ends; its end is the end of the source, not a failure. */
  ends: boolean;
  /** What a person should know about this way to capture. */
  notes: string[];
}

function tcpdumpCommand(name: string, settings: CaptureSettings): CaptureCommand {
  const args = ['-i', name, '-n', '-w', '-', '--time-stamp-precision', 'nano'];
  args.push('-s', String(settings.snaplen), '-B', String(settings.bufferMegabytes * 1024));
  if (settings.latency === 'low') args.push('-U', '--immediate-mode');
  if (!settings.promiscuous) args.push('-p');
  if (settings.filter !== '') args.push('--', settings.filter);
  const notes: string[] = [];
  if (name === ANY_INTERFACE) notes.push('The interface "any" cannot be set to promiscuous mode.');
  if (settings.latency === 'bulk')
    notes.push('Bulk capture: packets arrive in blocks, so alerts may come a few seconds later.');
  return { source: 'tcpdump', command: 'tcpdump', args, heartbeat: 'SIGUSR1', countsDrops: true, ends: false, notes };
}

/**
 * The `cap` package runs in a process of its own: it aborts its process when the link goes down, and holds the event
 * loop for as long as packets keep coming.
 */
function capCommand(name: string, settings: CaptureSettings): CaptureCommand {
  const child = fileURLToPath(new URL('./cap-child.js', import.meta.url));
  return {
    source: 'cap',
    command: process.execPath,
    args: [child, name, String(settings.bufferMegabytes), settings.filter],
    // SIGUSR1 starts Node's debugger.
    heartbeat: 'SIGUSR2',
    countsDrops: false,
    ends: false,
    notes: [
      'Captured with the cap package: packets that the kernel had to drop are not counted.',
      'Captured with the cap package: packets get their time when the sensor reads them, not when they arrive, and snap length and promiscuous mode cannot be chosen.',
    ],
  };
}

export function captureCommand(name: string, settings: CaptureSettings): CaptureCommand {
  return settings.source === 'cap' ? capCommand(name, settings) : tcpdumpCommand(name, settings);
}
