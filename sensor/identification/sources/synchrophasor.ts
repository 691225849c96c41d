import { u16 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { isReadable, zeroTerminated } from '../text.js';

const HEADER = 14;
const PMU_BLOCK = 26;
const CHANNEL_NAME = 16;
const MAX_PMUS = 32;
const MAX_CHANNELS = 2048;
const CONFIGURATION_3 = 5;

/** IEEE C37.118.2: configuration frames 1 and 2 name the phasor measurement units. */
export const synchrophasor: IdentitySource = {
  name: 'c37.118',
  udpPorts: [4712, 4713],
  tcpPorts: [4712, 4713],
  stream: 'messages',
  recognises: (buf, from, to) => to - from >= HEADER && buf[from] === 0xaa && isConfiguration(buf[from + 1]!),
  isOfInterest: (buf, from, to) => to - from > HEADER + 6 && buf[from] === 0xaa && isConfiguration(buf[from + 1]!),
  read({ buf, from, to }, tell) {
    const isThird = buf[from + 1]! >> 4 === CONFIGURATION_3;
    const names = isThird ? namesOfThird(buf, from + HEADER + 2, to) : namesOf(buf, from + HEADER, to);
    if (names.length === 0) return false;
    tell('c37.118.configuration', { field: 'name', value: names.slice(0, 8).join(','), confidence: 80 });
    tell('c37.118.configuration', { field: 'role', value: 'protection_relay', confidence: 50 });
    return false;
  },
};

/** Time base, number of units; each has its name, id, format and the counts of what it measures. */
function namesOf(buf: Uint8Array, from: number, to: number): string[] {
  if (to - from < 6) return [];
  const units = Math.min(u16(buf, from + 4), MAX_PMUS);
  const names: string[] = [];
  let at = from + 6;
  for (let unit = 0; unit < units && to - at >= PMU_BLOCK; unit++) {
    push(names, buf, at, at + CHANNEL_NAME);
    const phasors = u16(buf, at + 20);
    const analogs = u16(buf, at + 22);
    const digitals = u16(buf, at + 24);
    at += PMU_BLOCK + CHANNEL_NAME * (phasors + analogs + 16 * digitals) + 4 * (phasors + analogs + digitals) + 4;
  }
  return names;
}

/** The third form has names with their length in front, and a global id. */
function namesOfThird(buf: Uint8Array, from: number, to: number): string[] {
  if (to - from < 6) return [];
  const units = Math.min(u16(buf, from + 4), MAX_PMUS);
  const names: string[] = [];
  let at = from + 6;
  for (let unit = 0; unit < units && to - at > 1; unit++) {
    const counts = at + 1 + buf[at]! + 20;
    if (to - counts < 6) break;
    push(names, buf, at + 1, at + 1 + buf[at]!);
    const phasors = u16(buf, counts);
    const analogs = u16(buf, counts + 2);
    const digitals = u16(buf, counts + 4);
    at = counts + 6;
    const channels = Math.min(phasors + analogs + 16 * digitals, MAX_CHANNELS);
    for (let channel = 0; channel < channels && at < to; channel++) at += 1 + buf[at]!;
    // Conversion factors, place, class, window and delay, nominal frequency and count of changes.
    at += 12 * phasors + 8 * analogs + 4 * digitals + 12 + 1 + 8 + 4;
  }
  return names;
}

function push(names: string[], buf: Uint8Array, from: number, to: number): void {
  const name = zeroTerminated(buf, from, to);
  if (isReadable(name)) names.push(name);
}

function isConfiguration(type: number): boolean {
  return (type & 0x80) === 0 && (type >> 4 === 2 || type >> 4 === 3 || type >> 4 === CONFIGURATION_3);
}
