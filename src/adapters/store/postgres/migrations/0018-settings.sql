-- What servers have found in their configuration and the functions of the database need to know.
CREATE TABLE agent_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL DEFAULT '');
