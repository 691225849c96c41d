import { beforeAll, describe, expect, test } from 'vitest';
import { FileSource } from '../../sensor/capture/file-source.js';
import { CaptureError } from '../../sensor/capture/packet.js';
import { AnomalyLog } from '../../sensor/pipeline/anomaly-log.js';
import { Dissection } from '../../sensor/pipeline/dissection.js';
import { pduRecord } from '../../sensor/pipeline/pdu-context.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import {
  hasSharedCaptures,
  type SharedCapture,
  sharedCaptures,
  WITHOUT_SHARED_CAPTURES,
} from '../support/shared-captures.js';

/** Radio, token ring, frame relay, PPP and CAN: no industrial Ethernet or IP to read in them. */
const NOT_READ: ReadonlySet<string> = new Set([
  '802.15.4',
  'CAN_SOCKETCAN',
  'FRELAY',
  'NFLOG',
  'PPP',
  'RADIOTAP',
  'TOKEN_RING',
]);

const COUNTED_OTHERWISE: ReadonlyMap<string, number> = new Map([
  // The second of three sections has a version that nobody knows; we read the first and the third.
  ['malformed/gopacket__pcapgo_tests_be_test901.pcapng', 2],
]);

/** For one file, on a machine that does other things as well; the slowest takes a second. */
const TIME_LIMIT_MS = 20_000;

interface Outcome {
  readonly packets: number;
  readonly damaged: boolean;
  readonly refused: string;
  readonly milliseconds: number;
  /** Records by protocol. */
  readonly records: Readonly<Record<string, number>>;
  readonly anomalies: Readonly<Record<string, number>>;
}

/** Through decoder, streams and dissectors; every record is made, as `dissect` would print it. */
async function replay(path: string): Promise<Outcome> {
  const started = performance.now();
  const source = new FileSource(path);
  const records: Record<string, number> = {};
  const log = new AnomalyLog();
  const dissection = new Dissection(
    { dissectors: createDissectors(), flowLimits: { flows: 20_000, unanswered: 10_000 } },
    {
      pdu(context) {
        const type = JSON.parse(JSON.stringify(pduRecord(context))).event_type as string;
        records[type] = (records[type] ?? 0) + 1;
      },
      anomaly(_sighting, anomaly) {
        log.count(anomaly);
      },
      identity() {},
      closed() {},
      frame() {},
      flowEnded() {},
    },
  );
  let refused = '';
  try {
    await source.run(dissection, new AbortController().signal);
    dissection.finish();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    refused = error.message;
  }
  return {
    packets: source.packets,
    damaged: source.damage !== null,
    refused,
    milliseconds: performance.now() - started,
    records,
    anomalies: log.counts,
  };
}

describe.skipIf(!hasSharedCaptures)('real captures', () => {
  const outcomes = new Map<SharedCapture, Outcome>();

  beforeAll(async () => {
    for (const capture of sharedCaptures()) outcomes.set(capture, await replay(capture.path));
  }, 600_000);

  test('each has the packets that capinfos counts; each refusal and each damage has its reason', () => {
    const wrong: string[] = [];
    for (const [{ file, packets: counted, linkType, notes }, outcome] of outcomes) {
      const packets = COUNTED_OTHERWISE.get(file) ?? counted;
      const isKnownDamage = /cut short|bigger than maximum|unknown SHB version/.test(notes);
      if (outcome.refused !== '') {
        if (!NOT_READ.has(linkType) && packets !== 0) wrong.push(`${file}: refused: ${outcome.refused}`);
      } else if (outcome.packets !== packets || (outcome.damaged && !isKnownDamage)) {
        wrong.push(`${file}: ${outcome.packets} of ${packets} packets${outcome.damaged ? ', damaged' : ''}; ${notes}`);
      } else if (isKnownDamage && !outcome.damaged) wrong.push(`${file}: damage not seen`);
    }
    expect(outcomes.size).toBeGreaterThan(1000);
    expect(wrong).toEqual([]);
  });

  test('none makes a dissector fail, and none takes long', () => {
    const wrong = [...outcomes].filter(
      ([, { anomalies, milliseconds }]) =>
        anomalies['applayer.dissector_error'] !== undefined || milliseconds > TIME_LIMIT_MS,
    );
    expect(wrong.map(([{ file }, { milliseconds }]) => `${file}: ${Math.round(milliseconds)} ms`)).toEqual([]);
  });

  test('Modbus is found where Wireshark finds it, and nowhere else', () => {
    const wrong: string[] = [];
    for (const [{ file, protocols }, { records, refused }] of outcomes) {
      if (refused !== '') continue;
      const found = records['modbus'] ?? 0;
      const isThere = /modbus|mbtcp|mbudp|mbrtu/.test(protocols);
      if (isThere !== found > 0) wrong.push(`${file}: ${found} records; ${protocols}`);
    }
    expect(wrong).toEqual([]);
  });
});

if (!hasSharedCaptures) test.skip(WITHOUT_SHARED_CAPTURES, () => {});
