import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frame, IP_PROTOCOL, MAPPED_PREFIX } from '../../sensor/decode/frame.js';
import type { Flow } from '../../sensor/flow/flow.js';
import { FlowTable } from '../../sensor/flow/flow-table.js';
import { BASE_TIME } from '../support/packets.js';
import '../support/property-seed.js';

const SECOND = 1_000_000;

function frameOf(client: number, server: number, fromClient: boolean, timestamp: number): Frame {
  const frame = new Frame();
  frame.kind = 'ip';
  frame.ipVersion = 4;
  frame.ipProtocol = IP_PROTOCOL.UDP;
  frame.source2 = MAPPED_PREFIX;
  frame.destination2 = MAPPED_PREFIX;
  frame.source3 = fromClient ? client : server;
  frame.destination3 = fromClient ? server : client;
  frame.sourcePort = fromClient ? 1000 + (client % 7) : 502;
  frame.destinationPort = fromClient ? 502 : 1000 + (client % 7);
  frame.timestamp = timestamp;
  return frame;
}

function nameOf(flow: Flow): string {
  return [flow.first3, flow.firstPort, flow.second3, flow.secondPort].join(' ');
}

test('the table holds what a plain list holds: nothing is lost or found twice, whatever leaves it', () => {
  const step = fc.record({
    client: fc.integer({ min: 1, max: 700 }),
    fromClient: fc.boolean(),
    answered: fc.boolean(),
    closed: fc.boolean(),
    pause: fc.constantFrom(0, 0, 0, 0, 1, 40, 5000),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 900 }), fc.integer(), (steps, seed) => {
      const ended = new Set<Flow>();
      const limits = { flows: 500, unanswered: 300 };
      const table = new FlowTable((flow) => ended.add(flow), limits, seed);
      const all = new Set<Flow>();
      let now = BASE_TIME;
      for (const { client, fromClient, answered, closed, pause } of steps) {
        now += pause * SECOND;
        const flow = table.lookup(frameOf(client, 9, fromClient, now));
        all.add(flow);
        if (answered) table.markAnswered(flow);
        if (closed) table.markClosed(flow);
        if (pause > 0) table.expire(now);
        expect(table.size).toBeLessThanOrEqual(limits.flows);
        expect(table.size + ended.size).toBe(table.created);
      }
      // Whatever has not ended is found again in both directions, and nothing new is made for it.
      const { created } = table;
      const live: Flow[] = [];
      table.forEach((flow) => {
        live.push(flow);
      });
      expect(live).toHaveLength(table.size);
      expect(new Set(live.map(nameOf)).size).toBe(live.length);
      for (const flow of live) {
        const client = flow.firstPort === 502 ? flow.second3 : flow.first3;
        expect(table.lookup(frameOf(client, 9, true, now))).toBe(flow);
        expect(table.lookup(frameOf(client, 9, false, now))).toBe(flow);
        expect(ended.has(flow)).toBe(false);
      }
      expect(table.created).toBe(created);
      table.clear();
      expect(table.size).toBe(0);
      expect(ended.size).toBe(created);
    }),
    { numRuns: 60 },
  );
});

test('of the flows that nobody answered, the ones idle longest go first; answered ones stay', () => {
  const ended: number[] = [];
  const table = new FlowTable((flow) => ended.push(flow.first3), { flows: 20, unanswered: 10 });
  for (let client = 1; client <= 8; client++) table.markAnswered(table.lookup(frameOf(client, 9, true, BASE_TIME)));
  for (let client = 100; client < 160; client++) table.lookup(frameOf(client, 9, true, BASE_TIME + client));
  expect(ended).toEqual(Array.from({ length: 50 }, (_, index) => 100 + index));
  expect(table.evicted).toBe(50);
});

test('idle flows end after their time, answered ones later', () => {
  const ended: number[] = [];
  const table = new FlowTable((flow) => ended.push(flow.first3));
  table.lookup(frameOf(1, 9, true, BASE_TIME));
  table.markAnswered(table.lookup(frameOf(2, 9, true, BASE_TIME)));
  table.expire(BASE_TIME + 30 * SECOND);
  expect(ended).toEqual([]);
  table.expire(BASE_TIME + 120 * SECOND);
  expect(ended).toEqual([1]);
  table.expire(BASE_TIME + 2 * 3600 * SECOND);
  expect(ended).toEqual([1, 2]);
});
