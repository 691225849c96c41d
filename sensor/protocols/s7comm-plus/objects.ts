import { wireText } from '../../model/bytes.js';
import type { Reader } from './reader.js';
import { MAX_DEPTH, walkValue } from './values.js';

const ELEMENT = {
  START_OBJECT: 0xa1,
  END_OBJECT: 0xa2,
  ATTRIBUTE: 0xa3,
  RELATION: 0xa4,
  START_TAG: 0xa7,
  END_TAG: 0xa8,
  TYPE_LIST: 0xab,
  NAME_LIST: 0xac,
} as const;

export const START_OBJECT = ELEMENT.START_OBJECT;

/** Sees the objects of a message. */
export interface ObjectVisitor {
  /** `depth` 0: not inside another one. */
  begin(relationId: number, classId: number, depth: number): void;
  /** The attribute's value stands at the reader, which the visitor may move: it is put back. */
  attribute(id: number, reader: Reader): void;
  /** Name of a variable that the object declares. */
  variableName?(name: string): void;
  end(): void;
}

/** Passes over a list of objects, each with its attributes and the objects in it, until something else comes. */
export function walkObjects(reader: Reader, visitor: ObjectVisitor | null): void {
  let depth = 0;
  while (!reader.isBroken) {
    switch (reader.peek()) {
      case ELEMENT.START_OBJECT: {
        reader.skip(1);
        const relationId = reader.u32();
        const classId = reader.varUint32();
        reader.varUint32();
        if (reader.varUint32() !== 0) reader.varUint32();
        if (reader.isBroken) return;
        if (depth >= MAX_DEPTH) {
          reader.fail();
          return;
        }
        visitor?.begin(relationId, classId, depth);
        depth++;
        break;
      }
      case ELEMENT.END_OBJECT:
        if (depth === 0) return;
        reader.skip(1);
        depth--;
        visitor?.end();
        break;
      case ELEMENT.ATTRIBUTE: {
        if (depth === 0) return;
        reader.skip(1);
        const id = reader.varUint32();
        if (reader.isBroken) return;
        if (visitor !== null) {
          const { at } = reader;
          visitor.attribute(id, reader);
          reader.at = at;
          reader.isBroken = false;
          reader.isUnknown = false;
        }
        walkValue(reader, null);
        break;
      }
      case ELEMENT.RELATION:
        reader.skip(1);
        reader.varUint32();
        reader.skip(4);
        break;
      case ELEMENT.START_TAG:
        reader.skip(1);
        walkTag(reader, visitor);
        break;
      case ELEMENT.END_TAG:
        reader.skip(1);
        break;
      case ELEMENT.TYPE_LIST:
        reader.skip(1);
        walkBlocks(reader, null);
        break;
      case ELEMENT.NAME_LIST:
        reader.skip(1);
        walkBlocks(reader, visitor);
        break;
      default:
        // What follows the last object; inside one, something that is not known.
        if (depth > 0) reader.fail(reader.left > 0);
        return;
    }
  }
}

/** Lists come in blocks of at most 64 KiB, each behind its length; length 0 ends them. */
function walkBlocks(reader: Reader, visitor: ObjectVisitor | null): void {
  while (!reader.isBroken) {
    const size = reader.u16();
    if (size === 0) return;
    const end = reader.at + size;
    if (end > reader.end) {
      reader.fail();
      return;
    }
    // Name by name: length, text, and a zero byte.
    while (visitor?.variableName && reader.at < end) {
      const from = reader.at + 1;
      const to = from + reader.u8();
      if (to > end) break;
      visitor.variableName(wireText(reader.buf, from, to));
      reader.at = Math.min(end, to + 1);
    }
    reader.at = end;
  }
}

const TAG_HAS_ACCESS = 0x04 | 0x08;
const TAG_SFB_INSTANCE = 0x08;

/** Declaration of one variable, as S7-1200 controllers up to firmware 2 send it. */
function walkTag(reader: Reader, visitor: ObjectVisitor | null): void {
  const kind = reader.u8();
  const size = reader.varUint32();
  const from = reader.at;
  reader.skip(size);
  if (reader.isBroken) return;
  visitor?.variableName?.(wireText(reader.buf, from, reader.at));
  // Unknown, data type.
  reader.skip(2);
  reader.varUint32();
  // Attribute flags.
  reader.skip(4);
  // LID, then a length or relation by type.
  reader.varUint32();
  reader.varUint32();
  if ((kind & TAG_HAS_ACCESS) !== 0) {
    reader.varUint32();
    reader.varUint32();
  }
  reader.varUint32();
  reader.varUint32();
  switch (kind & 0x03) {
    case 1:
      reader.varUint32();
      reader.varUint32();
      break;
    case 2:
      for (let count = 0; count < 4; count++) reader.varUint32();
      break;
    case 3: {
      reader.varUint32();
      reader.varUint32();
      const dimensions = reader.varUint32();
      for (let index = 0; index < dimensions && !reader.isBroken; index++) {
        reader.varUint32();
        reader.varUint32();
      }
      break;
    }
  }
  if (kind === TAG_SFB_INSTANCE) {
    reader.varUint32();
    reader.varUint32();
  }
}
