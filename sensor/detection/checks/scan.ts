import type { Finding, Party } from '../../model/finding.js';
import type { Pdu, Rejection } from '../../model/pdu.js';
import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';

const WINDOW: Micros = 60 * MICROS_PER_SECOND;
/** Pairs of stations that are being watched at once. */
const MAX_PAIRS = 4096;

interface ScanKind {
  readonly ruleId: string;
  readonly rejection: Rejection;
  /** Different things refused within the window. */
  readonly threshold: number;
  readonly title: string;
  readonly what: string;
  readonly techniques: readonly string[];
  readonly recommendation: string;
  /** What counts as different. */
  readonly itemOf: (pdu: Pdu) => number;
}

/** Thresholds after Quickdraw and Snort's SCADA rules. */
const KINDS: readonly ScanKind[] = [
  {
    ruleId: 'function-scan',
    rejection: 'unsupported_operation',
    threshold: 3,
    title: 'Function code scan',
    what: 'functions that the device does not have',
    techniques: ['T0846', 'T0888'],
    recommendation:
      'Somebody tries out what this device can do. Find the station that asks; only a vulnerability scanner or an attacker does this. Keep scanners away from controllers in operation.',
    itemOf: (pdu) => pdu.operation.index,
  },
  {
    ruleId: 'address-scan',
    rejection: 'bad_address',
    threshold: 5,
    title: 'Address scan',
    what: 'addresses that the device does not have',
    techniques: ['T0861'],
    recommendation:
      'Somebody searches for the addresses behind which the process values are. If a new operator screen was installed, check its address list; if not, treat the station as compromised.',
    itemOf: (pdu) => pdu.targetFrom,
  },
  {
    ruleId: 'unit-scan',
    rejection: 'unreachable',
    threshold: 5,
    title: 'Search for devices behind a gateway',
    what: 'devices that do not exist behind the gateway',
    techniques: ['T0846'],
    recommendation:
      'Somebody searches for devices behind this gateway. Find the station that asks and what it was used for at that time.',
    itemOf: (pdu) => pdu.unit,
  },
];

interface Watch {
  since: Micros;
  readonly items: Set<number>;
  refused: number;
}

/** Several different requests refused within a minute: somebody is trying things out. */
export class ScanCheck {
  readonly #watches = new Map<string, Watch>();
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  /** `answer` is one that refuses. Returns the finding to raise or to count, or null. */
  judge(answer: Pdu, protocol: string, client: Party, server: Party, at: Micros): Finding | null {
    const kind = KINDS.find((candidate) => candidate.rejection === answer.rejection);
    if (!kind) return null;
    const key = `${client.ip} ${server.ip} ${kind.ruleId}`;
    let watch = this.#watches.get(key);
    if (!watch || at - watch.since > WINDOW) {
      if (!watch && this.#watches.size >= MAX_PAIRS) {
        const oldest = this.#watches.keys().next();
        if (!oldest.done) this.#watches.delete(oldest.value);
      }
      watch = { since: at, items: new Set(), refused: 0 };
      // To the end: the pair that was quiet longest is the first to go.
      this.#watches.delete(key);
      this.#watches.set(key, watch);
    }
    watch.refused++;
    if (watch.items.size < 256) watch.items.add(kind.itemOf(answer));
    if (watch.items.size < kind.threshold) return null;
    return {
      kind: 'rule',
      ruleId: kind.ruleId,
      ruleVersion: this.#version,
      title: kind.title,
      description: `${client.label} asked ${server.label} for ${kind.what}: ${watch.items.size} different ones refused within a minute.`,
      severity: 'high',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: kind.techniques,
      expected: 'Normal stations ask only for what the device has.',
      observed: `${watch.refused} refused requests, ${watch.items.size} of them different`,
      recommendation: kind.recommendation,
      key: `${client.ip} ${server.ip}`,
      tellsExtent: true,
    };
  }
}
