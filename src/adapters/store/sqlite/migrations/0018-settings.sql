-- What the agent has to remember of its own work.
CREATE TABLE agent_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL DEFAULT '');
