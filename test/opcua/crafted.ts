import { allServices, type Service } from '../../sensor/protocols/opcua/operations.js';
import { typeNamed } from '../../sensor/protocols/opcua/structures.js';
import { type Bytes, type Frame, pcap, TcpPair } from '../support/packets.js';
import { acknowledge, hello, msg, open, text, typeIdOf, u32 } from './messages.js';
import { Random, RandomWriter } from './random-bytes.js';

const USER_TOKENS = new Set([
  'AnonymousIdentityToken',
  'UserNameIdentityToken',
  'X509IdentityToken',
  'IssuedIdentityToken',
]);

const EXTENSIONS_OF = new Map([
  ['ActivateSessionRequest', USER_TOKENS],
  ['HistoryUpdateRequest', new Set(['UpdateDataDetails'])],
]);

/** A service's message with random content, every field of it as the standard lays it out. */
function body(service: Service, random: Random): Buffer {
  // Of what stands in a user's place and is none, records show nothing; without its node, a change of history is damaged.
  const extensions = EXTENSIONS_OF.get(service.name);
  const writer = new RandomWriter(random, extensions);
  writer.value(typeNamed(service.name));
  return Buffer.concat([typeIdOf(service.id), writer.bytes]);
}

/** Sequence numbers of one side. */
class Sender {
  #sequence = 1;

  /** The body in as many chunks as `random` says, the last of them final, or breaking the message off. */
  chunks(body: Buffer, request: number, random: Random): Buffer[] {
    const count = random.below(6) === 0 ? 2 + random.below(4) : 1;
    const size = Math.max(24, Math.ceil(body.length / count));
    const parts: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) parts.push(body.subarray(at, at + size));
    const isAborted = parts.length > 1 && random.below(4) === 0;
    if (isAborted) parts[parts.length - 1] = Buffer.concat([u32(0x80b80000), text('too large')]);
    return parts.map((part, index) => {
      const last = index + 1 === parts.length;
      const flag = last ? (isAborted ? 'A' : 'F') : 'C';
      return msg(part, { flag, request, sequence: ++this.#sequence });
    });
  }
}

/** Every service of OPC 10000-4, request and response, `rounds` times with other content. */
export function craftedOpcUa(seed: number, rounds: number): { data: Bytes; messages: number } {
  const random = new Random(seed);
  const pair = new TcpPair({ serverPort: 4840 });
  const [client, server] = [new Sender(), new Sender()];
  const frames: Frame[] = [
    ...pair.open(),
    pair.client(hello()),
    pair.server(acknowledge()),
    pair.client(open('request')),
    pair.server(open('response')),
  ];
  const services = allServices().filter(({ name }) => !/SecureChannel/.test(name));
  let request = 1;
  for (let round = 0; round < rounds; round++) {
    for (const service of services) {
      if (service.isRequest) request++;
      const sender = service.isRequest ? client : server;
      const send = (data: Bytes): Frame => (service.isRequest ? pair.client(data) : pair.server(data));
      const chunks = sender.chunks(body(service, random), request, random);
      // One segment for all, one for each, or cut in the middle.
      const all = Buffer.concat(chunks);
      const cut = 1 + random.below(all.length - 1);
      const how = random.below(3);
      const segments = how === 0 ? [all] : how === 1 ? chunks : [all.subarray(0, cut), all.subarray(cut)];
      for (const segment of segments) frames.push(send(segment));
    }
  }
  return { data: pcap(frames), messages: 4 + rounds * services.length };
}
