import { Random } from '../opcua/random-bytes.js';
import { type Bytes, bytes, concat, type Layer, modbusPdu, modbusTcp, TcpPair, u16 } from '../support/packets.js';

const EXCHANGES = 400;
const MBAP_AND_FUNCTION = 8;
/** Codes with a meaning of their own, and some that nobody defined. */
const OTHER_FUNCTIONS = [7, 9, 10, 13, 14, 18, 19, 41, 65, 72, 91, 100, 125, 126];

class Choice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  oneIn(chances: number): boolean {
    return this.below(chances) === 0;
  }

  /** An address from which so many are there. */
  start(count: number): number {
    return this.below(0x10001 - count);
  }

  words(count: number): number[] {
    return Array.from({ length: count }, () => this.below(0x10000));
  }

  bits(count: number): number[] {
    return Array.from({ length: count }, () => this.below(2));
  }

  bytes(count: number): Bytes {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}

type Exchange = readonly [request: Bytes, response: Bytes];

const KINDS: readonly ((choice: Choice) => Exchange)[] = [
  (choice) => {
    const fc = choice.oneIn(2) ? 1 : 2;
    const count = 1 + choice.below(choice.oneIn(5) ? 2000 : 40);
    return [modbusPdu.read(fc, choice.start(count), count), modbusPdu.bits(fc, choice.bits(count))];
  },
  (choice) => {
    const fc = choice.oneIn(2) ? 3 : 4;
    const count = 1 + choice.below(125);
    return [modbusPdu.read(fc, choice.start(count), count), modbusPdu.registers(fc, choice.words(count))];
  },
  (choice) => {
    const pdu = modbusPdu.writeCoil(choice.below(0x10000), choice.oneIn(2));
    return [pdu, pdu];
  },
  (choice) => {
    const pdu = modbusPdu.writeRegister(choice.below(0x10000), choice.below(0x10000));
    return [pdu, pdu];
  },
  (choice) => {
    const count = 1 + choice.below(choice.oneIn(5) ? 1968 : 40);
    const address = choice.start(count);
    return [modbusPdu.writeCoils(address, choice.bits(count)), modbusPdu.written(15, address, count)];
  },
  (choice) => {
    const count = 1 + choice.below(123);
    const address = choice.start(count);
    return [modbusPdu.writeRegisters(address, choice.words(count)), modbusPdu.written(16, address, count)];
  },
  (choice) => {
    const subfunction = choice.oneIn(3) ? choice.below(0x10000) : choice.below(22);
    const pdu = modbusPdu.diagnostics(subfunction, choice.below(0x10000));
    return [
      pdu,
      subfunction === 0 || choice.oneIn(2) ? pdu : modbusPdu.diagnostics(subfunction, choice.below(0x10000)),
    ];
  },
  (choice) => [bytes(11), concat(bytes(11), u16(choice.oneIn(2) ? 0xffff : 0), u16(choice.below(0x10000)))],
  (choice) => {
    const events = choice.bytes(choice.below(65));
    const head = concat(u16(choice.oneIn(2) ? 0xffff : 0), u16(choice.below(0x10000)), u16(choice.below(0x10000)));
    return [bytes(12), concat(bytes(12, 6 + events.length), head, events)];
  },
  (choice) => {
    const data = choice.bytes(1 + choice.below(60));
    return [bytes(17), concat(bytes(17, data.length), data)];
  },
  (choice) => {
    const pdu = modbusPdu.maskWrite(choice.below(0x10000), choice.below(0x10000), choice.below(0x10000));
    return [pdu, pdu];
  },
  (choice) => {
    const count = 1 + choice.below(125);
    const written = choice.words(1 + choice.below(121));
    const request = modbusPdu.readWrite(choice.start(count), count, choice.start(written.length), written);
    return [request, concat(bytes(23, count * 2), ...choice.words(count).map(u16))];
  },
  (choice) => {
    const count = choice.below(32);
    const values = choice.words(count).map(u16);
    return [
      concat(bytes(24), u16(choice.below(0x10000))),
      concat(bytes(24), u16(2 + count * 2), u16(count), ...values),
    ];
  },
  (choice) => {
    const groups = Array.from({ length: 1 + choice.below(4) }, () => 1 + choice.below(20));
    const asked = groups.map((length) =>
      concat(bytes(6), u16(1 + choice.below(100)), u16(choice.below(10_000)), u16(length)),
    );
    const told = groups.map((length) => concat(bytes(1 + length * 2, 6), choice.bytes(length * 2)));
    const size = told.reduce((sum, part) => sum + part.length, 0);
    return [concat(bytes(20, asked.length * 7), ...asked), concat(bytes(20, size), ...told)];
  },
  (choice) => {
    const groups = Array.from({ length: 1 + choice.below(4) }, () => {
      const length = 1 + choice.below(20);
      return concat(
        bytes(6),
        u16(1 + choice.below(100)),
        u16(choice.below(10_000)),
        u16(length),
        choice.bytes(length * 2),
      );
    });
    const size = groups.reduce((sum, part) => sum + part.length, 0);
    const pdu = concat(bytes(21, size), ...groups);
    return [pdu, pdu];
  },
  (choice) => {
    const code = 1 + choice.below(4);
    const first = choice.below(7);
    const objects = Array.from({ length: 1 + choice.below(5) }, (_, index) => {
      const value = choice.bytes(choice.below(30)).map((byte) => 0x20 + (byte % 95));
      return concat(bytes(first + index, value.length), value);
    });
    const more = choice.oneIn(3) ? [0xff, first + objects.length] : [0, 0];
    const head = bytes(43, 14, code, 0x80 + 1 + choice.below(3), ...more, objects.length);
    return [modbusPdu.readDeviceId(code, first), concat(head, ...objects)];
  },
  (choice) => {
    const fc = OTHER_FUNCTIONS[choice.below(OTHER_FUNCTIONS.length)]!;
    return [concat(bytes(fc), choice.bytes(choice.below(20))), concat(bytes(fc), choice.bytes(choice.below(20)))];
  },
];

