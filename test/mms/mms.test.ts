import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { Dissection } from '../../sensor/pipeline/dissection.js';
import { createIsoOnTcp } from '../../sensor/protocols/cotp/index.js';
import type { Side } from '../../sensor/protocols/dissector.js';
import { createMms } from '../../sensor/protocols/mms/index.js';
import { MMS_OPERATIONS } from '../../sensor/protocols/mms/services.js';
import { bytes } from '../support/packets.js';
import { hasSharedCaptures, SHARED_CAPTURES, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';
import { tsharkVersion } from '../support/tshark.js';

interface Found {
  readonly fields: Record<string, unknown>;
  readonly operationClass: string;
  readonly isRequest: boolean;
  readonly rejection: string;
  readonly anomalies: readonly string[];
}

/** TSDUs of one connection, as ISO on TCP hands them over. */
class Connection {
  readonly found: Found[] = [];
  readonly #session = createMms().open(
    { client: 0, clientIsCertain: true },
    { callingTsap: new Uint8Array(0), calledTsap: new Uint8Array(0) },
  );
  #number = 0;

  send(side: Side, hex: string | Uint8Array, isCut = false): Found | undefined {
    const data = typeof hex === 'string' ? bytes(hex.replaceAll(' ', '')) : hex;
    const number = ++this.#number;
    this.#session.tsdu(side, data, 0, data.length, 0, isCut, {
      pdu: (pdu) =>
        this.found.push({
          fields: pdu.fields(),
          operationClass: pdu.operation.class,
          isRequest: pdu.isRequest,
          rejection: pdu.rejection,
          anomalies: pdu.anomalies.map(({ code }) => code),
        }),
      numberOf: () => number,
      timeOf: () => number,
      anomaly: () => {},
      identity: () => {},
      orient: () => {},
    });
    return this.found.at(-1);
  }
}

const CASES: readonly (readonly [
  name: string,
  hex: string,
  fields: Record<string, unknown>,
  operationClass: string,
])[] = [
  [
    'a read',
    '01000100 61 10 30 0e 020103 a009 a007 020107 a4 02 a000',
    { session: 'data', pdu_type: 'confirmed_request', invoke_id: 7, service_number: 4, function: 'read' },
    'read',
  ],
  [
    'a write, with a length in two bytes and an invoke id in two',
    '01000100 61 8113 30 11 020103 a00c a00a 02020123 a5 04 a0000000',
    { pdu_type: 'confirmed_request', invoke_id: 0x123, service_number: 5, function: 'write' },
    'write',
  ],
  [
    'the directory of files, whose number takes two bytes',
    '01000100 61 10 30 0e 020103 a009 a007 020109 bf4d 01 00',
    { service_number: 77, function: 'file_directory' },
    'read',
  ],
  [
    'the attributes of a scattered access',
    '01000100 61 0f 30 0d 020103 a008 a006 020102 a9 01 00',
    { service_number: 9, function: 'get_scattered_access_attributes' },
    'read',
  ],
  [
    'a program invocation that is stopped',
    '01000100 61 10 30 0e 020103 a009 a007 020102 bf29 01 00',
    { service_number: 41, function: 'stop' },
    'control',
  ],
  [
    'a service that nobody knows',
    '01000100 61 10 30 0e 020103 a009 a007 020102 bf60 01 00',
    { service_number: 96, function: 'unknown' },
    'program',
  ],
  [
    'a report',
    '01000100 61 0d 30 0b 020103 a006 a304 a002 a000',
    { pdu_type: 'unconfirmed', function: 'information_report' },
    'read',
  ],
  [
    'the end of an association',
    '01000100 61 09 30 07 020103 a002 8b00',
    { pdu_type: 'conclude_request', function: 'conclude' },
    'session',
  ],
  [
    'a transfer syntax in front',
    '01000100 61 12 30 10 0602 5101 020103 a007 a005 020107 8000',
    { function: 'status' },
    'diagnose',
  ],
  [
    'an answer that names no service, to a request that was not seen: nobody did anything',
    '01000100 61 0e 30 0c 020103 a007 a105 020107 3000',
    { pdu_type: 'confirmed_response', function: 'answer' },
    'session',
  ],
  ['an opening', '0d0a c108 0605 28ca220203 00', { session: 'connect', function: 'associate' }, 'session'],
  ['an acceptance', '0e0a c108 0605 28ca220203 00', { session: 'accept', function: 'associate' }, 'session'],
  ['an abort', '1903 110103', { session: 'abort', function: 'abort' }, 'session'],
];

