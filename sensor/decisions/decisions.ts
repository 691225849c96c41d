import { setImmediate as nextTurn } from 'node:timers/promises';
import { acceptanceOf } from '../baseline/acceptance.js';
import { merge } from '../baseline/baseline-file.js';
import {
  type Acceptance,
  type AcceptanceScope,
  type AnnouncedWindow,
  type BaselineDecisions,
  type BaselineFile,
  type BaselineProposal,
  type BaselineReview,
  type BaselineVersion,
  NO_DECISIONS,
} from '../model/baseline-document.js';
import { type MaintenanceWindow, problemOfWindow } from '../model/maintenance.js';
import type { Alert, AssetSettings, LearningPhase, Said } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp } from '../model/time.js';
import type { VersionSummary } from '../store/console/baseline-store.js';
import type { Actor, ConsoleStore } from '../store/console/console-store.js';
import type { FindingsDecisions, FindingsReader } from '../store/store.js';
import { DecisionRefused, type Preview, previewAll, rolesIn } from './acceptances.js';
import { reviewed } from './proposals.js';

const PORTION = 500;
/** Writes after which other work goes on. */
const TURN = 100;
/** Alerts that one acceptance closes. */
const MAX_CLOSED = 5000;
const MAX_WINDOWS = 1000;

export interface Accepted {
  version: number;
  acceptance: Acceptance;
  /** Alerts that were closed with it. */
  closed: number;
}

/**
 * What people decide, for the command line and the console alike. Each decision is written to console.db, where it
 * lasts, with who said it; then to the findings, where the store shows it and a running sensor takes it up with the
 * answer to its next batch. Should we end in between, `reconcile` makes up for the second write.
 */
export class Decisions {
  readonly #findings: FindingsReader & FindingsDecisions;
  readonly #accounts: ConsoleStore;
  readonly #now: () => number;

  /** `now`: milliseconds of the wall clock. */
  constructor(findings: FindingsReader & FindingsDecisions, accounts: ConsoleStore, now: () => number = Date.now) {
    this.#findings = findings;
    this.#accounts = accounts;
    this.#now = now;
  }

