-- Gives the caller the right to build an environment, for the seconds of a lease. Each owner has a ledger of his own, so
-- that nobody can hold a row that somebody else waits for. The row in the ledger is that lease.
-- It is free when there is none yet, when its holder has let it expire, or when the pause after a failed build is over.
CREATE OR REPLACE FUNCTION agent_begin_environment(
  given_owner TEXT,
  given_worker BIGINT,
  given_instance TEXT,
  environment JSON,
  lease_s FLOAT8
)
RETURNS TABLE (is_mine BOOLEAN, status TEXT, install_error TEXT, retry_in_s FLOAT8, has_pack BOOLEAN)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
  owned_key TEXT := agent_ledger_key(me, environment->>'key');
  given_runtime TEXT := 'core.' || (environment->>'runtime');
BEGIN
  IF octet_length(environment::text) > 20000 THEN
    RAISE EXCEPTION 'what identifies an environment has 20000 bytes at most';
  END IF;
  IF
    NOT agent_holds(me, given_worker, given_instance)
    OR NOT EXISTS (SELECT FROM pack_environment WHERE env_key = owned_key)
    AND (SELECT count(*) >= 10000 FROM pack_environment WHERE starts_with(env_key, me || '|'))
  THEN
    /* The caller learns that somebody else builds the environment. */
    RETURN QUERY
    SELECT FALSE, NULL::text, NULL::text, NULL::float8, TRUE;
    RETURN;
  END IF;
  RETURN QUERY
  WITH
    taken AS (
      INSERT INTO pack_environment AS e (
        pack,
        pack_ref,
        runtime,
        runtime_ref,
        env_key,
        status,
        manifest_checksum,
        claimed_by_worker,
        claimed_by_instance,
        claim_expires_at
      )
      SELECT
        p.id,
        p.ref,
        r.id,
        given_runtime,
        owned_key,
        'installing',
        environment ->> 'checksum',
        given_worker,
        given_instance,
        now() + agent_lease(lease_s)
      FROM
        pack AS p
        LEFT JOIN runtime AS r ON r.ref = given_runtime
      WHERE p.ref = environment ->> 'packRef'
      ON CONFLICT (env_key) DO UPDATE
        SET
          status = 'installing',
          claimed_by_worker = EXCLUDED.claimed_by_worker,
          claimed_by_instance = EXCLUDED.claimed_by_instance,
          claim_expires_at = EXCLUDED.claim_expires_at,
          updated = now()
        WHERE
          (
            e.status = 'installing'
            AND e.claim_expires_at > now()
            AND e.claimed_by_instance IS DISTINCT FROM given_instance
          ) IS NOT TRUE
          AND (e.status = 'failed' AND e.retry_after > now()) IS NOT TRUE
      RETURNING e.status
    )
  SELECT TRUE, status, NULL::text, NULL::float8, TRUE
  FROM taken
  UNION ALL
  SELECT FALSE, status, install_error, EXTRACT(EPOCH FROM retry_after - now())::float8, TRUE
  FROM pack_environment
  WHERE env_key = owned_key AND NOT EXISTS (SELECT FROM taken);
  IF NOT FOUND THEN
    RETURN QUERY
    SELECT FALSE, NULL::text, NULL::text, NULL::float8, EXISTS (SELECT FROM pack WHERE ref = environment ->> 'packRef');
  END IF;
END
$$;
