import type { Finding } from '../model/finding.js';
import type { Novelty } from '../model/novelty.js';
import { isIntrusive, type Operation } from '../model/operation.js';
import type { LearningPhase } from '../model/records.js';
import { isClearText, isInternet } from './exposure.js';
import { DEVIATION_MODELS } from './registry.js';

/** Decides what a novelty means: learned, or a deviation. */
export class Baseline {
  phase: LearningPhase;
  readonly #version: string;

  constructor(phase: LearningPhase, version: string) {
    this.phase = phase;
    this.#version = version;
  }

  /**
   * Whether a new device (null) or operation becomes part of what is normal without asking anybody. While learning,
   * everything does but what an attacker would do: control and programming functions, and whatever a rule of level high or above has hit.
   */
  learns(operation: Operation | null, isSuspicious: boolean): boolean {
    if (this.phase === 'protect' || isSuspicious) return false;
    return operation === null || !isIntrusive(operation.class) || operation.class === 'write';
  }

  /** Whether a new conversation becomes part of what is normal without asking anybody. */
  learnsConversation(protocol: string, clientIp: string, serverIp: string): boolean {
    return this.phase === 'learn' && !isInternet(clientIp, serverIp) && !isClearText(protocol);
  }

  /** The findings about something that is not in the baseline; none while learning. */
  judge(novelty: Novelty): Finding[] {
    if (this.phase === 'learn') return [];
    const findings: Finding[] = [];
    for (const model of DEVIATION_MODELS) {
      const deviation = model.judge(novelty);
      if (deviation) findings.push({ kind: 'deviation', ruleId: model.id, ruleVersion: this.#version, ...deviation });
    }
    return findings;
  }
}