/** Sound exchanges of every function with any content, pipelined and cut into segments in any way. */
export function randomMessages(seed: number): Layer[] {
  const choice = new Choice(seed);
  const pair = new TcpPair();
  const frames: Layer[] = [...pair.open()];
  let transaction = choice.below(0x10000);
  for (let done = 0; done < EXCHANGES; ) {
    const exchanges = Array.from({ length: 1 + choice.below(4) }, () => {
      const [request, response] = KINDS[choice.below(KINDS.length)]!(choice);
      transaction = (transaction + 1) & 0xffff;
      const header = { transaction, unit: choice.below(256) };
      const answer = choice.oneIn(8) ? modbusPdu.exception(request[0]!, 1 + choice.below(11)) : response;
      return [modbusTcp(request, header), modbusTcp(answer, header)] as const;
    });
    done += exchanges.length;
    for (const part of segments(
      exchanges.map(([request]) => request),
      choice,
    ))
      frames.push(pair.client(part));
    for (const part of segments(
      exchanges.map(([, answer]) => answer),
      choice,
    ))
      frames.push(pair.server(part));
  }
  return [...frames, ...pair.close()];
}

/** Cuts never fall into a header: tshark then takes what follows for something else (split-in-header shows it). */
function segments(messages: readonly Bytes[], choice: Choice): Bytes[] {
  const parts: Bytes[] = [];
  let begun = bytes();
  for (const message of messages) {
    const cut = MBAP_AND_FUNCTION + choice.below(message.length);
    if (choice.oneIn(3) && cut < message.length) {
      parts.push(concat(begun, message.subarray(0, cut)));
      begun = message.subarray(cut);
    } else begun = concat(begun, message);
  }
  return begun.length > 0 ? [...parts, begun] : parts;
}
