import { EXCHANGES, OPAQUE_FUNCTIONS, UMAS_EXCHANGES } from '../modbus/pdus.js';
import {
  type Bytes,
  bytes,
  CLIENT_MAC,
  concat,
  ethernet,
  type Frame,
  ipv4,
  ipv4Fragments,
  type Layer,
  modbusPdu,
  modbusRtu,
  modbusTcp,
  pcap,
  SERVER_MAC,
  TcpPair,
  u16,
  udp,
  vlans,
} from '../support/packets.js';
import { randomMessages } from './random-messages.js';

/** A capture made here, because no recorded one holds these cases. */
export interface CraftedCapture {
  readonly name: string;
  readonly data: Bytes;
  /** What tshark must be told to read it. */
  readonly tsharkOptions?: readonly string[];
}

const FUNCTION_CODES = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 90, 65];
const EXCEPTION_CODES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255];

function talk(pair: TcpPair, transaction: number, unit: number, request: Bytes, response: Bytes): Layer[] {
  return [
    pair.client(modbusTcp(request, { transaction, unit })),
    pair.server(modbusTcp(response, { transaction, unit })),
  ];
}

/** Every exchange of the tables, one after the other. */
function everyFunction(pair: TcpPair): Layer[] {
  const pairs = [
    ...EXCHANGES.map(({ request, response }) => [request, response] as const),
    ...OPAQUE_FUNCTIONS.map(({ code, request, response }) => {
      const fc = code.toString(16).padStart(2, '0');
      return [fc + request, fc + response] as const;
    }),
    ...UMAS_EXCHANGES.map(({ request, response }) => [request, response] as const),
  ];
  return [
    ...pair.open(),
    ...pairs.flatMap(([request, response], index) => talk(pair, index + 1, 7, bytes(request), bytes(response))),
    ...FUNCTION_CODES.flatMap((fc, index) =>
      EXCEPTION_CODES.flatMap((code, at) =>
        talk(pair, 1000 + index * 100 + at, 3, minimalRequest(fc), modbusPdu.exception(fc, code)),
      ),
    ),
    ...pair.close(),
  ];
}

function minimalRequest(fc: number): Bytes {
  const known = EXCHANGES.find(({ request }) => Number.parseInt(request.slice(0, 2), 16) === fc);
  return known ? bytes(known.request) : bytes(fc, 0, 1);
}

function limits(): Layer[] {
  const pair = new TcpPair();
  const many = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 257) & 0xffff);
  const flags = (count: number): number[] => Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const exchanges: [Bytes, Bytes][] = [
    [modbusPdu.read(3, 0, 125), modbusPdu.registers(3, many(125))],
    [modbusPdu.read(4, 65535, 1), modbusPdu.registers(4, [65535])],
    [modbusPdu.read(3, 65535, 2), modbusPdu.exception(3, 2)],
    [modbusPdu.read(1, 0, 2000), modbusPdu.bits(1, flags(2000))],
    [modbusPdu.read(2, 63536, 2000), modbusPdu.bits(2, flags(2000))],
    [modbusPdu.read(1, 5, 1), modbusPdu.bits(1, [1])],
    [modbusPdu.read(1, 5, 8), modbusPdu.bits(1, flags(8))],
    [modbusPdu.read(1, 5, 9), modbusPdu.bits(1, flags(9))],
    [modbusPdu.writeCoils(0, flags(1968)), modbusPdu.written(15, 0, 1968)],
    [modbusPdu.writeRegisters(0, many(123)), modbusPdu.written(16, 0, 123)],
    [modbusPdu.readWrite(0, 125, 9, many(121)), concat(bytes(23, 250), modbusPdu.registers(3, many(125)).subarray(2))],
    [modbusPdu.read(3, 0, 0), modbusPdu.exception(3, 3)],
    [modbusPdu.read(3, 0, 126), modbusPdu.exception(3, 3)],
    [modbusPdu.read(1, 0, 2001), modbusPdu.exception(1, 3)],
    [bytes('18 0000'), concat(bytes('18 0040 001f'), ...many(31).map(u16))],
  ];
  return [...pair.open(), ...exchanges.flatMap(([request, response], i) => talk(pair, i, 255, request, response))];
}

