import type { BaselineVersion } from '../../model/baseline-document.js';
import type {
  Alert,
  AlertPacket,
  AlertStatus,
  Asset,
  Conversation,
  LearningPhase,
  ProcessVariable,
  TrafficMinute,
} from '../../model/records.js';
import { type Severity, severityRank } from '../../model/severity.js';
import { parseTimestamp } from '../../model/time.js';
import type { AssetSettings, FindingsBatch } from '../store.js';
import { AssetMerges } from './asset-merges.js';
import { SETTINGS_REVISION, settingsOf, withSettings } from './asset-settings.js';
import { Outbox } from './outbox.js';
import { DEFAULT_RETENTION, Retention, type RetentionLimits } from './retention.js';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sql.js';

/** Longer text finds nothing more, and a hostile record must not make every search slow. */
const MAX_SEARCH_TEXT = 2000;
/** Of the baseline's versions; all of them are in console.db. */
const VERSIONS_KEPT = 3;

/** Without NUL, because SQLite's LIKE reads no further than that: a device could hide the rest from every search. */
function searchText(parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined && part !== '')
    .join('\n')
    .toLowerCase()
    .replaceAll('\u0000', ' ')
    .slice(0, MAX_SEARCH_TEXT);
}

function time(text: string): number {
  const micros = parseTimestamp(text);
  return Number.isNaN(micros) ? 0 : micros;
}

/** Text that sorts as the addresses do: 10.0.0.9 before 10.0.0.10, IPv4 before IPv6, none last. */
export function ipSortKey(ip: string | undefined): string {
  if (ip === undefined) return '~';
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip);
  if (octets)
    return `4${octets
      .slice(1)
      .map((octet) => octet.padStart(3, '0'))
      .join('')}`;
  const [head = '', tail] = ip.toLowerCase().split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `6${[...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('')}`;
}

/** One record kind's statements: find, write row and record. */
interface Table {
  /** Answers while the table is empty: then nothing has to be looked up. */
  any: SqlStatement;
  find: SqlStatement;
  insert: SqlStatement;
  update: SqlStatement;
  insertRecord: SqlStatement;
  updateRecord: SqlStatement;
}

function table(database: SqlDatabase, name: string, columns: readonly string[]): Table {
  const sets = columns.map((column) => `${column} = ?`).join(', ');
  const marks = columns.map(() => '?').join(', ');
  return {
    any: database.prepare(`SELECT 1 FROM ${name} LIMIT 1`),
    find: database.prepare(`SELECT t.*, r.record FROM ${name} t JOIN ${name}_record r USING (n) WHERE t.id = ?`),
    insert: database.prepare(`INSERT INTO ${name} (${columns.join(', ')}, id) VALUES (${marks}, ?) RETURNING n`),
    update: database.prepare(`UPDATE ${name} SET ${sets} WHERE n = ?`),
    insertRecord: database.prepare(`INSERT INTO ${name}_record (n, record) VALUES (?, ?)`),
    updateRecord: database.prepare(`UPDATE ${name}_record SET record = ? WHERE n = ?`),
  };
}

/** What is known of a variable's row, so that nothing has to be read before it is written. */
interface VariableRow {
  readonly n: number;
  lastChanged: number;
  told: string;
}

/** More than a sensor keeps variables. */
const MAX_VARIABLE_ROWS = 60_000;

/** Everything that changes findings.db. Each public method is one transaction. */
export class FindingsWrites {
  /** What is exported is queued in the same transactions. */
  readonly outbox: Outbox;
  readonly #database: SqlDatabase;
  #isExporting = false;
  #now = 0;
  readonly #alert: Table;
  readonly #asset: Table;
  readonly #conversation: Table;
  readonly #variable: Table;
  readonly #variableHistory: SqlStatement;
  readonly #variableRecord: SqlStatement;
  readonly #variableChanged: SqlStatement;
  readonly #variableSeen: SqlStatement;
  readonly #variableRows = new Map<string, VariableRow>();
  readonly #baselineVersion: SqlStatement;
  readonly #decision: SqlStatement;
  readonly #anyDecision: SqlStatement;
  #hasDecisions = true;
  readonly #empty = new Set<Table>();
  readonly #decide: SqlStatement;
  readonly #setStatus: SqlStatement;
  readonly #setApproved: SqlStatement;
  readonly #getMeta: SqlStatement;
  readonly #setMeta: SqlStatement;
  readonly #linkAlert: SqlStatement;
  readonly #unlinkAlert: SqlStatement;
  readonly #linkConversation: SqlStatement;
  readonly #unlinkConversation: SqlStatement;
  readonly #packet: SqlStatement;
  readonly #health: SqlStatement;
  readonly #note: SqlStatement;
  readonly #noteChange: SqlStatement;
  readonly #removeAsset: SqlStatement;
  readonly #removeConversation: SqlStatement;
  readonly #linkRule: SqlStatement;
  readonly #unlinkRule: SqlStatement;
  readonly #traffic: SqlStatement;
  readonly #settingsOf: SqlStatement;
  readonly #merges: AssetMerges;
  readonly #anySetting: SqlStatement;
  #hasSettings = true;
  readonly #retention: Retention;

