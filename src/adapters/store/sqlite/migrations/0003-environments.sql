ALTER TABLE pack ADD COLUMN checksum TEXT;
ALTER TABLE runtime ADD COLUMN aliases TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runtime ADD COLUMN pack_ref TEXT;
ALTER TABLE runtime ADD COLUMN execution_config TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runtime ADD COLUMN versions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runtime ADD COLUMN is_managed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runtime ADD COLUMN auto_detected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runtime ADD COLUMN detection_config TEXT NOT NULL DEFAULT '{}';
ALTER TABLE action ADD COLUMN out_schema TEXT;
ALTER TABLE execution ADD COLUMN inline_options TEXT;
CREATE TABLE worker_runtime_version (
  worker INTEGER NOT NULL REFERENCES worker (id) ON DELETE CASCADE, runtime_ref TEXT NOT NULL, version TEXT NOT NULL,
  path TEXT NOT NULL, verified_at INTEGER NOT NULL, PRIMARY KEY (worker, path, runtime_ref)
);
CREATE TABLE pack_environment (
  env_key TEXT PRIMARY KEY, pack_ref TEXT NOT NULL, runtime_ref TEXT NOT NULL, status TEXT NOT NULL, manifest_checksum TEXT,
  claimed_by_worker INTEGER REFERENCES worker (id) ON DELETE SET NULL, claimed_by_instance TEXT, claim_expires_at INTEGER,
  install_error TEXT, failures INTEGER NOT NULL DEFAULT 0, retry_after INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE TABLE execution_secret_value (
  execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE, path TEXT NOT NULL, encryption_key_hash TEXT NOT NULL,
  value TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (execution, path)
);
CREATE TABLE artifact (
  id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, name TEXT NOT NULL, action_ref TEXT, last_version INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE TABLE artifact_version (
  id INTEGER PRIMARY KEY, artifact INTEGER NOT NULL REFERENCES artifact (id) ON DELETE CASCADE, version INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL, checksum TEXT NOT NULL, file_path TEXT NOT NULL,
  execution INTEGER REFERENCES execution (id) ON DELETE SET NULL, attempt INTEGER, created INTEGER NOT NULL,
  UNIQUE (artifact, version)
);
CREATE INDEX artifact_version_execution ON artifact_version (execution);
