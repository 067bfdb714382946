-- What metrics say of the whole history is counted as it happens: how many executions have ended with each status, and
-- how many bytes of log there are.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter (name, value)
SELECT status, count(*) FROM execution
WHERE status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned') GROUP BY status;
INSERT INTO counter (name, value) SELECT 'log', COALESCE(sum(length(data)), 0) FROM execution_log;

CREATE TRIGGER execution_ended AFTER UPDATE OF status ON execution
WHEN NEW.status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned') AND NEW.status <> OLD.status
BEGIN
  INSERT INTO counter (name, value) VALUES (NEW.status, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER execution_log_kept AFTER INSERT ON execution_log
BEGIN
  UPDATE counter SET value = value + length(NEW.data) WHERE name = 'log';
END;

CREATE TRIGGER execution_log_dropped AFTER DELETE ON execution_log
BEGIN
  UPDATE counter SET value = value - length(OLD.data) WHERE name = 'log';
END;
