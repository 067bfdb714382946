-- Removing a worker looks for the executions that it ran.
CREATE INDEX execution_by_worker ON execution (worker) WHERE worker IS NOT NULL;
