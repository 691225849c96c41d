import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BaselineVersion } from '../../model/baseline-document.js';
import type {
  Alert,
  AlertPacket,
  AlertStatus,
  Asset,
  Conversation,
  DeviceDecisions,
  LearningPhase,
  ProcessVariable,
  SensorHealth,
  VariableHistory,
} from '../../model/records.js';
import {
  type AlertQuery,
  type AssetComparison,
  type AssetQuery,
  type AssetSettings,
  type Changes,
  type ConversationQuery,
  type FindingsBatch,
  type FindingsDecisions,
  type FindingsReader,
  type FindingsWriter,
  type Page,
  type RuleCount,
  type SensorMemory,
  type StoreCounts,
  StoreError,
  type StoreInfo,
  type Timeline,
  type Traffic,
  type VariableQuery,
  type Walk,
} from '../store.js';
import { availableDriver } from './database.js';
import { FindingsReads } from './findings-reads.js';
import { FINDINGS_FILE, FINDINGS_SCHEMA } from './findings-schema.js';
import { FindingsWrites } from './findings-writes.js';
import { Outbox, type OutboxOptions } from './outbox.js';
import type { RetentionLimits } from './retention.js';
import type { SqlDatabase, SqlDriver } from './sql.js';
import { isDamage, type OpenStoreOptions, openStoreFile, setAside } from './store-file.js';

/**
 * `sensor`: the one process that writes findings; makes the file and sets a damaged one aside.
 * `console`: reads and writes decisions. `reader`: only reads; the file must be there.
 */
export type StoreRole = 'sensor' | 'console' | 'reader';

export interface FindingsStoreOptions {
  readonly role: StoreRole;
  readonly driver?: SqlDriver | undefined;
  /** Gets what a person must know at once, one sentence each; by default standard error. */
  readonly warn?: (sentence: string) => void;
  /** How much of the past is kept; `DEFAULT_RETENTION` when absent. */
  readonly retention?: RetentionLimits | undefined;
  /** Who exports; without it as the store has it. */
  readonly outbox?: OutboxOptions | undefined;
}

const OPEN_OPTIONS: Record<StoreRole, OpenStoreOptions> = {
  sensor: { create: true, replaceDamaged: true },
  console: { create: true },
  reader: { create: false, readonly: true },
};

function warnOnStderr(sentence: string): void {
  process.stderr.write(`fieldwatch: ${sentence}\n`);
}

/** The embedded store: one SQLite file, one sensor that writes, any number of processes that read. */
export class SqliteFindingsStore implements FindingsWriter, FindingsReader, FindingsDecisions {
  readonly #path: string;
  readonly #options: FindingsStoreOptions;
  readonly #warn: (sentence: string) => void;
  #database!: SqlDatabase;
  #writes: FindingsWrites | null = null;
  #reads!: FindingsReads;
  #outbox: Outbox | null = null;
  #inode = -1;
  #closed = false;

