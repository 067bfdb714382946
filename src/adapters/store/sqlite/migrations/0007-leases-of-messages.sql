-- Until when whoever took a message to publish it has it to himself.
ALTER TABLE outbox ADD COLUMN taken_until INTEGER;
