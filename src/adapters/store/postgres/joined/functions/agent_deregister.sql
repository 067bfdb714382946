-- Frees the name of a worker. Its row stays, with its history and its cordon. A draining worker that is active again has
-- another agent behind it, which has taken its name: its status is left alone.
CREATE OR REPLACE FUNCTION agent_deregister(given_owner TEXT, given_worker BIGINT, given_instance TEXT)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  /* Registration locks the rows of a worker in this order too. */
  PERFORM FROM worker AS w WHERE w.id = given_worker FOR NO KEY UPDATE;
  WITH
    present AS (
      SELECT worker, is_draining
      FROM agent_worker
      WHERE worker = given_worker AND instance = given_instance AND agent_may(owner, me)
    ),
    gone AS (
      UPDATE agent_worker AS a
      SET
        instance = NULL,
        pid = NULL,
        process = NULL,
        is_draining = FALSE
      FROM present
      WHERE a.worker = present.worker
      RETURNING a.worker, present.is_draining AS was_draining
    )
  UPDATE worker AS w
  SET
    status = 'inactive',
    updated = now()
  FROM gone
  WHERE w.id = gone.worker AND NOT (gone.was_draining AND w.status = 'active');
END
$$;
