import { type Bytes, bytes, concat } from '../support/packets.js';

/** Builds S7comm-plus messages from the facts of docs/dissection.md; hex strings are taken as they are. */
type Part = Bytes | string | number;

export function join(...parts: readonly Part[]): Bytes {
  return concat(
    ...parts.map((part) =>
      typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? bytes(part) : part,
    ),
  );
}

export function u16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 0xff);
}

export function u32(value: number): Bytes {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Seven bits a byte, highest first. */
export function vlq(value: number): Bytes {
  const out = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) out.unshift((rest % 128) | 0x80);
  return Uint8Array.from(out);
}

export function text(value: string): Bytes {
  const utf8 = new TextEncoder().encode(value);
  return join(0x00, 0x15, vlq(utf8.length), utf8);
}

export function attribute(id: number, value: Part): Bytes {
  return join(0xa3, vlq(id), value);
}

export function object(relationId: number, classId: number, ...content: readonly Part[]): Bytes {
  return join(0xa1, u32(relationId), vlq(classId), 0x00, 0x00, ...content, 0xa2);
}

/** ObjectQualifier with its three empty members. */
export const QUALIFIER = '000004e8 8969 0012 00000000 896a 0013 00 896b 0004 00 00'.replaceAll(' ', '');
const FILL = '00000000';

export function request(functionCode: number, sequence: number, sessionId: number, ...body: readonly Part[]): Bytes {
  return join(0x31, '0000', u16(functionCode), '0000', u16(sequence), u32(sessionId), 0x34, ...body);
}

export function response(functionCode: number, sequence: number, ...body: readonly Part[]): Bytes {
  return join(0x32, '0000', u16(functionCode), '0000', u16(sequence), 0x34, ...body);
}

const DIGEST = join(0x20, new Uint8Array(32).fill(0xd1));

/** Header, the digest of version 3, data, and a trailer unless it is a part with more to come. */
export function frame(version: number, data: Bytes, isLast = true): Bytes {
  const body = version === 3 ? join(DIGEST, data) : data;
  return join(0x72, version, u16(body.length), body, ...(isLast ? [join(0x72, version, '0000')] : []));
}

/** Data behind which the integrity number and the zeros stand that messages of version 3 end with. */
export function counted(data: Bytes, integrityId: number): Bytes {
  return join(data, vlq(integrityId), FILL);
}

export function plain(data: Bytes): Bytes {
  return join(data, FILL);
}

/** Symbol checksum, area, count, sub-area, LIDs. */
export function address(area: number, subArea: number, lids: readonly number[], symbolCrc = 0): Bytes {
  return join(vlq(symbolCrc), vlq(area), vlq(lids.length + 1), vlq(subArea), ...lids.map(vlq));
}

export const FUNCTION = {
  error: 0x04b1,
  explore: 0x04bb,
  createObject: 0x04ca,
  deleteObject: 0x04d4,
  setVariable: 0x04f2,
  getVariable: 0x04fc,
  addLink: 0x0506,
  getLink: 0x0524,
  setMultiVariables: 0x0542,
  getMultiVariables: 0x054c,
  beginSequence: 0x0556,
  endSequence: 0x0560,
  invoke: 0x056b,
  setVarSubStreamed: 0x057c,
  getVarSubStreamed: 0x0586,
  initSsl: 0x05b3,
} as const;

export const DB = 0x8a0e0000;
export const MEMORY = 82;
export const VALUE = { db: 2550, dbInitial: 2548, area: 3736 } as const;
export const SESSION = 0x388;

export function getMulti(sequence: number, ...addresses: readonly Bytes[]): Bytes {
  const fields = addresses.length * 5;
  return request(
    FUNCTION.getMultiVariables,
    sequence,
    SESSION,
    u32(0),
    vlq(addresses.length),
    vlq(fields),
    ...addresses,
    QUALIFIER,
  );
}

export function values(...list: readonly (readonly [number, Part])[]): Bytes {
  return join(...list.flatMap(([number, value]) => [vlq(number), value] as Part[]), 0x00);
}

export function setVariable(sequence: number, objectId: number, id: number, value: Part): Bytes {
  return request(FUNCTION.setVariable, sequence, SESSION, u32(objectId), 0x01, vlq(id), value, QUALIFIER, 0x00);
}

export function sessionRequest(sequence: number, ...attributes: readonly Bytes[]): Bytes {
  return request(
    FUNCTION.createObject,
    sequence,
    0x120,
    u32(285),
    '000400',
    u32(0),
    object(211, 287, ...attributes, object(211, 255, attribute(233, text('SubscriptionContainer')))),
  );
}

/** The answer that opens session `SESSION`: `1;ORDER NUMBER;V2.2` in the version structure. */
export function sessionResponse(sequence: number, system: string): Bytes {
  const version = join('0017', u32(314), vlq(315), '000401', vlq(319), text(system), 0x00);
  return response(
    FUNCTION.createObject,
    sequence,
    0x00,
    0x02,
    vlq(SESSION),
    vlq(SESSION + 1),
    object(288, 287, attribute(233, text('')), attribute(306, version)),
  );
}