  constructor(database: SqlDatabase, retention: RetentionLimits = DEFAULT_RETENTION) {
    this.#database = database;
    this.outbox = new Outbox(database);
    this.#retention = new Retention(database, retention, (alert) => this.outbox.alertRemoved(alert));
    this.#alert = table(database, 'alert', [
      'last_seen',
      'first_seen',
      'severity',
      'status',
      'kind',
      'revision',
      'search',
    ]);
    this.#asset = table(database, 'asset', [
      'name',
      'ip',
      'vendor',
      'first_seen',
      'last_seen',
      'approved',
      'in_baseline',
      'roles',
      'revision',
      'search',
    ]);
    this.#conversation = table(database, 'conversation', [
      'client',
      'server',
      'protocol',
      'last_seen',
      'in_baseline',
      'revision',
    ]);
    this.#variable = table(database, 'variable', [
      'asset',
      'protocol',
      'name',
      'kind',
      'last_changed',
      'revision',
      'search',
    ]);
    this.#baselineVersion = database.prepare(
      'INSERT INTO baseline_version (n, at, author, reason, decisions) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM baseline_version WHERE n >= ?)',
    );
    this.#variableHistory = database.prepare(
      'INSERT INTO variable_history VALUES (?, ?) ON CONFLICT DO UPDATE SET record = excluded.record',
    );
    this.#variableRecord = database.prepare('UPDATE variable_record SET record = ? WHERE n = ? AND record <> ?');
    this.#variableChanged = database.prepare('UPDATE variable SET last_changed = ?, revision = ? WHERE n = ?');
    this.#variableSeen = database.prepare('UPDATE variable SET revision = ? WHERE n = ?');
    this.#decision = database.prepare('SELECT value FROM decision WHERE kind = ? AND id = ?');
    this.#anyDecision = database.prepare('SELECT 1 FROM decision LIMIT 1');
    this.#decide = database.prepare(
      'INSERT INTO decision VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.#setStatus = database.prepare('UPDATE alert SET status = ?, revision = ? WHERE id = ?');
    this.#setApproved = database.prepare('UPDATE asset SET approved = ?, revision = ? WHERE id = ?');
    this.#getMeta = database.prepare('SELECT value FROM meta WHERE key = ?');
    this.#setMeta = database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
    this.#linkAlert = database.prepare('INSERT OR IGNORE INTO alert_asset VALUES (?, ?, ?)');
    this.#unlinkAlert = database.prepare('DELETE FROM alert_asset WHERE asset = ? AND last_seen = ? AND n = ?');
    this.#linkConversation = database.prepare('INSERT OR IGNORE INTO conversation_asset VALUES (?, ?, ?)');
    this.#unlinkConversation = database.prepare(
      'DELETE FROM conversation_asset WHERE asset = ? AND last_seen = ? AND n = ?',
    );
    this.#packet = database.prepare('INSERT OR IGNORE INTO alert_packet VALUES (?, ?, ?, ?, ?, ?)');
    this.#health = database.prepare(
      'INSERT INTO health VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET revision = excluded.revision, record = excluded.record WHERE record <> excluded.record',
    );
    this.#note = database.prepare('INSERT INTO note VALUES (?, ?)');
    this.#noteChange = database.prepare('INSERT OR IGNORE INTO asset_change VALUES (?, ?)');
    this.#removeAsset = database.prepare('DELETE FROM asset WHERE id = ?');
    this.#removeConversation = database.prepare('DELETE FROM conversation WHERE id = ?');
    this.#linkRule = database.prepare('INSERT OR IGNORE INTO alert_rule VALUES (?, ?, ?)');
    this.#unlinkRule = database.prepare('DELETE FROM alert_rule WHERE rule = ? AND last_seen = ? AND n = ?');
    this.#traffic = database.prepare(
      'INSERT INTO traffic VALUES (60, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET messages = excluded.messages WHERE messages < excluded.messages',
    );
    this.#merges = new AssetMerges(database);
    this.#settingsOf = database.prepare('SELECT field, value FROM asset_setting WHERE asset = ?');
    this.#anySetting = database.prepare('SELECT 1 FROM asset_setting LIMIT 1');
  }

  write(batch: FindingsBatch): void {
    try {
      this.#write(batch);
    } catch (error) {
      // What was written is undone, and with it the rows.
      this.#variableRows.clear();
      throw error;
    }
  }

  #write(batch: FindingsBatch): void {
    this.#database.transaction(() => {
      const revision = this.#revision() + 1;
      let changed = false;
      this.#hasDecisions = this.#anyDecision.get() !== undefined;
      this.#hasSettings = this.#anySetting.get() !== undefined;
      this.#merges.begin();
      this.#isExporting = this.outbox.begin();
      this.#now = Date.now();
      for (const table of [this.#asset, this.#conversation, this.#variable, this.#alert]) {
        // A batch holds every record once.
        if (table.any.get() === undefined) this.#empty.add(table);
        else this.#empty.delete(table);
      }
      changed = this.#remove(batch.removed) || changed;
      for (const asset of batch.assets) changed = this.#writeAsset(asset, revision) || changed;
      for (const { id, into } of batch.mergedAssets ?? []) {
        const kept = this.#merges.current(into);
        if (kept === id) continue;
        this.#merges.add(id, kept, null);
        changed = true;
      }
      for (const conversation of batch.conversations) {
        changed = this.#writeConversation(conversation, revision) || changed;
      }
      for (const variable of batch.variables) changed = this.#writeVariable(variable, revision) || changed;
      for (const alert of batch.alerts) changed = this.#writeAlert(alert, revision) || changed;
      for (const packet of batch.packets) changed = this.#writePacket(packet) || changed;
      for (const minute of batch.traffic ?? []) changed = this.#writeTraffic(minute) || changed;
      const { health } = batch;
      changed = this.#retention.step() || changed;
      changed = this.#health.run(health.sensor, revision, JSON.stringify(health)).changes > 0 || changed;
      if (changed) this.#setMeta.run('revision', revision);
    });
  }

  /** One alert from a process that is not the sensor: what the program has to say about itself. */
  addAlert(alert: Alert): void {
    this.#database.transaction(() => {
      const revision = this.#revision() + 1;
      this.#hasDecisions = true;
      this.#merges.begin();
      this.#empty.clear();
      this.#isExporting = this.outbox.begin();
      this.#now = Date.now();
      if (this.#writeAlert(alert, revision)) this.#setMeta.run('revision', revision);
    });
  }

  setAlertStatus(id: string, status: AlertStatus): boolean {
    return this.#decided('alert_status', id, status, (revision) => {
      const before = this.#alert.find.get(id);
      const { changes } = this.#setStatus.run(status, revision, id);
      if (before && before['status'] !== status)
        this.outbox.statusChanged(id, String(before['kind']), Number(before['severity']), status, revision, Date.now());
      return changes;
    });
  }

  setAssetApproved(id: string, approved: boolean): boolean {
    const value = approved ? 1 : 0;
    return this.#decided('asset_approved', id, String(value), (revision) => {
      this.#settingsChanged();
      return this.#setApproved.run(value, revision, id).changes;
    });
  }

  mergeAssets(id: string, into: string): boolean {
    return this.#database.transaction(() => {
      this.#merges.begin();
      const part = this.#asset.find.get(id);
      const whole = this.#asset.find.get(into);
      if (!part || !whole || id === into) return false;
      const revision = this.#revision() + 1;
      this.#merges.add(id, into, JSON.parse(String(part['record'])) as Asset);
      this.#settingsChanged();
      this.#hasSettings = true;
      this.#hasDecisions = true;
      this.#empty.clear();
      this.#putAsset(this.#merges.whole(JSON.parse(String(whole['record'])) as Asset), revision);
      this.#setMeta.run('revision', revision);
      return true;
    });
  }

  splitAsset(id: string): boolean {
    return this.#database.transaction(() => {
      this.#merges.begin();
      const into = this.#merges.current(id);
      const part = this.#merges.remove(id);
      const whole = this.#asset.find.get(into);
      if (!part || !whole) return false;
      const revision = this.#revision() + 1;
      this.#hasSettings = true;
      this.#hasDecisions = true;
      this.#empty.clear();
      this.#settingsChanged();
      this.#putAsset(part, revision);
      this.#putAsset(without(JSON.parse(String(whole['record'])) as Asset, part), revision);
      this.#setMeta.run('revision', revision);
      return true;
    });
  }

  /** Columns are made anew from the record, so that lists are filtered and sorted by what is shown. */
  setAssetSettings(id: string, settings: AssetSettings): boolean {
    return this.#database.transaction(() => {
      const row = this.#asset.find.get(id);
      if (!row) return false;
      this.#database.prepare('DELETE FROM asset_setting WHERE asset = ?').run(id);
      const insert = this.#database.prepare('INSERT INTO asset_setting VALUES (?, ?, ?)');
      for (const [field, value] of Object.entries(settings)) {
        if (value !== undefined) insert.run(id, field, JSON.stringify(value));
      }
      this.#hasSettings = true;
      this.#settingsChanged();
      const revision = this.#revision() + 1;
      const asset = JSON.parse(String(row['record'])) as Asset;
      this.#asset.update.run(
        ...this.#assetColumns(withSettings(asset, settings), row['approved'] ?? 0, revision),
        row['n'] ?? 0,
      );
      this.#setMeta.run('revision', revision);
      return true;
    });
  }

  #settingsChanged(): void {
    this.#setMeta.run(SETTINGS_REVISION, Number(this.#getMeta.get(SETTINGS_REVISION)?.['value'] ?? 0) + 1);
  }

  setDisabledRules(ids: readonly string[]): void {
    this.#database.transaction(() => {
      this.#setMeta.run('disabled_rules', JSON.stringify(ids));
      this.#setMeta.run('revision', this.#revision() + 1);
    });
  }

  putBaselineVersion({ n, at, by, reason, decisions }: BaselineVersion): void {
    this.#database.transaction(() => {
      if (this.#baselineVersion.run(n, at, by, reason, JSON.stringify(decisions), n).changes === 0) return;
      this.#database.prepare('DELETE FROM baseline_version WHERE n <= ?').run(n - VERSIONS_KEPT);
      this.#setMeta.run('revision', this.#revision() + 1);
    });
  }

  requestPhase(phase: LearningPhase): void {
    this.#database.transaction(() => {
      this.#setMeta.run('requested_phase', phase);
      this.#setMeta.run('revision', this.#revision() + 1);
    });
  }

  addNote(at: string, text: string): void {
    this.#note.run(at, text);
  }

  #decided(kind: string, id: string, value: string, apply: (revision: number) => number): boolean {
    return this.#database.transaction(() => {
      const revision = this.#revision() + 1;
      if (apply(revision) === 0) return false;
      this.#decide.run(kind, id, value);
      this.#setMeta.run('revision', revision);
      return true;
    });
  }

  #revision(): number {
    return Number(this.#getMeta.get('revision')?.['value'] ?? 0);
  }

  #find(table: Table, id: string): SqlRow | undefined {
    return this.#empty.has(table) ? undefined : table.find.get(id);
  }

  #decisionOn(kind: string, id: string): string | undefined {
    if (!this.#hasDecisions) return undefined;
    const value = this.#decision.get(kind, id)?.['value'];
    return value === undefined ? undefined : String(value);
  }

  #writeAlert(alert: Alert, revision: number): boolean {
    const record = JSON.stringify(alert);
    const known = this.#find(this.#alert, alert.id);
    const status = this.#decisionOn('alert_status', alert.id) ?? alert.status;
    if (known && known['record'] === record && known['status'] === status) return false;
    const lastSeen = time(alert.last_seen);
    const values: SqlValue[] = [
      lastSeen,
      time(alert.first_seen),
      severityRank(alert.severity as Severity),
      status,
      alert.kind,
      revision,
      searchText([
        alert.title,
        alert.src_ip,
        alert.dest_ip,
        alert.object,
        alert.protocol,
        alert.rule_id,
        alert.description,
        ...alert.attack.flatMap((item) => [item.technique, item.name]),
      ]),
    ];
    const n = this.#put(this.#alert, known?.['n'], values, alert.id, record);
    const sides = [alert.src_asset, alert.dest_asset].filter((side) => side !== undefined);
    if (known) {
      const before = JSON.parse(String(known['record'])) as Alert;
      for (const side of [before.src_asset, before.dest_asset]) {
        if (side !== undefined) this.#unlinkAlert.run(this.#merges.current(side), known['last_seen'] ?? 0, n);
      }
    }
    for (const side of sides) this.#linkAlert.run(this.#merges.current(side), lastSeen, n);
    if (known) this.#unlinkRule.run(alert.rule_id, known['last_seen'] ?? 0, n);
    this.#linkRule.run(alert.rule_id, lastSeen, n);
    if (this.#isExporting) {
      if (known) this.outbox.alertChanged(alert, this.#now);
      else this.outbox.alertAdded(alert, status, this.#now);
    }
    return true;
  }

  #writeAsset(told: Asset, revision: number): boolean {
    if (!this.#merges.isEmpty && this.#merges.current(told.id) !== told.id) {
      this.#merges.refresh(told);
      return false;
    }
    return this.#putAsset(this.#merges.isEmpty ? told : this.#merges.whole(told), revision);
  }

  #putAsset(found: Asset, revision: number): boolean {
    const record = JSON.stringify(found);
    const asset = this.#hasSettings ? withSettings(found, this.#settings(found.id)) : found;
    const known = this.#find(this.#asset, asset.id);
    const decided = this.#decisionOn('asset_approved', asset.id);
    const approved = decided === undefined ? Number(asset.approved) : Number(decided);
    if (known && known['record'] === record && known['approved'] === approved) return false;
    const n = this.#put(this.#asset, known?.['n'], this.#assetColumns(asset, approved, revision), asset.id, record);
    for (const { timestamp } of found.changes ?? []) this.#noteChange.run(time(timestamp), n);
    if (this.#isExporting) this.outbox.assetWritten(found, known ? String(known['record']) : null, this.#now);
    return true;
  }

  #assetColumns(asset: Asset, approved: SqlValue, revision: number): SqlValue[] {
    return [
      asset.name.toLowerCase(),
      ipSortKey(asset.ips[0]),
      (asset.vendor ?? '').toLowerCase(),
      time(asset.first_seen),
      time(asset.last_seen),
      approved,
      Number(asset.in_baseline),
      `|${asset.roles.join('|')}|`,
      revision,
      searchText([
        asset.name,
        ...asset.ips.slice(0, 20),
        ...asset.macs.slice(0, 20),
        asset.vendor,
        asset.model,
        asset.order_number,
        asset.firmware,
        asset.serial,
        asset.hostname,
        asset.os,
        asset.zone ?? undefined,
        ...asset.roles,
        ...asset.protocols.map((protocol) => protocol.name),
      ]),
    ];
  }

  #settings(asset: string): AssetSettings {
    return settingsOf(this.#settingsOf.all(asset));
  }

  #remove(removed: FindingsBatch['removed']): boolean {
    for (const id of removed?.assets ?? []) this.#removeAsset.run(id);
    for (const id of removed?.conversations ?? []) {
      const known = this.#find(this.#conversation, id);
      if (!known) continue;
      for (const side of [known['client'], known['server']])
        this.#unlinkConversation.run(
          this.#merges.current(String(side ?? '')),
          known['last_seen'] ?? 0,
          known['n'] ?? 0,
        );
      this.#removeConversation.run(id);
    }
    return (removed?.assets.length ?? 0) + (removed?.conversations.length ?? 0) > 0;
  }

  #writeConversation(conversation: Conversation, revision: number): boolean {
    const record = JSON.stringify(conversation);
    const known = this.#find(this.#conversation, conversation.id);
    if (known && known['record'] === record) return false;
    const lastSeen = time(conversation.last_seen);
    const n = this.#put(
      this.#conversation,
      known?.['n'],
      [
        conversation.client,
        conversation.server,
        conversation.protocol,
        lastSeen,
        Number(conversation.in_baseline),
        revision,
      ],
      conversation.id,
      record,
    );
    if (known) {
      for (const side of [known['client'], known['server']]) {
        this.#unlinkConversation.run(this.#merges.current(String(side ?? '')), known['last_seen'] ?? 0, n);
      }
    }
    for (const side of [conversation.client, conversation.server]) {
      this.#linkConversation.run(this.#merges.current(side), lastSeen, n);
    }
    return true;
  }

  #writeTraffic({ minute, protocol, class: operationClass, messages }: TrafficMinute): boolean {
    return this.#traffic.run(Math.floor(time(minute) / 60_000_000), protocol, operationClass, messages).changes > 0;
  }

  #writeVariable(variable: ProcessVariable, revision: number): boolean {
    const { history, ...rest } = variable;
    const record = JSON.stringify(rest);
    const row = this.#variableRows.get(variable.id);
    const isChanged =
      row === undefined ? this.#firstWrite(variable, record, revision) : this.#rewrite(variable, row, record, revision);
    if (history) this.#variableHistory.run(this.#variableRows.get(variable.id)?.n ?? 0, history);
    return isChanged;
  }

  /** The first time that this process writes it: what the store has may be the same. */
  #firstWrite(variable: ProcessVariable, record: string, revision: number): boolean {
    const known = this.#find(this.#variable, variable.id);
    const isChanged = known?.['record'] !== record;
    const lastChanged = time(variable.last_changed);
    const n = isChanged
      ? this.#put(this.#variable, known?.['n'], variableColumns(variable, lastChanged, revision), variable.id, record)
      : known?.['n'];
    if (this.#variableRows.size >= MAX_VARIABLE_ROWS) this.#variableRows.clear();
    this.#variableRows.set(variable.id, { n: Number(n), lastChanged, told: toldOf(variable) });
    return isChanged;
  }

  /** Thousands of values change in every batch, and nothing but them: that must not cost a look-up and three indexes. */
  #rewrite(variable: ProcessVariable, row: VariableRow, record: string, revision: number): boolean {
    if (this.#variableRecord.run(record, row.n, record).changes === 0) return false;
    const lastChanged = time(variable.last_changed);
    const told = toldOf(variable);
    if (told !== row.told) this.#variable.update.run(...variableColumns(variable, lastChanged, revision), row.n);
    else if (lastChanged !== row.lastChanged) this.#variableChanged.run(lastChanged, revision, row.n);
    else this.#variableSeen.run(revision, row.n);
    row.lastChanged = lastChanged;
    row.told = told;
    return true;
  }

  #writePacket(packet: AlertPacket): boolean {
    const { changes } = this.#packet.run(
      packet.alert_id,
      packet.pcap_cnt,
      packet.timestamp,
      packet.link_type,
      packet.original_length,
      packet.data,
    );
    return changes > 0;
  }

  #put(target: Table, known: SqlValue | undefined, values: SqlValue[], id: string, record: string): SqlValue {
    if (known !== undefined) {
      target.update.run(...values, known);
      target.updateRecord.run(record, known);
      return known;
    }
    const n = target.insert.get(...values, id)?.['n'] ?? 0;
    target.insertRecord.run(n, record);
    return n;
  }
}

/** What of a variable stands in columns and is no time; the rest of them follow from its id. */
function toldOf({ asset, name, kind, last_writer }: ProcessVariable): string {
  return `${asset} ${kind} ${last_writer ?? ''} ${name}`;
}

function variableColumns(variable: ProcessVariable, lastChanged: number, revision: number): SqlValue[] {
  const { asset, protocol, name, kind, address, server_ip, last_writer } = variable;
  const search = searchText([name, address, server_ip, last_writer, protocol]);
  return [asset, protocol, name.toLowerCase(), kind, lastChanged, revision, search];
}

/** The record without the addresses of the part that is taken out of it. */
function without(asset: Asset, part: Asset): Asset {
  return {
    ...asset,
    ips: asset.ips.filter((ip) => !part.ips.includes(ip)),
    macs: asset.macs.filter((mac) => !part.macs.includes(mac)),
    evidence: asset.evidence.filter(
      ({ field, value, source }) =>
        !part.evidence.some((other) => other.field === field && other.value === value && other.source === source),
    ),
  };
}
