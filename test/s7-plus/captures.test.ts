import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { VariableReading } from '../../sensor/model/variable.js';
import { Dissection } from '../../sensor/pipeline/dissection.js';
import { sideIp } from '../../sensor/pipeline/pdu-context.js';
import { createIsoOnTcp } from '../../sensor/protocols/cotp/index.js';
import { createS7comm } from '../../sensor/protocols/s7comm/index.js';
import { createS7CommPlus } from '../../sensor/protocols/s7comm-plus/index.js';
import { hasSharedCaptures, SHARED_CAPTURES, WITHOUT_SHARED_CAPTURES } from '../support/shared-captures.js';

if (!hasSharedCaptures) process.stderr.write(`${WITHOUT_SHARED_CAPTURES}\n`);

interface Seen {
  readonly number: number;
  readonly connection: number;
  readonly fields: Record<string, unknown>;
  readonly operation: string;
  readonly operationClass: string;
  readonly targets: readonly string[];
  readonly variables: readonly string[];
  readonly isPaired: boolean;
}

interface Read {
  readonly seen: readonly Seen[];
  readonly anomalies: readonly string[];
  /** `address field value`, each once. */
  readonly identity: ReadonlySet<string>;
}

/** A capture through the same code that reads it in the sensor. */
function read(file: string): Read {
  const seen: Seen[] = [];
  const anomalies: string[] = [];
  const identity = new Set<string>();
  const reading = new VariableReading();
  const dissection = new Dissection(
    { dissectors: [createIsoOnTcp([createS7comm(), createS7CommPlus()])] },
    {
      frame: () => {},
      flowEnded: () => {},
      closed: () => {},
      anomaly: (_, { code }) => anomalies.push(code),
      identity: ({ flow, side }, { field, value }) => {
        if (flow) identity.add(`${sideIp(flow, side)} ${field} ${value}`);
      },
      pdu: ({ flow, pdu, number }) => {
        if (pdu?.protocol.name !== 's7comm_plus') return;
        for (const { code } of pdu.anomalies) anomalies.push(code);
        const targets: string[] = [];
        for (let index = 0; index < pdu.targets; index++) {
          pdu.selectTarget(index);
          targets.push(`${pdu.targetSpace} ${pdu.targetFrom}+${pdu.targetCount}`);
        }
        const variables: string[] = [];
        for (let index = 0; index < pdu.variables; index++) {
          pdu.readVariable(index, reading);
          variables.push(`${pdu.protocol.variableName?.(reading)} ${reading.type} ${reading.text ?? reading.value}`);
        }
        seen.push({
          number,
          connection: flow?.index ?? -1,
          fields: pdu.fields(),
          operation: pdu.operation.name,
          operationClass: pdu.operation.class,
          targets,
          variables,
          isPaired: pdu.requestNumber > 0,
        });
      },
    },
  );
  const parser = new CaptureParser({ packet: (packet) => dissection.packet(packet) });
  parser.push(readFileSync(join(SHARED_CAPTURES, file)));
  parser.end();
  dissection.finish();
  return { seen, anomalies, identity };
}

const FOLDER = 's7comm-plus';
const HMI =
  's7wireshark__1200_TP1200sim_MW100_Int_SPS_5s_MW102_Int_SPS_10s_MW102_ab_1000_Timer_sync_FehlerbeiMW100.pcapng';

/** TSDUs that begin with 72, counted without this project's code. */
const MESSAGES: readonly (readonly [file: string, messages: number])[] = [
  ['agentcarter__S71200_StartupGoOnline.pcapng', 255],
  ['agentcarter__barkink1.pcapng', 121],
  ['agentcarter__fst.pcapng', 24],
  ['agentcarter__paket_start.pcapng', 227],
  ['agentcarter__paket_stop.pcapng', 66],
  ['agentcarter__s71200_GoOfline_HWCompileDownload.pcapng', 337],
  ['agentcarter__s71200_Ofline_SWCompileDownload.pcapng', 693],
  ['agentcarter__s71200_OnlineStopStart.pcapng', 158],
  ['agentcarter__stabil_haberlesme.pcapng', 132],
  ['boofuzz-nova__s7_20.pcap', 66],
  ['boofuzz-nova__s7_32.pcap', 60],
  ['boofuzz-nova__s7_4.pcap', 8],
  ['icsnpp-s7comm__s7comm_plus.pcap', 121],
  [HMI, 66],
  ['s7wireshark__S7-1200-Uploading-OB1-TIAV12.pcap', 88],
  ['s7wireshark__S7-1511-opc-request-all-types.pcap', 18],
  ['s7wireshark__S7-1511_db2_var1_HMI.pcapng', 18],
  ['s7wireshark__S7-1511_db3_var1_HMI.pcap', 19],
  ['s7wireshark__S7-1511_db6w0_HMI.pcapng', 8],
  ['s7wireshark__V13_1200_TP1200sim_MW100_Int_SPS_5s_MW102_Int_SPS_10s_MW102_ab_1000_Timer_sync.pcapng', 72],
  ['s7wireshark__s7-1200-hmi.pcap', 24],
];

