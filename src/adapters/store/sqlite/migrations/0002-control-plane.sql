CREATE TABLE api_token (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, expires_at INTEGER,
  revoked_at INTEGER, created INTEGER NOT NULL
);
CREATE TABLE idempotency_key (
  owner TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT NULL, execution INTEGER NOT NULL, created INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
);
CREATE TABLE key (
  id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, owner_type TEXT NOT NULL, owner TEXT, name TEXT NOT NULL,
  encrypted INTEGER NOT NULL, encryption_key_hash TEXT, value TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
ALTER TABLE execution ADD COLUMN inline_runtime TEXT;
ALTER TABLE execution ADD COLUMN inline_code TEXT;
ALTER TABLE execution ADD COLUMN original_execution INTEGER;
ALTER TABLE worker ADD COLUMN cordon_reason TEXT;
ALTER TABLE worker ADD COLUMN cordoned_by TEXT;
ALTER TABLE worker ADD COLUMN cordoned_at INTEGER;
CREATE INDEX execution_by_status ON execution (status, id);
CREATE INDEX execution_by_action ON execution (action_ref, id);
CREATE INDEX execution_log_offset ON execution_log (execution, attempt, stream, "offset");
