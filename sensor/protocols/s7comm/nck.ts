import { u16 } from '../../model/bytes.js';

/** Addresses of Sinumerik controls: area and unit, column, line, module, number of lines. */
export const NCK_BYTES = 7;

const AREAS = ['nck', 'mode_group', 'channel', 'axis', 'tool', 'feed_drive', 'main_drive', 'mmc'] as const;

/** Blocks of an NC, as Siemens' lists of NC variables name them. */
const MODULES: Readonly<Record<number, string>> = {
  16: 'Y',
  17: 'YNCFL',
  18: 'FU',
  19: 'FA',
  20: 'TO',
  21: 'RP',
  22: 'SE',
  23: 'SGUD',
  24: 'LUD',
  25: 'TC',
  26: 'M',
  28: 'WAL',
  30: 'DIAG',
  31: 'CC',
  32: 'FE',
  33: 'TD',
  34: 'TS',
  35: 'TG',
  36: 'TU',
  37: 'TUE',
  38: 'TV',
  39: 'TM',
  40: 'TP',
  41: 'TPM',
  42: 'TT',
  43: 'TMV',
  44: 'TMC',
  45: 'MGUD',
  46: 'UGUD',
  47: 'GUD4',
  48: 'GUD5',
  49: 'GUD6',
  50: 'GUD7',
  51: 'GUD8',
  52: 'GUD9',
  53: 'PA',
  54: 'GD1',
  55: 'NIB',
  56: 'ETP',
  57: 'ETPD',
  58: 'SYNACT',
  59: 'DIAGN',
  60: 'VSYN',
  61: 'TUS',
  62: 'TUM',
  63: 'TUP',
  64: 'TF',
  65: 'FB',
  66: 'SSP2',
  67: 'PUD',
  68: 'TOS',
  69: 'TOST',
  70: 'TOE',
  71: 'TOET',
  72: 'AD',
  73: 'TOT',
  74: 'AEV',
  75: 'YFAFL',
  76: 'FS',
  77: 'SD',
  78: 'TAD',
  79: 'TAO',
  80: 'TAS',
  81: 'TAM',
  82: 'TAP',
  83: 'MEM',
  84: 'SALUC',
  85: 'AUXFU',
  86: 'TDC',
  87: 'CP',
  110: 'SDME',
  111: 'SPARPI',
  112: 'SEGA',
  113: 'SEMA',
  114: 'SSP',
  115: 'SGA',
  116: 'SMA',
  117: 'SALAL',
  118: 'SALAP',
};

function moduleName(module: number): string {
  return MODULES[module] ?? `module_${module}`;
}

/** The record's `nck`. `buf[body]` is area and unit. */
export function nckFields(buf: Uint8Array, body: number): Record<string, unknown> {
  const area = buf[body]! >> 5;
  return {
    area,
    area_name: AREAS[area],
    unit: buf[body]! & 0x1f,
    column: u16(buf, body + 1),
    line: u16(buf, body + 3),
    module: buf[body + 5]!,
    module_name: moduleName(buf[body + 5]!),
    line_count: buf[body + 6]!,
  };
}

/** What is acted on: `NC channel 1 RP 7` (area, unit, block, column). Lines are the numbers within it. */
export function nckSpace(buf: Uint8Array, body: number): string {
  const area = AREAS[buf[body]! >> 5]!;
  return `NC ${area} ${buf[body]! & 0x1f} ${moduleName(buf[body + 5]!)} ${u16(buf, body + 1)}`;
}
