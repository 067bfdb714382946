-- What became of messages of webhooks: the last try of each that waits, and the last ones that have ended. A webhook can
-- be paused; `dropped` counts the messages that were given up because too many waited.
ALTER TABLE webhook ADD COLUMN paused_at TIMESTAMPTZ, ADD COLUMN dropped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhook_delivery
  ADD COLUMN tried_at TIMESTAMPTZ, ADD COLUMN answer INTEGER, ADD COLUMN problem TEXT;
CREATE TABLE webhook_ended (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook BIGINT NOT NULL,
  message_id UUID NOT NULL,
  execution BIGINT NOT NULL,
  action_ref TEXT NOT NULL,
  status TEXT NOT NULL,
  tries INTEGER NOT NULL,
  is_delivered BOOLEAN NOT NULL,
  answer INTEGER,
  problem TEXT,
  created TIMESTAMPTZ NOT NULL,
  tried_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX webhook_ended_of ON webhook_ended (webhook, id);