  get time(): string {
    return formatTimestamp(this.#now() * 1000);
  }

  // ---- the baseline

  /** What holds now. */
  get baseline(): BaselineDecisions {
    return this.#accounts.baseline.latest()?.decisions ?? NO_DECISIONS;
  }

  /** Newest first. `before`: only versions older than this one. */
  versions(limit: number, before?: number): VersionSummary[] {
    this.#adopt();
    return this.#accounts.baseline.versions(limit, before);
  }

  version(n: number): BaselineDecisions | null {
    return n === 0 ? NO_DECISIONS : (this.#accounts.baseline.version(n)?.decisions ?? null);
  }

  /** @throws DecisionRefused where that cannot be accepted at all. */
  acceptance(alert: Alert, scope: AcceptanceScope, words: Pick<Acceptance, 'by' | 'at' | 'reason' | 'expires'>) {
    const acceptance = acceptanceOf(alert, scope, rolesIn(this.#findings), words);
    if (typeof acceptance === 'string') throw new DecisionRefused('not_possible', acceptance);
    return acceptance;
  }

  preview(acceptances: readonly Acceptance[], alert: Alert): Promise<Preview[]> {
    return previewAll(this.#findings, acceptances, alert);
  }

  /** Makes the deviation normal and closes the alerts that it covers. @throws DecisionRefused */
  async accept(
    alert: Alert,
    scope: AcceptanceScope,
    reason: string,
    expires: string | undefined,
    actor: Actor,
  ): Promise<Accepted> {
    const words = { by: actor.user, at: this.time, reason, ...(expires === undefined ? {} : { expires }) };
    const acceptance = this.acceptance(alert, scope, words);
    const [seen] = await this.preview([acceptance], alert);
    const [hidden] = seen?.hides ?? [];
    if (hidden) throw new DecisionRefused('hides_rule', refusalOf(hidden));
    const version = this.#change(actor, 'baseline.accept', alert.id, reason, (now) => {
      const earlier = now.accepted.find(
        (one) => isSameScope(one, acceptance) && !(one.expires && one.expires < words.at),
      );
      if (earlier)
        throw new DecisionRefused(
          'already',
          `${earlier.by} has accepted this already, at ${earlier.at}: ${earlier.reason}`,
        );
      return { ...now, accepted: [...now.accepted, acceptance] };
    });
    const open = (seen?.covered ?? []).filter(({ status }) => status !== 'closed').slice(0, MAX_CLOSED);
    const note = `Accepted into the baseline (${scope}): ${reason}`;
    this.#accounts.baseline.closeCovered(acceptance.id, open, note, actor);
    for (const [index, { id }] of open.entries()) {
      // Thousands of them at once would hold up everybody else.
      if (index % TURN === TURN - 1) await nextTurn();
      this.#findings.setAlertStatus(id, 'closed');
    }
    return { version: version.n, acceptance, closed: open.length };
  }

  /** Ends one acceptance: it is a version without it. @throws DecisionRefused */
  async endAcceptance(id: string, reason: string, actor: Actor): Promise<{ version: number; reopened: number }> {
    const version = this.#change(actor, 'baseline.end', id, reason, (now) => {
      const accepted = now.accepted.filter((one) => one.id !== id);
      if (accepted.length === now.accepted.length)
        throw new DecisionRefused('nothing', 'This acceptance has ended already, or never was.');
      return { ...now, accepted };
    });
    return { version: version.n, reopened: await this.#reopen([id], version.n, actor) };
  }

  /** Makes the newest version what version `n` was; 0: nothing decided. @throws DecisionRefused */
  async restore(n: number, reason: string, actor: Actor): Promise<{ version: number; reopened: number }> {
    this.#adopt();
    const earlier = this.version(n);
    if (!earlier) throw new DecisionRefused('nothing', `There is no version ${n}.`);
    let ended: string[] = [];
    const version = this.#change(actor, 'baseline.restore', String(n), reason, (now) => {
      const kept = new Set(earlier.accepted.map(({ id }) => id));
      ended = now.accepted.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
      // Work that was announced then is not announced now, and what is announced now goes on.
      return { ...earlier, maintenance: now.maintenance ?? [] };
    });
    return { version: version.n, reopened: await this.#reopen(ended, version.n, actor) };
  }

  review(
    proposals: readonly BaselineProposal[],
    verdict: BaselineReview['verdict'],
    reason: string,
    actor: Actor,
  ): BaselineVersion {
    const target = proposals.length === 1 ? (proposals[0]?.id ?? '') : `${proposals.length} proposals`;
    return this.#change(
      actor,
      verdict === 'confirmed' ? 'baseline.confirm' : 'baseline.reject',
      target,
      reason,
      (now, at) => reviewed(now, proposals, verdict, { by: actor.user, at, reason }),
    );
  }

