-- The history that this database has: the system and the timeline of PostgreSQL that the last id of an execution is of.
-- When either has changed, ids that were given may have been lost (agent_execution_ids).
CREATE TABLE agent_history (
  is_only BOOLEAN PRIMARY KEY DEFAULT true CHECK (is_only),
  name TEXT
);
INSERT INTO agent_history (name) VALUES (NULL);