/** Several requests outstanding, several ADUs in one segment, answers in another order. */
function pipelined(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let round = 0; round < 6; round++) {
    const ids = Array.from({ length: 5 }, (_, i) => round * 5 + i);
    const request = (id: number): Bytes => modbusTcp(modbusPdu.read(3, id * 10, 1 + (id % 4)), { transaction: id });
    const response = (id: number): Bytes =>
      modbusTcp(
        modbusPdu.registers(
          3,
          Array.from({ length: 1 + (id % 4) }, (_, i) => id + i),
        ),
        { transaction: id },
      );
    frames.push(pair.client(concat(...ids.slice(0, 3).map(request))));
    for (const id of ids.slice(3)) frames.push(pair.client(request(id)));
    const answered = [...ids].reverse();
    frames.push(pair.server(concat(...answered.slice(0, 2).map(response))));
    frames.push(pair.server(concat(...answered.slice(2).map(response))));
  }
  return frames;
}

/** ADUs cut at every place where tshark still follows: eight bytes or more in the first segment. */
function split(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  const request = modbusPdu.writeRegisters(10, [1, 2, 3, 4, 5, 6]);
  const adu = (transaction: number): Bytes => modbusTcp(request, { transaction });
  for (let at = 8; at < adu(0).length; at++) {
    frames.push(pair.client(adu(at).subarray(0, at)), pair.client(adu(at).subarray(at)));
    frames.push(pair.server(modbusTcp(modbusPdu.written(16, 10, 6), { transaction: at })));
  }
  // One whole ADU and the beginning of the next in a segment.
  for (let at = 8; at < adu(0).length; at++) {
    const two = concat(adu(200 + at), adu(300 + at));
    const cut = adu(0).length + at;
    frames.push(pair.client(two.subarray(0, cut)), pair.client(two.subarray(cut)));
    for (const id of [200 + at, 300 + at]) {
      frames.push(pair.server(modbusTcp(modbusPdu.written(16, 10, 6), { transaction: id })));
    }
  }
  return frames;
}

/** Split where tshark gives up: the first segment holds less than eight bytes. */
function splitInHeader(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  const request = modbusPdu.read(3, 10, 2);
  for (let at = 1; at < 8; at++) {
    const adu = modbusTcp(request, { transaction: at });
    frames.push(pair.client(adu.subarray(0, at)), pair.client(adu.subarray(at)));
    frames.push(pair.server(modbusTcp(modbusPdu.registers(3, [at, at]), { transaction: at })));
  }
  return frames;
}

function constantTransaction(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 12; i++) {
    frames.push(
      ...talk(pair, 0, 1 + (i % 3), modbusPdu.read(3, i, 1 + (i % 2)), modbusPdu.registers(3, i % 2 ? [i, i] : [i])),
    );
  }
  return frames;
}

function outstandingWithOneTransaction(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 4; i++) {
    frames.push(pair.client(modbusTcp(modbusPdu.read(3, i, 1), { transaction: 0 })));
    frames.push(pair.client(modbusTcp(modbusPdu.read(4, i, 2), { transaction: 0 })));
    frames.push(pair.server(modbusTcp(modbusPdu.registers(3, [i]), { transaction: 0 })));
    frames.push(pair.server(modbusTcp(modbusPdu.registers(4, [i, i]), { transaction: 0 })));
  }
  return frames;
}

/** A capture that begins in the middle of a conversation, some requests and some answers missing. */
function midstream(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [];
  for (let i = 0; i < 20; i++) {
    const [request, response] = talk(pair, i, 1, modbusPdu.read(3, i, 2), modbusPdu.registers(3, [i, i + 1]));
    if (i % 7 !== 0 && request) frames.push(request);
    if (i % 5 !== 1 && response) frames.push(response);
  }
  return frames;
}

function responsesOnly(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [];
  for (let i = 0; i < 20; i++) frames.push(pair.server(modbusTcp(modbusPdu.registers(3, [i]), { transaction: i })));
  for (let i = 0; i < 8; i++) frames.push(pair.server(modbusTcp(modbusPdu.written(16, i, 2), { transaction: i })));
  for (let i = 0; i < 8; i++) frames.push(pair.server(modbusTcp(modbusPdu.bits(1, [1, 0, 1]), { transaction: i })));
  return frames;
}

