import type { StoreSchema } from '../sqlite/store-file.js';

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

export const CONSOLE_SCHEMA: StoreSchema = {
  // "FWC1"
  applicationId: 0x46574331,
  holds: 'accounts',
  migrations: [V1],
};

export const CONSOLE_FILE = 'console.db';
