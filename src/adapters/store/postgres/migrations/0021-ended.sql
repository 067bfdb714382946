-- How many executions have ended with each status: the last value of a sequence, drawn by the trigger of their status. A
-- sequence costs no row, and nobody waits for it. After a crash of PostgreSQL it may be 32 ahead.
CREATE SEQUENCE execution_ended_completed;
CREATE SEQUENCE execution_ended_failed;
CREATE SEQUENCE execution_ended_cancelled;
CREATE SEQUENCE execution_ended_timeout;
CREATE SEQUENCE execution_ended_abandoned;

SELECT setval(('attune.execution_ended_' || status)::regclass, count(*))
FROM execution
WHERE status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned')
GROUP BY status;
