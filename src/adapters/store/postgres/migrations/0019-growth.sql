-- Lists of an action or a worker by status, newest first, page by page: one probe for each status.
DROP INDEX IF EXISTS execution_by_action;
CREATE INDEX execution_by_action ON execution (action_ref, status, id);
DROP INDEX IF EXISTS execution_by_worker;
CREATE INDEX execution_by_worker ON execution (worker, status, id) WHERE worker IS NOT NULL;

-- Executions outlive the workers that ran them and the actions that described them. The row of either goes without a
-- look at the executions; views show no worker and no action that is gone. Ids are not given twice.
ALTER TABLE execution DROP CONSTRAINT IF EXISTS execution_worker_fkey;
ALTER TABLE execution DROP CONSTRAINT IF EXISTS execution_action_fkey;
ALTER TABLE execution_attempt DROP CONSTRAINT IF EXISTS execution_attempt_worker_fkey;

CREATE INDEX IF NOT EXISTS action_by_pack ON action (pack);

-- The keys that a claim hands out, and those that go with an action or a pack.
CREATE INDEX key_of_action ON key (owner_action_ref) WHERE owner_type = 'action';
CREATE INDEX key_of_pack ON key (owner_pack_ref) WHERE owner_type = 'pack';
CREATE INDEX key_by_owner_action ON key (owner_action) WHERE owner_action IS NOT NULL;
CREATE INDEX key_by_owner_pack ON key (owner_pack) WHERE owner_pack IS NOT NULL;

-- SHA-256 of all that was saved of a pack: a server that starts saves nothing again.
ALTER TABLE pack ADD COLUMN fingerprint TEXT;
