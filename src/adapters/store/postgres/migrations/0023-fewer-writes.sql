-- What an execution writes beside its row. The leases of a worker are renewed in place (HOT): no index has them, and the
-- monitor reads the claims, which are as many as run. Nobody looks for attempts by their worker.
DROP INDEX IF EXISTS execution_claim_lease;
DROP INDEX IF EXISTS execution_attempt_worker;
ALTER TABLE execution_claim SET (fillfactor = 50);
ALTER TABLE worker SET (fillfactor = 50);

-- A claim outlives the row of a worker that somebody deletes, until it is recovered. The row of a worker is not locked for
-- each of its claims.
ALTER TABLE execution_claim DROP CONSTRAINT IF EXISTS execution_claim_worker_fkey;

-- Those that are assigned to a worker have an index of their own (execution_active_by_worker): this one has the others.
DROP INDEX IF EXISTS execution_by_worker;
CREATE INDEX execution_by_worker ON execution (worker, status, id)
WHERE status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned');

-- A version of a row that is on the page of the one before is logged as its difference.
ALTER TABLE execution SET (fillfactor = 60);
