import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** libpcap's pseudo interface that captures on all others; it has no link state of its own. */
export const ANY_INTERFACE = 'any';

export interface LinkState {
  /** Whether an interface of this name exists. */
  present: boolean;
  /** null: the system does not tell (no sysfs in this container, or the interface `any`). */
  up: boolean | null;
  /** Changes when an interface is removed and made again under the same name; null: unknown. */
  index: number | null;
  /** Counts every loss and return of carrier since the interface exists; null: unknown. */
  carrierChanges: number | null;
}

function readAttribute(name: string, attribute: string): string | null {
  try {
    return readFileSync(`/sys/class/net/${name}/${attribute}`, 'utf8').trim();
  } catch {
    return null;
  }
}

function readNumber(name: string, attribute: string): number | null {
  const text = readAttribute(name, attribute);
  const value = Number(text);
  return text === null || text === '' || !Number.isFinite(value) ? null : value;
}

/**
 * Names of the network interfaces of this network namespace, in the kernel's order. `/proc/net/dev` is used because
 * `/sys/class/net` may show the namespace of whoever mounted it, and because `os.networkInterfaces()` leaves out
 * interfaces without an address, which is what a mirror port should be.
 */
export function listInterfaces(): string[] {
  try {
    return readFileSync('/proc/net/dev', 'utf8')
      .split('\n')
      .slice(2)
      .map((line) => line.slice(0, line.lastIndexOf(':')).trim())
      .filter((name) => name !== '');
  } catch {
    return Object.keys(networkInterfaces());
  }
}

/** Link state as the kernel tells it now. Costs a few file reads; made for being asked twice a second. */
export function readLinkState(name: string): LinkState {
  if (name === ANY_INTERFACE) return { present: true, up: null, index: null, carrierChanges: null };
  if (!listInterfaces().includes(name)) return { present: false, up: false, index: null, carrierChanges: null };
  const index = readNumber(name, 'ifindex');
  if (index === null) return { present: true, up: null, index: null, carrierChanges: null };
  // Reading `carrier` of an interface that is administratively down is an error (EINVAL), so null means down here.
  const carrier = readAttribute(name, 'carrier');
  return { present: true, up: carrier === '1', index, carrierChanges: readNumber(name, 'carrier_changes') };
}

/** Packets that the interface itself lost (no buffer, ring overrun) since it exists; null: unknown. */
export function readInterfaceDrops(name: string): number | null {
  const counts = ['rx_dropped', 'rx_missed_errors', 'rx_fifo_errors'].map((attribute) =>
    readNumber(name, `statistics/${attribute}`),
  );
  return counts.every((count) => count === null) ? null : counts.reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

/** Largest payload of a frame in bytes; null: unknown. */
export function readMtu(name: string): number | null {
  return readNumber(name, 'mtu');
}

/** IP addresses on the interface. A mirror port should have none: an address makes the host answer on it. */
export function readAddresses(name: string): string[] {
  return (networkInterfaces()[name] ?? []).map((address) => address.address);
}

/** A name that can exist (Linux: up to 15 bytes, no slash, no blank) and cannot be taken for an option. */
export function isInterfaceName(name: string): boolean {
  return /^[^\s/-][^\s/]{0,14}$/.test(name) && name !== '.' && name !== '..';
}
