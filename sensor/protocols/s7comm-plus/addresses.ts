import { blockType, ID, isDataBlock, isDynamic, isMemoryArea, objectName } from './ids.js';
import type { Reader } from './reader.js';

/** First number of an absolute address; then offset and bytes, and for bits the bit. */
const CLASSIC = 3;
/** Numbers of a path that are kept; the rest is passed over. */
const MAX_LIDS = 8;

/** What an address in a message names. Reused. */
export class Target {
  area = 0;
  subArea = 0;
  symbolCrc = 0;
  /** Numbers behind the sub-area: LIDs, or an absolute address. */
  readonly lids: number[] = [];
  /** `DB6`, `M`, `DB1.LID`, or an object's name. Without spaces. */
  space = '';
  /** Byte, last LID, or attribute. */
  from = 0;
  count = 0;
  /** Bit within the byte; -1 where it is none. */
  bit = -1;
  /** A variable of the process, not an attribute of the controller's own objects. */
  isProcess = false;
  /** By byte and bit, as in controllers without symbolic access. */
  isAbsolute = false;
}

/** Names of the objects that live as long as a connection. */
export interface ObjectNames {
  nameOf(id: number): string | undefined;
}

const MAX_NAMES = 4096;
const names = new Map<number, string>();
const symbolicNames = new Map<number, string>();

function dataBlockName(id: number, isSymbolic: boolean): string {
  const known = isSymbolic ? symbolicNames : names;
  let name = known.get(id);
  if (name === undefined) {
    name = `DB${id & 0xffff}${isSymbolic ? '.LID' : ''}`;
    if (known.size >= MAX_NAMES) known.clear();
    known.set(id, name);
  }
  return name;
}

const AREA_LETTERS = ['I', 'Q', 'M', 'C', 'T'] as const;
const AREA_LIDS = ['I.LID', 'Q.LID', 'M.LID', 'C.LID', 'T.LID'] as const;

/** Name of an object for a target: of its own kind for blocks, of the connection's for sessions, else by number. */
export function spaceOf(id: number, known: ObjectNames): string {
  const block = blockType(id);
  if (block !== null) return `block.${block}`;
  return known.nameOf(id) ?? objectName(id) ?? (isDynamic(id) ? 'dynamic_object' : 'object');
}

/** An address of GetMultiVariables and SetMultiVariables: checksum of the symbol, area, count, sub-area, LIDs. */
export function readAddress(reader: Reader, known: ObjectNames, into: Target): void {
  into.symbolCrc = reader.varUint32();
  into.area = reader.varUint32();
  readPath(reader, reader.varUint32(), known, into);
}

/**
 * An address in a subscription's list; returns the number by which notifications name it. Its count stands in the low
 * half of the first number, and area and checksum the other way round.
 */
export function readSubscribed(reader: Reader, known: ObjectNames, into: Target): number {
  const count = reader.varUint32() & 0xffff;
  const reference = reader.varUint32();
  reader.varUint32();
  into.area = reader.varUint32();
  into.symbolCrc = reader.varUint32();
  readPath(reader, count, known, into);
  return reference;
}

function readPath(reader: Reader, count: number, known: ObjectNames, into: Target): void {
  into.subArea = 0;
  if (into.lids.length > 0) into.lids.length = 0;
  if (count > reader.left) reader.fail();
  for (let index = 0; index < count && !reader.isBroken; index++) {
    const value = reader.varUint32();
    if (index === 0) into.subArea = value;
    else if (into.lids.length < MAX_LIDS) into.lids.push(value);
  }
  name(into, known);
}

/** `ids[first, end)`: an attribute of an object, or, for a data block or memory area, the path to a variable in it. */
export function targetOf(
  objectId: number,
  ids: readonly number[],
  first: number,
  end: number,
  known: ObjectNames,
  into: Target,
): void {
  into.area = objectId;
  into.symbolCrc = 0;
  into.subArea = ids[first] ?? 0;
  if (into.lids.length > 0) into.lids.length = 0;
  for (let index = first + 1; index < end && index <= first + MAX_LIDS; index++) into.lids.push(ids[index]!);
  name(into, known);
}

function name(into: Target, known: ObjectNames): void {
  const { area, subArea, lids } = into;
  const isBlock = isDataBlock(area);
  const isValue = (isBlock && subArea === ID.DBValueActual) || (isMemoryArea(area) && subArea === ID.AreaValueActual);
  const isInitial =
    (isBlock && subArea === ID.DBValueInitial) || (isMemoryArea(area) && subArea === ID.AreaValueInitial);
  into.bit = -1;
  into.isProcess = isValue;
  into.isAbsolute = false;
  if (!isValue && !isInitial) {
    into.space = spaceOf(area, known);
    into.from = subArea;
    into.count = 1;
    return;
  }
  if (into.symbolCrc === 0 && lids.length >= 3 && lids[0] === CLASSIC) {
    into.space = isBlock ? dataBlockName(area, false) : AREA_LETTERS[area - ID.InputArea]!;
    into.from = lids[1]!;
    into.count = lids[2]!;
    into.isAbsolute = true;
    if (lids.length >= 4) {
      into.bit = lids[3]! & 7;
      into.count = 1;
    }
  } else if (lids.length === 0) {
    into.space = isBlock ? dataBlockName(area, false) : AREA_LETTERS[area - ID.InputArea]!;
    into.from = 0;
    into.count = 0;
  } else {
    into.space = isBlock ? dataBlockName(area, true) : AREA_LIDS[area - ID.InputArea]!;
    for (let index = 0; index < lids.length - 1; index++) into.space += `.${lids[index]}`;
    into.from = lids.at(-1)!;
    into.count = 1;
  }
  if (isInitial) into.space = `${into.space}.initial`;
}

/** How an engineer writes a variable: `DB6.DBW4`, `M10.3`, `DB1.LID.9`. `size` in bytes, 0 where it is not known. */
export function addressText(space: string, from: number, bit: number, size: number): string {
  if (space.includes('LID')) return `${space}.${from}`;
  const letter = size === 2 ? 'W' : size === 4 ? 'D' : 'B';
  if (space.startsWith('DB')) return bit >= 0 ? `${space}.DBX${from}.${bit}` : `${space}.DB${letter}${from}`;
  return bit >= 0 ? `${space}${from}.${bit}` : `${space}${letter}${from}`;
}