describe('messages', () => {
  test.each(CASES)('%s', (_, hex, fields, operationClass) => {
    const found = new Connection().send(0, hex);
    expect(found?.fields).toMatchObject(fields);
    expect(found).toMatchObject({ operationClass, anomalies: [] });
  });

  test('an answer finds its request by its number, even one that names no service', () => {
    const connection = new Connection();
    connection.send(0, '01000100 61 10 30 0e 020103 a009 a007 020107 a5 02 a000');
    connection.send(0, '01000100 61 10 30 0e 020103 a009 a007 020108 a4 02 a000');
    expect(connection.send(1, '01000100 61 0e 30 0c 020103 a007 a105 020107 3000')).toMatchObject({
      fields: { pdu_type: 'confirmed_response', function: 'write', request_pcap_cnt: 1 },
      isRequest: false,
      anomalies: [],
    });
    expect(connection.send(1, '01000100 61 0e 30 0c 020103 a007 a205 800108 a200')).toMatchObject({
      fields: { pdu_type: 'confirmed_error', function: 'read', request_pcap_cnt: 2 },
      rejection: 'failed',
    });
  });

  test.each([
    ['nothing behind the session', '01000100 61'],
    ['a length beyond the message', '01000100 61 7f 30 0e 020103'],
    ['an indefinite length', '01000100 61 80 30 80 020103 a080 a080 020107 a480 0000'],
    ['no invoke id', '01000100 61 0b 30 09 020103 a004 a002 a400'],
    ['no MMS at all', '01000100 61 09 30 07 020103 a002 ff00'],
  ])('%s is malformed', (_, hex) => {
    expect(new Connection().send(0, hex)?.anomalies).toEqual(['mms.malformed']);
  });

  test('only what is MMS is recognised', () => {
    const { recognises } = createMms();
    const isOurs = (hex: string) => recognises(bytes(hex.replaceAll(' ', '')), 0, hex.replaceAll(' ', '').length / 2);
    expect(isOurs('01000100 61 09 30 07 020103 a002 8b00')).toBe(true);
    expect(isOurs('0d0a c108 0605 28ca220203 00')).toBe(true);
    // Another application on the same session layer; S7; nothing.
    expect(isOurs('0d0a c108 0605 2b0601020304 00')).toBe(false);
    expect(isOurs('32010000000000080000f0000001000101e0')).toBe(false);
    expect(isOurs('0100')).toBe(false);
  });

  test('random and mutated bytes never throw', () => {
    const connection = new Connection();
    fc.assert(
      fc.property(
        fc.nat(CASES.length - 1),
        fc.nat(60),
        fc.nat(255),
        fc.uint8Array({ maxLength: 60 }),
        fc.boolean(),
        (index, at, byte, random, isCut) => {
          const mutated = bytes(CASES[index]![1].replaceAll(' ', ''));
          mutated[at % mutated.length] = byte;
          connection.send(0, mutated, isCut);
          connection.send(1, random, isCut);
          connection.found.length = 0;
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('operations have names of their own', () => {
    const names = MMS_OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

const FOLDER = join(SHARED_CAPTURES, 'mms');
const canCompare = hasSharedCaptures && tsharkVersion !== null && existsSync(FOLDER);
if (!hasSharedCaptures) process.stderr.write(`${WITHOUT_SHARED_CAPTURES}\n`);
else if (tsharkVersion === null)
  process.stderr.write('Skipped: MMS is not compared with tshark, which is not there.\n');

describe.skipIf(!canCompare)('agreement with tshark', () => {
  /** Those whose names begin so carry MMS without the session layer, as no device does. */
  const files = canCompare ? readdirSync(FOLDER).filter((file) => !file.includes('Commands_mms-')) : [];

  test.each(files)('%s', (file) => {
    const ours: string[] = [];
    const dissection = new Dissection(
      { dissectors: [createIsoOnTcp([createMms()])] },
      {
        frame: () => {},
        flowEnded: () => {},
        closed: () => {},
        anomaly: () => {},
        identity: () => {},
        pdu: ({ pdu, number }) => {
          const { invoke_id: id } = pdu?.protocol.name === 'mms' ? pdu.fields() : {};
          if (id !== undefined) ours.push(`${number} ${id}`);
          expect(pdu?.anomalies.map(({ code }) => code)).toEqual([]);
        },
      },
    );
    const parser = new CaptureParser({ packet: (packet) => dissection.packet(packet) });
    parser.push(readFileSync(join(FOLDER, file)));
    parser.end();
    dissection.finish();
    const theirs = execFileSync(
      'tshark',
      [
        '-n',
        '-r',
        join(FOLDER, file),
        '-o',
        'tcp.reassemble_out_of_order:TRUE',
        '-Y',
        'mms.invokeID',
        '-T',
        'fields',
        '-e',
        'frame.number',
        '-e',
        'mms.invokeID',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [number = '', ids = ''] = line.split('\t');
        return ids.split(',').map((id) => `${number} ${id}`);
      });
    expect(ours).toEqual(theirs);
  });
});
