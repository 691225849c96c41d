import { STRUCTURES, type Structure } from '../../sensor/protocols/opcua/structures.js';

/** Messages written byte by byte, so that tests can make what no honest program would send. */

export function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function text(value: string | null): Buffer {
  return value === null ? u32(0xffffffff) : Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** 2026-05-04 in ticks of 100 ns since 1601. */
const NOW = Buffer.from('00c0e1a5d0dbdc01', 'hex');

export function typeId(name: string): Buffer {
  const found: Structure | undefined = STRUCTURES.find((structure) => structure.name === name);
  return typeIdOf(found?.encodingId ?? 0);
}

/** Four-byte NodeId of namespace 0. */
export function typeIdOf(encodingId: number): Buffer {
  const id = Buffer.alloc(4);
  id[0] = 1;
  id.writeUInt16LE(encodingId, 2);
  return id;
}

export function requestHeader(handle = 1, token: Buffer = Buffer.from([0, 0])): Buffer {
  return Buffer.concat([token, NOW, u32(handle), u32(0), text(null), u32(0), Buffer.from([0, 0, 0])]);
}

export function responseHeader(handle = 1, result = 0): Buffer {
  return Buffer.concat([NOW, u32(handle), u32(result), Buffer.from([0]), u32(0), Buffer.from([0, 0, 0])]);
}

export interface ChunkOptions {
  readonly flag?: string;
  readonly channel?: number;
  readonly token?: number;
  readonly sequence?: number;
  readonly request?: number;
  readonly size?: number;
}

export function msg(body: Buffer, options: ChunkOptions = {}): Buffer {
  const { flag = 'F', channel = 7, token = 1, sequence = 1, request = 1, size } = options;
  const head = Buffer.concat([u32(channel), u32(token), u32(sequence), u32(request)]);
  return Buffer.concat([Buffer.from(`MSG${flag}`), u32(size ?? 8 + head.length + body.length), head, body]);
}

export function request(service: string, parameters: Buffer, options: ChunkOptions = {}): Buffer {
  return msg(Buffer.concat([typeId(service), requestHeader(options.request), parameters]), options);
}

/** A request of the session with this authentication token. */
export function requestAs(token: Buffer, service: string, parameters: Buffer, options: ChunkOptions = {}): Buffer {
  return msg(Buffer.concat([typeId(service), requestHeader(options.request, token), parameters]), options);
}

export function response(
  service: string,
  parameters: Buffer,
  options: ChunkOptions & { result?: number } = {},
): Buffer {
  return msg(Buffer.concat([typeId(service), responseHeader(options.request, options.result), parameters]), options);
}

/** Two-byte NodeId of namespace 0. */
export function node(id: number): Buffer {
  return Buffer.from([0, id]);
}

export function hello(url = 'opc.tcp://plc.example:4840'): Buffer {
  const body = Buffer.concat([u32(0), u32(65_535), u32(65_535), u32(0), u32(0), text(url)]);
  return Buffer.concat([Buffer.from('HELF'), u32(8 + body.length), body]);
}

export function acknowledge(): Buffer {
  return Buffer.concat([Buffer.from('ACKF'), u32(28), u32(0), u32(65_535), u32(65_535), u32(0), u32(0)]);
}

const POLICY = 'http://opcfoundation.org/UA/SecurityPolicy#';

/** Opens channel 7 with token 1. */
export function open(
  side: 'request' | 'response',
  policy = 'None',
  options: { sequence?: number; token?: number } = {},
): Buffer {
  const body =
    side === 'request'
      ? Buffer.concat([
          typeId('OpenSecureChannelRequest'),
          requestHeader(),
          u32(0),
          u32(0),
          u32(1),
          text(null),
          u32(600_000),
        ])
      : Buffer.concat([
          typeId('OpenSecureChannelResponse'),
          responseHeader(),
          u32(0),
          u32(7),
          u32(options.token ?? 1),
          NOW,
          u32(600_000),
          text(null),
        ]);
  const rest = Buffer.concat([
    u32(side === 'request' ? 0 : 7),
    text(POLICY + policy),
    text(null),
    text(null),
    u32(options.sequence ?? 1),
    u32(1),
    body,
  ]);
  return Buffer.concat([Buffer.from('OPNF'), u32(8 + rest.length), rest]);
}
