import { u16 } from '../../model/bytes.js';
import type { CarriedProtocol } from '../_shared/carried-protocol.js';
import type { Dissector, Orientation, ProbeVerdict } from '../dissector.js';
import { CotpPdu } from './pdu.js';
import { COTP_PROTOCOL } from './protocol.js';
import { IsoOnTcpSession } from './session.js';
import { DT_LENGTH, MAX_TPKT, MIN_TPKT, mayBeginTpkt, TPDU, TPKT } from './tpkt.js';

/** ISO transport on TCP (RFC 1006) and the protocols that it carries here. */
export function createIsoOnTcp(carried: readonly CarriedProtocol[]): Dissector {
  const pdu = new CotpPdu();
  const judged = new CotpPdu();
  return {
    name: COTP_PROTOCOL.name,
    protocols: [COTP_PROTOCOL, ...carried.map(({ protocol }) => protocol)],
    tcpPorts: [102],
    udpPorts: [],
    maxPdu: MAX_TPKT,
    probe: (buf, from, to) => probe(buf, from, to, carried, judged),
    open: (orientation: Orientation) => new IsoOnTcpSession(orientation, carried, pdu),
  };
}

/**
 * Other protocols use this transport as well (remote desktop on 3389): sure is only what names TSAPs, or carries a
 * protocol that is known here.
 */
function probe(
  buf: Uint8Array,
  from: number,
  to: number,
  carried: readonly CarriedProtocol[],
  judged: CotpPdu,
): ProbeVerdict {
  if (!mayBeginTpkt(buf, from, to)) return 'no';
  if (to - from < MIN_TPKT) return 'unsure';
  const end = from + u16(buf, from + 2);
  if (end > to) return 'unsure';
  const code = buf[from + 5]! & 0xf0;
  if (code === TPDU.CR || code === TPDU.CC) {
    judged.parse(buf, from + TPKT, end);
    return judged.callingTsap.length > 0 && judged.calledTsap.length > 0 ? 'yes' : 'unsure';
  }
  if (code !== TPDU.DT || buf[from + 4] !== DT_LENGTH) return 'unsure';
  const data = from + 5 + DT_LENGTH;
  return data < end && carried.some((protocol) => protocol.recognises(buf, data, end)) ? 'yes' : 'unsure';
}