function requestsOnly(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [];
  for (let i = 0; i < 20; i++) frames.push(pair.client(modbusTcp(modbusPdu.read(3, i, 1), { transaction: i })));
  for (let i = 0; i < 8; i++) frames.push(pair.client(modbusTcp(modbusPdu.writeRegister(i, 2), { transaction: i })));
  return frames;
}

function retransmissions(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 10; i++) {
    const [request, response] = talk(pair, i, 1, modbusPdu.read(3, i, 2), modbusPdu.registers(3, [i, i + 1]));
    if (!request || !response) continue;
    frames.push(request);
    if (i % 3 === 0) frames.push(request);
    frames.push(response);
    if (i % 4 === 0) frames.push(response, response);
  }
  return frames;
}

function outOfOrder(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 10; i++) {
    const first = pair.client(modbusTcp(modbusPdu.read(3, i, 2), { transaction: 2 * i }));
    const second = pair.client(modbusTcp(modbusPdu.read(4, i, 2), { transaction: 2 * i + 1 }));
    frames.push(second, first);
    frames.push(pair.server(modbusTcp(modbusPdu.registers(3, [i, i]), { transaction: 2 * i })));
    frames.push(pair.server(modbusTcp(modbusPdu.registers(4, [i, i]), { transaction: 2 * i + 1 })));
  }
  return frames;
}

function keepAlives(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 6; i++) {
    frames.push(...talk(pair, i, 1, modbusPdu.read(3, i, 1), modbusPdu.registers(3, [i])));
    frames.push(
      pair.client(bytes(0), { seq: pair.clientSeq - 1, stay: true, flags: 'A' }),
      pair.server(undefined, { flags: 'A' }),
    );
  }
  return frames;
}

/** Several clients at one server, connections that end and are opened anew on the same ports. */
function reconnects(): Layer[] {
  const frames: Layer[] = [];
  for (let i = 0; i < 6; i++) {
    const pair = new TcpPair({
      clientIp: `10.0.0.${10 + (i % 2)}`,
      clientPort: 40_000 + (i % 3 === 0 ? 0 : 1),
      clientIsn: 1_000_000 * (i + 1),
      serverIsn: 9_000_000 * (i + 1),
    });
    frames.push(...pair.open());
    for (let j = 0; j < 5; j++) frames.push(...talk(pair, j, 1, modbusPdu.read(3, j, 1), modbusPdu.registers(3, [j])));
    frames.push(...(i % 2 === 0 ? pair.close() : [pair.client(undefined, { flags: 'RA' })]));
  }
  return frames;
}

function datagrams(): Frame[] {
  const frames: Frame[] = [];
  EXCHANGES.forEach(({ request, response }, i) => {
    const toServer = udp({ sport: 40_000, dport: 502 }, modbusTcp(bytes(request), { transaction: i }));
    const toClient = udp({ sport: 502, dport: 40_000 }, modbusTcp(bytes(response), { transaction: i }));
    frames.push(ethernet(ipv4({}, toServer)));
    frames.push(ethernet(ipv4({ src: '10.0.0.2', dst: '10.0.0.1' }, toClient), { src: SERVER_MAC, dst: CLIENT_MAC }));
  });
  return frames;
}

function rtuOverTcp(port: number): Layer[] {
  const pair = new TcpPair({ serverPort: port });
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 4; i++) {
    for (const { request, response } of EXCHANGES) {
      // Reads and writes only: tshark takes the rest as RTU only when a preference says so.
      if (!/^0[1-6]|^0f|^10/.test(request)) continue;
      frames.push(pair.client(modbusRtu(1 + i, bytes(request))), pair.server(modbusRtu(1 + i, bytes(response))));
    }
  }
  return frames;
}

function fragments(): Layer[] {
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  for (let i = 0; i < 6; i++) {
    const request = modbusTcp(modbusPdu.writeRegisters(i, [1, 2, 3, 4, 5, 6, 7, 8]), { transaction: i });
    const options = { sport: pair.clientPort, dport: 502, seq: pair.clientSeq, ack: pair.serverSeq };
    const whole = pair.segment(true, request, options);
    // The IP body behind a 20-byte header, cut into pieces of 24 bytes.
    const body: Layer = { data: whole.data.subarray(20), ipProtocol: 6 };
    frames.push(
      ...ipv4Fragments({ id: 100 + i, src: '10.0.0.1', dst: '10.0.0.2' }, body, 24).map((part) => ethernet(part)),
    );
    frames.push(pair.server(modbusTcp(modbusPdu.written(16, i, 8), { transaction: i })));
  }
  return frames;
}

