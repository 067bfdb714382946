-- What attune-agent adds to the database of Attune's Rust control plane: tables of its own, whose names begin with
-- `agent_`. Nothing refers to the tables that are there already, so that nothing here can keep their rows from being
-- deleted; rows without their execution or worker are removed by agent_keep_logs.
CREATE TABLE agent_function (
  name TEXT PRIMARY KEY,
  -- SHA-256 of the file that was applied.
  checksum TEXT NOT NULL,
  -- The newest version of attune-agent that has applied its functions here.
  version TEXT NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE agent_worker (
  worker BIGINT PRIMARY KEY,
  -- Who may act as this worker: 'login:NAME' of this database.
  owner TEXT,
  -- The process that holds the name; NULL: none.
  instance TEXT,
  pid INTEGER,
  process TEXT,
  is_draining BOOLEAN NOT NULL DEFAULT FALSE,
  -- Its last heartbeat. When worker.last_heartbeat is another, then another agent has the name.
  beat_at TIMESTAMPTZ,
  -- Until when that process holds the name: its own lease decides, not that of whoever wants it.
  lease_expires_at TIMESTAMPTZ
);

CREATE TABLE agent_execution_claim (
  execution BIGINT PRIMARY KEY,
  attempt INTEGER NOT NULL,
  worker BIGINT NOT NULL,
  instance TEXT NOT NULL,
  claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  lease_expires_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX agent_execution_claim_worker ON agent_execution_claim (worker);

-- Logs of an attempt may come when it is over.
CREATE TABLE agent_execution_attempt (
  execution BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  worker BIGINT NOT NULL,
  claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (execution, attempt)
);

CREATE INDEX agent_execution_attempt_claimed_at ON agent_execution_attempt (claimed_at);

-- Byte-exact chunks. "offset" counts the bytes of the stream before the chunk.
CREATE TABLE agent_execution_log (
  execution BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  seq INTEGER NOT NULL,
  "offset" BIGINT NOT NULL,
  data BYTEA NOT NULL,
  at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (execution, attempt, stream, seq, at)
);

CREATE INDEX agent_execution_log_at ON agent_execution_log (at);

CREATE TABLE agent_outbox (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id UUID NOT NULL DEFAULT gen_random_uuid(),
  exchange TEXT NOT NULL,
  routing_key TEXT NOT NULL,
  message JSONB NOT NULL,
  -- The login whose transaction left the message: it may publish it.
  login TEXT NOT NULL DEFAULT session_user,
  -- Until when the process that took it to publish it has it to itself; nobody has taken it yet: NULL.
  taken_until TIMESTAMPTZ,
  created TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The ledger of the environments that this agent builds. Attune's own workers build others, at other places, with
-- pack_environment.
CREATE TABLE agent_pack_environment (
  env_key TEXT PRIMARY KEY,
  pack BIGINT NOT NULL,
  pack_ref TEXT NOT NULL,
  runtime BIGINT,
  runtime_ref TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'installing', 'ready', 'failed', 'outdated')),
  manifest_checksum TEXT,
  claimed_by_worker BIGINT,
  claimed_by_instance TEXT,
  claim_expires_at TIMESTAMPTZ,
  install_error TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  retry_after TIMESTAMPTZ,
  created TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated TIMESTAMPTZ NOT NULL DEFAULT now()
);
