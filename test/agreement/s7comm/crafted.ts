import { Random } from '../../opcua/random-bytes.js';
import { connectConfirm, connectRequest, dt, tpkt } from '../../s7/messages.js';
import { ascii, type Bytes, bytes, concat, type Frame, pcap, TcpPair, u16, u32 } from '../../support/packets.js';

/** Messages that a seed makes: sound ones of every kind, many of which no recorded capture has. */
export interface CraftedS7 {
  readonly name: string;
  readonly data: Bytes;
  readonly messages: number;
}

/** From the client, from the controller. */
type Spoken = readonly [fromClient: boolean, tsdu: Bytes];

class Writer {
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  one<Of>(list: readonly Of[]): Of {
    return list[this.below(list.length)]!;
  }

  some(count: number): Bytes {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  word(): Bytes {
    return u16(this.below(0x10000));
  }

  digits(count: number): Bytes {
    return ascii(String(this.below(10 ** Math.min(count, 9))).padStart(count, '0'));
  }

  /** Eight BCD bytes. */
  time(): Bytes {
    const bcd = (value: number): number => ((Math.trunc(value / 10) % 10) << 4) | (value % 10);
    return bytes([
      bcd(this.below(80)),
      bcd(1 + this.below(12)),
      bcd(1 + this.below(28)),
      bcd(this.below(24)),
      bcd(this.below(60)),
      bcd(this.below(60)),
      bcd(this.below(100)),
      bcd(10 * this.below(10) + 1 + this.below(7)),
    ]);
  }
}

function message(rosctr: number, reference: number, parameter: Bytes, data: Bytes, error?: number): Bytes {
  const head = concat(bytes([0x32, rosctr, 0, 0]), u16(reference), u16(parameter.length), u16(data.length));
  return concat(head, error === undefined ? bytes('') : u16(error), parameter, data);
}

// ---- variables

const AREAS = [0x01, 0x03, 0x05, 0x06, 0x07, 0x1c, 0x1d, 0x1e, 0x1f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87];
const TRANSPORTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 28, 29, 30, 31, 32, 0, 200];

function specification(syntax: number, body: Bytes): Bytes {
  return concat(bytes([0x12, body.length + 1, syntax]), body);
}

function s7any(w: Writer): Bytes {
  return specification(
    0x10,
    concat(
      bytes([w.one(TRANSPORTS)]),
      w.word(),
      w.word(),
      bytes([w.one(AREAS)]),
      bytes([w.chance(6) ? 255 : 0]),
      w.word(),
    ),
  );
}

/** One of every syntax; those that have no fixed length come with odd ones too. */
const ITEMS: readonly ((w: Writer) => Bytes)[] = [
  s7any,
  s7any,
  s7any,
  (w) => specification(0xb0, concat(bytes([2]), w.some(10))),
  (w) => specification(0xb0, concat(bytes([1]), w.some(5))),
  (w) => specification(0xb2, concat(bytes('ff 8a0e'), w.word(), w.some(4), w.some(4 * (1 + w.below(4))))),
  (w) => specification(0xb2, concat(bytes('ff 0000 00'), bytes([0x50 + w.below(6)]), w.some(4), w.some(8))),
  (w) => specification(w.one([0x82, 0x83, 0x84]), w.some(7)),
  (w) => specification(0xa2, w.some(9)),
  (w) => specification(w.one([0x13, 0x15, 0x16, 0x19, 0x1a, 0x1c]), w.some(5 + w.below(4))),
  (w) => specification(w.one([0x00, 0x77, 0xff]), w.some(w.below(9))),
];

/** Behind each other: an odd one is filled up, except the last. */
function filled(parts: readonly Bytes[]): Bytes {
  return concat(
    ...parts.map((part, index) =>
      part.length % 2 !== 0 && index + 1 < parts.length ? concat(part, bytes('00')) : part,
    ),
  );
}

function items(w: Writer, count: number): Bytes {
  return filled(Array.from({ length: count }, () => w.one(ITEMS)(w)));
}

const IN_BITS: ReadonlySet<number> = new Set([3, 4, 5]);

