import { FUNCTION, isKnownOpcode, OPCODE, VERSION } from './functions.js';
import { blockType, ID } from './ids.js';
import { type ObjectVisitor, START_OBJECT, walkObjects } from './objects.js';
import { Reader } from './reader.js';
import { walkMembers, walkValue } from './values.js';

/** Addresses, values and errors of one message that are looked at; what is beyond is counted. */
export const MAX_ITEMS = 256;
/** Attribute ids and object ids of one message that are looked at. */
export const MAX_IDS = 32;

const QUALIFIER = ID.ObjectQualifier;
const DIGEST_MARK = 0x20;
const DIGEST = 32;
/** Zeros between the data and the trailer. */
const FILL = 4;
const ERROR_EXTENSION = 0x40000000;
/** Subscriptions below are those of an S7-1200 up to firmware 2, which count in one byte. */
const FIRST_LONG_COUNTER = 0x70000000;
const HAS_COUNTERS = 0x0400;
const FIRST_LONG_EVENT = 16;

/** Where the parts of a message stand; what they hold is read again when somebody asks. */
export class PartList {
  count = 0;
  /** Parts beyond `MAX_ITEMS`. */
  omitted = 0;
  /** Number by which the message names the part. */
  readonly key = new Uint32Array(MAX_ITEMS);
  /** Offset in the message's buffer, or an error code. */
  readonly at = new Int32Array(MAX_ITEMS);

  clear(): void {
    this.count = 0;
    this.omitted = 0;
  }

  add(key: number, at: number): void {
    if (this.count >= MAX_ITEMS) this.omitted++;
    else {
      this.key[this.count] = key;
      this.at[this.count++] = at;
    }
  }
}

/**
 * The data part of a message: opcode, function, and where everything stands in it. Reused. The protocol has no public
 * specification; the layout was checked on real traffic, function by function (docs/dissection.md says which).
 */
export class Message {
  buf: Uint8Array = new Uint8Array(0);
  end = 0;
  version = 0;
  opcode = -1;
  functionCode = -1;
  sequenceNumber = -1;
  sessionId = -1;
  transportFlags = -1;
  hasReturnValue = false;
  /** Halves of the 64-bit return value. */
  returnHigh = 0;
  returnLow = 0;
  integrityId = -1;
  hasTrailingDigest = false;
  /** What the message is about: container, object, area or subscription; -1 where there is none. */
  objectId = -1;
  /** In Explore: what is looked for in it. */
  exploreId = -1;
  /** In BeginSequence. */
  transactionType = -1;
  /** Attributes of `objectId`, or the ids of created objects and links in an answer. */
  readonly ids: number[] = [];
  /** Addresses of variables, in the order in which the answer numbers them from 1. */
  readonly addresses = new PartList();
  /** Where the list of addresses ends. */
  addressesEnd = 0;
  readonly values = new PartList();
  /** Refused items: number and signed 16-bit error code. */
  readonly errors = new PartList();
  /** Where a list of objects begins; -1: there is none. */
  objectsAt = -1;
  /** Outermost objects and all program blocks: relation id as key, class id as position. */
  readonly objects = new PartList();
  /** Where the value of a new subscription's list of variables stands; -1: there is none. */
  referencesAt = -1;
  notificationNumber = -1;
  /** Microseconds since 1970; -1 where it is not told. */
  notificationTime = -1;
  confirmedBytes = -1;
  textFrom = -1;
  /** The reading ended before the message did: it contradicts itself, or, if `isUnknown`, holds something unknown. */
  isBroken = false;
  isUnknown = false;
  /** Bytes of a known message behind all that belongs to it. */
  surplus = 0;

