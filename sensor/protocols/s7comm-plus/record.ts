import { hex, wireText } from '../../model/bytes.js';
import { addressText, readAddress, Target } from './addresses.js';
import { type DeviceObject, readDeviceObjects, readIm0 } from './device-objects.js';
import { errorName } from './errors.js';
import { FUNCTION, functionDef, isKnownOpcode, OPCODE, opcodeName, VERSION } from './functions.js';
import { attributeName, blockType, ID, isDataBlock, isSecret, objectName } from './ids.js';
import type { Message } from './message.js';
import type { S7CommPlusPdu } from './pdu.js';
import { Reader } from './reader.js';
import { TYPE, typeDef, ValueJson } from './values.js';

/** Addresses, values and errors that a record lists. */
const MAX_LISTED = 128;
/** Bytes of a system event's text. */
const MAX_EVENT_TEXT = 128;

const OPERATING_STATES: Readonly<Record<number, string>> = { 1: 'stop', 3: 'run' };

/** The record's `s7comm_plus` object: contract fields first, then what else is known. */
export function recordFields(pdu: S7CommPlusPdu): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const { message } = pdu;
  if (pdu.protocolVersion >= 0) fields['protocol_version'] = pdu.protocolVersion;
  if (pdu.keepAliveNumber < 0) fields['length'] = pdu.length;
  if (pdu.isEncrypted) {
    fields['encrypted'] = true;
    if (pdu.tls) fields['tls'] = pdu.tls;
    return fields;
  }
  if (pdu.keepAliveNumber >= 0) {
    fields['sequence_number'] = pdu.keepAliveNumber;
    return fields;
  }
  if (pdu.fragment !== 'none') fields['fragment'] = pdu.fragment;
  if (pdu.fragments > 0) fields['fragments'] = pdu.fragments;
  if (message.opcode >= 0) fields['opcode'] = opcodeName(message.opcode);
  if (message.functionCode >= 0) {
    fields['function_code'] = message.functionCode;
    fields['function'] = functionDef(message.functionCode).name;
  }
  if (message.sequenceNumber >= 0) fields['sequence_number'] = message.sequenceNumber;
  if (message.sessionId >= 0) fields['session_id'] = message.sessionId;
  if (pdu.hasDigest || message.hasTrailingDigest) fields['integrity'] = true;
  if (message.integrityId >= 0) fields['integrity_id'] = message.integrityId;
  if (message.transportFlags >= 0) fields['transport_flags'] = message.transportFlags;
  if (pdu.protocolVersion === VERSION.SYSTEM_EVENT) eventFields(message, fields);
  else if (isKnownOpcode(message.opcode)) bodyFields(pdu, fields);
  if (pdu.requestNumber > 0) fields['request_pcap_cnt'] = pdu.requestNumber;
  return fields;
}

function bodyFields(pdu: S7CommPlusPdu, fields: Record<string, unknown>): void {
  const { message } = pdu;
  if (message.hasReturnValue) {
    fields['return_value'] =
      message.returnHigh.toString(16).padStart(8, '0') + message.returnLow.toString(16).padStart(8, '0');
    fields['error_code'] = message.errorCode;
    fields['error'] = errorName(message.errorCode);
  }
  if (message.opcode === OPCODE.NOTIFICATION) {
    if (message.objectId >= 0) fields['subscription_id'] = message.objectId;
    if (message.notificationNumber >= 0) fields['notification_number'] = message.notificationNumber;
    if (message.notificationTime >= 0) fields['notification_time'] = microsText(message.notificationTime);
  } else objectFields(pdu, fields);
  if (message.transactionType >= 0) fields['transaction_type'] = message.transactionType;
  addressFields(pdu, fields);
  valueFields(pdu, fields);
  errorFields(pdu, fields);
  const objects = objectsOf(pdu);
  if (objects.length > 0) fields['objects'] = objects;
}

function objectFields(pdu: S7CommPlusPdu, fields: Record<string, unknown>): void {
  const { message } = pdu;
  if (message.objectId >= 0) {
    fields['object_id'] = message.objectId;
    const name = nameOf(pdu, message.objectId);
    if (name !== undefined) fields['object'] = name;
  }
  if (message.exploreId > 0) fields['explore_id'] = message.exploreId;
  if (message.ids.length === 0) return;
  const isAnswer = message.opcode !== OPCODE.REQUEST;
  if (isAnswer) {
    fields[message.functionCode === FUNCTION.GET_LINK ? 'link_ids' : 'created_ids'] = [...message.ids];
    return;
  }
  fields['attribute_ids'] = [...message.ids];
  const names = message.ids.map((id) => attributeName(id)).filter((name) => name !== undefined);
  if (names.length > 0) fields['attributes'] = names;
  if (message.ids.some(isSecret)) fields['carries_secret'] = true;
  if (message.ids[0] === ID.OperatingStateREQ) {
    const state = pdu.firstNumber;
    if (Number.isFinite(state)) fields['operating_state'] = OPERATING_STATES[state] ?? String(state);
  }
}

function nameOf(pdu: S7CommPlusPdu, id: number): string | undefined {
  const block = blockType(id);
  return block === null ? (pdu.names.nameOf(id) ?? objectName(id)) : `${block}${id & 0xffff}`;
}

/** A device's objects, and the I&M0 record that an answer carries as a value. */
export function objectsOf(pdu: S7CommPlusPdu): DeviceObject[] {
  const { message } = pdu;
  if (message.objectsAt >= 0) return readDeviceObjects(new Reader().set(message.buf, message.objectsAt, message.end));
  if (!carriesIm0(pdu)) return [];
  const im0 = readIm0(new Reader().set(message.buf, message.values.at[0]!, message.end));
  if (im0 === null) return [];
  const { vendorId: _, ...object } = im0;
  return [object];
}

