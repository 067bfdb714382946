-- What is noted of an attempt that another one follows, when it is handed back: the last attempt is in its execution.
ALTER TABLE execution_attempt ADD COLUMN dispatched_at INTEGER;
ALTER TABLE execution_attempt ADD COLUMN ended_at INTEGER;
ALTER TABLE execution_attempt ADD COLUMN reason TEXT;
-- To the minute: a token is noted once in a while, and not with each request.
ALTER TABLE api_token ADD COLUMN last_used_at INTEGER;