function dataItem(w: Writer, code: number): Bytes {
  const transport = w.one([0, 3, 4, 4, 5, 6, 7, 9, 9]);
  if (transport === 3 && w.chance(2)) return concat(bytes([code, 3]), u16(1), w.some(1));
  const content = w.some(1 + w.below(9));
  return concat(bytes([code, transport]), u16(IN_BITS.has(transport) ? content.length * 8 : content.length), content);
}

/** A failed item has a head only. */
function answerItem(w: Writer, hasFailed: boolean): Bytes {
  return hasFailed
    ? bytes([w.one([0x01, 0x03, 0x05, 0x06, 0x07, 0x0a]), 0, 0, 0])
    : dataItem(w, w.chance(12) ? 0 : 0xff);
}

function variables(w: Writer): Spoken[] {
  return Array.from({ length: 120 }, (_, reference): Spoken[] => {
    const count = 1 + w.below(w.chance(8) ? 18 : 5);
    if (w.chance(2)) {
      return [
        [true, message(1, reference, concat(bytes([4, count]), items(w, count)), bytes(''))],
        [
          false,
          message(
            3,
            reference,
            bytes([4, count]),
            filled(Array.from({ length: count }, () => answerItem(w, w.chance(6)))),
            0,
          ),
        ],
      ];
    }
    // What the return code of something to be written is, no controller asks.
    const written = filled(Array.from({ length: count }, () => dataItem(w, w.chance(8) ? w.below(256) : 0)));
    const codes = Uint8Array.from({ length: count }, () => w.one([0xff, 0xff, 0x05, 0x0a, 0x03]));
    return [
      [true, message(1, reference, concat(bytes([5, count]), items(w, count)), written)],
      [false, message(3, reference, bytes([5, count]), codes, 0)],
    ];
  }).flat();
}

// ---- blocks and services

const FILES: readonly ((w: Writer) => Bytes)[] = [
  (w) =>
    concat(ascii('_0'), ascii(w.one(['8', 'A', 'B', 'C', 'D', 'E', 'F'])), w.digits(5), ascii(w.one(['P', 'A', 'B']))),
  (w) => concat(ascii('$0A'), w.digits(5), ascii('P')),
  () => ascii('/_N_MPF_DIR/_N_TEST_MPF'),
  () => ascii('x'),
];

function named(w: Writer): Bytes {
  const name = w.one(FILES)(w);
  return concat(bytes([name.length]), name);
}

function blocks(w: Writer): Spoken[] {
  return Array.from({ length: 60 }, (_, reference): Spoken[] => {
    const job = (parameter: Bytes): Spoken => [true, message(1, reference, parameter, bytes(''))];
    const back = (parameter: Bytes, data: Bytes = bytes('')): Spoken => [
      false,
      message(3, reference, parameter, data, 0),
    ];
    const part = w.some(1 + w.below(60));
    const content = concat(u16(part.length), bytes('00fb'), part);
    const id = w.some(4);
    switch (w.below(6)) {
      case 0:
        return [
          job(concat(bytes('1a'), w.some(7), named(w), bytes([13]), ascii('1'), w.digits(6), w.digits(6))),
          back(bytes(w.chance(2) ? '1a' : '1a 00')),
        ];
      case 1:
        return [
          [false, message(1, reference, concat(bytes('1b'), w.some(7), named(w)), bytes(''))],
          [true, message(3, reference, bytes([0x1b, w.below(4)]), content, 0)],
        ];
      case 2:
        return [
          [false, message(1, reference, concat(bytes('1c'), w.some(7), named(w)), bytes(''))],
          [true, message(3, reference, bytes('1c'), bytes(''), 0)],
        ];
      case 3:
        return [
          job(concat(bytes('1d'), w.some(7), named(w))),
          back(concat(bytes('1d'), w.some(3), id, w.chance(3) ? bytes('') : concat(bytes([7]), w.digits(7)))),
        ];
      case 4:
        return [job(concat(bytes('1e'), w.some(3), id)), back(bytes([0x1e, w.below(4)]), content)];
      default:
        return [job(concat(bytes('1f'), w.some(3), id)), back(bytes('1f'))];
    }
  }).flat();
}

