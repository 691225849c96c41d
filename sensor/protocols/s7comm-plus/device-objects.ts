import { wireText } from '../../model/bytes.js';
import { attributeName, blockLanguage, blockType, className, ID } from './ids.js';
import { walkObjects } from './objects.js';
import type { Reader } from './reader.js';
import { elementJson, TYPE, type ValueVisitor, walkValue } from './values.js';

/** Objects of one message that are described. */
const MAX_OBJECTS = 64;

/** What an object says of the device, the program, or the client that it stands for. */
export interface DeviceObject {
  class_id?: number;
  class?: string;
  relation_id?: number;
  block?: string;
  name?: string;
  block_language?: string;
  client_id?: string;
  user_name?: string;
  application?: string;
  host_name?: string;
  /** Of a client's session: 1 engineering, 2 HMI. */
  role?: number;
  comment?: string;
  order_number?: string;
  firmware?: string;
  serial_number?: string;
  hardware_revision?: string;
  system_version?: string;
}

/** First text or number in a value, whatever structure it stands in. */
class FirstElement implements ValueVisitor {
  value: unknown = null;
  #key = 0;
  #wanted = 0;

  /** `member`: only that member of a structure counts; 0: anything. */
  read(reader: Reader, member = 0): unknown {
    this.value = null;
    this.#key = 0;
    this.#wanted = member;
    walkValue(reader, this);
    return this.value;
  }

  element(reader: Reader, type: number, from: number, to: number): void {
    if (this.value !== null || (this.#wanted !== 0 && this.#key !== this.#wanted)) return;
    this.value = elementJson(reader, type, from, to);
  }

  enter(): void {}

  key(key: number): void {
    this.#key = key;
  }

  leave(): void {}
}

const first = new FirstElement();

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const trimmed = value.replaceAll('\0', ' ').trim();
  return trimmed === '' ? undefined : trimmed;
}

/** `1;6ES7 214-1HE30-0XB0 ;V2.2`: a number, the order number, the firmware. */
const VERSION_TEXT = /^\d+;([^;]{4,32});([VS]\d[\d.]*)$/;

function describe(object: DeviceObject, id: number, reader: Reader): void {
  switch (id) {
    case ID.ObjectName:
      set(object, 'name', text(first.read(reader)));
      return;
    case ID.ServerSessionClientID:
      set(object, 'client_id', text(first.read(reader)));
      return;
    case ID.ServerSessionUser:
      set(object, 'user_name', text(first.read(reader)));
      return;
    case ID.ServerSessionApplication:
      set(object, 'application', text(first.read(reader)));
      return;
    case ID.ServerSessionHost:
      set(object, 'host_name', text(first.read(reader)));
      return;
    case ID.ServerSessionRole: {
      const role = first.read(reader);
      if (typeof role === 'number') object.role = role;
      return;
    }
    case ID.ServerSessionClientComment:
      set(object, 'comment', text(first.read(reader)));
      return;
    case ID.ServerSessionVersion: {
      const version = text(first.read(reader, ID.SessionVersionSystemPAOMString));
      if (version === undefined) return;
      object.system_version = version;
      const match = VERSION_TEXT.exec(version);
      if (!match) return;
      set(object, 'order_number', text(match[1]));
      set(object, 'firmware', match[2]);
      return;
    }
    case ID.BlockLanguage: {
      const language = first.read(reader);
      if (typeof language === 'number') set(object, 'block_language', blockLanguage(language));
      return;
    }
  }
}

function set<K extends 'name' | 'client_id' | 'user_name' | 'application' | 'host_name' | 'comment'>(
  object: DeviceObject,
  field: K | 'order_number' | 'firmware' | 'serial_number' | 'hardware_revision' | 'block_language',
  value: string | undefined,
): void {
  if (value !== undefined) object[field] = value;
}

/** Describes the objects that begin at the reader. */
export function readDeviceObjects(reader: Reader): DeviceObject[] {
  const found: DeviceObject[] = [];
  const open: (DeviceObject | null)[] = [];
  walkObjects(reader, {
    begin(relationId, classId) {
      const object = found.length < MAX_OBJECTS ? newObject(relationId, classId) : null;
      if (object !== null) found.push(object);
      open.push(object);
    },
    attribute(id, valueReader) {
      const object = open.at(-1);
      if (object) describe(object, id, valueReader);
    },
    end() {
      open.pop();
    },
  });
  return found;
}

function newObject(relationId: number, classId: number): DeviceObject {
  const object: DeviceObject = { class_id: classId, relation_id: relationId };
  const name = className(classId);
  if (name !== undefined) object.class = name;
  const block = blockType(relationId);
  if (block !== null) object.block = `${block}${relationId & 0xffff}`;
  return object;
}

const IM0_SIZE = 0x3c;
const IM0_BLOCK = 0x0020;
const ORDER_NUMBER = 8;
const SERIAL = 28;
const HARDWARE_REVISION = 44;
const SOFTWARE_REVISION = 46;

/**
 * An I&M0 record (IEC 61158-6-10, Profinet): header of 6 bytes, vendor, order number of 20 and serial number of 16
 * characters, hardware revision, and the software's as a letter and three numbers. null when the value is none.
 */
export function readIm0(reader: Reader): (DeviceObject & { vendorId: number }) | null {
  const finder = new BlobFinder();
  walkValue(reader, finder);
  const { buf } = reader;
  const { from, to } = finder;
  if (to - from < IM0_SIZE - 4 || ((buf[from]! << 8) | buf[from + 1]!) !== IM0_BLOCK) return null;
  const object: DeviceObject & { vendorId: number } = {
    vendorId: (buf[from + 6]! << 8) | buf[from + 7]!,
    name: attributeName(ID.IuM0DataActual) ?? '',
  };
  set(object, 'order_number', text(wireText(buf, from + ORDER_NUMBER, from + SERIAL)));
  set(object, 'serial_number', text(wireText(buf, from + SERIAL, from + HARDWARE_REVISION)));
  const revision = (buf[from + HARDWARE_REVISION]! << 8) | buf[from + HARDWARE_REVISION + 1]!;
  if (revision > 0) object.hardware_revision = String(revision);
  const letter = String.fromCharCode(buf[from + SOFTWARE_REVISION]!);
  const at = from + SOFTWARE_REVISION + 1;
  if (/[A-Z]/.test(letter)) object.firmware = `${letter}${buf[at]}.${buf[at + 1]}.${buf[at + 2]}`;
  return object;
}

/** The first blob in a value. */
class BlobFinder implements ValueVisitor {
  from = 0;
  to = 0;

  element(_: Reader, type: number, from: number, to: number): void {
    if (type !== TYPE.BLOB || this.to > 0) return;
    this.from = from;
    this.to = to;
  }

  enter(): void {}
  key(): void {}
  leave(): void {}
}
