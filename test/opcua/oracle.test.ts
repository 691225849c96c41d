import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decoder } from '../../sensor/protocols/opcua/decoder.js';
import { FIRST_STRUCTURE, STRUCTURES } from '../../sensor/protocols/opcua/structures.js';
import { Random, RandomWriter } from './random-bytes.js';

/** node-opcua reads what we read: two implementations that share nothing but the standard. */

interface TheirStream {
  length: number;
  readonly buffer: Buffer;
}
interface TheirObject extends Record<string, unknown> {
  decode(stream: TheirStream): void;
  encode(stream: TheirStream): void;
}

const require = createRequire(import.meta.url);
const types = require('node-opcua-types') as Record<string, new () => TheirObject>;
const { BinaryStream } = require('node-opcua-binary-stream') as {
  BinaryStream: new (buffer: Buffer | number) => TheirStream;
};

/** Structures that node-opcua has no class for, or keeps for itself. */
const COMPARED = STRUCTURES.filter(({ name }) => typeof types[name] === 'function');

function decode(type: number, bytes: Buffer): { fields: unknown; rest: number } {
  const decoder = new Decoder();
  decoder.reset(bytes, 0, bytes.length);
  const fields = decoder.structure(type);
  return { fields, rest: decoder.hasFailed ? -1 : bytes.length - decoder.at };
}

/** Null and empty are written the one way or the other. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => normal(one) ?? null);
  if (typeof value !== 'object' || value === null) return value === '' ? undefined : value;
  const entries = Object.entries(value).flatMap(([key, one]) => {
    // node-opcua does not write diagnostics, picoseconds and the status Good of a value as it read them; that it read
    // them is held by the length.
    const isLost = /diagnostic|picoseconds/.test(key) || (key === 'status' && one === 0);
    const cleaned = isLost ? undefined : normal(one);
    return cleaned === undefined ? [] : [[key, cleaned] as const];
  });
  return Object.fromEntries(entries);
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Numbers, texts and truth values of ours that theirs has under the same name with another value. */
function differences(ours: unknown, theirs: unknown, path: string): string[] {
  if (Array.isArray(ours)) {
    const list = theirs as ArrayLike<unknown> | null;
    return ours.flatMap((one, index) => differences(one, list?.[index], `${path}[${index}]`));
  }
  if (typeof ours !== 'object' || ours === null) {
    const isPlain =
      typeof ours === typeof theirs &&
      (typeof ours === 'number' || typeof ours === 'string' || typeof ours === 'boolean');
    return isPlain && String(ours).toLowerCase() !== String(theirs).toLowerCase()
      ? [`${path}: ours ${String(ours)}, theirs ${String(theirs)}`]
      : [];
  }
  const other = theirs as Record<string, unknown> | null | undefined;
  return Object.entries(ours).flatMap(([key, one]) =>
    // node-opcua counts single picoseconds, the wire units of ten.
    key.endsWith('_picoseconds') ? [] : differences(one, other?.[camel(key)], `${path}.${key}`),
  );
}

describe('structures on the wire, with node-opcua as the judge', () => {
  test('nearly all of the table are compared', () => {
    expect(COMPARED.length).toBeGreaterThan(250);
  });

  for (const structure of COMPARED) {
    test(structure.name, () => {
      const type = FIRST_STRUCTURE + STRUCTURES.indexOf(structure);
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const writer = new RandomWriter(new Random(seed));
          writer.value(type);
          const { bytes } = writer;
          const ours = decode(type, bytes);
          expect(ours.rest).toBe(0);
          const Their = types[structure.name]!;
          const their = new Their();
          const stream = new BinaryStream(bytes);
          their.decode(stream);
          expect(stream.length, 'bytes that node-opcua has read').toBe(bytes.length);
          expect(differences(ours.fields, their, structure.name).join('; ')).toBe('');
          const again = new BinaryStream(bytes.length * 2 + 64);
          their.encode(again);
          const rewritten = decode(type, again.buffer.subarray(0, again.length));
          expect(normal(rewritten.fields)).toEqual(normal(ours.fields));
        }),
        { numRuns: 12, includeErrorInReport: true },
      );
    });
  }
});
