import type { Finding, Party } from '../../model/finding.js';
import type { Pdu, Rejection } from '../../model/pdu.js';
import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { DistinctWindow } from './distinct-window.js';

const WINDOW: Micros = 60 * MICROS_PER_SECOND;

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
    itemOf: (pdu) => addressOf(pdu.targetSpace ?? '', pdu.targetFrom),
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

/** One number for a place: the first byte of each data block is another place. */
function addressOf(space: string, from: number): number {
  let hash = 0;
  for (let at = 0; at < space.length; at++) hash = Math.imul(hash, 31) + space.charCodeAt(at);
  return Math.imul(hash, 65_537) + from;
}

/** Several different requests refused within a minute: somebody is trying things out. */
export class ScanCheck {
  readonly #refused = new DistinctWindow(WINDOW);
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  /** Pairs of stations that were forgotten for want of room. */
  get forgotten(): number {
    return this.#refused.forgotten;
  }

  /** `answer` is one that refuses. Returns the finding to raise or to count, or null. */
  judge(answer: Pdu, protocol: string, client: Party, server: Party, at: Micros): Finding | null {
    const kind = KINDS.find((candidate) => candidate.rejection === answer.rejection);
    if (!kind) return null;
    const refused = this.#refused.add(`${client.ip} ${server.ip} ${kind.ruleId}`, kind.itemOf(answer), at);
    const different = refused.items.size;
    if (different < kind.threshold) return null;
    return {
      kind: 'rule',
      ruleId: kind.ruleId,
      ruleVersion: this.#version,
      title: kind.title,
      description: `${client.label} asked ${server.label} for ${kind.what}: ${different} different ones refused within a minute.`,
      severity: 'high',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: kind.techniques,
      expected: 'Normal stations ask only for what the device has.',
      observed: `${refused.count} refused requests, ${different} of them different`,
      recommendation: kind.recommendation,
      key: `${client.ip} ${server.ip}`,
      tellsExtent: true,
    };
  }
}
