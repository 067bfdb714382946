CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, token INTEGER, address TEXT, action TEXT NOT NULL,
  subject TEXT NOT NULL, status INTEGER NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);
