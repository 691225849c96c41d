import type { VariableReading, VariableType } from '../../model/variable.js';

/** Memory areas of an S7ANY address. */
export const AREA = {
  PERIPHERAL: 0x80,
  INPUT: 0x81,
  OUTPUT: 0x82,
  FLAG: 0x83,
  DB: 0x84,
  DI: 0x85,
  COUNTER: 0x1c,
  TIMER: 0x1d,
  COUNTER_200: 0x1e,
  TIMER_200: 0x1f,
} as const;

/**
 * Beyond the areas of an address: blocks, by type (`BLOCK_AREA` + 0x0a: data blocks), system status lists, and the
 * blocks of an NC.
 */
export const BLOCK_AREA = 0x100;
export const SZL_AREA = 0x200;
export const NCK_AREA = 0x300;

/** Two hexadecimal digits in the names of files. */
export const BLOCK_TYPE_NAMES: Readonly<Record<number, string>> = {
  8: 'OB',
  9: 'CMOD',
  10: 'DB',
  11: 'SDB',
  12: 'FC',
  13: 'SFC',
  14: 'FB',
  15: 'SFB',
};

/** Name in records, and address space as automation engineers write it. */
const AREAS: Readonly<Record<number, readonly [name: string, space: string]>> = {
  1: ['data_record', 'record'],
  3: ['system_info_200', 'SI'],
  5: ['system_flags_200', 'SM'],
  6: ['analog_inputs_200', 'AI'],
  7: ['analog_outputs_200', 'AQ'],
  28: ['counters', 'C'],
  29: ['timers', 'T'],
  30: ['counters_200', 'C'],
  31: ['timers_200', 'T'],
  128: ['peripheral', 'PI'],
  129: ['inputs', 'I'],
  130: ['outputs', 'Q'],
  131: ['flags', 'M'],
  132: ['data_block', 'DB'],
  133: ['instance_data_block', 'DI'],
  134: ['local_data', 'L'],
  135: ['v_memory', 'V'],
};

export function areaName(area: number): string {
  return AREAS[area]?.[0] ?? 'unknown';
}

/** Counters, timers, blocks and lists are numbered; everything else is addressed by byte and bit. */
export function isNumbered(area: number): boolean {
  return area > 0xff || (area >= AREA.COUNTER && area <= AREA.TIMER_200);
}

const OTHER_SPACES: readonly string[] = Array.from(
  { length: 256 },
  (_, area) => AREAS[area]?.[1] ?? `area_${area.toString(16).padStart(2, '0')}`,
);
/** Made as they are met: the same few blocks are read for ever. */
const DB_SPACES: (string | undefined)[] = [];
const DI_SPACES: (string | undefined)[] = [];

const BLOCK_SPACES: readonly string[] = Array.from(
  { length: 256 },
  (_, type) => `block_${BLOCK_TYPE_NAMES[type] ?? type.toString(16).padStart(2, '0')}`,
);
const SZL_SPACES: (string | undefined)[] = [];

function made(spaces: (string | undefined)[], prefix: string, number: number, isHex = false): string {
  const text = isHex ? number.toString(16).padStart(4, '0') : String(number);
  const space = `${prefix}${text}`;
  spaces[number] = space;
  return space;
}

/**
 * `DB10`, `M`, `I`, `block_OB`, `SZL_0011`; `PQ` for direct access to outputs, which only a write can be. `db` is the
 * number of the data block or the list's.
 */
export function spaceOf(area: number, db: number, isWrite: boolean): string {
  if (area === AREA.DB) return DB_SPACES[db] ?? made(DB_SPACES, 'DB', db);
  if (area === AREA.DI) return DI_SPACES[db] ?? made(DI_SPACES, 'DI', db);
  if (area === AREA.PERIPHERAL && isWrite) return 'PQ';
  if (area === SZL_AREA) return SZL_SPACES[db] ?? made(SZL_SPACES, 'SZL_', db, true);
  if (area >= BLOCK_AREA) return BLOCK_SPACES[area & 0xff]!;
  return OTHER_SPACES[area]!;
}

/** Transport sizes of an S7ANY address: what one element is. */
export const TRANSPORT = {
  BIT: 1,
  BYTE: 2,
  CHAR: 3,
  WORD: 4,
  INT: 5,
  DWORD: 6,
  DINT: 7,
  REAL: 8,
  DATE: 9,
  TOD: 10,
  TIME: 11,
  S5TIME: 12,
  DATE_AND_TIME: 15,
  COUNTER: 28,
  TIMER: 29,
} as const;

interface Transport {
  readonly bytes: number;
  readonly type: VariableType;
}

/** By transport size. Others are read as bytes. */
const TRANSPORTS: readonly (Transport | undefined)[] = Array.from({ length: 33 }, (_, size) => {
  switch (size) {
    case TRANSPORT.BIT:
      return { bytes: 1, type: 'bit' };
    case TRANSPORT.BYTE:
    case TRANSPORT.CHAR:
      return { bytes: 1, type: 'uint8' };
    case TRANSPORT.WORD:
    case TRANSPORT.DATE:
    case TRANSPORT.COUNTER:
    // The word of an S5TIME: its value, in milliseconds, has more digits than that.
    case TRANSPORT.S5TIME:
    case TRANSPORT.TIMER:
      return { bytes: 2, type: 'uint16' };
    case TRANSPORT.INT:
      return { bytes: 2, type: 'int16' };
    case TRANSPORT.DWORD:
    case TRANSPORT.TOD:
      return { bytes: 4, type: 'uint32' };
    case TRANSPORT.DINT:
    case TRANSPORT.TIME:
      return { bytes: 4, type: 'int32' };
    case TRANSPORT.REAL:
      return { bytes: 4, type: 'float32' };
    case TRANSPORT.DATE_AND_TIME:
      return { bytes: 8, type: 'time' };
    default:
      return undefined;
  }
});
const BYTES: Transport = { bytes: 1, type: 'uint8' };

export function transportOf(size: number): Transport {
  return TRANSPORTS[size] ?? BYTES;
}

const SIZE_LETTERS: Readonly<Record<string, string>> = {
  bit: 'X',
  uint8: 'B',
  uint16: 'W',
  int16: 'W',
  uint32: 'D',
  int32: 'D',
  float32: 'D',
};

/** `DB10.DBW4`, `DB10.DBX4.0`, `MW20`, `I0.1`, `T5`: the absolute addresses of STEP 7 (IEC 61131-3 notation). */
export function variableName({ space, address, bit, type }: VariableReading): string {
  if (address < 0) return space;
  if (space === 'T' || space === 'C') return `${space}${address}`;
  const letter = SIZE_LETTERS[type] ?? '';
  const place = bit >= 0 ? `${address}.${bit}` : `${address}`;
  const isBlock = /^D[BI]\d/.test(space);
  if (isBlock) return `${space}.${space.slice(0, 2)}${letter === '' ? 'B' : letter}${place}`;
  return bit >= 0 ? `${space}${place}` : `${space}${letter === '' ? 'B' : letter}${place}`;
}
