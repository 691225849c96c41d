const MAPPED_PREFIX = 0x0000ffff;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Four signed 32-bit words of an IPv6 address, or of an IPv4 address mapped into one (::ffff:a.b.c.d). */
export function formatIp(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === MAPPED_PREFIX) {
    return `${word3 >>> 24}.${(word3 >>> 16) & 255}.${(word3 >>> 8) & 255}.${word3 & 255}`;
  }
  const groups: number[] = [];
  for (const word of [word0, word1, word2, word3]) groups.push(word >>> 16, word & 0xffff);
  // RFC 5952: the longest run of two or more zero groups is shortened, the first one of equal runs.
  let bestAt = -1;
  let bestLength = 1;
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > bestLength) {
      bestAt = at;
      bestLength = length;
    }
    at += length;
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return bestAt < 0 ? text(0, 8) : `${text(0, bestAt)}::${text(bestAt + bestLength, 8)}`;
}

/** Six bytes as `00:1b:1b:aa:bb:cc`. */
export function formatMac(buf: Uint8Array, at: number): string {
  let text = HEX[buf[at]!]!;
  for (let index = 1; index < 6; index++) text += `:${HEX[buf[at + index]!]}`;
  return text;
}

/** Group bit of IEEE 802: multicast and broadcast. */
export function isGroupMac(buf: Uint8Array, at: number): boolean {
  return (buf[at]! & 1) === 1;
}

/** Addresses that belong to no single device: multicast, broadcast, unspecified. Loopback is a device here. */
export function isUnicastIp(word0: number, word1: number, word2: number, word3: number): boolean {
  if (word0 === 0 && word1 === 0 && word2 === MAPPED_PREFIX) {
    const first = word3 >>> 24;
    return first !== 0 && first < 224 && (word3 & 0xff) !== 0xff;
  }
  if (word0 >>> 24 === 0xff) return false;
  return (word0 | word1 | word2 | word3) !== 0;
}