describe.skipIf(!hasSharedCaptures)('real controllers', () => {
  describe.each(MESSAGES)('%s', (file, messages) => {
    const { seen, anomalies } = hasSharedCaptures ? read(`${FOLDER}/${file}`) : { seen: [], anomalies: [] };

    test('every message is a record, read to its last byte', () => {
      expect(seen).toHaveLength(messages);
      expect(anomalies.filter((code) => code.startsWith('s7comm_plus.'))).toEqual([]);
    });

    test('an answer’s integrity number is its request’s and the sequence number together', () => {
      const asked = new Map<string, number>();
      for (const { connection, fields } of seen) {
        const { opcode, sequence_number: sequence, integrity_id: id, fragment } = fields;
        if (typeof id !== 'number' || typeof sequence !== 'number' || fragment === 'first') continue;
        const key = `${connection} ${sequence}`;
        const request = asked.get(key);
        if (opcode === 'request') asked.set(key, id);
        else if (request !== undefined && fields['error_code'] === 0)
          expect(id, `frame of ${key}`).toBe(request + sequence);
      }
    });
  });

  test('a panel’s subscription shows the counter that counts every ten seconds, and the one it cannot read', () => {
    const { seen } = read(`${FOLDER}/${HMI}`);
    const counts = seen.flatMap(({ variables }) => variables).map((text) => /^M\.LID\.10 int16 (\d+)$/.exec(text)?.[1]);
    expect(counts.filter((count) => count !== undefined)).toEqual(['2071', '2072', '2073', '2074']);
    const errors = seen.flatMap(({ fields }) => (fields['errors'] ?? []) as unknown[]);
    expect(errors).toHaveLength(28);
    expect(errors[0]).toMatchObject({ address: 'M.LID.9', error: 'access_error' });
  });

  test('stop and start of the CPU, with their answers', () => {
    const stop = read(`${FOLDER}/agentcarter__paket_stop.pcapng`).seen.filter(
      ({ operation }) => operation === 'stop_cpu',
    );
    expect(stop.map(({ number, operationClass }) => [number, operationClass])).toEqual([
      [127, 'control'],
      [128, 'control'],
    ]);
    expect(stop[0]?.fields).toMatchObject({ operating_state: 'stop', object: 'CPUexecUnit' });
    expect(stop[1]?.fields).toMatchObject({ error_code: 0, request_pcap_cnt: 127 });
    const { seen } = read(`${FOLDER}/agentcarter__paket_start.pcapng`);
    const start = seen.filter(({ operation }) => operation === 'start_cpu');
    expect(start.map(({ fields }) => fields['operating_state'] ?? fields['error'])).toEqual(['run', 'ok']);
  });

  test('a program download is told part by part, with its blocks', () => {
    const { seen } = read(`${FOLDER}/agentcarter__s71200_Ofline_SWCompileDownload.pcapng`);
    const program = seen.find(({ fields }) => fields['fragments'] === 125);
    const objects = program?.fields['objects'] as { block?: string; name?: string; class?: string }[];
    const blocks = objects.filter(({ block }) => block).map(({ block, name }) => `${block} ${name}`);
    expect(blocks).toEqual(expect.arrayContaining(['DB1 Promo_db', 'FB1084 MB_CLIENT', 'OB1 Main']));
    const operations = new Set(seen.map(({ operation }) => operation));
    for (const operation of ['stop_cpu', 'download_block', 'start_cpu']) expect(operations).toContain(operation);
  });

  test('secrets of the logon appear nowhere', () => {
    for (const [file] of MESSAGES) {
      for (const { fields } of read(`${FOLDER}/${file}`).seen) {
        const values = (fields['values'] ?? []) as { address?: string; value?: unknown }[];
        for (const { address, value } of values) {
          if (/SessionKey|Challenge|Response|Password|Legitimate/.test(address ?? '')) expect(value).toBeUndefined();
        }
      }
    }
  });

  test('controllers say what they are', () => {
    const lines = readFileSync(join(SHARED_CAPTURES, 'identity_devices.tsv'), 'utf8').split('\n');
    let compared = 0;
    for (const line of lines) {
      const [file = '', ip = '', , model = '', firmware = '', , , evidence = ''] = line.split('\t');
      if (!file.startsWith(`${FOLDER}/`) || !evidence.includes('order number')) continue;
      const { identity } = read(file);
      const orderNumber = model.split(' | ')[0] ?? '';
      const isIn = (text: string) => [...identity].some((entry) => entry.startsWith(`${ip} ${text}`));
      expect(isIn(`order_number ${orderNumber}`), `${file} ${orderNumber}`).toBe(true);
      if (firmware !== '') expect(isIn(`firmware ${firmware}`), `${file} ${firmware}`).toBe(true);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });

  test('a serial number and the engineering station’s name', () => {
    const { identity } = read(`${FOLDER}/agentcarter__paket_stop.pcapng`);
    expect([...identity]).toEqual(
      expect.arrayContaining([
        '192.168.42.10 serial S V-LOBM1432',
        '192.168.42.10 firmware V4.3.1',
        '192.168.42.10 hardware_revision 10',
        '192.168.42.10 model CPU 1215C',
        '192.168.55.5 hostname TIA-MUHPC',
        '192.168.55.5 role engineering_station',
      ]),
    );
  });
});
