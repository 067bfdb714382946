-- Notes the sizes of files that executions of the caller have left as versions of artifacts. A version without a size has
-- no file, or an empty one: it goes.
CREATE OR REPLACE FUNCTION agent_finish_versions(given_owner TEXT, files JSON)
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
  WITH
    given AS (
      SELECT v.id, v.artifact, v.version, f.bytes
      FROM
        json_to_recordset(files) AS f (version BIGINT, bytes BIGINT)
        JOIN artifact_version AS v ON v.id = f.version
        JOIN agent_execution_claim AS c ON c.execution = v.execution
        JOIN agent_worker AS w ON w.worker = c.worker AND agent_may(w.owner, me)
    ),
    gone AS (DELETE FROM artifact_version AS v USING given AS g WHERE v.id = g.id AND g.bytes IS NULL),
    sized AS (
      UPDATE artifact_version AS v
      SET size_bytes = g.bytes
      FROM given AS g
      WHERE v.id = g.id AND g.bytes IS NOT NULL
    )
  UPDATE artifact AS a
  SET size_bytes = newest.bytes
  FROM
    (
      SELECT DISTINCT ON (artifact) artifact, version, bytes
      FROM given
      WHERE bytes IS NOT NULL
      ORDER BY artifact, version DESC
    ) AS newest
  WHERE
    a.id = newest.artifact
    AND NOT EXISTS (
      SELECT
      FROM artifact_version AS v
      WHERE v.artifact = newest.artifact AND v.version > newest.version AND v.size_bytes IS NOT NULL
    );
END
$$;
