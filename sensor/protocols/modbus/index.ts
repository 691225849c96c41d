import type { Dissector, Orientation } from '../dissector.js';
import { MODBUS } from './anomalies.js';
import { MODBUS_FIELDS } from './fields.js';
import { MAX_ADU, probeMbap, probeRtu } from './framing.js';
import { MODBUS_OPERATIONS } from './functions.js';
import { ModbusPdu } from './pdu.js';
import { ModbusSession } from './session.js';

/** Modbus over TCP and UDP, and Modbus RTU frames over either. */
export function createModbus(): Dissector {
  const pdu = new ModbusPdu();
  return {
    name: 'modbus',
    title: 'Modbus',
    tcpPorts: [502],
    udpPorts: [502],
    maxPdu: MAX_ADU,
    operations: MODBUS_OPERATIONS,
    fields: MODBUS_FIELDS,
    anomalies: Object.values(MODBUS),
    probe(buf, from, to) {
      const verdict = probeMbap(buf, from, to);
      return verdict === 'no' ? probeRtu(buf, from, to) : verdict;
    },
    open: (orientation: Orientation) => new ModbusSession(orientation, pdu),
  };
}