export function carriesIm0(pdu: S7CommPlusPdu): boolean {
  return (
    pdu.message.opcode !== OPCODE.REQUEST &&
    pdu.message.values.count > 0 &&
    pdu.requestedIds.includes(ID.IuM0DataActual)
  );
}

function addressFields(pdu: S7CommPlusPdu, fields: Record<string, unknown>): void {
  const { addresses, buf, end } = pdu.message;
  if (addresses.count === 0) return;
  fields['item_count'] = addresses.count + addresses.omitted;
  const reader = new Reader();
  const target = new Target();
  const items: Record<string, unknown>[] = [];
  for (let index = 0; index < Math.min(addresses.count, MAX_LISTED); index++) {
    readAddress(reader.set(buf, addresses.at[index]!, end), pdu.names, target);
    items.push(itemOf(target));
  }
  fields['items'] = items;
}

function itemOf(target: Target): Record<string, unknown> {
  const item: Record<string, unknown> = { area: target.area };
  if (isDataBlock(target.area)) {
    item['area_name'] = 'DB';
    item['db_number'] = target.area & 0xffff;
  } else {
    const name = objectName(target.area);
    if (name !== undefined) item['area_name'] = name;
  }
  item['sub_area'] = target.subArea;
  const subArea = attributeName(target.subArea);
  if (subArea !== undefined) item['sub_area_name'] = subArea;
  if (target.symbolCrc !== 0) item['symbol_crc'] = target.symbolCrc;
  if (target.lids.length > 0) item['lids'] = [...target.lids];
  if (target.isAbsolute) {
    item['byte_address'] = target.from;
    if (target.bit >= 0) item['bit_address'] = target.bit;
    item['length'] = target.count;
  }
  item['address'] = textOf(target, target.isAbsolute ? target.count : 0);
  return item;
}

function textOf(target: Target, size: number): string {
  if (target.isProcess) return addressText(target.space, target.from, target.bit, size);
  return attributeName(target.from) ?? `${target.space}.${target.from}`;
}

function valueFields(pdu: S7CommPlusPdu, fields: Record<string, unknown>): void {
  const { message } = pdu;
  const { values, buf, end, opcode, functionCode } = message;
  if (values.count === 0) return;
  // What CreateObject carries besides its objects says nothing.
  if (opcode === OPCODE.REQUEST && functionCode === FUNCTION.CREATE_OBJECT) return;
  const isById = message.addresses.count === 0 && opcode !== OPCODE.NOTIFICATION;
  const ids = opcode === OPCODE.REQUEST ? message.ids : pdu.requestedIds;
  const list: Record<string, unknown>[] = [];
  const reader = new Reader();
  const json = new ValueJson(isSecret);
  for (let index = 0; index < Math.min(values.count, MAX_LISTED); index++) {
    const entry: Record<string, unknown> = {};
    const number = values.key[index]!;
    if (number > 0) entry['item'] = number;
    const id = isById ? ids[Math.max(0, number - 1)] : undefined;
    reader.set(buf, values.at[index]!, end);
    const type = buf[values.at[index]! + 1]!;
    const target = pdu.addressOf(index);
    if (target?.isProcess) entry['address'] = textOf(target, sizeOf(type));
    else if (id !== undefined) entry['address'] = attributeName(id) ?? String(id);
    if (id !== undefined && isSecret(id)) {
      entry['is_secret'] = true;
      list.push(entry);
      continue;
    }
    const value = json.read(reader);
    entry['type'] = json.type;
    entry['value'] = value;
    list.push(entry);
  }
  fields['values'] = list;
}

function sizeOf(type: number): number {
  const def = typeDef(type);
  return def === undefined || type === TYPE.BLOB || def.memory > 4 ? 0 : def.memory;
}

function errorFields(pdu: S7CommPlusPdu, fields: Record<string, unknown>): void {
  const { errors, opcode } = pdu.message;
  if (errors.count === 0) return;
  const list: Record<string, unknown>[] = [];
  for (let index = 0; index < Math.min(errors.count, MAX_LISTED); index++) {
    const code = errors.at[index]!;
    const item = errors.key[index]!;
    // A notification says only that the variable could not be read.
    if (opcode === OPCODE.NOTIFICATION) list.push({ item, ...pdu.subscribedAddress(item), error: 'access_error' });
    else list.push({ item, error_code: code, error: errorName(code) });
  }
  fields['errors'] = list;
}

function eventFields(message: Message, fields: Record<string, unknown>): void {
  const { buf, end, textFrom, values } = message;
  const event: Record<string, unknown> = {};
  if (message.confirmedBytes >= 0) event['confirmed_bytes'] = message.confirmedBytes;
  if (textFrom >= 0) event['message'] = wireText(buf, textFrom, Math.min(end, textFrom + MAX_EVENT_TEXT));
  if (values.count > 0) {
    const reader = new Reader().set(buf, values.at[0]!, end);
    reader.isFixedLength = true;
    event['value'] = new ValueJson(isSecret).read(reader);
    if (reader.isBroken) event['value'] = hex(buf, values.at[0]!, Math.min(end, values.at[0]! + MAX_EVENT_TEXT));
  }
  fields['system_event'] = event;
}

function microsText(micros: number): string {
  const millis = micros / 1000;
  return millis < 8.64e15 ? new Date(millis).toISOString() : String(micros);
}
