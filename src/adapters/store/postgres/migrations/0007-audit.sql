-- Who asked the API, or the command line, to change what. Kept for 400 days.

CREATE TABLE audit_log (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- The token's name when it was used; 'local' for whoever works on the database itself.
  actor TEXT NOT NULL,
  token BIGINT,
  address TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- HTTP's.
  status INTEGER NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);
