-- When actions are requested again and again; next_at is NULL until a scheduler has computed it.
CREATE TABLE schedule (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  action_ref TEXT NOT NULL,
  name TEXT NOT NULL,
  pack INTEGER,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  parameters TEXT NOT NULL DEFAULT '{}',
  missed TEXT NOT NULL DEFAULT 'once',
  is_paused INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  last_at INTEGER,
  last_execution INTEGER,
  problem TEXT,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  UNIQUE (action_ref, name)
);
CREATE INDEX schedule_due ON schedule (next_at) WHERE NOT is_paused;
