-- What the existing system lacks: fenced claims, logs, the outbox. New tables and nullable columns only.

-- Counts the times an execution was handed to a worker; part of the fence.
ALTER TABLE execution ADD COLUMN IF NOT EXISTS attempt INTEGER;

CREATE TABLE execution_claim (
  execution BIGINT PRIMARY KEY REFERENCES execution (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  worker BIGINT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
  claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  lease_expires_at TIMESTAMPTZ NOT NULL
);

-- Renewed in one statement per worker; the monitor looks for what has expired.
CREATE INDEX execution_claim_worker ON execution_claim (worker);
CREATE INDEX execution_claim_lease ON execution_claim (lease_expires_at);

-- Byte-exact chunks, by day: old days are dropped whole. "offset" counts the bytes of the stream before the chunk.
CREATE TABLE execution_log (
  execution BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  seq INTEGER NOT NULL,
  "offset" BIGINT NOT NULL,
  data BYTEA NOT NULL,
  at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (execution, attempt, stream, seq, at)
) PARTITION BY RANGE (at);

-- Catches what arrives before its day's partition is there.
CREATE TABLE execution_log_default PARTITION OF execution_log DEFAULT;

CREATE TABLE outbox (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  exchange TEXT NOT NULL,
  routing_key TEXT NOT NULL,
  message JSONB NOT NULL,
  created TIMESTAMPTZ NOT NULL DEFAULT now(),
  published_at TIMESTAMPTZ
);

CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- The scheduler asks for these again and again: their cost must not grow with all the executions there ever were.
CREATE INDEX execution_requested ON execution (id) WHERE status = 'requested';
CREATE INDEX execution_active_by_worker ON execution (worker, status) WHERE status IN ('scheduled', 'running', 'canceling');

CREATE OR REPLACE FUNCTION notify_execution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM pg_notify('execution_created', json_build_object('execution_id', NEW.id, 'action_ref', NEW.action_ref, 'status', NEW.status)::text);
  ELSIF NEW.status IS DISTINCT FROM OLD.status THEN
    PERFORM pg_notify('execution_status_changed', json_build_object('execution_id', NEW.id, 'previous_status', OLD.status, 'new_status', NEW.status)::text);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION notify_artifact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(CASE TG_OP WHEN 'INSERT' THEN 'artifact_created' ELSE 'artifact_updated' END, json_build_object('artifact_id', NEW.id, 'ref', NEW.ref)::text);
  RETURN NULL;
END $$;

-- The existing control plane has triggers of its own for these channels; one notification each is enough.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'execution'::regclass AND NOT tgisinternal) THEN
    CREATE TRIGGER execution_notify AFTER INSERT OR UPDATE OF status ON execution FOR EACH ROW EXECUTE FUNCTION notify_execution();
  END IF;
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'artifact'::regclass AND NOT tgisinternal) THEN
    CREATE TRIGGER artifact_notify AFTER INSERT OR UPDATE ON artifact FOR EACH ROW EXECUTE FUNCTION notify_artifact();
  END IF;
END $$;
