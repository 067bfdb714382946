-- Who is told when executions end. A webhook without an owner is told of all that its filter lets through; one with an
-- owner, a token, is what signs the callbacks that this token asks for. As long as no webhook has ever been made, its
-- sequence has no last value, and an execution that ends costs nothing more.
CREATE TABLE webhook (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner TEXT UNIQUE,
  url TEXT,
  statuses JSONB NOT NULL DEFAULT '[]',
  action_ref TEXT,
  pack_ref TEXT,
  encryption_key_hash TEXT NOT NULL,
  secret TEXT NOT NULL,
  delivered_at TIMESTAMPTZ,
  problem TEXT,
  created TIMESTAMPTZ NOT NULL DEFAULT now(),
  CHECK ((owner IS NULL) = (url IS NOT NULL))
);
CREATE INDEX webhook_of_all ON webhook (id) WHERE owner IS NULL;

-- What is to be sent, written by the transaction that ends the execution. No foreign key: whoever deletes a webhook
-- must not make an execution fail that ends at this moment.
CREATE TABLE webhook_delivery (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id UUID NOT NULL DEFAULT gen_random_uuid(),
  webhook BIGINT NOT NULL,
  url TEXT,
  execution BIGINT NOT NULL,
  action_ref TEXT NOT NULL,
  status TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  next_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  created TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at);

ALTER TABLE execution ADD COLUMN callback_url TEXT;
