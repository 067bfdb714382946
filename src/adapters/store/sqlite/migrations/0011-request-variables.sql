-- The environment variables of an action that a request may set.
ALTER TABLE action ADD COLUMN env_vars TEXT NOT NULL DEFAULT '[]';
