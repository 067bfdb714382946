-- When actions are requested again and again. The scheduler that changes next_at requests the execution in the same
-- transaction; NULL means that none has computed it yet.
CREATE TABLE schedule (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action_ref TEXT NOT NULL,
  name TEXT NOT NULL,
  -- NULL: it was made by the API, and stays when the action goes.
  pack BIGINT REFERENCES pack (id) ON DELETE CASCADE,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  parameters JSONB NOT NULL DEFAULT '{}',
  missed TEXT NOT NULL DEFAULT 'once',
  is_paused BOOLEAN NOT NULL DEFAULT FALSE,
  next_at TIMESTAMPTZ,
  last_at TIMESTAMPTZ,
  last_execution BIGINT,
  problem TEXT,
  created TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE (action_ref, name)
);
CREATE INDEX schedule_due ON schedule (next_at NULLS FIRST) WHERE NOT is_paused;
CREATE INDEX schedule_of_pack ON schedule (pack);
