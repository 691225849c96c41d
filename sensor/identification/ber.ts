/** BER (X.690) as SNMP and certificates use it: definite lengths, small tags. */

export interface BerElement {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

/** The element at `at`; null where it is cut, has no definite length or a tag of several bytes. */
export function berElement(buf: Uint8Array, at: number, to: number): BerElement | null {
  if (to - at < 2) return null;
  const tag = buf[at]!;
  if ((tag & 0x1f) === 0x1f) return null;
  let length = buf[at + 1]!;
  let from = at + 2;
  if (length >= 0x80) {
    const bytes = length & 0x7f;
    if (bytes === 0 || bytes > 3 || to - from < bytes) return null;
    length = 0;
    for (let index = 0; index < bytes; index++) length = (length << 8) | buf[from + index]!;
    from += bytes;
  }
  return to - from < length ? null : { tag, from, to: from + length };
}

/** The elements inside, at most `limit`; stops at the first one that is cut. */
export function* berChildren(buf: Uint8Array, parent: BerElement, limit = 64): Generator<BerElement> {
  let at = parent.from;
  for (let count = 0; count < limit && at < parent.to; count++) {
    const child = berElement(buf, at, parent.to);
    if (child === null) return;
    yield child;
    at = child.to;
  }
}

const MAX_ARCS = 128;

/** `1.3.6.1.2.1.1.1.0`; empty for an identifier longer than 128 arcs. */
export function berOid(buf: Uint8Array, { from, to }: BerElement): string {
  if (to <= from || to - from > MAX_ARCS * 5) return '';
  const first = buf[from]!;
  const arcs = [Math.min(2, Math.floor(first / 40)), first >= 80 ? first - 80 : first % 40];
  let arc = 0;
  for (let at = from + 1; at < to; at++) {
    arc = arc * 128 + (buf[at]! & 0x7f);
    if ((buf[at]! & 0x80) !== 0) continue;
    if (arcs.length >= MAX_ARCS) return '';
    arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}
