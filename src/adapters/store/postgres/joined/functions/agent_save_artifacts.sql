-- Adds a version of an artifact for each file that executions have left. Nothing keeps two artifacts from having the
-- same ref, so whoever adds a version holds the lock of the ref; refs are locked in their order, so that batches of
-- several workers cannot deadlock. A file that claims another path than that of its execution and attempt is left out.
CREATE OR REPLACE FUNCTION agent_save_artifacts(executions BIGINT[], files JSON)
RETURNS VOID
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
DECLARE
  one RECORD;
  found_id BIGINT;
  next_version INTEGER;
BEGIN
  FOR one IN
    SELECT DISTINCT ON (e.action_ref, f.name, e.id)
      e.id AS execution,
      e.action_ref,
      e.action_ref || '/' || f.name AS ref,
      f.name,
      f.bytes,
      f.path,
      f.checksum,
      CASE
        WHEN f.name ~* '\.(png|jpe?g|gif|webp)$' THEN 'file_image'
        WHEN f.name ~* '\.(txt|log|csv|json|jsonl|ya?ml|md|xml|html)$' THEN 'file_text'
        ELSE 'file_binary'
      END::artifact_type_enum AS type,
      COALESCE(e.artifact_retention_policy, a.artifact_retention_policy, 'days') AS retention_policy,
      COALESCE(e.artifact_retention_limit, a.artifact_retention_limit, 7) AS retention_limit
    FROM
      execution AS e
      JOIN json_to_recordset(files) AS f (
        execution BIGINT,
        attempt INTEGER,
        name TEXT,
        bytes BIGINT,
        checksum TEXT,
        path TEXT
      )
        ON f.execution = e.id
      LEFT JOIN action AS a ON a.id = e.action
    WHERE
      e.id = ANY (executions)
      AND f.path = e.id || '/' || f.attempt || '/' || f.name
      AND f.name !~ '(^|/)\.\.(/|$)'
      AND octet_length(f.name) BETWEEN 1 AND 4000
      AND octet_length(f.checksum) <= 200
      AND f.bytes >= 0
      AND EXISTS (
        SELECT FROM agent_execution_attempt AS t WHERE t.execution = e.id AND t.attempt = f.attempt
      )
    ORDER BY e.action_ref, f.name, e.id
    LIMIT 10000
  LOOP
    PERFORM agent_lock_artifact(one.ref);
    SELECT id INTO found_id FROM artifact WHERE ref = one.ref ORDER BY id LIMIT 1;
    IF found_id IS NULL THEN
      INSERT INTO artifact (ref, scope, owner, type, name, retention_policy, retention_limit)
      VALUES (one.ref, 'action', one.action_ref, one.type, one.name, one.retention_policy, one.retention_limit)
      RETURNING id INTO found_id;
    END IF;
    SELECT COALESCE(max(version), 0) + 1 INTO next_version FROM artifact_version WHERE artifact = found_id;
    INSERT INTO artifact_version (artifact, version, execution, size_bytes, file_path, meta, created_by)
    VALUES
      (
        found_id,
        next_version,
        one.execution,
        one.bytes,
        one.path,
        jsonb_build_object('execution_id', one.execution, 'checksum', one.checksum),
        'worker'
      );
    UPDATE artifact SET size_bytes = one.bytes, updated = now() WHERE id = found_id;
  END LOOP;
END
$$;
