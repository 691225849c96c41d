import { SEVERITIES } from '../../model/severity.js';
import { ASSET_MERGES } from './asset-merges.js';
import { OUTBOX_TABLES } from './outbox.js';
import { RETENTION_TABLES } from './retention.js';
import type { StoreSchema } from './store-file.js';

/**
 * Times are whole microseconds, severities their rank. What is filtered, sorted or searched has a column; the record
 * itself is JSON in a table of its own, so that a scan of the narrow rows touches few pages.
 *
 * A person's decisions stand in `decision`, in this same file, because a filter on the shown status must be answered
 * by an index, and no index reaches over ATTACHed files. The console writes them here (both processes wait up to
 * five seconds for each other's short transactions) after it wrote them to console.db, which is where they survive the
 * loss of this file; the console copies them back when it starts. The sensor's writes look here first, so a decision
 * is never overwritten.
 *
 * Counters are kept by triggers: every writer, in whatever process, keeps them right.
 */
const V1 = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- Begins with the time, so that a store that takes the place of another goes on above it and readers notice.
INSERT INTO meta VALUES ('revision', CAST(unixepoch('subsec') * 1000 AS INTEGER) * 1000);

CREATE TABLE decision (
  kind TEXT NOT NULL CHECK (kind IN ('alert_status', 'asset_approved')),
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE alert (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  last_seen INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  status TEXT NOT NULL,
  kind TEXT NOT NULL,
  revision INTEGER NOT NULL,
  search TEXT NOT NULL
);
CREATE INDEX alert_by_time ON alert (last_seen, n, severity, status, kind);
CREATE INDEX alert_by_status ON alert (status, last_seen, n, severity, kind);
CREATE INDEX alert_by_rank ON alert (severity, last_seen, n, status, kind);
CREATE INDEX alert_by_status_rank ON alert (status, severity, last_seen, n, kind);
CREATE INDEX alert_by_revision ON alert (revision);
CREATE TABLE alert_record (n INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE alert_asset (
  asset TEXT NOT NULL,
  last_seen INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (asset, last_seen, n)
) WITHOUT ROWID;

CREATE TABLE alert_packet (
  alert TEXT NOT NULL,
  pcap_cnt INTEGER NOT NULL,
  timestamp TEXT NOT NULL,
  link_type INTEGER NOT NULL,
  original_length INTEGER NOT NULL,
  data BLOB NOT NULL
);
CREATE UNIQUE INDEX alert_packet_key ON alert_packet (alert, timestamp, pcap_cnt);

CREATE TABLE asset (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  ip TEXT NOT NULL,
  vendor TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  in_baseline INTEGER NOT NULL,
  roles TEXT NOT NULL,
  revision INTEGER NOT NULL,
  search TEXT NOT NULL
);
CREATE INDEX asset_by_name ON asset (name, n);
CREATE INDEX asset_by_ip ON asset (ip, n);
CREATE INDEX asset_by_vendor ON asset (vendor, n);
CREATE INDEX asset_by_first_seen ON asset (first_seen, n);
CREATE INDEX asset_by_last_seen ON asset (last_seen, n);
CREATE INDEX asset_by_revision ON asset (revision);
CREATE TABLE asset_record (n INTEGER PRIMARY KEY, record TEXT NOT NULL);

CREATE TABLE conversation (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  server TEXT NOT NULL,
  protocol TEXT NOT NULL,
  last_seen INTEGER NOT NULL,
  in_baseline INTEGER NOT NULL,
  revision INTEGER NOT NULL
);
CREATE INDEX conversation_by_time ON conversation (last_seen, n, protocol);
CREATE INDEX conversation_by_protocol ON conversation (protocol, last_seen, n);
CREATE INDEX conversation_by_revision ON conversation (revision);
CREATE TABLE conversation_record (n INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE conversation_asset (
  asset TEXT NOT NULL,
  last_seen INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (asset, last_seen, n)
) WITHOUT ROWID;

CREATE TABLE health (sensor TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE note (at TEXT NOT NULL, text TEXT NOT NULL);

CREATE TABLE alert_count (
  status TEXT NOT NULL,
  severity INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (status, severity)
) WITHOUT ROWID;
CREATE TABLE alert_period (
  seconds INTEGER NOT NULL CHECK (seconds IN (60, 3600)),
  period INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (seconds, period, severity)
) WITHOUT ROWID;
CREATE TABLE tally (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO tally VALUES ('assets', 0), ('new_assets', 0), ('conversations', 0), ('new_conversations', 0);

CREATE TRIGGER alert_added AFTER INSERT ON alert BEGIN
  INSERT INTO alert_count VALUES (new.status, new.severity, 1)
    ON CONFLICT DO UPDATE SET amount = amount + 1;
  INSERT INTO alert_period VALUES (60, new.first_seen / 60000000, new.severity, 1)
    ON CONFLICT DO UPDATE SET amount = amount + 1;
  INSERT INTO alert_period VALUES (3600, new.first_seen / 3600000000, new.severity, 1)
    ON CONFLICT DO UPDATE SET amount = amount + 1;
END;
CREATE TRIGGER alert_changed AFTER UPDATE OF status, severity, first_seen ON alert
WHEN old.status <> new.status OR old.severity <> new.severity OR old.first_seen <> new.first_seen BEGIN
  UPDATE alert_count SET amount = amount - 1 WHERE status = old.status AND severity = old.severity;
  UPDATE alert_period SET amount = amount - 1
    WHERE seconds = 60 AND period = old.first_seen / 60000000 AND severity = old.severity;
  UPDATE alert_period SET amount = amount - 1
    WHERE seconds = 3600 AND period = old.first_seen / 3600000000 AND severity = old.severity;
  INSERT INTO alert_count VALUES (new.status, new.severity, 1)
    ON CONFLICT DO UPDATE SET amount = amount + 1;
  INSERT INTO alert_period VALUES (60, new.first_seen / 60000000, new.severity, 1)
    ON CONFLICT DO UPDATE SET amount = amount + 1;
  INSERT INTO alert_period VALUES (3600, new.first_seen / 3600000000, new.severity, 1)
    ON CONFLICT DO UPDATE SET amount = amount + 1;
END;
CREATE TRIGGER asset_added AFTER INSERT ON asset BEGIN
  UPDATE tally SET amount = amount + 1 WHERE name = 'assets';
  UPDATE tally SET amount = amount + (new.approved = 0 AND new.in_baseline = 0) WHERE name = 'new_assets';
END;
CREATE TRIGGER asset_changed AFTER UPDATE OF approved, in_baseline ON asset
WHEN old.approved <> new.approved OR old.in_baseline <> new.in_baseline BEGIN
  UPDATE tally SET amount = amount - (old.approved = 0 AND old.in_baseline = 0)
    + (new.approved = 0 AND new.in_baseline = 0) WHERE name = 'new_assets';
END;
CREATE TRIGGER conversation_added AFTER INSERT ON conversation BEGIN
  UPDATE tally SET amount = amount + 1 WHERE name = 'conversations';
  UPDATE tally SET amount = amount + (new.in_baseline = 0) WHERE name = 'new_conversations';
END;
CREATE TRIGGER conversation_changed AFTER UPDATE OF in_baseline ON conversation
WHEN old.in_baseline <> new.in_baseline BEGIN
  UPDATE tally SET amount = amount - (old.in_baseline = 0) + (new.in_baseline = 0) WHERE name = 'new_conversations';
END;
`;

/** See `StoreSchema.additions`. */
const ADDITIONS = `
-- Alerts by what raised them, like alert_asset.
CREATE TABLE IF NOT EXISTS alert_rule (
  rule TEXT NOT NULL,
  last_seen INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (rule, last_seen, n)
) WITHOUT ROWID;

-- What a person says about an asset; it outweighs what the sensor found.
CREATE TABLE IF NOT EXISTS asset_setting (
  asset TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (asset, field)
) WITHOUT ROWID;

-- Messages by period, protocol and class of operation; hours are kept by the triggers.
CREATE TABLE IF NOT EXISTS traffic (
  seconds INTEGER NOT NULL CHECK (seconds IN (60, 3600)),
  period INTEGER NOT NULL,
  protocol TEXT NOT NULL,
  class TEXT NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (seconds, period, protocol, class)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS traffic_added AFTER INSERT ON traffic WHEN new.seconds = 60 BEGIN
  INSERT INTO traffic VALUES (3600, new.period / 60, new.protocol, new.class, new.messages)
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages;
END;
CREATE TRIGGER IF NOT EXISTS traffic_changed AFTER UPDATE ON traffic WHEN new.seconds = 60 BEGIN
  UPDATE traffic SET messages = messages + new.messages - old.messages
    WHERE seconds = 3600 AND period = new.period / 60 AND protocol = new.protocol AND class = new.class;
END;

-- When devices said something else than before (their records have what).
CREATE TABLE IF NOT EXISTS asset_change (at INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (at, n)) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS asset_changes_removed AFTER DELETE ON asset BEGIN
  DELETE FROM asset_change WHERE n = old.n;
END;
CREATE INDEX IF NOT EXISTS asset_change_by_asset ON asset_change (n);

CREATE TRIGGER IF NOT EXISTS conversation_removed AFTER DELETE ON conversation BEGIN
  DELETE FROM conversation_record WHERE n = old.n;
  UPDATE tally SET amount = amount - 1 WHERE name = 'conversations';
  UPDATE tally SET amount = amount - (old.in_baseline = 0) WHERE name = 'new_conversations';
END;

-- What people have decided about the baseline: each change is a version, and undoing one is a new version.
CREATE TABLE IF NOT EXISTS baseline_version (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  decisions TEXT NOT NULL
);

-- Process variables; their histories change more often and stand apart.
CREATE TABLE IF NOT EXISTS variable (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  asset TEXT NOT NULL,
  protocol TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  last_changed INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  search TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS variable_by_name ON variable (name, n);
CREATE INDEX IF NOT EXISTS variable_by_change ON variable (last_changed, n);
CREATE INDEX IF NOT EXISTS variable_by_asset ON variable (asset, name, n);
CREATE TABLE IF NOT EXISTS variable_record (n INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS variable_history (n INTEGER PRIMARY KEY, record BLOB NOT NULL);
`;

export const FINDINGS_SCHEMA: StoreSchema = {
  // "FWF1"
  applicationId: 0x46574631,
  holds: 'findings',
  migrations: [V1],
  additions: ADDITIONS + ASSET_MERGES + OUTBOX_TABLES + RETENTION_TABLES,
};

export const SEVERITY_RANKS = new Map(SEVERITIES.map((severity, rank) => [severity, rank]));

export const FINDINGS_FILE = 'findings.db';
