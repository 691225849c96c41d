import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { Damage } from '../../sensor/capture/packet.js';
import type { FlowTableLimits } from '../../sensor/flow/flow-table.js';
import type { DissectionRecord } from '../../sensor/model/records.js';
import { AnomalyLog } from '../../sensor/pipeline/anomaly-log.js';
import { Dissection, type DissectionCounters } from '../../sensor/pipeline/dissection.js';
import { pduRecord, sideIp } from '../../sensor/pipeline/pdu-context.js';
import type { Dissector } from '../../sensor/protocols/dissector.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import { type Frame, pcap } from './packets.js';

export interface Replayed {
  /** Records of application messages, in the order that `dissect` prints them. */
  readonly records: readonly DissectionRecord[];
  /** How often each anomaly was told, those of messages included. */
  readonly anomalies: Readonly<Record<string, number>>;
  readonly counters: DissectionCounters;
  readonly damage: Damage | null;
  /** The flows that ended, in their order. */
  readonly flows: readonly {
    readonly client: string;
    readonly isMidstream: boolean;
    readonly vlans: number[] | null;
  }[];
  readonly dissection: Dissection;
}

export interface ReplayOptions {
  readonly flowLimits?: FlowTableLimits;
  readonly dissectors?: readonly Dissector[];
}

/** The default table is made for a plant; making one for every little capture would be most of a test's time. */
const SMALL_TABLE: FlowTableLimits = { flows: 2000, unanswered: 1000 };

/** The bytes of a capture through decoder, streams and dissectors, in this process. */
export function replayCapture(capture: Uint8Array, options: ReplayOptions = {}): Replayed {
  const records: DissectionRecord[] = [];
  const log = new AnomalyLog();
  const flows: { client: string; isMidstream: boolean; vlans: number[] | null }[] = [];
  const dissection = new Dissection(
    {
      dissectors: options.dissectors ?? createDissectors(),
      flowLimits: options.flowLimits ?? SMALL_TABLE,
    },
    {
      pdu(context) {
        for (const anomaly of context.pdu?.anomalies ?? []) log.count(anomaly);
        records.push(pduRecord(context));
      },
      anomaly(_sighting, anomaly) {
        log.count(anomaly);
      },
      identity() {},
      closed() {},
      frame() {},
      flowEnded(flow) {
        flows.push({ client: sideIp(flow, flow.client), isMidstream: flow.isMidstream, vlans: flow.vlans });
      },
    },
  );
  const parser = new CaptureParser(dissection);
  parser.push(capture);
  parser.end();
  dissection.finish();
  // Stable: messages of one packet keep their order.
  records.sort((one, other) => one.pcap_cnt - other.pcap_cnt);
  return {
    records,
    anomalies: log.counts,
    counters: dissection.counters,
    damage: parser.damage,
    flows,
    dissection,
  };
}

export function replayFrames(frames: readonly Frame[], options: ReplayOptions = {}): Replayed {
  return replayCapture(pcap(frames), options);
}
