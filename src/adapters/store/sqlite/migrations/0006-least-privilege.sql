-- Who may act as a worker (NULL: it was not heard of since), who had which attempt, and tokens that live as long as an execution runs.
ALTER TABLE worker ADD COLUMN owner TEXT;
ALTER TABLE execution_claim ADD COLUMN token_hash TEXT;
CREATE UNIQUE INDEX execution_claim_token ON execution_claim (token_hash) WHERE token_hash IS NOT NULL;
ALTER TABLE action ADD COLUMN api_scopes TEXT NOT NULL DEFAULT '[]';
CREATE TABLE execution_attempt (
  execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE, attempt INTEGER NOT NULL,
  worker INTEGER NOT NULL REFERENCES worker (id) ON DELETE CASCADE, claimed_at INTEGER NOT NULL,
  PRIMARY KEY (execution, attempt)
) WITHOUT ROWID;
CREATE INDEX execution_attempt_worker ON execution_attempt (worker);
INSERT INTO execution_attempt (execution, attempt, worker, claimed_at) SELECT execution, attempt, worker, claimed_at FROM execution_claim;
