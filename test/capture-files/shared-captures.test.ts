import { describe, expect, test } from 'vitest';
import { FileSource } from '../../sensor/capture/file-source.js';
import { CaptureError } from '../../sensor/capture/packet.js';
import { hasSharedCaptures, sharedCaptures, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';

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

interface Outcome {
  readonly packets: number;
  readonly damaged: boolean;
  readonly refused: string;
}

async function replay(path: string): Promise<Outcome> {
  const source = new FileSource(path);
  try {
    await source.run({ packet() {} }, new AbortController().signal);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { packets: source.packets, damaged: false, refused: error.message };
  }
  return { packets: source.packets, damaged: source.damage !== null, refused: '' };
}

describe.skipIf(!hasSharedCaptures)('real captures', () => {
  test('each has the packets that capinfos counts; each refusal and each damage has its reason', async () => {
    const wrong: string[] = [];
    for (const { file, path, packets: counted, linkType, notes } of sharedCaptures()) {
      const packets = COUNTED_OTHERWISE.get(file) ?? counted;
      const outcome = await replay(path);
      const isKnownDamage = /cut short|bigger than maximum|unknown SHB version/.test(notes);
      if (outcome.refused !== '') {
        if (!NOT_READ.has(linkType) && packets !== 0) wrong.push(`${file}: refused: ${outcome.refused}`);
      } else if (outcome.packets !== packets || (outcome.damaged && !isKnownDamage)) {
        wrong.push(`${file}: ${outcome.packets} of ${packets} packets${outcome.damaged ? ', damaged' : ''}; ${notes}`);
      } else if (isKnownDamage && !outcome.damaged) wrong.push(`${file}: damage not seen`);
    }
    expect(wrong).toEqual([]);
  });
});

test.skipIf(hasSharedCaptures)(WITHOUT_SHARED_CAPTURES, () => {});
