-- Until when the scheduler prefers others, because the worker did not claim what was scheduled for it; NULL: it is not
-- avoided.
ALTER TABLE worker ADD COLUMN IF NOT EXISTS avoided_until TIMESTAMPTZ;
