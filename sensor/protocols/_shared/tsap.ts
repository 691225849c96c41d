/** First byte of a TSAP that an S7 controller hands out. */
const CONNECTION_TYPES: Readonly<Record<number, string>> = { 1: 'pg', 2: 'op', 3: 'basic' };

export function connectionType(tsap: Uint8Array): string | undefined {
  return tsap.length === 2 ? CONNECTION_TYPES[tsap[0]!] : undefined;
}

/**
 * Controllers of the S7-300 and later are called by connection type, rack (upper 3 bits) and slot (lower 5): the byte
 * with both; -1 where the TSAP is none of theirs.
 */
export function placeOf(tsap: Uint8Array): number {
  return connectionType(tsap) === undefined ? -1 : tsap[1]!;
}