const NC_SERVICES = [
  ...['LOGOUT', 'CANCEL', 'DASAVE', 'DIGIOF', 'DIGION', 'DZERO_', 'ENDEXT', 'OST_OF', 'OST_ON', 'SCALE_', 'SETUFR'],
  ...['STRTLK', 'STRTUL', 'TMRASS'],
];
const NC_FILE_SERVICES = ['F_DELE', 'EXTERN', 'EXTMOD', 'F_DELR', 'F_XFER', 'LOCKE_', 'SELECT', 'SRTEXT', 'F_CLOS'];

function counted(text: string): Bytes {
  return concat(bytes([text.length]), ascii(text), text.length % 2 === 0 ? bytes('00') : bytes(''));
}

function service(name: string, block: Bytes): Bytes {
  return concat(bytes('28 000000000000fd'), u16(block.length), block, bytes([name.length]), ascii(name));
}

function services(w: Writer): Spoken[] {
  const blockList = (): Bytes => {
    const count = 1 + w.below(3);
    const names = Array.from({ length: count }, () =>
      concat(ascii(w.one(['0A', '08', '0C'])), w.digits(5), ascii('P')),
    );
    return concat(bytes([count, 0]), ...names);
  };
  const parameters: Bytes[] = [
    ...['_INSE', '_INS2', '_DELE'].flatMap((name) => [service(name, blockList()), service(name, blockList())]),
    service('P_PROGRAM', bytes('')),
    service('P_PROGRAM', ascii('C ')),
    service('_MODU', ascii('EP')),
    service('_GARB', bytes('')),
    service('_UNKNOWN', w.some(6)),
    service('_PLC_MEMORYRESET', bytes('')),
    ...NC_SERVICES.map((name) => service(`_N_${name}`, counted(w.one(['P01', 'P0', 'NCK'])))),
    ...NC_FILE_SERVICES.map((name) => service(`_N_${name}`, concat(counted('P01'), counted('/_N_MPF_DIR/_N_A')))),
    concat(bytes('29 0000000000 09'), ascii('P_PROGRAM')),
    concat(bytes('29'), w.some(5), bytes([4]), ascii('TEST')),
    concat(bytes('f0 00'), w.word(), w.word(), w.word()),
    concat(bytes('00'), w.some(7)),
    concat(bytes([w.one([0x33, 0x7f, 0xfe])]), w.some(w.below(9))),
  ];
  return [
    ...parameters.flatMap((parameter, reference): Spoken[] => [
      [true, message(1, reference, parameter, bytes(''))],
      [
        false,
        parameter[0] === 0xf0
          ? message(3, reference, parameter, bytes(''), 0)
          : message(
              3,
              reference,
              parameter[0] === 0x28 && w.chance(2) ? bytes('28 00') : parameter.subarray(0, 1),
              bytes(''),
              0,
            ),
      ],
    ]),
    // Refusals.
    ...Array.from({ length: 30 }, (_, index): Spoken[] => {
      const asked: Spoken = [true, message(1, 1000 + index, concat(bytes('04 01'), s7any(w)), bytes(''))];
      const error = w.one([0x8104, 0x8404, 0x8500, 0x8701, 0x8703, 0xd401]);
      return [
        asked,
        [false, message(w.one([2, 3]), 1000 + index, w.chance(2) ? bytes('') : bytes('04 00'), bytes(''), error)],
      ];
    }).flat(),
  ];
}

// ---- userdata

interface Kind {
  readonly type: number;
  readonly group: number;
  readonly subfunction: number;
  readonly sequence?: number;
  readonly unit?: number;
  readonly more?: boolean;
  readonly error?: number;
}

const REQUEST = 4;
const RESPONSE = 8;
const PUSH = 0;

