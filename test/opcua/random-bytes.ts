import { BUILTIN, fixedSize } from '../../sensor/protocols/opcua/builtin-types.js';
import { FIRST_STRUCTURE, STRUCTURES } from '../../sensor/protocols/opcua/structures.js';

/** Numbers that a seed decides (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }
}

/** Encodes structures with random content, as the table of structures says they stand on the wire. */
export class RandomWriter {
  readonly parts: Buffer[] = [];
  readonly #random: Random;
  readonly #extensions: ReadonlySet<string>;
  #depth = 0;

  /** `extensions`: names of the structures that are put into ExtensionObjects. */
  constructor(random: Random, extensions: ReadonlySet<string> = EXTENSIONS) {
    this.#random = random;
    this.#extensions = extensions;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  u8(value: number): void {
    this.parts.push(Buffer.from([value & 0xff]));
  }

  u16(value: number): void {
    const part = Buffer.alloc(2);
    part.writeUInt16LE(value);
    this.parts.push(part);
  }

  u32(value: number): void {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value >>> 0);
    this.parts.push(part);
  }

  text(value: string | null): void {
    const data = Buffer.from(value ?? '');
    this.u32(value === null ? 0xffffffff : data.length);
    this.parts.push(data);
  }

  value(type: number): void {
    if (type >= FIRST_STRUCTURE) {
      const structure = STRUCTURES[type - FIRST_STRUCTURE]!;
      this.#depth++;
      for (const field of structure.fields) {
        if (field.isArray) this.array(field.type);
        else if (field.type === BUILTIN.Int32 || FLAGS.test(field.name)) this.#one(field.type);
        else this.value(field.type);
      }
      this.#depth--;
      return;
    }
    const random = this.#random;
    switch (type) {
      case BUILTIN.Boolean:
        this.u8(random.below(2));
        return;
      case BUILTIN.Float: {
        const part = Buffer.alloc(4);
        part.writeFloatLE(random.below(1000) / 8 - 50);
        this.parts.push(part);
        return;
      }
      case BUILTIN.Double: {
        const part = Buffer.alloc(8);
        part.writeDoubleLE(random.next() / 7 - 1e8);
        this.parts.push(part);
        return;
      }
      case BUILTIN.DateTime: {
        const part = Buffer.alloc(8);
        // Whole milliseconds between 1980 and 2090, which every implementation can say.
        part.writeBigInt64LE(116_444_736_000_000_000n + BigInt(315_532_800_000 + random.next() * 800) * 10_000n);
        this.parts.push(part);
        return;
      }
      case BUILTIN.StatusCode:
        this.u32([0, 0x80340000, 0x801f0000, 0x40920000][random.below(4)]!);
        return;
      case BUILTIN.String:
      case BUILTIN.XmlElement:
        this.text(random.below(6) === 0 ? null : `t${random.below(1e6)}ä`);
        return;
      case BUILTIN.ByteString:
        this.text(random.below(6) === 0 ? null : `b${random.below(1e9)}`);
        return;
      case BUILTIN.NodeId:
        this.#nodeId(0);
        return;
      case BUILTIN.ExpandedNodeId: {
        const flags = [0, 0, 0x80, 0x40, 0xc0][random.below(5)]!;
        this.#nodeId(flags);
        if (flags & 0x80) this.text('urn:namespace');
        if (flags & 0x40) this.u32(1 + random.below(9));
        return;
      }
      case BUILTIN.QualifiedName:
        this.u16(random.below(5));
        this.text(`name${random.below(99)}`);
        return;
      case BUILTIN.LocalizedText: {
        const mask = random.below(4);
        this.u8(mask);
        if (mask & 1) this.text('en');
        if (mask & 2) this.text(`text ${random.below(99)}`);
        return;
      }
      case BUILTIN.ExtensionObject:
        this.#extensionObject();
        return;
      case BUILTIN.DataValue:
        this.#dataValue();
        return;
      case BUILTIN.Variant:
        this.#variant();
        return;
      case BUILTIN.DiagnosticInfo:
        this.#diagnosticInfo(0);
        return;
    }
    for (let size = fixedSize(type); size > 0; size--) this.u8(random.next());
  }

  /** Enumerations and flags: 1 is a member of each. */
  #one(type: number): void {
    this.parts.push(Buffer.from([1, ...new Array<number>(fixedSize(type) - 1).fill(0)]));
  }

  array(type: number): void {
    const count = this.#depth > 6 ? 0 : this.#random.below(4);
    this.u32(count);
    for (let index = 0; index < count; index++) this.value(type);
  }

  /** In its shortest form, as every writer does it. */
  #nodeId(flags: number): void {
    const random = this.#random;
    switch (random.below(6)) {
      case 0:
        this.u8(flags);
        this.u8(random.below(256));
        return;
      case 1:
        this.u8(flags | 1);
        this.u8(1 + random.below(200));
        this.u16(256 + random.below(60_000));
        return;
      case 2:
        this.u8(flags | 2);
        this.u16(300 + random.below(60_000));
        this.u32(random.next());
        return;
      case 3:
        this.u8(flags | 3);
        this.u16(1 + random.below(9));
        this.text(`Node.${random.below(999)}`);
        return;
      case 4:
        this.u8(flags | 4);
        this.u16(1 + random.below(9));
        this.value(BUILTIN.Guid);
        return;
      default:
        this.u8(flags | 5);
        this.u16(1 + random.below(9));
        this.text(`opaque${random.below(999)}`);
    }
  }

  #variant(): void {
    const random = this.#random;
    const type = 1 + random.below(21);
    if (random.below(3) > 0) {
      this.u8(type);
      this.value(type);
      return;
    }
    const count = 2 * random.below(3);
    const isMatrix = count > 0 && random.below(3) === 0;
    this.u8(type | 0x80 | (isMatrix ? 0x40 : 0));
    this.u32(count);
    for (let index = 0; index < count; index++) this.value(type);
    if (!isMatrix) return;
    this.u32(2);
    this.u32(2);
    this.u32(count / 2);
  }

  #dataValue(): void {
    const mask = this.#random.below(0x40);
    this.u8(mask);
    if (mask & 1) this.#variant();
    if (mask & 2) this.value(BUILTIN.StatusCode);
    if (mask & 4) this.value(BUILTIN.DateTime);
    if (mask & 16) this.u16(this.#random.below(10_000));
    if (mask & 8) this.value(BUILTIN.DateTime);
    if (mask & 32) this.u16(this.#random.below(10_000));
  }

  #extensionObject(): void {
    const known = STRUCTURES.filter(({ name, encodingId }) => encodingId > 0 && this.#extensions.has(name));
    const choice = this.#random.below(known.length + 1);
    const structure = known[choice];
    if (structure === undefined || this.#depth > 6) {
      this.parts.push(Buffer.from([0, 0, 0]));
      return;
    }
    const body = new RandomWriter(this.#random, this.#extensions);
    body.#depth = this.#depth;
    body.value(FIRST_STRUCTURE + STRUCTURES.indexOf(structure));
    const { bytes } = body;
    if (structure.encodingId < 256) {
      this.u8(0);
      this.u8(structure.encodingId);
    } else {
      this.u8(1);
      this.u8(0);
      this.u16(structure.encodingId);
    }
    this.u8(1);
    this.u32(bytes.length);
    this.parts.push(bytes);
  }

  #diagnosticInfo(depth: number): void {
    const mask = depth > 3 ? 0x3f : this.#random.below(0x80);
    this.u8(mask);
    for (let bit = 1; bit <= 8; bit <<= 1) if (mask & bit) this.u32(this.#random.below(100));
    if (mask & 0x10) this.text('additional');
    if (mask & 0x20) this.value(BUILTIN.StatusCode);
    if (mask & 0x40) this.#diagnosticInfo(depth + 1);
  }
}

const FLAGS = /_mask$|_flags$|^permissions$|^user_configuration$/;

/** What is put into ExtensionObjects. */
const EXTENSIONS = new Set([
  'BuildInfo',
  'ServerStatusDataType',
  'Argument',
  'Range',
  'EUInformation',
  'DataChangeNotification',
  'EventNotificationList',
  'StatusChangeNotification',
  'UserNameIdentityToken',
  'EventFilter',
  'DataChangeFilter',
  'UpdateDataDetails',
  'ReadRawModifiedDetails',
  'HistoryData',
  'VariableAttributes',
]);