/** Answers that do not fit their question, lies in byte counts and lengths: the record must still say what is there. */
function malformed(): Layer[] {
  const pair = new TcpPair();
  const exchanges: [string, string][] = [
    // Byte count larger and smaller than the data.
    ['03 0000 0002', '03 08 0001 0002'],
    ['03 0000 0002', '03 02 0001 0002'],
    ['03 0000 0002', '03 03 0001 00'],
    ['03 0000 0002', '03 00'],
    ['01 0000 0010', '01 05 ffff'],
    ['01 0000 0010', '01 01 ffff'],
    // More and fewer values than asked for.
    ['03 0000 0002', '03 06 0001 0002 0003'],
    ['03 0000 0004', '03 04 0001 0002'],
    ['01 0000 0004', '01 02 0f0f'],
    ['01 0000 0011', '01 01 ff'],
    // Requests too short or too long.
    ['03 0000', '83 03'],
    ['03', '83 03'],
    ['03 0000 0002 ffff', '03 04 0001 0002'],
    ['05 0000 1234', '85 03'],
    ['05 0000 ff', '85 03'],
    ['06 0000', '86 03'],
    ['0f 0000 000a 03 cd0100', '8f 03'],
    ['0f 0000 000a 01 cd', '8f 03'],
    ['0f 0000 000a 02 cd', '8f 03'],
    ['10 0000 0002 04 0001', '90 03'],
    ['10 0000 0002 02 0001', '90 03'],
    ['10 0000 0001 04 0001 0002', '90 03'],
    ['10 0000 0000 00', '90 03'],
    ['16 0000 0001', '96 03'],
    ['17 0000 0001 0000 0001 04 0001', '97 03'],
    ['18 00', '98 03'],
    ['18 0000', '18 0006 0003 0001 0002'],
    ['14 07 06 0001 0001 00', '94 03'],
    ['14 0e 06 0001 0001 0001', '94 03'],
    ['14 07 05 0001 0001 0001', '94 02'],
    ['14 07 06 0001 0001 0001', '14 04 00 06 0001'],
    ['14 07 06 0001 0001 0001', '14 04 ff 06 0001'],
    ['14 07 06 0001 0001 0002', '14 04 03 06 0001'],
    ['15 09 06 0001 0001 ffff 0001', '95 03'],
    ['15 07 06 0001 0001 0001', '95 03'],
    ['2b', 'ab 01'],
    ['2b 0e', 'ab 01'],
    ['2b 0e 01', 'ab 03'],
    ['2b 0e 01 00', '2b 0e 01 01 00 00 02 00 04 41424344'],
    ['2b 0e 01 00', '2b 0e 01 01 00 00 01 00 ff 41424344'],
    ['2b 0e 01 00', '2b 0e 01 01 00 00 ff'],
    ['2b 0e 01 00', '2b 0e 01 01'],
    ['2b 99 01 00', 'ab 01'],
    ['0b', '0b 0000'],
    ['0c', '0c 02 0000'],
    ['0c', '0c 08 0000 0001 0002 20'],
    ['11', '11'],
    ['11', '11 ff 4142'],
    ['07', '07'],
    ['08', '88 03'],
    ['08 0000', '08 0000'],
    ['00', '80 01'],
    // Exceptions without a code, and with more than a code.
    ['03 0000 0001', '83'],
    ['03 0000 0001', '83 02 00'],
    ['03 0000 0001', '83 00'],
    // The answer is to another function.
    ['03 0000 0001', '04 02 0001'],
    ['03 0000 0001', '84 02'],
  ];
  return [
    ...pair.open(),
    ...exchanges.flatMap(([request, response], i) => talk(pair, i + 1, 1, bytes(request), bytes(response))),
  ];
}