function userdata(reference: number, kind: Kind, body: Bytes, code = 0xff): Bytes {
  const { type, group, subfunction, sequence = 0, unit = 0, more = false, error = 0 } = kind;
  const isRequest = type === REQUEST || type === 7;
  const place = bytes([(type << 4) | group, subfunction, sequence]);
  const parameter = isRequest
    ? concat(bytes('000112 04 11'), place)
    : concat(bytes('000112 08 12'), place, bytes([unit, more ? 1 : 0]), u16(error));
  const data = body.length === 0 ? bytes('0a 00 0000') : concat(bytes([code, 9]), u16(body.length), body);
  return message(7, reference, parameter, data);
}

/** What test functions (programmer commands) act on: six bytes for each variable. */
function watched(w: Writer, count: number): Bytes {
  const kinds = [0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x21, 0x22, 0x31, 0x33, 0x70, 0x71, 0x72, 0x73, 0x54, 0x64];
  return concat(
    ...Array.from({ length: count }, () => {
      const kind = w.one(kinds);
      const second = (kind & 15) === 0 ? w.below(8) : 1 + w.below(4);
      return concat(bytes([kind, second]), w.word(), w.word());
    }),
  );
}

/** Their values: each is filled up to an even number of bytes, the last as well. */
function watchedValues(w: Writer, count: number): Bytes {
  return concat(
    ...Array.from({ length: count }, () => {
      const size = w.one([1, 2, 4]);
      const content = w.some(size);
      return concat(bytes([w.one([0xff, 0xff, 0]), 4]), u16(size * 8), content, bytes(size % 2 === 0 ? '' : '00'));
    }),
  );
}

function command(parameters: Bytes, data: Bytes): Bytes {
  return concat(u16(parameters.length), u16(data.length), parameters, data);
}

const COMMAND_PARAMETERS = 20;

function alarmObject(w: Writer, syntax: number): Bytes {
  const values = syntax === 0x16 || syntax === 0x1c ? w.below(3) : 0;
  const states = syntax === 0x16 ? w.some(4) : syntax === 0x1c ? w.some(8) : syntax === 0x19 ? w.some(2) : bytes('');
  const body = concat(bytes([values]), w.some(4), states);
  return concat(specification(syntax, body), filled(Array.from({ length: values }, () => dataItem(w, 0xff))));
}

function alarmObjects(w: Writer, syntax: number): Bytes {
  const list = Array.from({ length: 1 + w.below(2) }, () => alarmObject(w, syntax));
  return concat(bytes([0, list.length]), ...list);
}

function pendingAlarms(w: Writer): Bytes {
  const alarms = Array.from({ length: w.below(4) }, () => {
    const type = w.one([1, 2, 4]);
    const value = (): Bytes => concat(bytes('ff 09 0002'), w.some(2));
    const states = concat(bytes([type]), w.some(4), bytes('00'), w.some(3));
    const rest = type === 4 ? concat(w.time(), value(), w.time(), value()) : bytes('');
    return concat(bytes([states.length + rest.length]), bytes('0000'), states, rest);
  });
  const list = concat(...alarms);
  return concat(bytes('00 01'), bytes([list.length > 0 ? 0xff : 0x0a, 9]), u16(list.length), list);
}

