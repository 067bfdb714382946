-- Who is told when executions end, and what is to be sent; as in PostgreSQL.
CREATE TABLE webhook (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT UNIQUE,
  url TEXT,
  statuses TEXT NOT NULL DEFAULT '[]',
  action_ref TEXT,
  pack_ref TEXT,
  encryption_key_hash TEXT NOT NULL,
  secret TEXT NOT NULL,
  delivered_at INTEGER,
  problem TEXT,
  created INTEGER NOT NULL
);
CREATE TABLE webhook_delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT NOT NULL,
  webhook INTEGER NOT NULL,
  url TEXT,
  execution INTEGER NOT NULL,
  action_ref TEXT NOT NULL,
  status TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  created INTEGER NOT NULL
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at);
ALTER TABLE execution ADD COLUMN callback_url TEXT;

CREATE TRIGGER execution_webhooks AFTER UPDATE OF status ON execution
WHEN NEW.status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned') AND NEW.status <> OLD.status
  AND (NEW.callback_url IS NOT NULL OR EXISTS (SELECT 1 FROM webhook))
BEGIN
  INSERT INTO webhook_delivery (message_id, webhook, url, execution, action_ref, status, next_at, created)
  SELECT lower(hex(randomblob(16))), w.id, CASE WHEN w.owner IS NOT NULL THEN NEW.callback_url END,
    NEW.id, NEW.action_ref, NEW.status, NEW.updated, NEW.updated
  FROM webhook AS w
  WHERE (
    w.owner IS NULL
    AND (w.statuses = '[]' OR EXISTS (SELECT 1 FROM json_each(w.statuses) AS s WHERE s.value = NEW.status))
    AND (w.action_ref IS NULL OR w.action_ref = NEW.action_ref)
    AND (w.pack_ref IS NULL OR instr(NEW.action_ref, w.pack_ref || '.') = 1)
  ) OR (w.owner = NEW.requested_by AND NEW.callback_url IS NOT NULL);
END;
