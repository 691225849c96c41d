import { bytes, concat, type Layer, TcpPair, tcpOption } from '../support/packets.js';
import {
  AFTER,
  AFTER_ANSWER,
  asked,
  connection,
  DECOY,
  DECOY_ANSWER,
  type EvasionCase,
  READ,
  READ_ANSWER,
  SAW,
  SAW_AFTER,
  SAW_ALL,
  SAW_READ,
  SAW_WRITE,
  started,
  WRITE,
  written,
} from './case.js';

const NOTHING = new Uint8Array(0);

/** One byte per segment. */
function drip(pair: TcpPair, payload: Uint8Array): Layer[] {
  return Array.from(payload, (value) => pair.client(bytes(value)));
}

/** What TCP timestamps a segment carries, with the rest as usual. */
function stamped(value: number): { options: Uint8Array } {
  return { options: tcpOption.timestamps(value, 7) };
}

/** The server's plain acknowledgement of everything so far. */
function acked(pair: TcpPair): Layer {
  return pair.server(NOTHING, { flags: 'A' });
}

/** Tricks on the level of TCP: what an attacker does so that the plant reads a write and the monitor does not. */
export const TCP_CASES: readonly EvasionCase[] = [
  {
    id: 'T01',
    name: 'an ordinary write',
    frames: connection((pair) => [started(pair), written(pair), pair.close()]),
    records: SAW_ALL,
  },
  {
    id: 'T02',
    name: 'a connection whose start was not seen',
    frames: connection((pair) => [pair.client(READ), pair.server(READ_ANSWER), written(pair)]),
    records: SAW_ALL,
  },
  {
    id: 'T02b',
    name: 'a connection whose start was not seen, and the write is the first packet',
    frames: connection((pair) => [written(pair), asked(pair)]),
    records: [...SAW_WRITE, ...SAW_AFTER],
  },
  {
    id: 'T02c',
    name: 'a connection whose start was not seen, beginning with an answer',
    frames: connection((pair) => [pair.server(READ_ANSWER), written(pair)]),
    // Without its question an answer has no address.
    records: ['response read_holding_registers [10,20]', ...SAW_WRITE],
    may: ['modbus.unsolicited_response'],
  },
  {
    id: 'T03',
    name: 'two halves in reverse order',
    frames: connection((pair) => {
      const head = started(pair);
      const first = pair.client(WRITE.subarray(0, 6));
      const second = pair.client(WRITE.subarray(6));
      return [head, second, first, pair.server(WRITE)];
    }),
    records: SAW_ALL,
  },
  {
    id: 'T04',
    name: 'one byte per segment',
    frames: connection((pair) => [
      pair.open(),
      drip(pair, READ),
      pair.server(READ_ANSWER),
      drip(pair, WRITE),
      pair.server(WRITE),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.tiny_segments'],
  },
  {
    id: 'T04b',
    name: 'one byte per segment, last byte first',
    frames: connection((pair) => {
      const head = started(pair);
      return [head, drip(pair, WRITE).reverse(), pair.server(WRITE)];
    }),
    records: SAW_ALL,
    may: ['stream.tiny_segments'],
  },
  {
    id: 'T04c',
    name: 'two bytes in turns, as the keep-alives of other protocols',
    frames: connection(
      (pair) => [
        pair.open(),
        Array.from({ length: 20 }, () => [pair.client(bytes('c0 00')), pair.server(bytes('d0 00'))]).flat(),
      ],
      { serverPort: 1883 },
    ),
    records: [],
  },
  {
    id: 'T04d',
    name: 'keep-alive probes with a byte that was sent before',
    frames: connection((pair) => [
      started(pair),
      Array.from({ length: 20 }, () => [
        pair.client(bytes('00'), { seq: pair.clientSeq - 1, flags: 'A', stay: true }),
        pair.server(undefined, { flags: 'A' }),
      ]).flat(),
      written(pair),
    ]),
    records: SAW_ALL,
  },
  {
    id: 'T04e',
    name: 'one byte per segment, among them keep-alive probes of the other side',
    frames: connection((pair) => [
      started(pair),
      drip(pair, WRITE).flatMap((piece) => [
        piece,
        pair.server(bytes('00'), { seq: pair.serverSeq - 1, flags: 'A', stay: true }),
      ]),
      pair.server(WRITE),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.tiny_segments'],
  },
  {
    id: 'T05',
    name: 'a read, then a write over the same sequence numbers, unacknowledged',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true }),
      pair.client(WRITE),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_READ, SAW.decoy, SAW.write, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.overlap_different_data'],
    may: ['applayer.response_mismatch'],
  },
  {
    id: 'T06',
    name: 'a write, then a read over the same sequence numbers, unacknowledged',
    frames: connection((pair) => [
      started(pair),
      pair.client(WRITE, { stay: true }),
      pair.client(DECOY),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_READ, SAW.write, SAW.decoy, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.overlap_different_data'],
    may: ['applayer.response_mismatch'],
  },
  {
    id: 'T07',
    name: 'the tail of a write first, then a whole read over it',
    frames: connection((pair) => {
      const head = started(pair);
      const at = pair.clientSeq;
      return [
        head,
        pair.client(WRITE.subarray(7), { seq: at + 7, stay: true }),
        pair.client(DECOY),
        pair.server(WRITE),
        asked(pair),
      ];
    }),
    records: [...SAW_READ, SAW.decoy, SAW.write, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.overlap_different_data'],
    may: ['applayer.response_mismatch'],
  },
  {
    id: 'T08',
    name: 'other bytes retransmitted after the acknowledgement',
    frames: connection((pair) => {
      const head = started(pair);
      const at = pair.clientSeq;
      return [
        head,
        pair.client(DECOY),
        pair.server(DECOY_ANSWER),
        pair.client(WRITE, { seq: at, stay: true }),
        asked(pair),
      ];
    }),
    records: [...SAW_READ, SAW.decoy, SAW.decoyAnswer, ...SAW_AFTER],
    anomalies: ['stream.retransmission_different_data'],
    atLeast: true,
  },
  {
    id: 'T09',
    name: 'a reset far out of the window, then a write',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { flags: 'R', seq: pair.clientSeq + 1_000_000, stay: true }),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.rst_out_of_window'],
  },
  {
    id: 'T10',
    name: 'a reset with the right number that never reaches the server, then a write',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { flags: 'R', stay: true, ip: { ttl: 1 } }),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.data_after_rst', 'stream.ttl_deviation'],
  },
  {
    id: 'T11',
    name: 'a reset with a wrong checksum, then a write',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { flags: 'RA', stay: true, checksum: 'bad' }),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.bad_checksum'],
  },
  {
    id: 'T12',
    name: 'an end of connection with a wrong number, then a write',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { flags: 'FA', seq: pair.clientSeq + 5_000_000, stay: true }),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.fin_out_of_window'],
  },
  {
    id: 'T13',
    name: 'a read with a wrong checksum, then a write over the same sequence numbers',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true, checksum: 'bad' }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['stream.bad_checksum'],
  },
  {
    id: 'T13b',
    name: 'a host whose checksums are all left to its network card',
    frames: () => {
      const pair = new TcpPair();
      const wrong = { checksum: 'bad' } as const;
      const frames = [
        pair.client(NOTHING, { flags: 'S', ack: 0, ...wrong }),
        pair.server(NOTHING, { flags: 'SA' }),
        pair.client(NOTHING, { flags: 'A', ...wrong }),
      ];
      for (let i = 0; i < 20; i++) frames.push(pair.client(AFTER, wrong), pair.server(AFTER_ANSWER));
      frames.push(pair.client(WRITE, wrong), pair.server(WRITE));
      return frames;
    },
    records: [...new Array<readonly string[]>(20).fill(SAW_AFTER).flat(), ...SAW_WRITE],
    anomalies: ['stream.checksum_offload'],
  },
  {
    id: 'T13c',
    name: 'a single packet with a wrong checksum is not swallowed when it is all there is',
    frames: connection((pair) => [
      pair.client(WRITE, { checksum: 'bad' }),
      pair.server(WRITE),
      pair.client(AFTER, { checksum: 'bad' }),
      pair.server(AFTER_ANSWER),
    ]),
    records: [...SAW_WRITE, ...SAW_AFTER],
    may: ['stream.bad_checksum', 'stream.checksum_offload'],
  },
  {
    id: 'T14',
    name: 'the sequence number wraps inside the write',
    frames: connection((pair) => [started(pair), written(pair), asked(pair)], {
      clientIsn: 0x1_0000_0000 - 1 - 12 - 5,
      serverIsn: 0x1_0000_0000 - 1 - 13 - 5,
    }),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'T14b',
    name: 'the sequence number wraps inside a write whose halves come in reverse order',
    frames: connection(
      (pair) => {
        const head = started(pair);
        const first = pair.client(WRITE.subarray(0, 8));
        const second = pair.client(WRITE.subarray(8));
        return [head, second, first, pair.server(WRITE), asked(pair)];
      },
      { clientIsn: 0x1_0000_0000 - 1 - 12 - 5 },
    ),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'T15',
    name: 'the write rides on the SYN',
    frames: connection((pair) => [
      pair.client(WRITE, { flags: 'S', ack: 0 }),
      pair.server(NOTHING, { flags: 'SA' }),
      pair.client(NOTHING, { flags: 'A' }),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_WRITE, ...SAW_AFTER],
    anomalies: ['stream.data_on_syn'],
  },
  {
    id: 'T15b',
    name: 'data on the SYN that the server did not take: it is sent again',
    frames: connection((pair) => {
      const isn = pair.clientSeq;
      const syn = pair.client(WRITE, { flags: 'S', ack: 0 });
      const answer = pair.server(NOTHING, { flags: 'SA', ack: isn + 1 });
      return [syn, answer, pair.client(WRITE, { seq: isn + 1, stay: true }), pair.server(WRITE), asked(pair)];
    }),
    records: [...SAW_WRITE, ...SAW_AFTER],
    anomalies: ['stream.data_on_syn'],
  },
  {
    id: 'T16',
    name: 'only the client is mirrored',
    frames: () => {
      const pair = new TcpPair();
      const frames = [pair.open()[0]!, pair.client(NOTHING, { flags: 'A' })];
      for (let i = 0; i < 30; i++) {
        frames.push(pair.client(AFTER));
        pair.serverSeq += AFTER_ANSWER.length;
      }
      frames.push(pair.client(WRITE));
      return frames;
    },
    records: [...new Array<string>(30).fill(SAW.after), SAW.write],
    anomalies: ['stream.one_way_flow'],
  },
  {
    id: 'T16b',
    name: 'only the server is mirrored',
    frames: () => {
      const pair = new TcpPair();
      const frames: Layer[] = [];
      for (let i = 0; i < 30; i++) {
        pair.clientSeq += AFTER.length;
        frames.push(pair.server(AFTER_ANSWER));
      }
      return frames;
    },
    records: new Array<string>(30).fill('response read_input_registers [99]'),
    anomalies: ['stream.one_way_flow'],
    may: ['modbus.unsolicited_response'],
  },
  {
    id: 'T17',
    name: 'split handshake: the SYN is answered by a SYN',
    frames: connection((pair) => [
      pair.client(NOTHING, { flags: 'S', ack: 0 }),
      pair.server(NOTHING, { flags: 'S', ack: 0 }),
      pair.client(NOTHING, { flags: 'SA', seq: pair.clientSeq - 1, stay: true }),
      pair.server(NOTHING, { flags: 'A' }),
      pair.client(READ),
      pair.server(READ_ANSWER),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.split_handshake'],
  },
  {
    id: 'T17b',
    name: 'five-way handshake: the server acknowledges first and sends its SYN after that',
    frames: connection((pair) => [
      pair.client(NOTHING, { flags: 'S', ack: 0 }),
      pair.server(NOTHING, { flags: 'A', seq: 77, stay: true }),
      pair.server(NOTHING, { flags: 'S', ack: 0 }),
      pair.client(NOTHING, { flags: 'SA', seq: pair.clientSeq - 1, stay: true }),
      pair.server(NOTHING, { flags: 'A' }),
      pair.client(READ),
      pair.server(READ_ANSWER),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['stream.split_handshake'],
  },
  {
    id: 'T18',
    name: 'the SYN is repeated with another initial number',
    frames: connection((pair) => {
      const lost = pair.client(NOTHING, { flags: 'S', ack: 0, seq: 42, stay: true });
      return [lost, started(pair), written(pair)];
    }),
    records: SAW_ALL,
    anomalies: ['stream.syn_different_isn'],
  },
  {
    id: 'T18b',
    name: 'a SYN with another number injected into the open connection',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { flags: 'S', ack: 0, seq: 42, stay: true }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['stream.syn_different_isn'],
  },
  {
    id: 'T19a',
    name: 'a gap before the write, never acknowledged',
    frames: connection((pair) => {
      const head = started(pair);
      pair.clientSeq += 12;
      const write = pair.client(WRITE, { ack: pair.serverSeq });
      return [head, write];
    }),
    records: [...SAW_READ, `${SAW.write} ~`],
    anomalies: ['stream.gap'],
  },
  {
    id: 'T19b',
    name: 'a gap before the write, acknowledged by the server',
    frames: connection((pair) => {
      const head = started(pair);
      pair.clientSeq += 12;
      return [head, written(pair), asked(pair)];
    }),
    records: [...SAW_READ, `${SAW.write} ~`, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.gap'],
  },
  {
    id: 'T19c',
    name: 'a gap in the middle of one message: nothing is made from both its sides',
    frames: connection((pair) => {
      const head = started(pair);
      const first = pair.client(DECOY.subarray(0, 8));
      pair.clientSeq += 12;
      return [head, first, written(pair), asked(pair)];
    }),
    records: [...SAW_READ, `${SAW.write} ~`, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.gap'],
    may: ['modbus.truncated', 'modbus.garbage'],
    atLeast: true,
  },
  {
    id: 'T19d',
    name: 'after a gap the stream goes on in the middle of a message',
    frames: connection((pair) => {
      const head = started(pair);
      pair.clientSeq += 17;
      return [head, pair.client(concat(DECOY.subarray(5), WRITE)), pair.server(WRITE), asked(pair)];
    }),
    records: [...SAW_READ, `${SAW.write} ~`, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.gap'],
    may: ['modbus.garbage'],
    atLeast: true,
  },
  {
    id: 'T20',
    name: 'an urgent byte inside the message',
    frames: connection((pair) => {
      const spliced = concat(WRITE.subarray(0, 7), bytes(3), WRITE.subarray(7));
      return [started(pair), pair.client(spliced, { flags: 'PAU', urgent: 8 }), pair.server(WRITE), asked(pair)];
    }),
    records: [SAW.write, ...SAW_AFTER],
    anomalies: ['stream.urgent_data'],
    may: [
      'modbus.length_mismatch',
      'modbus.quantity_out_of_range',
      'modbus.garbage',
      'modbus.length_smuggling',
      'applayer.response_mismatch',
    ],
    atLeast: true,
  },
  {
    id: 'T20b',
    name: 'urgent data that the server reads in line',
    frames: connection((pair) => [
      started(pair),
      pair.client(WRITE, { flags: 'PAU', urgent: 12 }),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [SAW.write, ...SAW_AFTER],
    anomalies: ['stream.urgent_data'],
    may: ['modbus.length_mismatch', 'modbus.garbage', 'modbus.truncated'],
    atLeast: true,
  },
  {
    id: 'T21',
    name: 'a read with an old TCP timestamp, then a write over the same sequence numbers',
    frames: connection((pair) => [
      pair.client(NOTHING, { flags: 'S', ack: 0, ...stamped(100_000) }),
      pair.server(NOTHING, { flags: 'SA', ...stamped(900_000) }),
      pair.client(NOTHING, { flags: 'A', ...stamped(100_001) }),
      pair.client(READ, stamped(100_002)),
      pair.server(READ_ANSWER, stamped(900_002)),
      pair.client(DECOY, { stay: true, ...stamped(5) }),
      pair.client(WRITE, stamped(100_010)),
      pair.server(WRITE, stamped(900_011)),
      pair.client(AFTER, stamped(100_012)),
      pair.server(AFTER_ANSWER, stamped(900_012)),
    ]),
    records: [...SAW_READ, SAW.decoy, ...SAW_WRITE, ...SAW_AFTER],
    anomalies: ['stream.old_timestamp'],
  },
  {
    id: 'T22a',
    name: 'several messages in one segment',
    frames: connection((pair) => [
      pair.open(),
      pair.client(concat(READ, WRITE, AFTER)),
      pair.server(concat(READ_ANSWER, WRITE, AFTER_ANSWER)),
    ]),
    records: [SAW.read, SAW.write, SAW.after, SAW.readAnswer, SAW.writeAnswer, SAW.afterAnswer],
  },
  {
    id: 'T22b',
    name: 'garbage, then a write in the next segment',
    frames: connection((pair) => [
      started(pair),
      pair.client(bytes('ff ff ff ff 00 00 ff ff ff ff ff')),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['modbus.garbage'],
    may: ['modbus.bad_protocol_id', 'modbus.bad_length', 'modbus.truncated'],
    atLeast: true,
  },
  {
    id: 'T22c',
    name: 'garbage and a write in one segment',
    frames: connection((pair) => [
      started(pair),
      pair.client(concat(bytes('de ad be ef de ad be ef 99'), WRITE)),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['modbus.garbage'],
    may: ['modbus.bad_protocol_id', 'modbus.bad_length', 'modbus.truncated'],
    atLeast: true,
  },
  {
    id: 'T23',
    name: 'Modbus on port 4444',
    frames: connection((pair) => [started(pair), written(pair), asked(pair)], { serverPort: 4444 }),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['applayer.unusual_port'],
  },
  {
    id: 'T23b',
    name: 'Modbus on port 4444, start not seen, client port lower than the server port',
    frames: connection((pair) => [pair.client(READ), pair.server(READ_ANSWER), written(pair)], {
      clientPort: 4000,
      serverPort: 4444,
    }),
    records: SAW_ALL,
    anomalies: ['applayer.unusual_port'],
  },
  {
    id: 'T23c',
    name: 'Modbus on port 4444, one byte per segment',
    frames: connection(
      (pair) => [
        pair.open(),
        drip(pair, READ),
        pair.server(READ_ANSWER),
        drip(pair, WRITE),
        pair.server(WRITE),
        asked(pair),
      ],
      { serverPort: 4444 },
    ),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['applayer.unusual_port', 'stream.tiny_segments'],
  },
  {
    id: 'T23d',
    name: 'Modbus on port 4444 behind two segments of garbage',
    frames: connection(
      (pair) => [
        pair.open(),
        pair.client(bytes('ff ff ff ff ff ff ff ff ff')),
        pair.client(bytes('ff ff ff ff ff ff ff ff ff')),
        written(pair),
        asked(pair),
      ],
      { serverPort: 4444 },
    ),
    records: [...SAW_WRITE, ...SAW_AFTER],
    anomalies: ['applayer.unusual_port', 'modbus.garbage'],
  },
  {
    id: 'T24a',
    name: 'window zero and keep-alive probes are ordinary',
    frames: connection((pair) => [
      started(pair),
      pair.server(NOTHING, { flags: 'A', window: 0 }),
      // Keep-alive: one byte before the next one, with and without a garbage byte.
      pair.client(bytes(0), { flags: 'A', seq: pair.clientSeq - 1, stay: true }),
      acked(pair),
      pair.client(NOTHING, { flags: 'A', seq: pair.clientSeq - 1, stay: true }),
      acked(pair),
      // Window probe: the next byte, refused, sent again with the rest.
      pair.client(WRITE.subarray(0, 1), { flags: 'A', stay: true }),
      pair.server(NOTHING, { flags: 'A', ack: pair.clientSeq, window: 0 }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'T24b',
    name: 'the same ports again right after the end, with new numbers',
    frames: () => {
      const first = new TcpPair();
      const second = new TcpPair({ clientIsn: 77_000_000, serverIsn: 99_000_000 });
      return [...started(first), ...first.close(), ...second.open(), ...written(second), ...asked(second)];
    },
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'T24c',
    name: 'the same ports again after a reset, lower numbers than before',
    frames: () => {
      const first = new TcpPair();
      const second = new TcpPair({ clientIsn: 1000, serverIsn: 2000 });
      return [
        ...started(first),
        first.client(NOTHING, { flags: 'R' }),
        ...second.open(),
        ...written(second),
        ...asked(second),
      ];
    },
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'T24d',
    name: 'SYN-ACK from the wrong side',
    frames: connection((pair) => [
      pair.client(NOTHING, { flags: 'SA', ack: 5, stay: true, seq: 9 }),
      started(pair),
      written(pair),
    ]),
    records: SAW_ALL,
    may: ['stream.split_handshake', 'stream.syn_different_isn'],
  },
  {
    id: 'T24e',
    name: 'an acknowledgement of what was never sent',
    frames: connection((pair) => [
      started(pair),
      pair.server(NOTHING, { flags: 'A', ack: pair.clientSeq + 4000, stay: true }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    may: ['stream.gap'],
  },
  {
    id: 'T24f',
    name: 'ordinary retransmissions: whole, partial and with more than before',
    frames: connection((pair) => {
      const head = started(pair);
      const at = pair.clientSeq;
      const first = pair.client(WRITE.subarray(0, 5));
      return [
        head,
        first,
        pair.client(WRITE.subarray(0, 5), { seq: at, stay: true }),
        pair.client(WRITE, { seq: at, stay: true }),
        pair.client(WRITE.subarray(3, 9), { seq: at + 3, stay: true }),
        // The pair has only counted the first five bytes.
        pair.client(WRITE.subarray(5)),
        pair.server(WRITE),
        asked(pair),
      ];
    }),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'T25a',
    name: 'a TCP header that claims more than the packet, as insertion',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { headerWords: 15, stay: true }),
      pair.client(DECOY, { headerWords: 4, stay: true }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['decode.bad_tcp_header'],
  },
  {
    id: 'T25b',
    name: 'a read with a TTL that does not reach the server, then a write over it',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true, ip: { ttl: 1 } }),
      pair.client(WRITE),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_READ, SAW.decoy, SAW.write, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['stream.overlap_different_data'],
    may: ['applayer.response_mismatch', 'stream.ttl_deviation'],
  },
  {
    id: 'T25c',
    name: 'the answer says what the device did: a read was seen, a write is answered',
    frames: connection((pair) => [started(pair), pair.client(DECOY), pair.server(WRITE), asked(pair)]),
    records: [...SAW_READ, SAW.decoy, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['applayer.response_mismatch'],
    may: ['modbus.unsolicited_response'],
  },
  {
    id: 'T25e',
    name: 'a forged SYN-ACK from the client, and a port that tells nothing: who asks is still known',
    frames: connection(
      (pair) => [
        pair.client(NOTHING, { flags: 'SA', ack: 5, stay: true, seq: 9 }),
        started(pair),
        written(pair),
        asked(pair),
      ],
      { serverPort: 4444 },
    ),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['applayer.unusual_port'],
    may: ['stream.syn_different_isn'],
  },
  {
    id: 'T25f',
    name: 'a forged segment with a time stamp from the future does not make the real ones outdated',
    frames: connection((pair) => [
      pair.client(NOTHING, { flags: 'S', ack: 0, ...stamped(100_000) }),
      pair.server(NOTHING, { flags: 'SA', ...stamped(900_000) }),
      pair.client(DECOY, { stay: true, ip: { ttl: 1 }, ...stamped(1_900_000_000) }),
      pair.client(READ, stamped(100_002)),
      pair.server(READ_ANSWER, stamped(900_002)),
      pair.client(WRITE, stamped(100_010)),
      pair.server(WRITE, stamped(900_011)),
      pair.client(AFTER, stamped(100_012)),
      pair.server(AFTER_ANSWER, stamped(900_012)),
    ]),
    records: [SAW.read, ...SAW_WRITE, `${SAW.after} ~`, SAW.afterAnswer],
    anomalies: ['stream.overlap_different_data', 'stream.old_timestamp', 'stream.gap'],
    may: ['modbus.unsolicited_response', 'applayer.response_mismatch'],
    atLeast: true,
  },
  {
    id: 'T25d',
    name: 'FIN, and a write after it',
    frames: connection((pair) => [
      started(pair),
      pair.client(NOTHING, { flags: 'FA', stay: true, ip: { ttl: 1 } }),
      written(pair),
    ]),
    records: SAW_ALL,
    may: ['stream.ttl_deviation', 'stream.fin_out_of_window'],
  },
];
