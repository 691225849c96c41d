import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Packet } from '../../sensor/capture/packet.js';
import { Frame } from '../../sensor/decode/frame.js';
import { FrameDecoder } from '../../sensor/decode/frame-decoder.js';
import {
  type Frame as CapturedFrame,
  concat,
  ethernet,
  hex,
  ipv4,
  mplsEthernet,
  tcp,
  vlans,
} from '../support/packets.js';
import { streamsOf } from '../support/streams.js';
import { AFTER, AFTER_ANSWER, READ, READ_ANSWER, WRITE } from './case.js';
import { ENCAPSULATION_CASES } from './encapsulation.cases.js';
import { IP_CASES } from './ip.cases.js';
import { TCP_CASES } from './tcp.cases.js';
import '../support/property-seed.js';

function packetOf(data: Uint8Array, linkType = 1, originalLength = data.length): Packet {
  const packet = new Packet();
  packet.buf = data;
  packet.from = 0;
  packet.to = data.length;
  packet.originalLength = originalLength;
  packet.linkType = linkType;
  packet.timestamp = 1_000_000;
  packet.number = 1;
  return packet;
}

function decoded(data: Uint8Array, linkType = 1): Frame {
  const frame = new Frame();
  new FrameDecoder(frame).decode(packetOf(data, linkType));
  return frame;
}

describe('whatever carries the conversation, its bytes come out', () => {
  const client = hex(concat(READ, WRITE, AFTER));
  const server = hex(concat(READ_ANSWER, WRITE, AFTER_ANSWER));

  test.each(ENCAPSULATION_CASES)('$id $name', ({ frames, records, anomalies }) => {
    const streams = streamsOf(frames());
    if (records.length > 0) {
      expect(streams).toMatchObject({ client, server, flows: 1, anomalies: [] });
    } else {
      expect(streams.flows).toBe(0);
      expect([...new Set(streams.anomalies)]).toEqual(anomalies);
    }
  });
});

describe('what the frame says', () => {
  test('VLAN tags outermost first, MAC addresses of the innermost Ethernet header', () => {
    const inner = ethernet(vlans([4, 3], ipv4({}, tcp({}))), { src: '02:aa:aa:aa:aa:01', dst: '02:aa:aa:aa:aa:02' });
    const frame = decoded(ethernet(vlans([20, 10], mplsEthernet([7], inner, true))).data);
    expect(Array.from(frame.vlans.subarray(0, frame.vlanCount))).toEqual([20, 10, 4, 3]);
    expect(frame.isTunnelled).toBe(true);
    expect(hex(frame.buf.subarray(frame.sourceMacAt, frame.sourceMacAt + 6))).toBe('02aaaaaaaa01');
    expect(hex(frame.buf.subarray(frame.destinationMacAt, frame.destinationMacAt + 6))).toBe('02aaaaaaaa02');
  });

  test.each(['00:1b:1b:01:02:03', '40:01:02:03:04:05', '45:00:00:28:00:01', '60:00:00:00:00:14', '08:00:06:01:02:03'])(
    'a pseudo-wire to %s, with and without control word',
    (dst) => {
      const inner = ethernet(ipv4({}, tcp({ dport: 502 }, WRITE)), { dst });
      for (const withControlWord of [true, false]) {
        const frame = decoded(ethernet(mplsEthernet([7], inner, withControlWord)).data);
        expect(frame.destinationPort).toBe(502);
        expect(hex(frame.buf.subarray(frame.payloadFrom, frame.payloadTo))).toBe(hex(WRITE));
      }
    },
  );
});

describe('any packet', () => {
  const samples = [...ENCAPSULATION_CASES, ...IP_CASES, ...TCP_CASES]
    .flatMap((each) => each.frames().slice(0, 12))
    .filter((frame) => frame.data.length < 400);

  function survive(frames: readonly CapturedFrame[]): void {
    const frame = new Frame();
    const decoder = new FrameDecoder(frame);
    let number = 0;
    for (const each of frames) {
      const packet = packetOf(each.data, each.linkType ?? 1);
      packet.number = ++number;
      packet.timestamp = number * 1000;
      decoder.decode(packet);
      for (let reading = 0; reading < 2; reading++) {
        if (frame.kind === 'ip' && !frame.isFragment && frame.payloadTo > 0) {
          const { payloadFrom: from, payloadTo: to, buf } = frame;
          if (!(from >= 0 && from <= to && to <= buf.length))
            throw new Error(`payload ${from} to ${to} of ${buf.length}`);
        }
        if (!frame.hasAlternative) break;
        decoder.decodeAlternative();
      }
    }
    if (decoder.defragmenter.size > 4096) throw new Error('too many fragments kept');
  }

  test('mutated packets never throw, and their payload lies inside the packet', () => {
    const change = fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...samples), fc.array(change, { maxLength: 6 }), fc.nat({ max: 400 })), {
          minLength: 1,
          maxLength: 20,
        }),
        (all) => {
          survive(
            all.map(([sample, changes, cut]) => {
              const data = sample.data.slice(0, cut < 20 ? cut : sample.data.length);
              for (const [at, value] of changes) if (data.length > 0) data[at % data.length] = value;
              return { ...sample, data };
            }),
          );
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('random bytes behind every EtherType and IP protocol', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x0800, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8864, 0x6558, 0x88be, 0x0806, 40, 0),
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ maxLength: 120 }),
        (type, protocol, body) => {
          survive([
            ethernet(body, { type }),
            ethernet(ipv4({ protocol }, body)),
            { data: body, linkType: 101 },
            { data: body, linkType: 113 },
            { data: body, linkType: 276 },
            { data: body, linkType: 0 },
            { data: body, linkType: 108 },
            { data: body, linkType: 9999 },
          ]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('every truncation and every value of every byte of one packet of each kind', () => {
    for (const sample of ENCAPSULATION_CASES.map((each) => each.frames()[3])) {
      if (!sample) continue;
      for (let length = 0; length < sample.data.length; length++) {
        survive([{ ...sample, data: sample.data.slice(0, length) }]);
      }
      for (let at = 0; at < Math.min(sample.data.length, 80); at++) {
        for (const value of [0, 1, 0x0f, 0x40, 0x45, 0x60, 0x7f, 0x80, 0xff]) {
          const data = sample.data.slice();
          data[at] = value;
          survive([{ ...sample, data }]);
        }
      }
    }
  });
});
