import type { CarriedProtocol } from '../_shared/carried-protocol.js';
import { S7commPdu } from './pdu.js';
import { S7COMM_PROTOCOL } from './protocol.js';
import { S7commSession } from './session.js';

const PROTOCOL_ID = 0x32;

/** S7comm, the protocol of the S7-200, 300 and 400, and of the 1200 and 1500 where access by PUT/GET is allowed. */
export function createS7comm(): CarriedProtocol {
  const pdu = new S7commPdu();
  return {
    protocol: S7COMM_PROTOCOL,
    recognises: (buf, from, to) => to > from && buf[from] === PROTOCOL_ID,
    open: (orientation, addresses) => new S7commSession(orientation, pdu, addresses),
  };
}