  /** Work on the plant in a window of time. @throws DecisionRefused */
  announceWork(window: MaintenanceWindow, reason: string, actor: Actor): AnnouncedWindow {
    const problem = problemOfWindow(window);
    if (problem !== null) throw new DecisionRefused('not_possible', `The window "${window.name}": ${problem}.`);
    let announced: AnnouncedWindow | null = null;
    this.#change(actor, 'maintenance.announce', window.name, reason, (now, at) => {
      const known = now.maintenance ?? [];
      // What is long over is of no use to anybody; the versions before still have it.
      const kept = known.filter(({ ends }) => ends === undefined || ends > at);
      if (kept.length >= MAX_WINDOWS)
        throw new DecisionRefused('not_possible', `More than ${MAX_WINDOWS} windows cannot be announced.`);
      announced = { ...window, reason, id: stableId('maintenance', at, String(known.length)), by: actor.user, at };
      return { ...now, maintenance: [...kept, announced] };
    });
    if (announced === null) throw new DecisionRefused('not_possible', 'The window was not kept.');
    return announced;
  }

  /** @throws DecisionRefused */
  withdrawWork(id: string, reason: string, actor: Actor): void {
    this.#change(actor, 'maintenance.withdraw', id, reason, (now) => {
      const maintenance = (now.maintenance ?? []).filter((one) => one.id !== id);
      if (maintenance.length === (now.maintenance ?? []).length)
        throw new DecisionRefused('nothing', 'This window has been withdrawn already, or never was.');
      return { ...now, maintenance };
    });
  }

  /** `source`: the file's name. */
  importFile(file: BaselineFile, source: string, reason: string | undefined, actor: Actor): BaselineVersion {
    const origin = `imported from ${source} by ${actor.user} at ${this.time}`;
    return this.#change(actor, 'baseline.import', source, reason ?? origin, (now) => merge(now, file, origin));
  }

  /** In portions: a hundred acceptances may have closed thousands of alerts each, and other work goes on in between. */
  async #reopen(acceptances: readonly string[], version: number, actor: Actor): Promise<number> {
    const note = `No longer accepted (baseline version ${version})`;
    let reopened = 0;
    for (const acceptance of acceptances) {
      for (let portion = null; portion === null || portion.looked === TURN; await nextTurn()) {
        portion = this.#accounts.baseline.reopen(acceptance, TURN, note, actor);
        for (const { alert, before } of portion.reopened) this.#findings.setAlertStatus(alert, before);
        reopened += portion.reopened.length;
      }
    }
    return reopened;
  }

  #change(
    actor: Actor,
    action: string,
    target: string,
    reason: string,
    decide: (now: BaselineDecisions, at: string) => BaselineDecisions,
  ): BaselineVersion {
    this.#adopt();
    const version = this.#accounts.baseline.change(actor, action, target, reason, decide);
    this.#findings.putBaselineVersion(version);
    return version;
  }

  /** Findings of before console.db knew of versions have the only ones. */
  #adopt(): void {
    const latest = this.#findings.baselineVersion();
    if (latest === null || latest.n <= (this.#accounts.baseline.latest()?.n ?? 0)) return;
    for (const version of this.#findings.baselineVersions(PORTION).reverse()) this.#accounts.baseline.adopt(version);
  }

  requestPhase(phase: LearningPhase, actor: Actor): void {
    const before = this.#findings.requestedPhase() ?? this.#findings.reportedPhase() ?? 'learn';
    this.#accounts.baseline.recordPhase(before, phase, actor);
    this.#findings.requestPhase(phase);
  }

  // ---- rules

  /** Gives sensors the switches that console.db has. */
  publishRuleSwitches(): void {
    const settings = this.#accounts.work.ruleSettings();
    // None was ever made: what else the findings hold is not ours.
    if (settings.length === 0) return;
    const off = settings.filter(({ enabled }) => !enabled).map(({ rule }) => rule);
    if (JSON.stringify(this.#findings.disabledRules()) !== JSON.stringify(off)) this.#findings.setDisabledRules(off);
  }

  // ---- devices

  approve(id: string, isApproved: boolean, before: boolean, actor: Actor): void {
    this.#accounts.recordAssetDecision(id, before, isApproved, actor);
    this.#findings.setAssetApproved(id, isApproved);
  }

  /** All that is said of the asset from now on; who said what before is kept. False: there is no such asset. */
  saySettings(id: string, settings: AssetSettings, actor: Actor): boolean {
    const asset = this.#findings.asset(id);
    if (!asset) return false;
    const before = this.#findings.assetSettings(asset.id);
    const { said: _, ...words } = settings;
    const said: Record<string, Said> = {};
    for (const [field, value] of Object.entries(words)) {
      const earlier = before.said?.[field];
      const isSame = JSON.stringify(before[field as keyof AssetSettings]) === JSON.stringify(value);
      if (value !== undefined) said[field] = isSame && earlier ? earlier : { by: actor.user, at: this.time };
    }
    const all = Object.keys(said).length > 0 ? { ...words, said } : {};
    this.#accounts.work.recordAssetSettings(asset.id, before, all, actor);
    this.#findings.setAssetSettings(asset.id, all);
    return true;
  }

  /** `id` becomes a part of `into`. False: one of them is not there, or they are one already. */
  merge(id: string, into: string, actor: Actor): boolean {
    const part = this.#findings.asset(id)?.id;
    const whole = this.#findings.asset(into)?.id;
    if (part === undefined || whole === undefined || part === whole) return false;
    this.#accounts.baseline.recordMerge(part, whole, actor);
    return this.#findings.mergeAssets(part, whole);
  }

  /** Undoes a merge; false where there is none. */
  split(id: string, actor: Actor): boolean {
    const into = this.#findings.asset(id)?.id;
    if (!this.#findings.splitAsset(id)) return false;
    this.#accounts.baseline.recordSplit(id, actor);
    // Joined records share what was said of them; apart, each has its own again.
    for (const one of [id, into]) {
      if (one === undefined) continue;
      const settings = this.#accounts.work.assetSettings(one) ?? {};
      this.#findings.setAssetSettings(one, settings);
    }
    return true;
  }

  // ---- after a crash in between, or with findings made anew

  /** Brings both stores to what people have decided. */
  reconcile(): void {
    this.reconcileForSensor();
    this.#portions(
      (after) => this.#accounts.lastAlertDecisions(after, PORTION),
      ({ id, status }) => {
        const alert = this.#findings.alert(id);
        if (alert && alert.status !== status) this.#findings.setAlertStatus(id, status);
      },
    );
    this.#portions(
      (after) => this.#accounts.lastAssetDecisions(after, PORTION),
      ({ id, approved }) => {
        const asset = this.#findings.asset(id);
        if (asset && asset.approved !== approved) this.#findings.setAssetApproved(id, approved);
      },
    );
    this.#portions(
      (after) => this.#accounts.work.lastAssetSettings(after, PORTION),
      ({ id, settings }) => {
        if (JSON.stringify(this.#findings.assetSettings(id)) !== JSON.stringify(settings))
          this.#findings.setAssetSettings(id, settings);
      },
    );
    for (const { id, into } of this.#accounts.baseline.merges()) {
      const part = this.#findings.asset(id);
      if (part?.id === id) this.#findings.mergeAssets(id, into);
    }
  }

  /** Only what a sensor begins with: cheap, whatever the store holds. */
  reconcileForSensor(): void {
    this.#reconcileBaseline();
    this.publishRuleSwitches();
  }

  #reconcileBaseline(): void {
    this.#adopt();
    const latest = this.#accounts.baseline.latest();
    if (latest) this.#findings.putBaselineVersion(latest);
    const phase = this.#accounts.baseline.wantedPhase();
    if (phase !== null && this.#findings.requestedPhase() === null) this.#findings.requestPhase(phase);
  }

  #portions<T extends { id: string }>(read: (after: string) => T[], use: (one: T) => void): void {
    for (let after = ''; ; ) {
      const portion = read(after);
      portion.forEach(use);
      const last = portion.at(-1);
      if (!last) return;
      after = last.id;
    }
  }
}

/** Why an acceptance is refused while this alert is open. */
export function refusalOf({ severity, id }: Alert): string {
  return `not accepted: between the same devices a rule of level ${severity} has fired (${id}); look at it and close it first, or choose a narrower scope.`;
}

function isSameScope(one: Acceptance, other: Acceptance): boolean {
  const scopeOf = ({ id: _, by: __, at: ___, reason: ____, expires: _____, ...scope }: Acceptance) =>
    JSON.stringify(Object.entries(scope).sort(([a], [b]) => (a < b ? -1 : 1)));
  return scopeOf(one) === scopeOf(other);
}