/** Requests, answers and pushes of every group whose layout is known. */
const USERDATA: readonly (readonly [Kind, (w: Writer) => Bytes])[] = [
  // Test functions.
  [
    { type: REQUEST, group: 1, subfunction: 2 },
    (w) => command(w.some(COMMAND_PARAMETERS), concat(u16(3), watched(w, 3))),
  ],
  [{ type: PUSH, group: 1, subfunction: 2 }, (w) => command(w.some(4), concat(u16(3), watchedValues(w, 3)))],
  ...[8, 9].flatMap((subfunction): (readonly [Kind, (w: Writer) => Bytes])[] => [
    [
      { type: REQUEST, group: 1, subfunction },
      (w) => command(w.some(COMMAND_PARAMETERS), concat(u16(2), watched(w, 2), watchedValues(w, 2))),
    ],
    [{ type: PUSH, group: 1, subfunction }, (w) => command(w.some(4), concat(u16(3), bytes('ff ff 05 00')))],
  ]),
  ...[13, 14, 17].map((subfunction): readonly [Kind, (w: Writer) => Bytes] => [
    { type: REQUEST, group: 1, subfunction },
    (w) => command(w.some(4), w.some(2)),
  ]),
  [{ type: REQUEST, group: 1, subfunction: 15 }, (w) => command(w.some(4), w.some(4))],
  // Blocks that are watched, and stopped in.
  ...[1, 10, 19].map((subfunction): readonly [Kind, (w: Writer) => Bytes] => [
    { type: REQUEST, group: 1, subfunction },
    (w) =>
      command(
        concat(w.some(20), bytes([0, w.one([8, 10, 12, 14])]), w.word(), w.word()),
        subfunction === 10 ? w.some(2) : bytes('00 01 00 7f 0000 0004'),
      ),
  ]),
  [{ type: PUSH, group: 1, subfunction: 10 }, (w) => command(w.some(4), w.some(38))],
  [{ type: REQUEST, group: 1, subfunction: 16 }, (w) => command(w.some(4), w.some(4))],
  [{ type: RESPONSE, group: 1, subfunction: 16 }, (w) => command(w.some(4), w.some(8))],
  [{ type: REQUEST, group: 1, subfunction: 3 }, (w) => command(w.some(COMMAND_PARAMETERS), w.some(2))],
  [{ type: REQUEST, group: 1, subfunction: 22 }, (w) => command(w.some(4), w.some(2))],
  // Cyclic services.
  ...[1, 5, 7].flatMap((subfunction): (readonly [Kind, (w: Writer) => Bytes])[] => [
    [{ type: REQUEST, group: 2, subfunction }, (w) => concat(u16(3), bytes([w.below(3), 1 + w.below(9)]), items(w, 3))],
    [
      { type: PUSH, group: 2, subfunction },
      (w) => concat(u16(3), filled(Array.from({ length: 3 }, () => answerItem(w, false)))),
    ],
    [
      { type: RESPONSE, group: 2, subfunction },
      (w) => concat(u16(2), filled(Array.from({ length: 2 }, () => answerItem(w, false)))),
    ],
  ]),
  [{ type: REQUEST, group: 2, subfunction: 4 }, (w) => concat(bytes('01'), w.some(1))],
  [{ type: REQUEST, group: 2, subfunction: 8 }, (w) => concat(bytes('00 01'), s7any(w))],
  [{ type: RESPONSE, group: 2, subfunction: 8 }, (w) => concat(bytes('00 01 ff 09 00 00 0004'), w.some(4))],
  // Blocks.
  [{ type: REQUEST, group: 3, subfunction: 1 }, () => bytes('')],
  [{ type: RESPONSE, group: 3, subfunction: 1 }, (w) => concat(ascii('08'), w.word(), ascii('0A'), w.word())],
  [{ type: REQUEST, group: 3, subfunction: 2 }, () => ascii('0A')],
  [{ type: RESPONSE, group: 3, subfunction: 2 }, (w) => w.some(12)],
  [{ type: REQUEST, group: 3, subfunction: 3 }, (w) => concat(ascii('0A'), w.digits(5), ascii('A'))],
  [{ type: RESPONSE, group: 3, subfunction: 3 }, (w) => w.some(78)],
  // Messages and alarms.
  [{ type: REQUEST, group: 4, subfunction: 2 }, () => concat(bytes('03 00'), ascii('HmiRtm  '))],
  [
    { type: REQUEST, group: 4, subfunction: 2 },
    (w) => concat(bytes('86 00'), ascii('STEP7   '), bytes([w.one([0, 1, 4, 5, 8, 9]), 0])),
  ],
  [{ type: RESPONSE, group: 4, subfunction: 2 }, () => bytes('02 00')],
  [
    { type: RESPONSE, group: 4, subfunction: 2 },
    (w) => concat(bytes('02 00'), bytes([w.one([0, 1, 4, 5, 8, 9]), 0, 0])),
  ],
  [{ type: PUSH, group: 4, subfunction: 3 }, (w) => concat(w.some(12), w.time())],
  ...[5, 6, 12, 17, 18, 22].map((subfunction): readonly [Kind, (w: Writer) => Bytes] => [
    { type: PUSH, group: 4, subfunction },
    (w) =>
      concat(
        w.time(),
        alarmObjects(w, subfunction === 6 || subfunction === 22 ? 0x1c : subfunction === 12 ? 0x19 : 0x16),
      ),
  ]),
  [{ type: PUSH, group: 4, subfunction: 9 }, (w) => concat(w.some(2), w.time(), w.some(2), alarmObjects(w, 0x16))],
  ...[7, 8, 11].flatMap((subfunction): (readonly [Kind, (w: Writer) => Bytes])[] => [
    [{ type: REQUEST, group: 4, subfunction }, (w) => alarmObjects(w, subfunction === 11 ? 0x19 : 0x15)],
    [{ type: RESPONSE, group: 4, subfunction }, () => bytes('00 02 ff 05')],
  ]),
  ...[13, 14].map((subfunction): readonly [Kind, (w: Writer) => Bytes] => [
    { type: PUSH, group: 4, subfunction },
    (w) => alarmObjects(w, 0x15),
  ]),
  [
    { type: REQUEST, group: 4, subfunction: 19 },
    (w) => concat(bytes('00 01 12 08 1a 00 01 34'), u32(w.one([1, 2, 4]))),
  ],
  [{ type: REQUEST, group: 4, subfunction: 19 }, (w) => concat(bytes('00 01 12 08 1a 00 03 34'), w.some(4))],
  [{ type: RESPONSE, group: 4, subfunction: 19 }, pendingAlarms],
  // Password, sent and received blocks of data, clock.
  [{ type: REQUEST, group: 5, subfunction: 1 }, (w) => w.some(8)],
  [{ type: RESPONSE, group: 5, subfunction: 1, error: 0xd602 }, () => bytes('')],
  [{ type: REQUEST, group: 5, subfunction: 2 }, () => bytes('')],
  [{ type: REQUEST, group: 6, subfunction: 1 }, (w) => concat(bytes('12 06 13 cc'), w.some(4), u16(6), w.some(6))],
  [{ type: REQUEST, group: 7, subfunction: 1 }, () => bytes('')],
  ...[1, 3].map((subfunction): readonly [Kind, (w: Writer) => Bytes] => [
    { type: RESPONSE, group: 7, subfunction },
    (w) => concat(bytes('00 19'), w.time()),
  ]),
  ...[2, 4].map((subfunction): readonly [Kind, (w: Writer) => Bytes] => [
    { type: REQUEST, group: 7, subfunction },
    (w) => concat(bytes('00 19'), w.time()),
  ]),
  // Files of an NC.
  [{ type: 7, group: 15, subfunction: 1 }, () => ascii('/_N_MPF_DIR/_N_A_MPF')],
  [{ type: 11, group: 15, subfunction: 1, unit: 1 }, () => bytes('05 00')],
  [
    { type: 3, group: 15, subfunction: 2, unit: 1 },
    (w) => concat(bytes('0000'), ascii('     120'), ascii('2026042412301500'), ascii('/_N_MPF_DIR\n'), w.some(30)),
  ],
  [{ type: 3, group: 15, subfunction: 3, unit: 1 }, () => bytes('05 00')],
  [{ type: 7, group: 15, subfunction: 6 }, () => concat(bytes('05 00'), ascii('/_N_SPF_DIR/_N_B_SPF'))],
  [
    { type: 11, group: 15, subfunction: 6, unit: 1 },
    (w) => concat(bytes('0000'), ascii('      42'), ascii('2026042412301500'), ascii('/_N_SPF_DIR\n'), w.some(20)),
  ],
];

