import type { Finding } from '../model/finding.js';
import type { Novelty } from '../model/novelty.js';
import { isIntrusive, type Operation } from '../model/operation.js';
import type { LearningPhase } from '../model/records.js';
import { isClearText, isInternet } from './exposure.js';
import { DEVIATION_MODELS } from './registry.js';

/** The scope of devices and what they say of themselves; each protocol's conversations are a scope by its name. */
export const DEVICE_SCOPE = 'devices';

/** Decides what a novelty means: learned, or a deviation. */
export class Baseline {
  readonly #settled = new Set<string>();
  readonly #version: string;
  #phase: LearningPhase;
  #isRestSettled = false;

  constructor(phase: LearningPhase, version: string) {
    this.#phase = phase;
    this.#version = version;
  }

  get phase(): LearningPhase {
    return this.#phase;
  }

  /** A person's word; it counts for every scope. */
  set phase(phase: LearningPhase) {
    if (phase !== this.#phase) {
      this.#settled.clear();
      this.#isRestSettled = false;
    }
    this.#phase = phase;
  }

  /** Whether what is new in this scope becomes normal. */
  isLearning(scope: string): boolean {
    return this.#phase === 'learn' && !this.#isRestSettled && !this.#settled.has(scope);
  }

  /** Nothing learns any more: a protocol that was never seen until now is none that was forgotten. */
  settleRest(): void {
    this.#isRestSettled = true;
  }

  /** This scope is ripe: it protects from now on, whatever the others do. False: it did so already. */
  settle(scope: string): boolean {
    if (!this.isLearning(scope)) return false;
    this.#settled.add(scope);
    return true;
  }

  /**
   * Whether a new device (null) or operation becomes part of what is normal without asking anybody. Where the scope
   * learns, everything does but what an attacker would do: control and programming functions, and whatever a rule of level high or above has hit.
   */
  learns(operation: Operation | null, isSuspicious: boolean, isLearning: boolean): boolean {
    if (!isLearning || isSuspicious) return false;
    return operation === null || !isIntrusive(operation.class) || operation.class === 'write';
  }

  /** Whether a new conversation becomes part of what is normal without asking anybody. */
  learnsConversation(protocol: string, clientIp: string, serverIp: string, isLearning: boolean): boolean {
    return isLearning && !isInternet(clientIp, serverIp) && !isClearText(protocol);
  }

  /** The findings about something that is not in the baseline; none while its scope learns. */
  judge(novelty: Novelty): Finding[] {
    if (this.isLearning(scopeOf(novelty))) {
      // What a person has set as a limit holds at any time.
      if (novelty.kind !== 'value' || novelty.problem !== 'limit') return [];
    }
    const findings: Finding[] = [];
    for (const model of DEVIATION_MODELS) {
      const deviation = model.judge(novelty);
      if (deviation) findings.push({ kind: 'deviation', ruleId: model.id, ruleVersion: this.#version, ...deviation });
    }
    return findings;
  }
}

function scopeOf(novelty: Novelty): string {
  switch (novelty.kind) {
    case 'asset':
    case 'identity':
      return DEVICE_SCOPE;
    case 'value':
      return novelty.variable.protocol;
    default:
      return novelty.conversation.protocol;
  }
}
