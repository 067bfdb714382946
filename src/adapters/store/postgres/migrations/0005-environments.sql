-- What environments, versions of runtimes for each worker, artifacts and code that comes along need.

-- Who builds an environment, how often that has failed in a row, and when it may be tried again.
ALTER TABLE pack_environment ADD COLUMN IF NOT EXISTS claimed_by_instance TEXT;
ALTER TABLE pack_environment ADD COLUMN IF NOT EXISTS failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pack_environment ADD COLUMN IF NOT EXISTS retry_after TIMESTAMPTZ;

-- Which worker has which version, and where: none of them speaks for another.
CREATE TABLE worker_runtime_version (
  worker BIGINT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
  runtime_ref TEXT NOT NULL,
  version TEXT NOT NULL,
  path TEXT NOT NULL,
  verified_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (worker, path, runtime_ref)
);
CREATE INDEX worker_runtime_version_runtime ON worker_runtime_version (runtime_ref, version);

-- Each execution that leaves a file of the same name makes a version.
ALTER TABLE artifact ADD COLUMN IF NOT EXISTS last_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE artifact ADD COLUMN IF NOT EXISTS action_ref TEXT;
ALTER TABLE artifact_version ADD COLUMN IF NOT EXISTS execution BIGINT REFERENCES execution (id) ON DELETE SET NULL;
ALTER TABLE artifact_version ADD COLUMN IF NOT EXISTS attempt INTEGER;
CREATE INDEX artifact_version_execution ON artifact_version (execution);

-- What an action's YAML would say about code that comes with its execution.
ALTER TABLE execution ADD COLUMN IF NOT EXISTS inline_options JSONB;

CREATE INDEX key_owner ON key (owner_type, name);