function everyUserdata(w: Writer): Spoken[] {
  return [0, 1, 2].flatMap((round) =>
    USERDATA.map(([kind, body], index): Spoken => {
      const sequence = 1 + w.below(200);
      const isRequest = kind.type === REQUEST || kind.type === 7;
      return [isRequest, userdata(round * 200 + index, { sequence, ...kind }, body(w))];
    }),
  );
}

/** Groups and subfunctions of which nobody knows the layout: what the parameters say is all that is compared. */
function anyUserdata(w: Writer): Spoken[] {
  const known = new Set(USERDATA.map(([{ group, subfunction }]) => `${group} ${subfunction}`));
  return Array.from({ length: 16 }, (_, group) =>
    Array.from({ length: 24 }, (__, subfunction): Spoken[] => {
      // Those of group 0 are of the header's kind for changes of the mode.
      if (group === 0 || known.has(`${group} ${subfunction}`) || (group === 4 && subfunction === 1)) return [];
      if (group === 1 || group === 6 || group === 15) return [];
      return [
        [true, userdata(group * 100 + subfunction, { type: REQUEST, group, subfunction }, w.some(2 * w.below(8)))],
        [
          false,
          userdata(
            group * 100 + subfunction,
            { type: RESPONSE, group, subfunction, error: w.one([0, 0xd401]) },
            bytes(''),
          ),
        ],
      ];
    }),
  ).flat(2);
}

