import { hex, u16, u32 } from '../../model/bytes.js';
import { BLOCK_TYPE_NAMES } from './areas.js';
import { fixedText } from './szl.js';

const LANGUAGES: Readonly<Record<number, string>> = {
  0: 'not_defined',
  1: 'STL',
  2: 'LAD',
  3: 'FBD',
  4: 'SCL',
  5: 'DB',
  6: 'GRAPH',
  7: 'SDB',
  8: 'CPU-DB',
  17: 'SDB_after_memory_reset',
  18: 'SDB_routing',
  41: 'encrypted',
};

/** Days from 1970 to the first day that a block's time stamp can have, 1984-01-01. */
const EPOCH_DAYS = 5113;
const DAY = 86_400_000;
/** Two bytes of type, length of what follows, flags, a constant. */
const INFO = 78;
const KNOW_HOW = 3;

/** Milliseconds of the day, days since 1984. The clock of the controller knows no zone. */
function timestamp(buf: Uint8Array, at: number): string {
  const time = (u16(buf, at + 4) + EPOCH_DAYS) * DAY + u32(buf, at);
  return new Date(time).toISOString().slice(0, -1);
}

/** What the controller says of a block: the answer to "get block info", `buf[from, to)` behind the data's head. */
export function blockInfoFields(buf: Uint8Array, from: number, to: number): Record<string, unknown> {
  if (to - from < INFO) return { data: hex(buf, from, to) };
  const at = from;
  const security = u32(buf, at + 18);
  return {
    block_type: BLOCK_TYPE_NAMES[buf[at + 11]!] ?? String(buf[at + 11]),
    block_number: u16(buf, at + 12),
    flags: buf[at + 9]!,
    language: LANGUAGES[buf[at + 10]!] ?? String(buf[at + 10]),
    length_load_memory: u32(buf, at + 14),
    know_how_protected: security === KNOW_HOW,
    code_timestamp: timestamp(buf, at + 22),
    interface_timestamp: timestamp(buf, at + 28),
    ssb_length: u16(buf, at + 34),
    add_length: u16(buf, at + 36),
    local_data_length: u16(buf, at + 38),
    length_mc7: u16(buf, at + 40),
    author: fixedText(buf, at + 42, 8),
    family: fixedText(buf, at + 50, 8),
    name: fixedText(buf, at + 58, 8),
    version: `${buf[at + 66]! >> 4}.${buf[at + 66]! & 15}`,
    checksum: u16(buf, at + 68),
  };
}
