/** One thing that bytes of a packet say. */
export interface ExplainedField {
  /** From the start of the packet, in bytes. */
  offset: number;
  /** In bytes; what was not captured is left out. */
  length: number;
  /** `ethernet`, `ip`, `tcp`, `udp`, or the protocol's name. */
  layer: string;
  /** Name as in the dissection records where there is one. */
  key: string;
  /** For a person. */
  value: string;
}

/** Takes fields down as a reader goes through a packet; what lies behind the end is told by `ended`. */
export class FieldReader {
  readonly fields: ExplainedField[] = [];
  readonly view: DataView;
  readonly #bytes: Uint8Array;
  readonly #layer: string;
  at: number;

  constructor(bytes: Uint8Array, at: number, layer: string) {
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#layer = layer;
    this.at = at;
  }

  get left(): number {
    return Math.max(0, this.#bytes.length - this.at);
  }

  /** Notes a field and goes on behind it. Returns false, and notes nothing, where the packet has ended. */
  take(length: number, key: string, value: string): boolean {
    if (length <= 0 || this.left < length) return false;
    this.fields.push({ offset: this.at, length, layer: this.#layer, key, value });
    this.at += length;
    return true;
  }

  /** A big-endian number; -1 where the packet has ended. */
  number(length: 1 | 2 | 4, key: string, show: (value: number) => string = String): number {
    if (this.left < length) return -1;
    const value =
      length === 1
        ? this.view.getUint8(this.at)
        : length === 2
          ? this.view.getUint16(this.at)
          : this.view.getUint32(this.at);
    this.take(length, key, show(value));
    return value;
  }

  /** A little-endian number; -1 where the packet has ended. */
  little(length: 2 | 4, key: string, show: (value: number) => string = String): number {
    if (this.left < length) return -1;
    const value = length === 2 ? this.view.getUint16(this.at, true) : this.view.getUint32(this.at, true);
    this.take(length, key, show(value));
    return value;
  }

  hex(from: number, length: number, most = 16): string {
    const shown = [...this.#bytes.subarray(from, from + Math.min(length, most))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ');
    return length > most ? `${shown} …` : shown;
  }

  /** All that is left, up to `end`. */
  rest(key: string, end: number = this.#bytes.length): void {
    const length = Math.min(end, this.#bytes.length) - this.at;
    if (length > 0) this.take(length, key, this.hex(this.at, length));
  }
}
