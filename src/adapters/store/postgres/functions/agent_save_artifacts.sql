-- Adds a version of an artifact for each file that an execution has left. Artifacts are locked in the order of their
-- names, so that batches of several workers cannot deadlock. The bytes of a file lie at the path of its execution and
-- attempt: a file that claims any other path is left out. Without a nested loop, which would compare each name with each.
CREATE OR REPLACE FUNCTION agent_save_artifacts(given_execution BIGINT, files JSON)
RETURNS VOID
LANGUAGE sql
SET enable_nestloop = off
AS $$
  WITH
    given AS (
      SELECT DISTINCT ON (f.name)
        e.id AS execution,
        e.action_ref,
        e.action_ref || '/' || f.name AS ref,
        f.attempt,
        f.name,
        f.bytes,
        f.checksum,
        f.path
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
      WHERE
        e.id = given_execution
        AND f.attempt = COALESCE(e.attempt, 0)
        AND f.path = e.id || '/' || f.attempt || '/' || f.name
        AND f.name !~ '(^|/)\.\.(/|$)'
        AND octet_length(f.name) BETWEEN 1 AND 4000
        AND octet_length(f.checksum) <= 200
        AND f.bytes >= 0
      LIMIT 10000
    ),
    named AS (
      INSERT INTO artifact AS a (ref, name, action_ref, execution, last_version)
      SELECT ref, name, action_ref, execution, 1 FROM given ORDER BY ref
      ON CONFLICT (ref) DO UPDATE
        SET
          last_version = a.last_version + 1,
          execution = EXCLUDED.execution,
          updated = now()
      RETURNING id, ref, last_version
    )
  INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, attempt)
  SELECT n.id, n.last_version, g.bytes, g.checksum, g.path, g.execution, g.attempt
  FROM
    given AS g
    JOIN named AS n ON n.ref = g.ref;
$$;
