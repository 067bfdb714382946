-- What one server does at a time. A lock of PostgreSQL by a number can be taken by every login; a row of this table only
-- by those who may write it.
CREATE TABLE agent_lock (name TEXT PRIMARY KEY);
INSERT INTO agent_lock (name) VALUES ('schedule'), ('logs');
