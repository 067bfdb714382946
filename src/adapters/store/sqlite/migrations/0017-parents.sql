-- What an execution has requested: few executions have a parent, and no other one is in this index.
CREATE INDEX execution_by_requester ON execution (requested_by, id) WHERE requested_by LIKE 'execution %';