  readonly #reader = new Reader();
  readonly #objectVisitor: ObjectVisitor = {
    begin: (relationId, classId, depth) => {
      if (depth === 0 || blockType(relationId) !== null) this.objects.add(relationId, classId);
    },
    attribute: (id, reader) => {
      if (id === ID.SubscriptionReferenceList && this.referencesAt < 0) this.referencesAt = reader.at;
    },
    end: () => {},
  };

  clear(): void {
    this.version = 0;
    this.opcode = -1;
    this.functionCode = -1;
    this.sequenceNumber = -1;
    this.sessionId = -1;
    this.transportFlags = -1;
    this.hasReturnValue = false;
    this.returnHigh = 0;
    this.returnLow = 0;
    this.integrityId = -1;
    this.hasTrailingDigest = false;
    this.objectId = -1;
    this.exploreId = -1;
    this.transactionType = -1;
    if (this.ids.length > 0) this.ids.length = 0;
    this.addresses.clear();
    this.values.clear();
    this.errors.clear();
    this.objectsAt = -1;
    this.objects.clear();
    this.referencesAt = -1;
    this.notificationNumber = -1;
    this.notificationTime = -1;
    this.confirmedBytes = -1;
    this.textFrom = -1;
    this.isBroken = false;
    this.isUnknown = false;
    this.surplus = 0;
  }

  /** Signed; 0 is success, 1 and more success with a remark. */
  get errorCode(): number {
    return (this.returnLow << 16) >> 16;
  }

  get isSuccess(): boolean {
    return !this.hasReturnValue || this.errorCode >= 0;
  }

  /** Reads the data part `buf[from, to)` of a message of this protocol version. */
  parse(version: number, buf: Uint8Array, from: number, to: number): void {
    this.clear();
    this.version = version;
    this.buf = buf;
    this.end = to;
    const reader = this.#reader.set(buf, from, to);
    this.opcode = reader.u8();
    if (reader.isBroken || !isKnownOpcode(this.opcode)) {
      this.isBroken = reader.isBroken;
      if (reader.isBroken) this.opcode = -1;
      return;
    }
    if (this.opcode === OPCODE.NOTIFICATION) this.#notification(reader);
    else this.#call(reader);
    this.isBroken = reader.isBroken;
    this.isUnknown = reader.isUnknown;
  }

  /** Reads the body of a system event: 16 bytes, then nothing, a text, or a structure. */
  parseSystemEvent(buf: Uint8Array, from: number, to: number): void {
    this.clear();
    this.version = VERSION.SYSTEM_EVENT;
    this.buf = buf;
    this.end = to;
    const reader = this.#reader.set(buf, from, to);
    reader.skip(4);
    this.confirmedBytes = reader.u32();
    reader.skip(FIRST_LONG_EVENT - 8);
    if (!reader.isBroken && reader.left > 0) {
      if (reader.left >= 8 && isFixedStruct(buf, reader.at)) {
        reader.isFixedLength = true;
        this.values.add(0, reader.at);
        walkValue(reader, null);
      } else this.textFrom = reader.at;
    }
    if (reader.isBroken && this.confirmedBytes === 0) this.confirmedBytes = -1;
    this.isBroken = reader.isBroken;
    this.isUnknown = reader.isUnknown;
  }

  #call(reader: Reader): void {
    reader.skip(2);
    const functionCode = reader.u16();
    reader.skip(2);
    const sequenceNumber = reader.u16();
    if (reader.isBroken) return;
    this.functionCode = functionCode;
    this.sequenceNumber = sequenceNumber;
    if (this.opcode === OPCODE.REQUEST) {
      const sessionId = reader.u32();
      if (reader.isBroken) return;
      this.sessionId = sessionId;
    }
    const flags = reader.u8();
    if (reader.isBroken) return;
    this.transportFlags = flags;
    const isKnown = this.opcode === OPCODE.REQUEST ? this.#request(reader) : this.#response(reader);
    if (isKnown && !reader.isBroken) this.#integrity(reader);
  }

  #request(reader: Reader): boolean {
    switch (this.functionCode) {
      case FUNCTION.GET_MULTI_VARIABLES:
        this.#items(reader, false);
        this.#qualifier(reader);
        return true;
      case FUNCTION.SET_MULTI_VARIABLES:
        this.#items(reader, true);
        reader.skip(1);
        this.#qualifier(reader);
        return true;
      case FUNCTION.SET_VARIABLE:
        this.objectId = reader.u32();
        this.#setIds(reader);
        this.#value(reader, 0);
        this.#qualifier(reader);
        reader.skip(1);
        return true;
      case FUNCTION.GET_VARIABLE:
        this.objectId = reader.u32();
        this.#countedIds(reader, reader.varUint32());
        this.#qualifier(reader);
        return true;
      case FUNCTION.GET_VAR_SUBSTREAMED:
        this.objectId = reader.u32();
        this.#idArray(reader);
        this.#qualifier(reader);
        reader.skip(2);
        return true;
      case FUNCTION.SET_VAR_SUBSTREAMED:
        this.objectId = reader.u32();
        this.#idArray(reader);
        this.#qualifier(reader);
        reader.skip(2);
        this.#value(reader, 0);
        return true;
      case FUNCTION.CREATE_OBJECT:
        this.objectId = reader.u32();
        this.#value(reader, 0);
        reader.skip(4);
        if (this.version !== VERSION.SETUP && reader.peek() !== START_OBJECT) this.integrityId = reader.varUint32();
        this.#objects(reader);
        return true;
      case FUNCTION.DELETE_OBJECT:
        this.objectId = reader.u32();
        reader.skip(1);
        this.#qualifier(reader);
        return true;
      case FUNCTION.EXPLORE:
        this.#explore(reader);
        return true;
      case FUNCTION.GET_LINK:
        this.objectId = reader.u32();
        this.#id(reader.varUint32());
        reader.skip(2);
        return true;
      case FUNCTION.BEGIN_SEQUENCE:
        this.#beginSequence(reader);
        return true;
      case FUNCTION.END_SEQUENCE:
        reader.skip(2);
        return true;
      case FUNCTION.INVOKE:
        this.objectId = reader.u32();
        reader.skip(4);
        this.#numberedValues(reader);
        reader.skip(1);
        return true;
      case FUNCTION.INIT_SSL:
        return true;
      default:
        return false;
    }
  }

  #response(reader: Reader): boolean {
    this.#returnValue(reader);
    switch (this.functionCode) {
      case FUNCTION.GET_MULTI_VARIABLES:
        this.#numberedValues(reader);
        this.#numberedErrors(reader);
        return true;
      case FUNCTION.SET_MULTI_VARIABLES:
        this.#numberedErrors(reader);
        return true;
      case FUNCTION.SET_VARIABLE:
      case FUNCTION.SET_VAR_SUBSTREAMED:
      case FUNCTION.END_SEQUENCE:
      case FUNCTION.INIT_SSL:
      case FUNCTION.ERROR:
      case FUNCTION.ERROR_2:
        return true;
      case FUNCTION.GET_VARIABLE:
        this.#value(reader, 0);
        return true;
      case FUNCTION.GET_VAR_SUBSTREAMED:
        reader.skip(1);
        this.#value(reader, 0);
        return true;
      case FUNCTION.CREATE_OBJECT: {
        const count = reader.u8();
        this.#countedIds(reader, count);
        if (this.version === VERSION.SETUP || reader.peek() === START_OBJECT) this.#objects(reader);
        return true;
      }
      case FUNCTION.DELETE_OBJECT:
        this.objectId = reader.u32();
        if (this.#hasErrorExtension) this.#objects(reader);
        return true;
      case FUNCTION.EXPLORE:
        this.objectId = reader.u32();
        if (this.version !== VERSION.SETUP && reader.peek() !== START_OBJECT && reader.peek() > 0) {
          this.integrityId = reader.varUint32();
        }
        this.#objects(reader);
        return true;
      case FUNCTION.GET_LINK: {
        const count = reader.u8();
        for (let index = 0; index < count && !reader.isBroken; index++) this.#id(reader.u32());
        return true;
      }
      case FUNCTION.BEGIN_SEQUENCE:
        if (this.version !== VERSION.SETUP) {
          reader.skip(2);
          this.objectId = reader.u32();
        }
        return true;
      case FUNCTION.INVOKE:
        for (let count = 0; count < 2; count++) reader.varUint64();
        if (reader.peek() !== 1) reader.varUint64();
        this.#numberedValues(reader);
        reader.skip(1);
        return true;
      default:
        return false;
    }
  }

  get #hasErrorExtension(): boolean {
    return (this.returnHigh & ERROR_EXTENSION) !== 0;
  }

  #returnValue(reader: Reader): void {
    reader.varUint64();
    if (reader.isBroken) return;
    this.hasReturnValue = true;
    this.returnHigh = reader.high;
    this.returnLow = reader.low;
  }

  #id(id: number): void {
    if (this.ids.length < MAX_IDS) this.ids.push(id);
  }

  #countedIds(reader: Reader, count: number): void {
    for (let index = 0; index < count && !reader.isBroken; index++) {
      const id = reader.varUint32();
      if (!reader.isBroken) this.#id(id);
    }
  }

  /** As `#countedIds`, but an id 0 is followed by a length. */
  #setIds(reader: Reader): void {
    const count = reader.varUint32();
    for (let index = 0; index < count && !reader.isBroken; index++) {
      const id = reader.varUint32();
      if (id === 0) {
        reader.varUint32();
        index++;
      } else if (!reader.isBroken) this.#id(id);
    }
  }

  /** Attribute ids as the value that GetVarSubStreamed carries them in: an array of numbers. */
  #idArray(reader: Reader): void {
    const { at } = reader;
    walkValue(reader, null);
    if (reader.isBroken) return;
    const { at: end } = reader;
    reader.at = at + 2;
    const count = reader.varUint32();
    for (let index = 0; index < count && reader.at < end; index++) this.#id(reader.varUint32());
    reader.at = end;
  }

  #value(reader: Reader, key: number): void {
    const { at } = reader;
    walkValue(reader, null);
    if (!reader.isBroken) this.values.add(key, at);
  }

  /** Variables by address, or attributes of an object; addresses first, then values. */
  #items(reader: Reader, areValuesCarried: boolean): void {
    const objectId = reader.u32();
    const count = reader.varUint32();
    if (objectId === 0) {
      // Numbers in all addresses together.
      reader.varUint32();
      if (count > reader.left) reader.fail();
      for (let index = 0; index < count && !reader.isBroken; index++) {
        const { at } = reader;
        skipAddress(reader);
        if (!reader.isBroken) {
          this.addresses.add(index + 1, at);
          this.addressesEnd = reader.at;
        }
      }
    } else {
      this.objectId = objectId;
      this.#countedIds(reader, reader.varUint32());
    }
    if (!areValuesCarried) return;
    for (let index = 0; index < count && !reader.isBroken; index++) this.#value(reader, reader.varUint32());
  }

  /** Number and value, until number 0. */
  #numberedValues(reader: Reader): void {
    while (!reader.isBroken) {
      const number = reader.varUint32();
      if (number === 0) return;
      this.#value(reader, number);
    }
  }

  /** Number and return value, until number 0. */
  #numberedErrors(reader: Reader): void {
    while (!reader.isBroken) {
      const number = reader.varUint32();
      if (number === 0) return;
      reader.varUint64();
      if (!reader.isBroken) this.errors.add(number, (reader.low << 16) >> 16);
    }
  }

  #objects(reader: Reader): void {
    if (reader.peek() !== START_OBJECT) return;
    if (this.objectsAt < 0) this.objectsAt = reader.at;
    walkObjects(reader, this.#objectVisitor);
  }

  #explore(reader: Reader): void {
    this.objectId = reader.u32();
    this.exploreId = reader.varUint32();
    // With children, unknown, with parents.
    reader.skip(3);
    let objects = 0;
    do {
      objects = reader.u8();
      const ids = reader.u8();
      if (objects > 0 && reader.u8() === 0x17) {
        reader.skip(4);
        walkMembers(reader, null, 0);
      }
      this.#countedIds(reader, ids);
    } while (objects > 0 && !reader.isBroken);
  }

  #beginSequence(reader: Reader): void {
    this.transactionType = reader.u8();
    if (this.version === VERSION.SETUP) return;
    if (reader.u16() === 1) {
      // Controllers with firmware 2 leave out one of the two bytes now and then.
      reader.skip(reader.left > 1 && reader.buf[reader.at + 1] === START_OBJECT ? 1 : 2);
      this.#objects(reader);
    } else this.objectId = reader.u32();
  }

  #qualifier(reader: Reader): void {
    const { buf, at } = reader;
    const isThere =
      reader.left > 4 &&
      buf[at] === 0 &&
      buf[at + 1] === 0 &&
      buf[at + 2] === QUALIFIER >> 8 &&
      buf[at + 3] === (QUALIFIER & 0xff);
    if (!isThere) return;
    reader.skip(4);
    walkMembers(reader, null, 0);
  }

  #notification(reader: Reader): void {
    this.objectId = reader.u32();
    if (this.version === VERSION.SETUP) {
      reader.skip(4);
      if (reader.left < FILL || isZero(reader.buf, reader.at, reader.at + FILL)) return;
      reader.skip(6);
      this.#notified(reader);
      return;
    }
    const kind = reader.u16();
    reader.skip(2);
    if (kind !== HAS_COUNTERS || reader.isBroken) return;
    reader.skip(2);
    if (this.objectId < FIRST_LONG_COUNTER) {
      this.notificationNumber = reader.u8();
      reader.skip(1);
    } else {
      reader.skip(1);
      this.notificationNumber = reader.varUint32();
      if (reader.peek() === 0) {
        this.notificationTime = reader.u32() * 2 ** 32 + reader.u32();
      }
      reader.skip(1);
    }
    this.#notified(reader);
    if (reader.isBroken || reader.left <= FILL || reader.peek() <= 0) return;
    // Alarms: a second subscription, then an object.
    reader.skip(6);
    this.#notified(reader);
  }

  /** Values that changed, each behind a byte that says how it is told; 0 ends them. */
  #notified(reader: Reader): void {
    while (!reader.isBroken) {
      switch (reader.u8()) {
        case 0x00:
          return;
        case 0x92:
          this.#value(reader, reader.u32());
          break;
        case 0x9b:
          this.#value(reader, reader.varUint32());
          break;
        case 0x03:
        case 0x13: {
          const reference = reader.u32();
          if (!reader.isBroken) this.errors.add(reference, -1);
          break;
        }
        case 0x9c:
          reader.skip(4);
          break;
        case 0x81:
          this.#objects(reader);
          break;
        case 0x83:
          this.#value(reader, 0);
          break;
        default:
          reader.fail(true);
      }
    }
  }

  /** Behind the data: a number, and with it or before the message a digest; then zeros. */
  #integrity(reader: Reader): void {
    const { left, end } = reader;
    this.hasTrailingDigest =
      this.version === VERSION.DATA && left > DIGEST && reader.buf[end - DIGEST - 1] === DIGEST_MARK;
    const rest = this.hasTrailingDigest ? DIGEST + 1 : FILL;
    if (left > rest && this.version !== VERSION.SETUP && reader.peek() > 0) this.integrityId = reader.varUint32();
    // A few more zeros than needed are normal; what they mean is not known.
    const surplus = reader.left - rest;
    this.surplus = surplus > 0 && !isZero(reader.buf, reader.at, reader.at + surplus) ? surplus : 0;
  }
}

/** Passes over one address. */
export function skipAddress(reader: Reader): void {
  reader.varUint32();
  reader.varUint32();
  const count = reader.varUint32();
  if (count > reader.left) reader.fail();
  for (let index = 0; index < count && !reader.isBroken; index++) reader.varUint32();
}

function isZero(buf: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (buf[at] !== 0) return false;
  return true;
}

/** Flags 0 and type 0x17, each in 16 bits. */
function isFixedStruct(buf: Uint8Array, at: number): boolean {
  return buf[at] === 0 && buf[at + 1] === 0 && buf[at + 2] === 0 && buf[at + 3] === 0x17;
}
