-- What became of messages of webhooks; as in PostgreSQL.
ALTER TABLE webhook ADD COLUMN paused_at INTEGER;
ALTER TABLE webhook ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhook_delivery ADD COLUMN tried_at INTEGER;
ALTER TABLE webhook_delivery ADD COLUMN answer INTEGER;
ALTER TABLE webhook_delivery ADD COLUMN problem TEXT;
CREATE TABLE webhook_ended (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  execution INTEGER NOT NULL,
  action_ref TEXT NOT NULL,
  status TEXT NOT NULL,
  tries INTEGER NOT NULL,
  is_delivered INTEGER NOT NULL,
  answer INTEGER,
  problem TEXT,
  created INTEGER NOT NULL,
  tried_at INTEGER NOT NULL
);
CREATE INDEX webhook_ended_of ON webhook_ended (webhook, id);
