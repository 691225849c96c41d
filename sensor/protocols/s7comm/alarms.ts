import { hex, u16, u32, wireText } from '../../model/bytes.js';
import { returnCodeName, SUCCESS } from './errors.js';
import { codeFields, DATA_HEAD, dataLength } from './items.js';
import { dateAndTime } from './values.js';

/** Subfunctions of the CPU group that tell of alarms, and those that act on them. */
const INDICATIONS: ReadonlySet<number> = new Set([5, 6, 9, 12, 17, 18, 22]);
const ACTIONS: ReadonlySet<number> = new Set([7, 8, 11, 13, 14]);
const SUBFUNCTION = { MESSAGE_SERVICE: 2, DIAGNOSTIC: 3, SCAN: 9, QUERY: 19 } as const;

/** Every object begins with 0x12 and a length. */
const OBJECT = 0x12;
/** Syntax, number of values, event id. */
const OBJECT_HEAD = 6;
const SYNTAX = { LOCK_FREE: 0x15, INDICATION: 0x16, ACKNOWLEDGE: 0x19, QUERY: 0x1a, NOTIFY: 0x1c } as const;
const TIMESTAMP = 8;
/** Bounds; a PDU of 960 bytes holds no more. */
const MAX_OBJECTS = 64;
const MAX_VALUES = 64;
const DIAGNOSTIC = 20;

const EVENT_BITS = [
  [0x01, 'mode_transition'],
  [0x02, 'system_diagnostics'],
  [0x04, 'user_defined'],
  [0x80, 'alarms'],
] as const;
const EVENT_CLASSES: Readonly<Record<number, string>> = {
  1: 'standard_ob',
  2: 'synchronous_error',
  3: 'asynchronous_error',
  4: 'mode_transition',
  5: 'run_time',
  6: 'communication',
  7: 'fail_safe',
  8: 'module_diagnostics',
};
const QUERY_TYPES: Readonly<Record<number, string>> = { 1: 'by_alarm_type', 3: 'by_event_id' };
const ALARM_TYPES: Readonly<Record<number, string>> = { 1: 'SCAN', 2: 'ALARM_8', 4: 'ALARM_S' };
const ALARM_S = 4;
/** Alarms whose messages are asked for, or not any more. */
const SUBSCRIPTIONS: Readonly<Record<number, string>> = {
  0: 'scan_abort',
  1: 'scan_initiate',
  4: 'alarm_abort',
  5: 'alarm_initiate',
  6: 'ar_send_abort',
  7: 'ar_send_initiate',
  8: 'alarm_s_abort',
  9: 'alarm_s_initiate',
};

/** Sets the fields of messages about alarms and events; false where `buf[from, to)` is none that is known. */
export function alarmFields(
  fields: Record<string, unknown>,
  subfunction: number,
  isRequest: boolean,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (INDICATIONS.has(subfunction)) return indication(fields, subfunction, buf, from, to);
  if (ACTIONS.has(subfunction) && to - from >= 2) return action(fields, buf, from, to);
  switch (subfunction) {
    case SUBFUNCTION.QUERY:
      return isRequest ? query(fields, buf, from, to) : queryAnswer(fields, buf, from, to);
    case SUBFUNCTION.MESSAGE_SERVICE:
      return isRequest ? subscription(fields, buf, from, to) : subscriptionAnswer(fields, buf, from, to);
    case SUBFUNCTION.DIAGNOSTIC:
      return diagnostic(fields, buf, from, to);
    default:
      return false;
  }
}

/** When it came, a function, how many objects, and these. Those of SCAN have two words more, around the time. */
function indication(
  fields: Record<string, unknown>,
  subfunction: number,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  const extra = subfunction === SUBFUNCTION.SCAN ? 2 : 0;
  const at = from + extra;
  if (to - at < TIMESTAMP + extra + 2) return false;
  fields['alarm'] = { timestamp: dateAndTime(buf, at), objects: objects(buf, at + TIMESTAMP + extra, to) };
  return true;
}

/** Requests name objects, answers have a return code for each. */
function action(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): boolean {
  const hasObjects = from + 2 >= to || buf[from + 2] === OBJECT;
  if (hasObjects) fields['alarm'] = { objects: objects(buf, from, to) };
  else {
    fields['item_count'] = buf[from + 1]!;
    fields['results'] = codeFields(buf, from + 2, Math.min(to, from + 2 + buf[from + 1]!));
  }
  return true;
}

/** A function, the number of objects, the objects with what comes with each. */
function objects(buf: Uint8Array, from: number, to: number): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const count = Math.min(buf[from + 1]!, MAX_OBJECTS);
  let at = from + 2;
  while (found.length < count && at + 2 + OBJECT_HEAD <= to && buf[at] === OBJECT) {
    const end = at + 2 + buf[at + 1]!;
    if (end > to || end - at < 2 + OBJECT_HEAD) break;
    const object: Record<string, unknown> = { event_id: hex(buf, at + 4, at + 8) };
    states(object, buf, at, end);
    const values: string[] = [];
    at = valuesOf(buf, end, to, buf[at + 3]!, values);
    if (values.length > 0) object['values'] = values;
    found.push(object);
  }
  return found;
}