/** MBAP headers that lie; each on its own connection, followed by a sound exchange that must be read. */
function badHeaders(): Layer[] {
  const read = modbusPdu.read(3, 1, 1);
  const broken: Bytes[] = [
    modbusTcp(read, { length: 0 }),
    modbusTcp(read, { length: 1 }),
    modbusTcp(read, { length: 2 }),
    modbusTcp(read, { length: 255 }),
    modbusTcp(read, { length: 65535 }),
    modbusTcp(read, { protocol: 1 }),
    modbusTcp(concat(read, modbusTcp(modbusPdu.writeRegister(1, 2), { transaction: 9 }))),
    bytes('ffffffffffffffffffffffff'),
  ];
  return broken.flatMap((adu, i) => {
    const pair = new TcpPair({ clientPort: 41_000 + i });
    return [
      ...pair.open(),
      ...talk(pair, 1, 1, read, modbusPdu.registers(3, [7])),
      pair.client(adu),
      ...talk(pair, 2, 1, read, modbusPdu.registers(3, [7])),
      ...talk(pair, 3, 1, read, modbusPdu.registers(3, [8])),
    ];
  });
}

/** UMAS answers longer than an ordinary ADU may be. */
function longUmas(): Layer[] {
  const pair = new TcpPair();
  const long = concat(bytes('5a 17 fe'), new Uint8Array(1010).fill(0x41));
  return [
    ...pair.open(),
    ...talk(pair, 1, 0, bytes('5a 17 20 01'), long),
    ...talk(pair, 2, 0, concat(bytes('5a 17 29'), new Uint8Array(1000).fill(0x42)), bytes('5a 17 fe')),
    ...talk(pair, 3, 1, modbusPdu.read(3, 1, 1), modbusPdu.registers(3, [8])),
  ];
}

function tagged(): Layer[] {
  const pair = new TcpPair({
    frame: (ip, fromClient) => ethernet(vlans([100, 200], ip), fromClient ? {} : { src: SERVER_MAC, dst: CLIENT_MAC }),
  });
  return everyFunction(pair).slice(0, 80);
}

const OTHER_PORT = ['-d', 'tcp.port==5020,mbtcp', '-o', 'mbtcp.tcp.port:5020'];

export function craftedCaptures(seed: number): CraftedCapture[] {
  return [
    { name: 'every-function', data: pcap(everyFunction(new TcpPair())) },
    {
      name: 'every-function-ipv6',
      data: pcap(everyFunction(new TcpPair({ clientIp: 'fd00::1', serverIp: 'fd00::2' }))),
    },
    { name: 'every-function-tagged', data: pcap(tagged()) },
    {
      name: 'every-function-port-5020',
      data: pcap(everyFunction(new TcpPair({ serverPort: 5020 }))),
      tsharkOptions: OTHER_PORT,
    },
    { name: 'limits', data: pcap(limits()) },
    { name: 'pipelined', data: pcap(pipelined()) },
    { name: 'split', data: pcap(split()) },
    { name: 'split-in-header', data: pcap(splitInHeader()) },
    { name: 'constant-transaction', data: pcap(constantTransaction()) },
    { name: 'outstanding-with-one-transaction', data: pcap(outstandingWithOneTransaction()) },
    { name: 'midstream', data: pcap(midstream()) },
    { name: 'responses-only', data: pcap(responsesOnly()) },
    { name: 'requests-only', data: pcap(requestsOnly()) },
    { name: 'retransmissions', data: pcap(retransmissions()) },
    { name: 'out-of-order', data: pcap(outOfOrder()) },
    { name: 'keep-alives', data: pcap(keepAlives()) },
    { name: 'reconnects', data: pcap(reconnects()) },
    { name: 'datagrams', data: pcap(datagrams()) },
    { name: 'fragments', data: pcap(fragments()) },
    { name: 'malformed', data: pcap(malformed()) },
    { name: 'bad-headers', data: pcap(badHeaders()) },
    { name: 'long-umas', data: pcap(longUmas()) },
    ...[1, 2, 3].map((turn) => ({ name: `any-content-${turn}`, data: pcap(randomMessages(seed + turn)) })),
    {
      name: 'rtu-over-tcp',
      data: pcap(rtuOverTcp(4001)),
      tsharkOptions: ['-d', 'tcp.port==4001,mbrtu', '-o', 'mbrtu.tcp.port:4001'],
    },
  ];
}
