-- The tables of one process that is a whole Attune; times are milliseconds since 1970, JSON is text.
CREATE TABLE pack (
  id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, label TEXT NOT NULL, version TEXT NOT NULL, storage_path TEXT
);
CREATE TABLE runtime (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE action (
  id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, pack INTEGER REFERENCES pack (id), pack_ref TEXT NOT NULL,
  label TEXT NOT NULL, description TEXT, entrypoint TEXT NOT NULL, runtime INTEGER REFERENCES runtime (id),
  runtime_version_constraint TEXT, param_schema TEXT, parameter_delivery TEXT NOT NULL, parameter_format TEXT NOT NULL,
  output_format TEXT NOT NULL, timeout_seconds INTEGER, max_retries INTEGER, required_worker_runtimes TEXT NOT NULL,
  worker_selector TEXT NOT NULL, worker_tolerations TEXT NOT NULL, worker_affinity TEXT NOT NULL
);
CREATE TABLE worker (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, worker_type TEXT NOT NULL, host TEXT, status TEXT NOT NULL,
  capabilities TEXT NOT NULL, instance TEXT, pid INTEGER, process TEXT, draining INTEGER NOT NULL DEFAULT 0, last_heartbeat INTEGER,
  cordoned INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE execution (
  id INTEGER PRIMARY KEY AUTOINCREMENT, action INTEGER REFERENCES action (id) ON DELETE SET NULL, action_ref TEXT NOT NULL,
  config TEXT, env_vars TEXT, worker INTEGER REFERENCES worker (id), worker_selector TEXT, worker_tolerations TEXT,
  worker_affinity TEXT, status TEXT NOT NULL DEFAULT 'requested', result TEXT, started_at INTEGER, attempt INTEGER,
  retry_count INTEGER NOT NULL DEFAULT 0, max_retries INTEGER, retry_reason TEXT, timeout_seconds INTEGER,
  schedule_after INTEGER NOT NULL, dispatched_at INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE INDEX execution_requested ON execution (action_ref, schedule_after, id) WHERE status = 'requested';
CREATE INDEX execution_active_by_worker ON execution (worker, status) WHERE status IN ('scheduled', 'running', 'canceling');
CREATE TABLE execution_claim (
  execution INTEGER PRIMARY KEY REFERENCES execution (id) ON DELETE CASCADE, attempt INTEGER NOT NULL,
  worker INTEGER NOT NULL REFERENCES worker (id), instance TEXT NOT NULL, claimed_at INTEGER NOT NULL,
  lease_expires_at INTEGER NOT NULL
);
CREATE INDEX execution_claim_lease ON execution_claim (lease_expires_at);
CREATE TABLE execution_log (
  execution INTEGER NOT NULL, attempt INTEGER NOT NULL, seq INTEGER NOT NULL, stream TEXT NOT NULL, "offset" INTEGER NOT NULL,
  data BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (execution, attempt, seq)
) WITHOUT ROWID;
CREATE INDEX execution_log_at ON execution_log (at);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, exchange TEXT NOT NULL, routing_key TEXT NOT NULL,
  message TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY, queue TEXT NOT NULL, exchange TEXT NOT NULL, routing_key TEXT NOT NULL, reason TEXT NOT NULL,
  body BLOB NOT NULL, created INTEGER NOT NULL
);
