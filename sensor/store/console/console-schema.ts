import type { StoreSchema } from '../sqlite/store-file.js';
import { BASELINE_TABLES } from './baseline-store.js';
import { OWN_RULE_TABLES } from './rule-store.js';

/** What people are, did and decided. Times are whole milliseconds of the wall clock. */
const V1 = `
CREATE TABLE user (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
  password TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  user TEXT NOT NULL COLLATE NOCASE,
  epoch INTEGER NOT NULL,
  created INTEGER NOT NULL,
  used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_by_user ON session (user, created);

CREATE TABLE setup (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), hash TEXT NOT NULL, created INTEGER NOT NULL);

CREATE TABLE alert_decision (
  n INTEGER PRIMARY KEY,
  alert TEXT NOT NULL,
  status TEXT NOT NULL,
  note TEXT NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX alert_decision_by_alert ON alert_decision (alert, n);

CREATE TABLE asset_decision (
  asset TEXT PRIMARY KEY,
  approved INTEGER NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  user TEXT NOT NULL,
  source TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit rows are never changed');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit rows are never deleted');
END;
`;

/** A role more, the second factor, and when a session's user last gave the password. */
const V2 = `
CREATE TABLE user_2 (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin', 'auditor')),
  password TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  totp TEXT NOT NULL DEFAULT '',
  -- The last time step that was used: each code is good once.
  totp_step INTEGER NOT NULL DEFAULT 0,
  recovery TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
INSERT INTO user_2 (name, role, password, disabled, epoch, created)
  SELECT name, role, password, disabled, epoch, created FROM user;
DROP TABLE user;
ALTER TABLE user_2 RENAME TO user;
ALTER TABLE session ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN source TEXT NOT NULL DEFAULT '';
`;

/** See `StoreSchema.additions`. */
const ADDITIONS = `
CREATE TABLE IF NOT EXISTS token (
  hash TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  owner TEXT NOT NULL COLLATE NOCASE,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What a token is limited to; one without rows here is limited by its role alone.
CREATE TABLE IF NOT EXISTS token_area (
  token TEXT NOT NULL,
  area TEXT NOT NULL,
  PRIMARY KEY (token, area)
) WITHOUT ROWID;

-- Who a person is at a sign-in service: the subject never changes, a name may.
CREATE TABLE IF NOT EXISTS external_identity (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;

-- Notes and assignments; what changes an alert's status stands in alert_decision.
CREATE TABLE IF NOT EXISTS alert_entry (
  n INTEGER PRIMARY KEY,
  alert TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('note', 'assign')),
  text TEXT NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS alert_entry_by_alert ON alert_entry (alert, n);
CREATE TABLE IF NOT EXISTS assignment (
  alert TEXT PRIMARY KEY,
  assignee TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS assignment_by_assignee ON assignment (assignee);

CREATE TABLE IF NOT EXISTS mute (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  src TEXT NOT NULL,
  dest TEXT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS saved_view (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL COLLATE NOCASE,
  page TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  shared INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS asset_setting (
  asset TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS rule_setting (
  rule TEXT PRIMARY KEY,
  enabled INTEGER NOT NULL,
  user TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS exporter_setting (
  name TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  secrets TEXT NOT NULL
) WITHOUT ROWID;
`;

export const CONSOLE_SCHEMA: StoreSchema = {
  // "FWC1"
  applicationId: 0x46574331,
  holds: 'accounts',
  migrations: [V1, V2],
  additions: ADDITIONS + BASELINE_TABLES + OWN_RULE_TABLES,
};

export const CONSOLE_FILE = 'console.db';
