-- The lease of a worker is that of all that it has claimed: which process has claimed an execution, and when, is in the row of
-- the execution, and no claim is a row of its own any more. Those of now move there. An attempt has a row when another one
-- follows, or when a worker stores logs of it.
ALTER TABLE execution
ADD COLUMN instance TEXT,
ADD COLUMN claimed_at TIMESTAMPTZ,
ADD COLUMN token_hash TEXT;

CREATE UNIQUE INDEX execution_token_hash ON execution (token_hash) WHERE token_hash IS NOT NULL;

UPDATE execution AS e
SET
  instance = c.instance,
  claimed_at = c.claimed_at,
  token_hash = c.token_hash
FROM execution_claim AS c
WHERE c.execution = e.id AND c.attempt = COALESCE(e.attempt, 0);

DROP TABLE execution_claim;

-- The claims, as they were: servers of the version before read them, and remove those that they recover.
CREATE VIEW execution_claim AS
SELECT
  e.id AS execution,
  COALESCE(e.attempt, 0) AS attempt,
  e.worker,
  e.claimed_at,
  COALESCE(
    (SELECT w.lease_expires_at FROM worker AS w WHERE w.id = e.worker AND w.meta ->> 'instance' = e.instance),
    '-infinity'
  ) AS lease_expires_at,
  e.instance,
  e.token_hash
FROM execution AS e
WHERE e.status IN ('running', 'canceling') AND e.instance IS NOT NULL;

CREATE FUNCTION keep_claim()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER execution_claim_kept INSTEAD OF UPDATE OR DELETE ON execution_claim
FOR EACH ROW EXECUTE FUNCTION keep_claim();
