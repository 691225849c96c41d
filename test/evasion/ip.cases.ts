import {
  arp,
  ascii,
  authenticationHeader,
  bytes,
  CLIENT_IP,
  CLIENT_IP6,
  CLIENT_MAC,
  concat,
  ethernet,
  ethernet8023Llc,
  fragmentHeader,
  icmp,
  ipBody,
  ipv4,
  ipv4Fragment,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  type Layer,
  modbusPdu,
  modbusTcp,
  optionsHeader,
  SERVER_IP,
  SERVER_IP6,
  SERVER_MAC,
  type TcpOptions,
  TcpPair,
  tcp,
  timed,
  udp,
} from '../support/packets.js';
import {
  AFTER,
  AFTER_ANSWER,
  asked,
  connection,
  DECOY,
  type EvasionCase,
  SAW,
  SAW_AFTER,
  SAW_ALL,
  SAW_READ,
  started,
  WRITE,
  written,
} from './case.js';

const ADDRESSES = { src: CLIENT_IP, dst: SERVER_IP };
const ADDRESSES6 = { src: CLIENT_IP6, dst: SERVER_IP6 };
const SECOND = 1_000_000;

/** The segment that the client would send next, without an IP header. */
function nextSegment(pair: TcpPair, payload: Uint8Array, options: TcpOptions & { stay?: boolean } = {}): Layer {
  const { stay, ...given } = options;
  const layer = tcp({ sport: pair.clientPort, seq: pair.clientSeq, ack: pair.serverSeq, ...given }, payload);
  if (stay !== true) pair.clientSeq = (pair.clientSeq + payload.length) >>> 0;
  return layer;
}

function inFragments(pair: TcpPair, payload: Uint8Array, size: number, id = 77): Layer[] {
  return ipv4Fragments({ ...ADDRESSES, id }, nextSegment(pair, payload), size).map((layer) => ethernet(layer));
}

/** A fragment that belongs to nothing: the first 8 bytes of some datagram. */
function loneFragment(id: number): Layer {
  return ethernet(ipv4Fragment({ ...ADDRESSES, id, protocol: 17 }, 0, new Uint8Array(8), true));
}

/** A write and a decoy as the same fragmented packet, the contested bytes sent twice. */
function contested(pair: TcpPair): { write: Uint8Array; decoy: Uint8Array } {
  return {
    write: ipBody(ADDRESSES, nextSegment(pair, WRITE, { stay: true })),
    decoy: ipBody(ADDRESSES, nextSegment(pair, DECOY)),
  };
}

const MANY_READS = Array.from({ length: 1500 }, (_, index) =>
  modbusTcp(modbusPdu.read(3, index, 1), { transaction: index + 100 }),
);

