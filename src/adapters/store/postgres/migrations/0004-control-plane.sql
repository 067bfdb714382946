-- What the HTTP API needs: tokens, idempotent requests, code that comes with its execution.

CREATE TABLE api_token (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT NOT NULL,
  -- SHA-256 of the token, which is 256 random bits itself: nothing slower is needed.
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT[] NOT NULL,
  expires_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ,
  created TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The answer to a request that is sent again, for a day.
CREATE TABLE idempotency_key (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  execution BIGINT NOT NULL,
  created TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_key_created ON idempotency_key (created);

-- An execution without an action: code, and the runtime that runs it.
ALTER TABLE execution ADD COLUMN IF NOT EXISTS inline_runtime TEXT;
ALTER TABLE execution ADD COLUMN IF NOT EXISTS inline_code TEXT;

-- Lists by status and by action, newest first, page by page.
CREATE INDEX execution_by_status ON execution (status, id);
CREATE INDEX execution_by_action ON execution (action_ref, id);

-- Byte ranges of one stream, without reading what lies before.
CREATE INDEX execution_log_offset ON execution_log (execution, attempt, stream, "offset");

-- Deleting an execution looks for those that name it.
CREATE INDEX execution_parent ON execution (parent) WHERE parent IS NOT NULL;
CREATE INDEX execution_original ON execution (original_execution) WHERE original_execution IS NOT NULL;
