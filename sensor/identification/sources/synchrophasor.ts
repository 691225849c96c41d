import { u16 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable } from '../text.js';

const HEADER = 14;
const PMU_BLOCK = 26;
const CHANNEL_NAME = 16;
const MAX_PMUS = 32;

/** IEEE C37.118.2: configuration frames 1 and 2 name the phasor measurement units. */
export const synchrophasor: IdentitySource = {
  name: 'c37.118',
  udpPorts: [4712, 4713],
  tcpPorts: [4712, 4713],
  stream: 'messages',
  recognises: (buf, from, to) => to - from >= HEADER && buf[from] === 0xaa && isConfiguration(buf[from + 1]!),
  isOfInterest: (buf, from, to) => to - from > HEADER + 6 && buf[from] === 0xaa && isConfiguration(buf[from + 1]!),
  read({ buf, from, to }, tell) {
    // Time base, number of units; each has its name, id, format and the counts of what it measures.
    const units = Math.min(u16(buf, from + HEADER + 4), MAX_PMUS);
    let at = from + HEADER + 6;
    const names: string[] = [];
    for (let unit = 0; unit < units && to - at >= PMU_BLOCK; unit++) {
      const name = cleanText(buf, at, at + 16);
      if (isReadable(name)) names.push(name);
      const phasors = u16(buf, at + 20);
      const analogs = u16(buf, at + 22);
      const digitals = u16(buf, at + 24);
      at += PMU_BLOCK + CHANNEL_NAME * (phasors + analogs + 16 * digitals) + 4 * (phasors + analogs + digitals) + 4;
    }
    if (names.length === 0) return false;
    tell('c37.118.configuration', { field: 'name', value: names.slice(0, 8).join(','), confidence: 80 });
    tell('c37.118.configuration', { field: 'role', value: 'protection_relay', confidence: 50 });
    return false;
  },
};

function isConfiguration(type: number): boolean {
  return (type & 0x80) === 0 && (type >> 4 === 2 || type >> 4 === 3);
}