/** Tricks and oddities of IP, fragments and the capture itself. */
export const IP_CASES: readonly EvasionCase[] = [
  {
    id: 'I01a',
    name: 'fragments of 8 bytes in order',
    frames: connection((pair) => [started(pair), inFragments(pair, WRITE, 8), pair.server(WRITE), asked(pair)]),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'I01b',
    name: 'fragments of 8 bytes, last one first',
    frames: connection((pair) => [
      started(pair),
      inFragments(pair, WRITE, 8).reverse(),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'I01c',
    name: 'every fragment twice',
    frames: connection((pair) => [
      started(pair),
      inFragments(pair, WRITE, 8).flatMap((fragment) => [fragment, fragment]),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    may: ['decode.frag_timeout'],
  },
  {
    id: 'I01d',
    name: 'fragments padded to the Ethernet minimum',
    frames: connection((pair) => [
      started(pair),
      ipv4Fragments({ ...ADDRESSES, id: 78 }, nextSegment(pair, WRITE), 8).map((layer) =>
        ethernet(layer, { pad: true }),
      ),
      pair.server(WRITE),
    ]),
    records: SAW_ALL,
  },
  {
    id: 'I02a',
    name: 'overlapping fragments: the read first, the write after it',
    frames: connection((pair) => {
      const head = started(pair);
      const { write, decoy } = contested(pair);
      const at = { ...ADDRESSES, id: 90 };
      return [
        head,
        ethernet(ipv4Fragment(at, 0, decoy.subarray(0, 24), true)),
        ethernet(ipv4Fragment(at, 0, write.subarray(0, 24), true)),
        ethernet(ipv4Fragment(at, 24, decoy.subarray(24, 32), false)),
        ethernet(ipv4Fragment(at, 24, write.subarray(24, 32), false)),
        pair.server(WRITE),
        asked(pair),
      ];
    }),
    records: [...SAW_READ, SAW.decoy, ...SAW_AFTER],
    anomalies: ['decode.frag_overlap'],
    may: ['applayer.response_mismatch', 'decode.frag_timeout', 'stream.bad_checksum', 'stream.overlap_different_data'],
    atLeast: true,
  },
  {
    id: 'I02b',
    name: 'overlapping fragments: both readings are whole messages with right checksums',
    frames: connection((pair) => {
      const head = started(pair);
      const { write, decoy } = contested(pair);
      const at = { ...ADDRESSES, id: 91 };
      return [
        head,
        ethernet(ipv4Fragment(at, 8, decoy.subarray(8), false)),
        ethernet(ipv4Fragment(at, 8, write.subarray(8), false)),
        ethernet(ipv4Fragment(at, 0, write.subarray(0, 8), true)),
        pair.server(WRITE),
        asked(pair),
      ];
    }),
    records: [...SAW_READ, SAW.decoy, SAW.write, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['decode.frag_overlap'],
    may: ['applayer.response_mismatch', 'stream.overlap_different_data'],
  },
  {
    id: 'I03',
    name: 'teardrop: the second fragment lies inside the first',
    frames: connection((pair) => [
      started(pair),
      ethernet(ipv4Fragment({ ...ADDRESSES, id: 242, protocol: 17 }, 0, new Uint8Array(36).fill(1), true)),
      ethernet(ipv4Fragment({ ...ADDRESSES, id: 242, protocol: 17 }, 24, new Uint8Array(4).fill(2), false)),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['decode.frag_overlap'],
    may: ['decode.bad_udp_length', 'decode.frag_timeout'],
  },
  {
    id: 'I04a',
    name: 'a packet whose fragments never complete',
    frames: () => {
      const pair = new TcpPair();
      return timed([...started(pair), loneFragment(5), ...written(pair)]).concat(
        timed(asked(pair), 1_767_225_600_000_000 + 45 * SECOND),
      );
    },
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['decode.frag_timeout'],
  },
  {
    id: 'I04b',
    name: 'fragments beyond 65,535 bytes',
    frames: connection((pair) => [
      started(pair),
      ethernet(ipv4Fragment({ ...ADDRESSES, id: 6, protocol: 1 }, 0, new Uint8Array(1480), true)),
      ethernet(ipv4Fragment({ ...ADDRESSES, id: 6, protocol: 1 }, 65_528, new Uint8Array(1000), false)),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['decode.frag_too_large'],
  },
  {
    id: 'I04c',
    name: 'an empty fragment in the middle of a fragmented write',
    frames: connection((pair) => {
      const head = started(pair);
      const [first, ...rest] = inFragments(pair, WRITE, 8, 79);
      const empty = ethernet(ipv4Fragment({ ...ADDRESSES, id: 79 }, 8, new Uint8Array(0), true));
      return [head, first!, empty, rest, pair.server(WRITE)];
    }),
    records: SAW_ALL,
    anomalies: ['decode.frag_zero_length'],
  },
  {
    id: 'I04d',
    name: 'the same identification used again for the next packet',
    frames: connection((pair) => [
      started(pair),
      inFragments(pair, WRITE, 8, 80),
      pair.server(WRITE),
      inFragments(pair, AFTER, 8, 80),
      pair.server(AFTER_ANSWER),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'I04e',
    name: 'two packets in fragments at the same time',
    frames: connection((pair) => {
      const head = started(pair);
      const write = inFragments(pair, WRITE, 8, 81);
      const after = inFragments(pair, AFTER, 8, 82);
      const mixed = write.flatMap((fragment, index) => [after[index]!, fragment]);
      return [head, mixed, pair.server(concat(WRITE, AFTER_ANSWER))];
    }),
    // The last fragment of the later request comes first.
    records: [...SAW_READ, SAW.after, SAW.write, SAW.writeAnswer, SAW.afterAnswer],
  },
  {
    id: 'I15a',
    name: 'the capture cut every packet at 58 bytes',
    frames: connection((pair) =>
      [...started(pair), ...written(pair)].map((frame) => ({
        data: frame.data.slice(0, 58),
        originalLength: frame.data.length,
      })),
    ),
    records: [],
    anomalies: ['decode.truncated_packet'],
    atLeast: true,
  },
  {
    id: 'I15b',
    name: 'the capture cut a long write in the middle of its values',
    frames: connection((pair) => {
      const long = modbusTcp(modbusPdu.writeRegisters(100, new Array<number>(60).fill(7)), { transaction: 9 });
      const head = started(pair);
      const cut = pair.client(long);
      return [
        head,
        { data: cut.data.slice(0, 96), originalLength: cut.data.length },
        pair.server(modbusTcp(modbusPdu.written(16, 100, 60), { transaction: 9 })),
        asked(pair),
      ];
    }),
    records: [
      ...SAW_READ,
      `request write_multiple_registers @100 x60 [${new Array<number>(14).fill(7).join(',')}] ~`,
      'response write_multiple_registers @100 x60',
      ...SAW_AFTER,
    ],
    anomalies: ['decode.truncated_packet', 'modbus.truncated'],
  },
  {
    id: 'I16a',
    name: 'a read in a packet with a broken IP option, then a write over it',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true, ip: { options: bytes(7, 39, 4) } }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['decode.bad_ipv4_option'],
  },
  {
    id: 'I16b',
    name: 'a read in a packet with a wrong IP header checksum, then a write over it',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true, ip: { badChecksum: true } }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['stream.bad_checksum'],
  },
  {
    id: 'I16c',
    name: 'valid IP options',
    frames: connection((pair) => [
      started(pair),
      pair.client(WRITE, { ip: { options: bytes(1, 148, 4, 0, 0) } }),
      pair.server(WRITE),
    ]),
    records: SAW_ALL,
  },
  {
    id: 'I16d',
    name: 'IP headers that lie about version, header length and total length, as insertion',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true, ip: { version: 5 } }),
      pair.client(DECOY, { stay: true, ip: { headerWords: 2 } }),
      pair.client(DECOY, { stay: true, ip: { totalLength: 10 } }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    anomalies: ['decode.bad_ipv4_header'],
  },
  {
    id: 'I16e',
    name: 'a read in a packet that claims more than it holds, then a write over it and over what is missing',
    frames: connection((pair) => [
      started(pair),
      pair.client(DECOY, { stay: true, ip: { totalLength: 1400 } }),
      written(pair),
      asked(pair),
    ]),
    records: [...SAW_READ, SAW.write, SAW.writeAnswer, ...SAW_AFTER],
    anomalies: ['decode.bad_ipv4_header', 'stream.overlap_different_data'],
    may: ['applayer.response_mismatch', 'modbus.garbage', 'modbus.truncated'],
    atLeast: true,
  },
  {
    id: 'I17a',
    name: 'a super-packet of the network card with 1,500 requests',
    frames: connection((pair) => [started(pair), pair.client(concat(...MANY_READS)), written(pair)]),
    records: [
      ...SAW_READ,
      ...MANY_READS.map((_, index) => `request read_holding_registers @${index} x1`),
      SAW.write,
      SAW.writeAnswer,
    ],
    anomalies: ['decode.offload_packet'],
    may: ['modbus.request_flood'],
  },
  {
    id: 'I17b',
    name: 'a packet whose IP length is left to the network card',
    frames: connection((pair) => [
      started(pair),
      pair.client(WRITE, { ip: { totalLength: 0 } }),
      pair.server(WRITE),
      asked(pair),
    ]),
    records: [...SAW_ALL, ...SAW_AFTER],
    may: ['decode.offload_packet'],
  },
  {
    id: 'I18a',
    name: 'Ethernet padding is not payload',
    frames: connection((pair) => [started(pair), written(pair), asked(pair)], {
      frame: (packet, fromClient) =>
        ethernet(packet, {
          ...(fromClient ? { src: CLIENT_MAC, dst: SERVER_MAC } : { src: SERVER_MAC, dst: CLIENT_MAC }),
          pad: true,
        }),
    }),
    records: [...SAW_ALL, ...SAW_AFTER],
  },
  {
    id: 'I18b',
    name: 'IPv6 with hop-by-hop, routing, destination and authentication headers',
    frames: connection((pair) => {
      const segment = nextSegment(pair, AFTER);
      const headers = [optionsHeader(0, 1), optionsHeader(43), optionsHeader(60), authenticationHeader()];
      return [ethernet(ipv6(ADDRESSES6, segment, headers))];
    }),
    records: [SAW.after],
    may: ['stream.one_way_flow'],
  },
  {
    id: 'I18c',
    name: 'IPv6 fragments, in reverse order, behind a hop-by-hop header',
    frames: connection((pair) => {
      const segment = nextSegment(pair, AFTER);
      return ipv6Fragments(ADDRESSES6, segment, 8, 9, [optionsHeader(0)])
        .reverse()
        .map((layer) => ethernet(layer));
    }),
    records: [SAW.after],
    may: ['stream.one_way_flow'],
  },
  {
    id: 'I18d',
    name: 'IPv6 atomic fragment (a fragment header around a whole packet)',
    frames: connection((pair) => [ethernet(ipv6(ADDRESSES6, nextSegment(pair, AFTER), [fragmentHeader(0, false)]))]),
    records: [SAW.after],
    may: ['stream.one_way_flow'],
  },
  {
    id: 'I18e',
    name: 'IPv6 with fifty extension headers',
    frames: connection((pair) => [
      started(pair),
      ethernet(
        ipv6(
          ADDRESSES6,
          tcp({}, WRITE),
          Array.from({ length: 50 }, () => optionsHeader(60)),
        ),
      ),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['decode.too_many_layers'],
  },
  {
    id: 'I18f',
    name: 'IPv6 extension header that claims more than the packet holds',
    frames: connection((pair) => [
      started(pair),
      ethernet(ipv6(ADDRESSES6, tcp({}, WRITE), [{ type: 60, rest: concat(bytes(200), new Uint8Array(6)) }])),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['decode.bad_ipv6_header'],
  },
  {
    id: 'I18g',
    name: 'an ICMP error quotes a Modbus packet: that is not traffic',
    frames: connection((pair) => {
      const quoted = ipv4(ADDRESSES, tcp({}, WRITE)).data;
      return [
        started(pair),
        ethernet(ipv4({ src: SERVER_IP, dst: CLIENT_IP }, icmp(3, 1, concat(bytes('00000000'), quoted)))),
        written(pair),
      ];
    }),
    records: SAW_ALL,
  },
  {
    id: 'I18h',
    name: 'ARP that lies, LLDP, CDP and spanning tree between the packets',
    frames: connection((pair) => [
      started(pair),
      ethernet(arp({ operation: 2, senderIp: SERVER_IP, senderMac: '02:66:66:66:66:66' })),
      ethernet({ data: arp().data.slice(0, 12), etherType: 0x0806 }),
      ethernet(arp({ operation: 999 })),
      ethernet({ data: concat(bytes('02 07 04'), bytes('020000000001'), bytes('00 00')), etherType: 0x88cc }),
      ethernet8023Llc(0x42, bytes('0000 00 00 00')),
      ethernet(concat(bytes('aaaa03 00000c 2000'), ascii('not really CDP')), { type: 22 }),
      written(pair),
    ]),
    records: SAW_ALL,
  },
  {
    id: 'I18i',
    name: 'UDP with a length below its header, above its packet, and zero',
    frames: connection((pair) => [
      started(pair),
      ethernet(ipv4(ADDRESSES, udp({ length: 3 }, WRITE))),
      ethernet(ipv4(ADDRESSES, udp({ length: 6000 }, new Uint8Array(4)))),
      written(pair),
    ]),
    records: SAW_ALL,
    anomalies: ['decode.bad_udp_length'],
  },
  {
    id: 'I18j',
    name: 'packets of 0 to 60 bytes cut off anywhere without the capture having cut them',
    frames: connection((pair) => {
      const whole = ethernet(ipv4(ADDRESSES, tcp({ dport: 502, sport: 1 }, WRITE))).data;
      return [
        started(pair),
        Array.from({ length: 55 }, (_, length) => ({ data: whole.slice(0, length) })),
        written(pair),
      ];
    }),
    records: SAW_ALL,
    anomalies: ['decode.bad_ipv4_header'],
    may: ['decode.bad_tcp_header', 'stream.one_way_flow'],
  },
];
