import type { Dissector, Orientation } from '../dissector.js';
import { MAX_ADU, probeMbap, probeRtu } from './framing.js';
import { ModbusPdu } from './pdu.js';
import { MODBUS_PROTOCOL } from './protocol.js';
import { ModbusSession } from './session.js';

/** Modbus over TCP and UDP, and Modbus RTU frames over either. */
export function createModbus(): Dissector {
  const pdu = new ModbusPdu();
  return {
    name: MODBUS_PROTOCOL.name,
    protocols: [MODBUS_PROTOCOL],
    tcpPorts: [502],
    udpPorts: [502],
    maxPdu: MAX_ADU,
    probe(buf, from, to) {
      const verdict = probeMbap(buf, from, to);
      return verdict === 'no' ? probeRtu(buf, from, to) : verdict;
    },
    open: (orientation: Orientation) => new ModbusSession(orientation, pdu),
  };
}
