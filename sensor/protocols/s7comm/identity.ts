import { u16 } from '../../model/bytes.js';
import type { IdentityField } from '../../model/records.js';
import type { IdentityFact, PduSink } from '../dissector.js';
import { DATA_HEAD } from './items.js';
import type { S7commPdu } from './pdu.js';
import { COMPONENT, fixedText, forEachEntry, versionText } from './szl.js';
import { MODULE_ENTRY, type ModulePlace, modulePlace } from './szl-layouts.js';

const READ_SZL = 1;
const SZL = { MODULE: 0x11, COMPONENTS: 0x1c, MODULE_STATES: 0x91 } as const;
/** As many as a TSAP can name. */
const MAX_RACK = 7;
const MAX_SLOT = 31;
const PART = { MODULE: 1, HARDWARE: 6, FIRMWARE: 7 } as const;
/** PROFIBUS International's list of manufacturers. */
const SIEMENS = 0x002a;
/** Order numbers of Siemens' automation products: 6ES7, 6AG1, 6GK7, 6FC5, … */
const SIEMENS_ORDER_NUMBER = /^6(ES|AG|GK|FC|AV|AU|DD|BK)\d/;

/** What is known of a module by its rack and slot; it is part of the device, not a device behind its address. */
export function moduleFact(
  place: number,
  field: IdentityField,
  value: string,
  source: string,
  confidence: number,
): IdentityFact {
  return { unit: place, isModule: true, field, value, source, confidence };
}

/** Reports what an answer says of the controller that sent it: the lists with its order number and its names. */
export function reportIdentity(pdu: S7commPdu, sink: PduSink): void {
  if (pdu.subfunction !== READ_SZL || pdu.isRequest || pdu.rejection !== 'none') return;
  const isAssembled = pdu.assembled.length > 0;
  const buf = isAssembled ? pdu.assembled : pdu.buffer;
  const from = isAssembled ? 0 : pdu.dataFrom + DATA_HEAD;
  const to = isAssembled ? buf.length : pdu.dataTo;
  if (to - from < 4) return;
  const id = u16(buf, from);
  const source = `s7comm.szl_${id.toString(16).padStart(4, '0')}`;
  const tell = (field: IdentityField, value: string, confidence: number) => {
    if (value === '') return;
    sink.identity({ unit: -1, field, value, source, confidence });
    if (pdu.place >= 0) sink.identity(moduleFact(pdu.place, field, value, source, confidence));
  };
  // Lists of other modules than the CPU (upper four bits) say who those are.
  if (id >> 12 !== 0) return;
  switch (id & 0xff) {
    case SZL.MODULE:
      forEachEntry(buf, from, to, (at, length) => {
        if (length >= 28) tellModule(buf, at, tell);
      });
      return;
    case SZL.COMPONENTS:
      forEachEntry(buf, from, to, (at, length) => {
        if (length >= 34) tellComponent(buf, at, length, tell);
      });
      return;
    case SZL.MODULE_STATES:
      forEachEntry(buf, from, to, (at, length) => {
        if (length >= MODULE_ENTRY) tellPlugged(modulePlace(buf, at), source, sink);
      });
  }
}

/** Modules in the controller's own racks; those on its buses have no place in a rack. */
function tellPlugged(module: ModulePlace, source: string, sink: PduSink): void {
  const { isCentral, rack, slot, subslot, exists, type } = module;
  if (!isCentral || !exists || subslot !== 0 || rack > MAX_RACK || slot > MAX_SLOT) return;
  sink.identity(moduleFact((rack << 5) | slot, 'description', `Module of type 0x${type}.`, source, 60));
}

type Tell = (field: IdentityField, value: string, confidence: number) => void;

function tellModule(buf: Uint8Array, at: number, tell: Tell): void {
  const orderNumber = fixedText(buf, at + 2, 20);
  const version = u16(buf, at + 24);
  const release = u16(buf, at + 26);
  switch (u16(buf, at)) {
    case PART.MODULE:
      tell('order_number', orderNumber, 95);
      if (SIEMENS_ORDER_NUMBER.test(orderNumber)) tell('vendor', 'Siemens', 80);
      return;
    case PART.HARDWARE:
      tell('hardware_revision', String(version), 80);
      return;
    case PART.FIRMWARE:
      tell('firmware', versionText(version, release), 95);
      return;
  }
}

function tellComponent(buf: Uint8Array, at: number, length: number, tell: Tell): void {
  const text = fixedText(buf, at + 2, length - 2);
  switch (u16(buf, at) & 0xff) {
    case COMPONENT.PLC_NAME:
      tell('name', text, 85);
      return;
    case COMPONENT.MODULE_NAME:
      tell('name', text, 70);
      return;
    case COMPONENT.PLANT:
      tell('plant', text, 90);
      return;
    case COMPONENT.COPYRIGHT:
      if (/siemens/i.test(text)) tell('vendor', 'Siemens', 70);
      return;
    case COMPONENT.SERIAL:
      tell('serial', text, 95);
      return;
    case COMPONENT.MODULE_TYPE:
      tell('model', text, 95);
      return;
    case COMPONENT.MANUFACTURER:
      if (u16(buf, at + 2) === SIEMENS) tell('vendor', 'Siemens', 95);
      return;
    case COMPONENT.LOCATION:
      tell('location', text, 90);
      return;
  }
}
