-- Adds a version of an artifact for the log of each stream that an execution of the caller has written, and returns all
-- versions of these executions that are files: `stream` where it is such a log. Called again, it adds none again. Nothing
-- keeps two artifacts from having the same ref, so whoever adds a version holds the lock of the ref; refs are locked in
-- their order, so that batches of several workers cannot deadlock. Attune's own workers know no such lock: a version that
-- one of them adds at the same moment makes this one take the next.
CREATE OR REPLACE FUNCTION agent_log_versions(given_owner TEXT, logs JSON, default_policy TEXT, default_limit INTEGER)
RETURNS TABLE (version BIGINT, execution BIGINT, stream TEXT, path TEXT)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
  held BIGINT[];
  one RECORD;
  found_id BIGINT;
  next_version INTEGER;
BEGIN
  SELECT array_agg(DISTINCT c.execution) INTO held
  FROM
    json_to_recordset(logs) AS l (execution BIGINT, attempt INTEGER, worker BIGINT, instance TEXT)
    JOIN agent_execution_claim AS c
      ON c.execution = l.execution AND c.attempt = l.attempt AND c.worker = l.worker AND c.instance = l.instance
    JOIN agent_worker AS w ON w.worker = c.worker AND agent_may(w.owner, me);
  FOR one IN
    SELECT DISTINCT ON (e.action_ref, l.stream, e.id)
      e.id AS execution,
      e.action_ref,
      l.stream,
      e.action_ref || '.' || l.stream || '.log' AS ref,
      COALESCE(a.log_retention_policy, default_policy::artifact_retention_enum) AS retention_policy,
      COALESCE(a.log_retention_limit, default_limit) AS retention_limit
    FROM
      json_to_recordset(logs) AS l (execution BIGINT, stream TEXT)
      JOIN execution AS e ON e.id = l.execution
      LEFT JOIN action AS a ON a.id = e.action
    WHERE
      e.id = ANY (held)
      AND l.stream IN ('stdout', 'stderr')
      AND NOT EXISTS (
        SELECT
        FROM
          artifact_version AS v
          JOIN artifact AS r ON r.id = v.artifact
        WHERE v.execution = e.id AND r.ref = e.action_ref || '.' || l.stream || '.log'
      )
    ORDER BY e.action_ref, l.stream, e.id
  LOOP
    PERFORM agent_lock_artifact(one.ref);
    SELECT a.id INTO found_id FROM artifact AS a WHERE a.ref = one.ref ORDER BY a.id LIMIT 1;
    IF found_id IS NULL THEN
      INSERT INTO artifact (ref, scope, owner, type, visibility, name, content_type, retention_policy, retention_limit)
      VALUES
        (
          one.ref,
          'action',
          one.action_ref,
          'file_text',
          'private',
          one.action_ref || ' ' || one.stream,
          'text/plain',
          one.retention_policy,
          one.retention_limit
        )
      RETURNING id INTO found_id;
    ELSE
      UPDATE artifact AS a
      SET
        retention_policy = one.retention_policy,
        retention_limit = one.retention_limit
      WHERE
        a.id = found_id
        AND (a.retention_policy, a.retention_limit) IS DISTINCT FROM (one.retention_policy, one.retention_limit);
    END IF;
    LOOP
      SELECT COALESCE(max(v.version), 0) + 1 INTO next_version FROM artifact_version AS v WHERE v.artifact = found_id;
      BEGIN
        INSERT INTO artifact_version (artifact, version, execution, content_type, meta, created_by, file_path)
        VALUES
          (
            found_id,
            next_version,
            one.execution,
            'text/plain',
            jsonb_build_object('stream', one.stream, 'execution_id', one.execution),
            'worker',
            replace(one.ref, '.', '/') || '/v' || next_version || '.txt'
          );
        EXIT;
      EXCEPTION
        WHEN unique_violation THEN NULL; /* another worker was quicker */
      END;
    END LOOP;
  END LOOP;
  RETURN QUERY
  SELECT
    v.id,
    v.execution,
    CASE
      WHEN a.ref = e.action_ref || '.' || (v.meta ->> 'stream') || '.log' THEN v.meta ->> 'stream'
    END,
    v.file_path
  FROM
    artifact_version AS v
    JOIN artifact AS a ON a.id = v.artifact
    JOIN execution AS e ON e.id = v.execution
  WHERE v.execution = ANY (held) AND v.file_path IS NOT NULL
  ORDER BY v.id;
END
$$;
