import { u16 } from '../../model/bytes.js';
import type { CarriedProtocol } from '../_shared/carried-protocol.js';
import { SharedBudget } from '../_shared/shared-budget.js';
import { isTlsRecord } from '../_shared/tls-handshake.js';
import { VERSION } from './functions.js';
import { S7CommPlusPdu } from './pdu.js';
import { S7COMM_PLUS_PROTOCOL } from './protocol.js';
import { PROTOCOL_ID, S7CommPlusSession } from './session.js';

const HEADER = 4;
const TRAILER = 4;
/** Bytes of unfinished messages of all connections together. */
const MAX_HELD = 64 << 20;

/** S7comm-plus of S7-1200 and S7-1500 controllers, and the TLS that newer firmware puts in its place. */
export function createS7CommPlus(): CarriedProtocol {
  const pdu = new S7CommPlusPdu();
  const held = new SharedBudget(MAX_HELD);
  return {
    protocol: S7COMM_PLUS_PROTOCOL,
    recognises: (buf, from, to) => isMessage(buf, from, to) || isTlsRecord(buf, from, to),
    open: (orientation, { calledTsap }) => new S7CommPlusSession(orientation, pdu, held, calledTsap.length > 0),
  };
}

/** A known version, or a length that fits; what is malformed is still this protocol's. */
function isMessage(buf: Uint8Array, from: number, to: number): boolean {
  if (to - from < 2 || buf[from] !== PROTOCOL_ID) return false;
  const version = buf[from + 1]!;
  if (version >= VERSION.SETUP && version <= VERSION.DIGEST) return true;
  if (version >= VERSION.SYSTEM_EVENT) return true;
  if (to - from < HEADER) return false;
  const left = to - from - HEADER - u16(buf, from + 2);
  return left === 0 || left === TRAILER;
}
