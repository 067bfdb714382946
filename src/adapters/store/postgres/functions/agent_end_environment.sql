-- Records how a build has ended. After a failure the next build has to wait for one of the pauses (in seconds), which
-- is chosen by the number of failures in a row; the last pause serves for all further failures. A build that is ready
-- makes the environments outdated that were built for an older state of the same pack.
CREATE OR REPLACE FUNCTION agent_end_environment(
  given_owner TEXT,
  given_worker BIGINT,
  given_instance TEXT,
  given_key TEXT,
  given_status TEXT,
  given_error TEXT,
  pauses_s JSON
)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
BEGIN
  UPDATE pack_environment
  SET
    status = given_status,
    install_error = left(given_error, 10000),
    claimed_by_instance = NULL,
    claimed_by_worker = NULL,
    claim_expires_at = NULL,
    updated = now(),
    retry_after = CASE given_status
      WHEN 'failed' THEN now() + agent_seconds(
        (pauses_s ->> LEAST(failures, json_array_length(pauses_s) - 1))::float8,
        0,
        3600
      )
    END,
    failures = CASE given_status
      WHEN 'failed' THEN failures + 1
      WHEN 'ready' THEN 0
      ELSE failures
    END
  WHERE
    env_key = agent_ledger_key(agent_owner(given_owner), given_key)
    AND claimed_by_instance = given_instance
    AND agent_holds(agent_owner(given_owner), given_worker, given_instance);
  IF FOUND AND given_status = 'ready' THEN
    UPDATE pack_environment
    SET
      status = 'outdated',
      updated = now()
    WHERE
      env_key != agent_ledger_key(agent_owner(given_owner), given_key)
      AND status = 'ready'
      AND regexp_replace(env_key, '-[^-]*$', '') = regexp_replace(agent_ledger_key(agent_owner(given_owner), given_key), '-[^-]*$', '');
  END IF;
END
$$;
