import type { IdentityField } from '../../model/records.js';
import type { PduSink } from '../dissector.js';
import { type DeviceObject, readDeviceObjects, readIm0 } from './device-objects.js';
import { OPCODE, OPERATION } from './functions.js';
import type { S7CommPlusPdu } from './pdu.js';
import { Reader } from './reader.js';
import { carriesIm0 } from './record.js';

const SIEMENS = 'Siemens AG';
/** Vendor number that PROFIBUS & PROFINET International gave to Siemens. */
const SIEMENS_ID = 0x002a;
/** Order numbers of Siemens' automation and network products. */
const SIEMENS_ORDER = /^6(?:ES7|AG1|GK\d|AV\d|ES5)/;
/** What HMI runtimes send where nobody entered a name. */
const PLACEHOLDERS = new Set(['YourHost', 'HMI HOST', 'HMI USER', 'localhost']);
/** TIA Portal puts a number behind the computer's name. */
const TIA_HOST = /^(.+)_\d+$/;
/** CPU of an S7-1200 or S7-1500 by its order number. */
const CPU = /^6ES7\s?(2|5)(1\d)-(1)(.)/;
const CPU_CLASS = 2166;

const ROLE = { ENGINEERING: 1, HMI: 2 } as const;

/** Reports what a message says of the one who sent it. */
export function reportIdentity(pdu: S7CommPlusPdu, sink: PduSink): void {
  const { message } = pdu;
  if (pdu.isPartial || pdu.fragment === 'first' || pdu.fragment === 'middle') return;
  if (message.opcode === OPCODE.REQUEST) {
    if (pdu.operation === OPERATION.createSession && message.objectsAt >= 0) reportClient(objects(pdu), sink);
    return;
  }
  if (message.objectsAt >= 0) {
    const isSession = pdu.operation === OPERATION.createSession;
    for (const object of objects(pdu)) {
      if (isSession) reportController(object, 's7comm_plus.session', 95, sink);
      else if (object.class_id === CPU_CLASS && object.name)
        tell('name', object.name, 's7comm_plus.cpu_object', 80, sink);
    }
    return;
  }
  if (!carriesIm0(pdu)) return;
  const im0 = readIm0(new Reader().set(message.buf, message.values.at[0]!, message.end));
  if (im0 === null) return;
  const source = 's7comm_plus.im0';
  if (im0.vendorId === SIEMENS_ID) tell('vendor', SIEMENS, source, 95, sink);
  reportController(im0, source, 98, sink);
}

function objects(pdu: S7CommPlusPdu): DeviceObject[] {
  const { buf, objectsAt, end } = pdu.message;
  return readDeviceObjects(new Reader().set(buf, objectsAt, end));
}

function reportClient(found: readonly DeviceObject[], sink: PduSink): void {
  const source = 's7comm_plus.session_request';
  for (const object of found) {
    const host =
      object.host_name === undefined ? undefined : (TIA_HOST.exec(object.host_name)?.[1] ?? object.host_name);
    if (host !== undefined && !PLACEHOLDERS.has(host)) tell('hostname', host, source, 85, sink);
    const software = object.application ?? object.comment;
    if (software !== undefined) tell('software', software, source, 75, sink);
    if (object.role === ROLE.ENGINEERING) tell('role', 'engineering_station', source, 80, sink);
    else if (object.role === ROLE.HMI) tell('role', 'hmi', source, 80, sink);
  }
}

function reportController(object: DeviceObject, source: string, confidence: number, sink: PduSink): void {
  const { order_number: orderNumber } = object;
  if (orderNumber !== undefined) {
    tell('order_number', orderNumber, source, confidence, sink);
    if (SIEMENS_ORDER.test(orderNumber)) tell('vendor', SIEMENS, source, 90, sink);
    const model = modelOf(orderNumber);
    if (model !== null) tell('model', model, source, 75, sink);
  }
  if (object.firmware !== undefined) tell('firmware', object.firmware, source, confidence, sink);
  if (object.serial_number !== undefined) tell('serial', object.serial_number, source, confidence, sink);
  if (object.hardware_revision !== undefined) {
    tell('hardware_revision', object.hardware_revision, source, confidence, sink);
  }
}

/** `CPU 1214C` for 6ES7 214-1…, `CPU 1511` for 6ES7 511-1…. */
function modelOf(orderNumber: string): string | null {
  const match = CPU.exec(orderNumber);
  if (!match) return null;
  return match[1] === '2' ? `CPU 12${match[2]}C` : `CPU 15${match[2]}`;
}

function tell(field: IdentityField, value: string, source: string, confidence: number, sink: PduSink): void {
  sink.identity({ unit: -1, field, value, source, confidence });
}