function modeTransitions(w: Writer): Spoken[] {
  return [0, 1, 2, 3, 4, 6, 9, 11, 12, 77].map((mode) => [
    false,
    message(7, w.below(9), concat(bytes('01 00 10 10 00 00'), bytes([mode, 0])), bytes('')),
  ]);
}

// ---- status lists

/** Bytes of an entry, by the lower byte of the list's number. */
const ENTRIES: Readonly<Record<number, number>> = {
  0: 2,
  17: 28,
  18: 2,
  19: 36,
  20: 8,
  21: 10,
  25: 4,
  28: 34,
  34: 28,
  36: 20,
  49: 40,
  50: 40,
  55: 48,
  116: 4,
  145: 16,
  146: 16,
  160: 20,
};
const EXTRACTS = [0x00, 0x01, 0x02, 0x04, 0x0d, 0x0f];
const INDEXES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0a, 0x0b, 0x10, 0x81];

function entry(w: Writer, list: number, index: number, size: number): Bytes {
  const made = w.some(size);
  const fill = (from: number, text: string, length: number): void => made.set(ascii(text.padEnd(length)), from);
  if (list === 0x11) {
    made.set(u16(w.one([1, 6, 7, 0x81])), 0);
    fill(2, '6ES7 315-2EH14-0AB0', 20);
  } else if (list === 0x1c) {
    made.set(u16(w.one([1, 2, 3, 4, 5, 7, 8, 9, 10, 11])), 0);
    if (made[1] !== 9 && made[1] !== 10) fill(2, `Name ${w.below(999)}`, 32);
  } else if (list === 0x31 || list === 0x32) made.set(u16(index), 0);
  // Lamps are on or off.
  else if (list === 0x19 || list === 0x74) made[2] = w.below(2);
  return made;
}

function statusLists(w: Writer): Spoken[] {
  return Object.entries(ENTRIES).flatMap(([text, size]) => {
    const list = Number(text);
    return EXTRACTS.flatMap((extract) =>
      INDEXES.slice(0, list === 0x31 || list === 0x32 || list === 0x11 || list === 0x1c ? 14 : 3).flatMap(
        (index): Spoken[] => {
          const id = (extract << 8) | list;
          const reference = w.below(0x10000);
          const count = w.below(Math.min(6, Math.trunc(400 / size)));
          const entries = Array.from({ length: count }, () => entry(w, list, index, size));
          const body = concat(u16(id), u16(index), u16(size), u16(count), ...entries);
          const kind = { group: 4, subfunction: 1, sequence: 1 + w.below(200) };
          return [
            [true, userdata(reference, { ...kind, type: REQUEST }, concat(u16(id), u16(index)))],
            [false, userdata(reference, { ...kind, type: RESPONSE }, body)],
          ];
        },
      ),
    );
  });
}

