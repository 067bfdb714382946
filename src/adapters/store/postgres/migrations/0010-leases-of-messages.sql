-- Until when the process that took a message to publish it has it to itself; nobody has taken it yet: NULL.
ALTER TABLE outbox ADD COLUMN taken_until TIMESTAMPTZ;
