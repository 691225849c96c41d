import { u16, u32 } from '../../model/bytes.js';

const TWO_32 = 2 ** 32;

/**
 * Reads a message front to back; big endian. A read past the end breaks the reading: everything after it yields 0, and
 * `isBroken` says so. Nothing throws, so callers check once, where it matters.
 *
 * Most numbers are variable-length quantities: seven bits a byte, highest first, bit 7 set in all but the last.
 */
export class Reader {
  buf: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  isBroken = false;
  /** It broke at something that may be sound but is not known, such as a data type of a later firmware. */
  isUnknown = false;
  /** System events carry the same values without variable lengths. */
  isFixedLength = false;
  /** Halves of the number that `varUint64` or `varInt64` read last. */
  high = 0;
  low = 0;

  set(buf: Uint8Array, from: number, to: number): this {
    this.buf = buf;
    this.at = from;
    this.end = to;
    this.isBroken = false;
    this.isUnknown = false;
    this.isFixedLength = false;
    return this;
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(isUnknown = false): void {
    if (!this.isBroken) this.isUnknown = isUnknown;
    this.isBroken = true;
    this.at = this.end;
  }

  /** The next byte without passing it; -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.buf[this.at]! : -1;
  }

  skip(bytes: number): void {
    if (bytes > this.end - this.at) this.fail();
    else this.at += bytes;
  }

  u8(): number {
    if (this.at >= this.end) {
      this.fail();
      return 0;
    }
    return this.buf[this.at++]!;
  }

  u16(): number {
    if (this.end - this.at < 2) {
      this.fail();
      return 0;
    }
    const value = u16(this.buf, this.at);
    this.at += 2;
    return value;
  }

  u32(): number {
    if (this.end - this.at < 4) {
      this.fail();
      return 0;
    }
    const value = u32(this.buf, this.at);
    this.at += 4;
    return value;
  }

  /** At most five bytes. */
  varUint32(): number {
    if (this.isFixedLength) return this.u32();
    let value = 0;
    for (let count = 0; count < 5; count++) {
      if (this.at >= this.end) break;
      const byte = this.buf[this.at++]!;
      value = (value << 7) | (byte & 0x7f);
      if (byte < 0x80) return value >>> 0;
    }
    this.fail();
    return 0;
  }

  /** At most five bytes; bit 6 of the first is the sign. */
  varInt32(): number {
    if (this.isFixedLength) return this.u32() | 0;
    let value = this.at < this.end && (this.buf[this.at]! & 0x40) !== 0 ? -1 : 0;
    for (let count = 0; count < 5; count++) {
      if (this.at >= this.end) break;
      const byte = this.buf[this.at++]!;
      value = (value << 7) | (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    this.fail();
    return 0;
  }

  /** At most nine bytes, of which the ninth carries eight bits. Beyond 2^53 the last digits are lost. */
  varUint64(): number {
    this.#var64(0);
    return this.high * TWO_32 + this.low;
  }

  /** As `varUint64`; bit 6 of the first byte is the sign. */
  varInt64(): number {
    this.#var64(this.at < this.end && !this.isFixedLength && (this.buf[this.at]! & 0x40) !== 0 ? -1 : 0);
    return (this.high | 0) * TWO_32 + this.low;
  }

  /** The number that was read last, with all its digits. */
  exact64(isSigned: boolean): bigint {
    return (BigInt(isSigned ? this.high | 0 : this.high) << 32n) | BigInt(this.low);
  }

  #var64(fill: number): void {
    let high = fill >>> 0;
    let low = fill >>> 0;
    if (this.isFixedLength) {
      this.high = this.u32();
      this.low = this.u32();
      return;
    }
    for (let count = 0; count < 9; count++) {
      if (this.at >= this.end) break;
      const byte = this.buf[this.at++]!;
      const bits = count === 8 ? 8 : 7;
      high = ((high << bits) | (low >>> (32 - bits))) >>> 0;
      low = ((low << bits) | (count === 8 ? byte : byte & 0x7f)) >>> 0;
      if (byte < 0x80 || count === 8) {
        this.high = high;
        this.low = low;
        return;
      }
    }
    this.high = 0;
    this.low = 0;
    this.fail();
  }
}
