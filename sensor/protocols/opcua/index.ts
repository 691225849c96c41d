import { SharedBudget } from '../_shared/shared-budget.js';
import type { Connection, Dissector } from '../dissector.js';
import { MAX_CHUNK, probeOpcUa } from './framing.js';
import { OpcUaPdu } from './pdu.js';
import { OPCUA_PROTOCOL } from './protocol.js';
import { ServerStates } from './server-state.js';
import { OpcUaSession, type OpcUaShared } from './session.js';

/** Nodes that unanswered requests of all connections name. */
const MAX_REQUESTED_NODES = 500_000;
/** Monitored items and registered nodes of all servers. */
const MAX_MONITORED_ITEMS = 200_000;
/** Bytes of unfinished messages of all connections. */
const MAX_CHUNK_BYTES = 64 * 1024 * 1024;

/** OPC UA over TCP in its binary encoding (OPC 10000-6 section 7.2). */
export function createOpcUa(): Dissector {
  const shared: OpcUaShared = {
    pdu: new OpcUaPdu(),
    requests: new SharedBudget(MAX_REQUESTED_NODES),
    servers: new ServerStates(new SharedBudget(MAX_MONITORED_ITEMS)),
    chunks: new SharedBudget(MAX_CHUNK_BYTES),
  };
  return {
    name: OPCUA_PROTOCOL.name,
    protocols: [OPCUA_PROTOCOL],
    tcpPorts: [4840],
    udpPorts: [],
    maxPdu: MAX_CHUNK,
    probe: probeOpcUa,
    open: (connection: Connection) => new OpcUaSession(connection, shared),
  };
}