  /** @throws StoreError with one sentence for the user. */
  constructor(dataDir: string, options: FindingsStoreOptions) {
    this.#path = join(dataDir, FINDINGS_FILE);
    this.#options = options;
    this.#warn = options.warn ?? warnOnStderr;
    if (options.role === 'reader' && !existsSync(dataDir)) {
      throw new StoreError(
        `There is no data directory ${dataDir}: name the right folder with --data, or fill it with fieldwatch replay or live.`,
      );
    }
    this.#open();
    if (options.role === 'sensor' && this.#driverNote() !== null) this.#warn(this.#driverNote() ?? '');
  }

  write(batch: FindingsBatch): void {
    try {
      this.#writing().write(batch);
    } catch (error) {
      if (!isDamage(error) || this.#options.role !== 'sensor') throw error;
      this.#replace();
      this.#writing().write(batch);
    }
  }

  /** One alert from a process that is not the sensor: what the program has to say about itself. */
  addAlert(alert: Alert): void {
    this.#writing().addAlert(alert);
  }

  setAlertStatus(id: string, status: AlertStatus): boolean {
    return this.#writing().setAlertStatus(id, status);
  }

  setAssetApproved(id: string, approved: boolean): boolean {
    return this.#writing().setAssetApproved(id, approved);
  }

  setDisabledRules(ids: readonly string[]): void {
    this.#writing().setDisabledRules(ids);
  }

  mergeAssets(id: string, into: string): boolean {
    return this.#writing().mergeAssets(id, into);
  }

  splitAsset(id: string): boolean {
    return this.#writing().splitAsset(id);
  }

  setAssetSettings(id: string, settings: AssetSettings): boolean {
    return this.#writing().setAssetSettings(id, settings);
  }

  requestPhase(phase: LearningPhase): void {
    this.#writing().requestPhase(phase);
  }

  /** The queue of what is exported. A store opened for reading only shows it, and must not change it. */
  get outbox(): Outbox {
    this.#followReplacement();
    this.#outbox ??= this.#writes?.outbox ?? new Outbox(this.#database);
    return this.#outbox;
  }

  loadSensorMemory(): SensorMemory {
    return this.#reading().memory();
  }

  alerts(query: AlertQuery): Page<Alert> {
    return this.#reading().alerts(query);
  }

  alert(id: string): Alert | null {
    return this.#reading().alert(id);
  }

  alertPackets(id: string): AlertPacket[] {
    return this.#reading().alertPackets(id);
  }

  assets(query: AssetQuery): Page<Asset> {
    return this.#reading().assets(query);
  }

  compareAssets(from: number, to: number, limit: number): AssetComparison {
    return this.#reading().compareAssets(from, to, limit);
  }

  asset(id: string): Asset | null {
    return this.#reading().asset(id);
  }

  conversations(query: ConversationQuery): Page<Conversation> {
    return this.#reading().conversations(query);
  }

  walkAssets(after: number, limit: number): Walk<Asset> {
    return this.#reading().walkAssets(after, limit);
  }

  walkConversations(after: number, limit: number): Walk<Conversation> {
    return this.#reading().walkConversations(after, limit);
  }

  assetSettings(id: string): AssetSettings {
    return this.#reading().assetSettings(id);
  }

  allAssetSettings(): { revision: number; settings: Record<string, AssetSettings> } {
    return this.#reading().allAssetSettings();
  }

  deviceDecisions(): Omit<DeviceDecisions, 'split'> {
    return this.#reading().deviceDecisions();
  }

  assetSettingsRevision(): number {
    return this.#reading().assetSettingsRevision();
  }

  disabledRules(): string[] {
    return this.#reading().disabledRules();
  }

  ruleCounts(): RuleCount[] {
    return this.#reading().ruleCounts();
  }

  traffic(from?: number, to?: number): Traffic {
    return this.#reading().traffic(from, to);
  }

  baselineVersion(): BaselineVersion | null {
    return this.#reading().baselineVersion();
  }

  baselineVersionNumber(): number {
    return this.#reading().baselineVersionNumber();
  }

  baselineVersions(limit: number): BaselineVersion[] {
    return this.#reading().baselineVersions(limit);
  }

  putBaselineVersion(version: BaselineVersion): void {
    this.#writing().putBaselineVersion(version);
  }

  variables(query: VariableQuery): Page<ProcessVariable> {
    return this.#reading().variables(query);
  }

  variable(id: string): ProcessVariable | null {
    return this.#reading().variable(id);
  }

  variableHistory(id: string): VariableHistory | null {
    return this.#reading().variableHistory(id);
  }

  health(): SensorHealth[] {
    return this.#reading().health();
  }

  counts(): StoreCounts {
    return this.#reading().counts();
  }

  timeline(): Timeline {
    return this.#reading().timeline();
  }

  revision(): number {
    return this.#reading().revision();
  }

  changesSince(revision: number, limit: number): Changes {
    return this.#reading().changesSince(revision, limit);
  }

  reportedPhase(): LearningPhase | null {
    return this.#reading().reportedPhase();
  }

  requestedPhase(): LearningPhase | null {
    return this.#reading().requestedPhase();
  }

  info(): StoreInfo {
    const reads = this.#reading();
    const notes = reads.notes();
    const driver = this.#driverNote();
    if (driver !== null) notes.unshift(driver);
    let bytes = 0;
    for (const suffix of ['', '-wal']) bytes += statSync(this.#path + suffix, { throwIfNoEntry: false })?.size ?? 0;
    return { driver: this.#database.driver, bytes, revision: reads.revision(), notes };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
  }

  #open(): void {
    const { role, driver } = this.#options;
    const opened = openStoreFile(this.#path, FINDINGS_SCHEMA, { ...OPEN_OPTIONS[role], driver });
    this.#database = opened.database;
    this.#inode = this.#currentInode();
    this.#reads = new FindingsReads(this.#database);
    this.#writes = role === 'reader' ? null : new FindingsWrites(this.#database, this.#options.retention);
    this.#outbox = null;
    if (this.#options.outbox) this.#writes?.outbox.configure(this.#options.outbox);
    for (const note of opened.notes) this.#tell(note);
  }

  #tell(note: string): void {
    this.#warn(note);
    this.#writes?.addNote(new Date().toISOString(), note);
  }

  #replace(): void {
    this.#database.close();
    const target = setAside(this.#path);
    this.#open();
    this.#tell(
      `The findings were damaged while they were in use; the file was kept as ${target} and a new one was started.`,
    );
  }

  /** The sensor may have set the file aside and started a new one; whoever held the old one would never notice. */
  #reading(): FindingsReads {
    this.#followReplacement();
    return this.#reads;
  }

  #writing(): FindingsWrites {
    this.#followReplacement();
    if (!this.#writes) throw new StoreError('This store was opened for reading only.');
    return this.#writes;
  }

  #followReplacement(): void {
    if (this.#closed) throw new StoreError('The store is closed.');
    if (this.#options.role === 'sensor') return;
    const inode = this.#currentInode();
    if (inode === this.#inode || inode === -1) return;
    this.#database.close();
    this.#open();
  }

  #currentInode(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino ?? -1;
  }

  #driverNote(): string | null {
    if (this.#database.driver === 'native') return null;
    const { problem } = availableDriver();
    return `The database runs on the slower built-in SQLite, because better-sqlite3 could not be used (${problem || 'asked for'}): install a C++ compiler, make and python3, then run npm ci.`;
  }
}
