import { IP_PROTOCOL } from '../decode/frame.js';
import type { Flow, Side } from '../flow/flow.js';
import { formatIp } from '../model/address.js';
import type { AnomalyDef } from '../model/anomaly.js';
import type { DissectionRecord } from '../model/records.js';
import { formatTimestamp, type Micros } from '../model/time.js';
import type { Pdu } from '../protocols/dissector.js';

/** Where and when something was seen. One object, reused. */
export class Sighting {
  flow: Flow | null = null;
  /** Who sent it. */
  side: Side = 0;
  number = 0;
  timestamp: Micros = 0;
  nanos = -1;
}

/** A message and where it was seen. One object, reused: read it during the call. */
export class PduContext extends Sighting {
  pdu: Pdu | null = null;
  /** Why this is a second reading of bytes that were reported already; null for the main reading. */
  alternativeOf: AnomalyDef | null = null;
}

const TRANSPORT_NAMES: Readonly<Record<number, string>> = { [IP_PROTOCOL.TCP]: 'TCP', [IP_PROTOCOL.UDP]: 'UDP' };

export function sideIp(flow: Flow, side: Side): string {
  return side === 0
    ? formatIp(flow.first0, flow.first1, flow.first2, flow.first3)
    : formatIp(flow.second0, flow.second1, flow.second2, flow.second3);
}

export function sidePort(flow: Flow, side: Side): number {
  return side === 0 ? flow.firstPort : flow.secondPort;
}

function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The same for both directions and for every run over the same packets: a decimal number of at most 53 bits. */
export function flowId(flow: Flow): string {
  const parts = [
    flow.first0,
    flow.first1,
    flow.first2,
    flow.first3,
    flow.second0,
    flow.second1,
    flow.second2,
    flow.second3,
    (flow.firstPort << 16) | flow.secondPort,
    flow.ipProtocol,
    flow.started % 4_294_967_296,
    flow.startedAtPacket,
  ];
  let low = 0x9e3779b1;
  let high = 0x7f4a7c15;
  for (const part of parts) {
    low = mix(low, part | 0);
    high = mix(high, low ^ part);
  }
  return String((high & 0x1fffff) * 4_294_967_296 + (low >>> 0));
}

/** The common fields of docs "dissection records". */
export function commonFields(sighting: Sighting, eventType: string): DissectionRecord {
  const { flow, side } = sighting;
  const record: DissectionRecord = {
    timestamp: formatTimestamp(sighting.timestamp, sighting.nanos),
    pcap_cnt: sighting.number,
    event_type: eventType,
  };
  if (flow) {
    const other = side === 0 ? 1 : 0;
    record['flow_id'] = flowId(flow);
    record['src_ip'] = sideIp(flow, side);
    record['src_port'] = sidePort(flow, side);
    record['dest_ip'] = sideIp(flow, other);
    record['dest_port'] = sidePort(flow, other);
    record['proto'] = TRANSPORT_NAMES[flow.ipProtocol] ?? String(flow.ipProtocol);
    if (flow.vlans) record['vlan'] = flow.vlans;
  }
  return record;
}

export function pduRecord(context: PduContext): DissectionRecord {
  const { pdu, alternativeOf } = context;
  if (!pdu) throw new Error('a PDU context without a PDU');
  const record = commonFields(context, pdu.protocol.name);
  record[pdu.protocol.name] = pdu.fields();
  const codes = pdu.anomalies.map((anomaly) => anomaly.code);
  if (alternativeOf && !codes.includes(alternativeOf.code)) codes.push(alternativeOf.code);
  if (codes.length > 0) record['anomalies'] = codes;
  if (pdu.isPartial) record['partial'] = true;
  return record;
}
