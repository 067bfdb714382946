-- Entries of indexes that an execution writes and nobody looks for. What runs, or is to run, is as much as all workers take
-- at once: a list of those of one action reads them by their status.
DROP INDEX execution_by_action;
CREATE INDEX execution_by_action ON execution (action_ref, status, id)
WHERE status IN ('requested', 'scheduling', 'completed', 'failed', 'cancelled', 'timeout', 'abandoned');

-- Few executions have a token.
ALTER TABLE execution_claim DROP CONSTRAINT execution_claim_token_hash_key;
CREATE UNIQUE INDEX execution_claim_token_hash ON execution_claim (token_hash) WHERE token_hash IS NOT NULL;
