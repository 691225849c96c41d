import type { IdentityField } from '../../model/records.js';
import { berChildren, berElement, berOid } from '../ber.js';
import { describe } from '../description.js';
import type { IdentitySource, Tell } from '../source.js';
import { cleanText, isReadable } from '../text.js';
import { enterpriseVendor } from '../vendors.js';

const RESPONSE = 0xa2;
const TRAP_V1 = 0xa4;
const TRAP_V2 = 0xa7;
const SEQUENCE = 0x30;
const OCTETS = 0x04;
const OID = 0x06;
const VERSION_3 = 3;
const MAX_BINDINGS = 64;
const DESCRIPTION = '1.3.6.1.2.1.1.1.0';
const OBJECT_ID = '1.3.6.1.2.1.1.2.0';
const ENTERPRISES = '1.3.6.1.4.1.';
const SYSTEM: Readonly<Record<string, readonly [IdentityField, number]>> = {
  '1.3.6.1.2.1.1.5.0': ['name', 80],
  '1.3.6.1.2.1.1.6.0': ['location', 80],
};
/** ENTITY-MIB (RFC 6933), by column; the first chassis is the device, which has index 1 nearly everywhere. */
const ENTITY = /^1\.3\.6\.1\.2\.1\.47\.1\.1\.1\.1\.(\d+)\.1$/;
const ENTITY_COLUMN: Readonly<Record<string, readonly [IdentityField, number]>> = {
  8: ['hardware_revision', 88],
  9: ['firmware', 85],
  10: ['firmware', 90],
  11: ['serial', 92],
  12: ['vendor', 92],
  13: ['model', 92],
};

/** SNMP v1 and v2c (RFC 1157, 3416): answers and traps that carry the system group or the entity table. */
export const snmp: IdentitySource = {
  name: 'snmp',
  udpPorts: [161, 162],
  isOfInterest: (buf, from, to) => to - from > 20 && buf[from] === SEQUENCE,
  read({ buf, from, to }, tell) {
    const whole = berElement(buf, from, to);
    if (whole === null) return false;
    const [version, , pdu] = berChildren(buf, whole, 3);
    if (!version || !pdu || version.to - version.from !== 1 || buf[version.from] === VERSION_3) return false;
    if (pdu.tag === TRAP_V1) {
      const enterprise = berElement(buf, pdu.from, pdu.to);
      if (enterprise?.tag === OID) vendor(berOid(buf, enterprise), tell);
      return false;
    }
    if (pdu.tag !== RESPONSE && pdu.tag !== TRAP_V2) return false;
    const [, , , bindings] = berChildren(buf, pdu, 4);
    if (!bindings || bindings.tag !== SEQUENCE) return false;
    for (const binding of berChildren(buf, bindings, MAX_BINDINGS)) {
      const [name, value] = berChildren(buf, binding, 2);
      if (name?.tag !== OID || !value) continue;
      const oid = berOid(buf, name);
      if (value.tag === OID && oid === OBJECT_ID) vendor(berOid(buf, value), tell);
      if (value.tag === OCTETS) said(oid, cleanText(buf, value.from, value.to), tell);
    }
    return false;
  },
};

function vendor(oid: string, tell: Tell): void {
  if (!oid.startsWith(ENTERPRISES)) return;
  const name = enterpriseVendor(Number(oid.slice(ENTERPRISES.length).split('.')[0]));
  // Net-SNMP is the program that answers; its maker is not the device's.
  if (name !== undefined && name !== 'Net-SNMP')
    tell('snmp.sys_object_id', { field: 'vendor', value: name, confidence: 75 });
}

function said(oid: string, text: string, tell: Tell): void {
  if (!isReadable(text)) return;
  if (oid === DESCRIPTION) {
    for (const { field, value } of describe(text)) tell('snmp.sys_descr', { field, value, confidence: 78 });
    return;
  }
  const system = SYSTEM[oid];
  if (system) tell('snmp.system', { field: system[0], value: text, confidence: system[1] });
  const column = ENTITY.exec(oid)?.[1];
  const entity = column === undefined ? undefined : ENTITY_COLUMN[column];
  if (entity) tell('snmp.entity', { field: entity[0], value: text, confidence: entity[1] });
}