/** Lists in several messages; the client asks for the rest with the number of the first. */
function longLists(w: Writer): Spoken[] {
  return Array.from({ length: 12 }, (_, round): Spoken[] => {
    const count = 8 + w.below(20);
    const entries = Array.from({ length: count }, () => entry(w, 0x1c, 0, 34));
    const body = concat(u16(0x001c), u16(0), u16(34), u16(count), ...entries);
    const size = 100 + w.below(120);
    const parts = Array.from({ length: Math.ceil(body.length / size) }, (__, n) =>
      body.subarray(n * size, (n + 1) * size),
    );
    const kind = { group: 4, subfunction: 1, sequence: round + 1, unit: 100 + round };
    return parts.flatMap((part, n): Spoken[] => [
      [true, userdata(round * 50 + n, { ...kind, type: REQUEST }, n === 0 ? bytes('001c 0000') : bytes(''))],
      [false, userdata(round * 50 + n, { ...kind, type: RESPONSE, more: n + 1 < parts.length }, part)],
    ]);
  }).flat();
}

// ---- on the wire

/** In one DT or several, now and then several messages in a segment, or one in several. */
function spoken(pair: TcpPair, list: readonly Spoken[], w: Writer): Frame[] {
  return list.flatMap(([fromClient, tsdu]): Frame[] => {
    const send = (data: Bytes): Frame => (fromClient ? pair.client(data) : pair.server(data));
    if (w.chance(12) && tsdu.length > 30) {
      const cut = 11 + w.below(tsdu.length - 20);
      return [send(dt(tsdu.subarray(0, cut), false)), send(dt(tsdu.subarray(cut)))];
    }
    const whole = dt(tsdu);
    if (w.chance(12)) {
      const cut = 5 + w.below(whole.length - 6);
      return [send(whole.subarray(0, cut)), send(whole.subarray(cut))];
    }
    return [send(whole)];
  });
}

function capture(name: string, seed: number, make: (w: Writer) => Spoken[]): CraftedS7 {
  const w = new Writer(seed);
  const list = make(w);
  const pair = new TcpPair({ serverPort: 102 });
  const opening = [...pair.open(), pair.client(connectRequest()), pair.server(connectConfirm())];
  return { name, messages: list.length + 2, data: pcap([...opening, ...spoken(pair, list, w)]) };
}

/** Connection requests, confirms, refusals with other parameters and orders than usual. */
function connections(w: Writer): CraftedS7 {
  const pair = new TcpPair({ serverPort: 102 });
  const frames: Frame[] = [...pair.open()];
  const parameter = (code: number, value: Bytes): Bytes => concat(bytes([code, value.length]), value);
  let messages = 0;
  for (let round = 0; round < 40; round++) {
    const tsap = (): Bytes => w.one([bytes('0102'), ascii('SIMATIC-ROOT-HMI'), w.some(3), ascii('PG')]);
    const list = [parameter(0xc0, bytes([7 + w.below(7)])), parameter(0xc1, tsap()), parameter(0xc2, tsap())];
    if (w.chance(3)) list.push(parameter(0xf0, bytes('02')));
    if (w.chance(2)) list.reverse();
    const code = w.one([0xe0, 0xd0]);
    const tpdu = concat(bytes([code]), w.some(4), bytes('00'), ...list);
    frames.push(pair.client(tpkt(concat(bytes([tpdu.length]), tpdu))));
    const reason = concat(bytes([0x80]), w.some(4), bytes([w.one([0, 1, 2, 3, 128, 131])]));
    frames.push(pair.server(tpkt(concat(bytes([reason.length]), reason))));
    messages += 2;
  }
  return { name: 'connections', messages, data: pcap(frames) };
}

/** Every capture that a seed makes; other seeds make others of the same kinds. */
export function craftedS7Captures(seed: number): CraftedS7[] {
  return [
    connections(new Writer(seed)),
    capture('variables', seed + 1, variables),
    capture('blocks', seed + 2, blocks),
    capture('services', seed + 3, services),
    capture('userdata', seed + 4, everyUserdata),
    capture('unknown-userdata', seed + 5, anyUserdata),
    capture('mode-transitions', seed + 6, modeTransitions),
    capture('status-lists', seed + 7, statusLists),
    capture('status-lists-in-parts', seed + 8, longLists),
  ];
}
