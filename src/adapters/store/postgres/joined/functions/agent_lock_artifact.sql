-- Takes the lock of the ref of an artifact, until the end of the transaction. Any login can take a lock of this kind: after
-- a second, and at once when another one was not to be had, this goes on without it.
CREATE OR REPLACE FUNCTION agent_lock_artifact(ref TEXT)
RETURNS VOID
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
BEGIN
  PERFORM set_config(
    'lock_timeout',
    CASE WHEN current_setting('attune.is_busy', TRUE) = 'yes' THEN '10ms' ELSE '1s' END,
    TRUE
  );
  PERFORM pg_advisory_xact_lock(hashtextextended('attune-agent artifact ' || ref, 0));
EXCEPTION
  WHEN lock_not_available THEN PERFORM set_config('attune.is_busy', 'yes', TRUE);
END
$$;
