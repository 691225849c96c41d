import type { Flow, Side } from '../flow/flow.js';
import type { DissectionRecord } from '../model/records.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import { commonFields, Sighting } from './pdu-context.js';

/** What rules of the service `connection` see: a flow from its client's side, at its start or at its end. */
export function connectionRecord(
  flow: Flow,
  client: Side,
  event: 'start' | 'end',
  service: string,
  number: number,
  at: Micros,
): DissectionRecord {
  const sighting = new Sighting();
  sighting.flow = flow;
  sighting.side = client;
  sighting.number = number;
  sighting.timestamp = at;
  const [one, other] = flow.sides;
  return {
    ...commonFields(sighting, 'connection'),
    connection: {
      event,
      service,
      state: event === 'start' ? 'established' : stateOf(flow),
      packets: one.packets + other.packets,
      bytes: one.bytes + other.bytes,
      duration: Math.max(0, Math.floor((at - flow.started) / MICROS_PER_SECOND)),
    },
  };
}

function stateOf(flow: Flow): string {
  if (!flow.isTwoWay) return 'unanswered';
  const server = flow.sides[flow.client === 0 ? 1 : 0];
  return flow.resetSeen && server.packets <= 1 ? 'refused' : 'established';
}