function states(object: Record<string, unknown>, buf: Uint8Array, at: number, end: number): void {
  const syntax = buf[at + 2];
  if ((syntax === SYNTAX.INDICATION || syntax === SYNTAX.NOTIFY) && end - at >= 12) {
    object['event_state'] = buf[at + 8]!;
    object['state'] = buf[at + 9]!;
    object['ack_state_going'] = buf[at + 10]!;
    object['ack_state_coming'] = buf[at + 11]!;
  } else if (syntax === SYNTAX.ACKNOWLEDGE && end - at >= 10) {
    object['ack_state_going'] = buf[at + 8]!;
    object['ack_state_coming'] = buf[at + 9]!;
  }
}

/** Associated values, as data items; returns where they end. */
function valuesOf(buf: Uint8Array, from: number, to: number, count: number, values: string[]): number {
  let at = from;
  for (let left = Math.min(count, MAX_VALUES); left > 0 && at + DATA_HEAD <= to; left--) {
    const length = dataLength(buf, at);
    if (at + DATA_HEAD + length > to) return to;
    values.push(hex(buf, at + DATA_HEAD, at + DATA_HEAD + length));
    at += DATA_HEAD + length + (length % 2);
  }
  return at;
}

function query(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): boolean {
  const at = from + 2;
  if (to - at < 10 || buf[at] !== OBJECT || buf[at + 2] !== SYNTAX.QUERY) return false;
  const type = buf[at + 4]!;
  const alarm: Record<string, unknown> = { query: QUERY_TYPES[type] ?? 'unknown' };
  const value = u32(buf, at + 6);
  if (type === 1) alarm['type'] = ALARM_TYPES[value] ?? String(value);
  else alarm['event_id'] = hex(buf, at + 6, at + 10);
  fields['alarm'] = alarm;
  return true;
}

/** Function, number, return code, transport size, length of the alarms behind it. */
const QUERY_HEAD = 6;
/** Its own length and two bytes of no known meaning stand before an alarm; what the length counts begins here. */
const ALARM_HEAD = 3;
/** Type, event, a byte of no known meaning, three states. */
const ALARM_STATES = 9;
/** A bound. */
const MAX_ALARMS = 512;

/** The alarms that are pending: of each its number and state, and of ALARM_S and ALARM_SQ times and values as well. */
function queryAnswer(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): boolean {
  if (to - from < QUERY_HEAD) return false;
  const code = buf[from + 2]!;
  const alarms: Record<string, unknown>[] = [];
  for (let at = from + QUERY_HEAD; code === SUCCESS && alarms.length < MAX_ALARMS; ) {
    const end = at + ALARM_HEAD + buf[at]!;
    // A zero ends the list where its length was not known beforehand.
    if (at >= to || buf[at] === 0 || end > to || end - at < ALARM_HEAD + ALARM_STATES) break;
    alarms.push(pendingAlarm(buf, at + ALARM_HEAD, end));
    at = end;
  }
  fields['alarm'] = { return_code: code, return_code_name: returnCodeName(code), objects: alarms };
  return true;
}

/** One of a block (ALARM_S) tells when and with which value it came, then the same for its going. */
function pendingAlarm(buf: Uint8Array, at: number, end: number): Record<string, unknown> {
  const alarm: Record<string, unknown> = {
    type: ALARM_TYPES[buf[at]!] ?? String(buf[at]),
    event_id: hex(buf, at + 1, at + 5),
    event_state: buf[at + 6]!,
    ack_state_going: buf[at + 7]!,
    ack_state_coming: buf[at + 8]!,
  };
  if (buf[at] !== ALARM_S) return alarm;
  let place = at + ALARM_STATES;
  for (const name of ['coming', 'going'] as const) {
    if (end - place < TIMESTAMP + DATA_HEAD) break;
    // Of an alarm that is still there, the time of its going is zero.
    if (buf.subarray(place, place + TIMESTAMP).some((byte) => byte !== 0)) alarm[name] = dateAndTime(buf, place);
    const values: string[] = [];
    place = valuesOf(buf, place + TIMESTAMP, end, 1, values);
    if (values.length > 0) alarm[`${name}_values`] = values;
  }
  return alarm;
}

/** What shall be told, the name of who asks, and which alarms. */
function subscription(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): boolean {
  if (to - from < 10) return false;
  const bits = buf[from]!;
  fields['events'] = EVENT_BITS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  fields['user_name'] = wireText(buf, from + 2, from + 10)
    .replaceAll('\0', ' ')
    .trim();
  if ((bits & 0x80) !== 0 && to - from > 10) fields['alarm_subscription'] = subscriptionName(buf[from + 10]!);
  return true;
}

function subscriptionAnswer(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): boolean {
  if (to - from < 2) return false;
  fields['result'] = buf[from]!;
  if (to - from > 2) fields['alarm_subscription'] = subscriptionName(buf[from + 2]!);
  return true;
}

function subscriptionName(code: number): string {
  return SUBSCRIPTIONS[code] ?? String(code);
}

/** An entry of the diagnostic buffer, as the CPU sends it to those who have asked for it. */
function diagnostic(fields: Record<string, unknown>, buf: Uint8Array, from: number, to: number): boolean {
  if (to - from < DIAGNOSTIC) return false;
  fields['diagnostic'] = {
    event_id: hex(buf, from, from + 2),
    event_class: EVENT_CLASSES[buf[from]! >> 4] ?? 'user',
    priority_class: buf[from + 2]!,
    ob_number: buf[from + 3]!,
    data_id: u16(buf, from + 4),
    info1: hex(buf, from + 6, from + 8),
    info2: hex(buf, from + 8, from + 12),
    timestamp: dateAndTime(buf, from + 12),
  };
  return true;
}
