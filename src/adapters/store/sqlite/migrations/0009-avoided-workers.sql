-- Until when the scheduler prefers others, because the worker did not claim what was scheduled for it.
ALTER TABLE worker ADD COLUMN avoided_until INTEGER;
