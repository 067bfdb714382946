-- Stores what a worker has detected: its own versions, replaced as a whole, and the runtimes that nobody had
-- registered. A version is available while any worker has it. A worker that acts only for itself cannot say how a
-- runtime is run.
CREATE OR REPLACE FUNCTION agent_save_detected(given_worker BIGINT, who JSONB, me TEXT)
RETURNS VOID
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  WITH
    found AS (
      SELECT
        'core.' || name AS ref,
        row_number() OVER (
          PARTITION BY name
          ORDER BY n
        ) AS rank,
        name,
        path,
        version
      FROM
        (
          SELECT DISTINCT ON (one ->> 'name', one ->> 'path')
            n,
            one ->> 'name' AS name,
            one ->> 'path' AS path,
            one ->> 'version' AS version
          FROM jsonb_array_elements(who -> 'capabilities' -> 'detected_interpreters') WITH ORDINALITY AS given (one, n)
          ORDER BY one ->> 'name', one ->> 'path', n
        ) AS f
    ),
    templates AS (
      SELECT * FROM jsonb_to_recordset(who -> 'templates') AS t (name TEXT, aliases JSONB, "executionConfig" JSONB)
    ),
    unknown AS (
      INSERT INTO runtime (ref, name, aliases, installation, execution_config, auto_detected, detection_config)
      SELECT
        f.ref,
        f.name,
        ARRAY(SELECT jsonb_array_elements_text(t.aliases)),
        '{"managed_by": "attune-agent"}',
        CASE
          WHEN me IS NULL THEN jsonb_set(t."executionConfig", '{interpreter,binary}', to_jsonb(f.path))
          ELSE '{}'
        END,
        TRUE,
        CASE
          WHEN me IS NULL THEN jsonb_build_object(
            'detected_path', f.path,
            'detected_name', f.name,
            'detected_version', f.version
          )
          ELSE '{}'
        END
      FROM
        found AS f
        JOIN templates AS t ON t.name = f.name
      /* A login of a worker adds none where there are enough for every language. */
      WHERE f.rank = 1 AND (me IS NULL OR (SELECT count(*) < 200 FROM runtime))
      ON CONFLICT (ref) DO UPDATE
        SET
          detection_config = EXCLUDED.detection_config,
          installation = EXCLUDED.installation,
          execution_config = EXCLUDED.execution_config
        WHERE runtime.auto_detected AND runtime.execution_config = '{}' AND EXCLUDED.execution_config != '{}'
      RETURNING id, ref
    ),
    runtimes AS (
      SELECT id, ref FROM unknown
      UNION
      SELECT id, ref FROM runtime WHERE ref IN (SELECT ref FROM found)
    ),
    versions AS (
      INSERT INTO runtime_version
        (runtime, runtime_ref, version, version_major, version_minor, version_patch, is_default, verified_at)
      SELECT DISTINCT ON (r.id, f.version)
        r.id,
        f.ref,
        f.version,
        substring(f.version, '^\d{1,9}')::INTEGER,
        substring(f.version, '^\d+\.(\d{1,9})')::INTEGER,
        substring(f.version, '^\d+\.\d+\.(\d{1,9})')::INTEGER,
        f.rank = 1 AND NOT EXISTS (SELECT FROM runtime_version AS o WHERE o.runtime = r.id AND o.is_default),
        now()
      FROM
        found AS f
        JOIN runtimes AS r ON r.ref = f.ref
      WHERE
        f.version IS NOT NULL
        AND octet_length(f.version) <= 100
        /* All of them are looked at with each registration, also with those of others. */
        AND (me IS NULL OR (SELECT count(*) < 5000 FROM runtime_version))
      ORDER BY r.id, f.version, f.rank
      ON CONFLICT (runtime, version) DO UPDATE
        SET
          available = TRUE,
          verified_at = now()
    ),
    gone AS (
      DELETE FROM worker_runtime_version AS w
      WHERE w.worker = given_worker AND (w.path, w.runtime_ref) NOT IN (SELECT path, ref FROM found)
    )
  INSERT INTO worker_runtime_version (worker, runtime_ref, version, path)
  SELECT given_worker, ref, COALESCE(version, ''), path FROM found
  ON CONFLICT (worker, path, runtime_ref) DO UPDATE
    SET
      version = EXCLUDED.version,
      verified_at = now();
  UPDATE runtime_version AS v
  SET available = has.any_worker
  FROM
    (
      SELECT
        v.id,
        EXISTS (
          SELECT FROM worker_runtime_version AS w WHERE w.runtime_ref = v.runtime_ref AND w.version = v.version
        ) AS any_worker
      FROM runtime_version AS v
      WHERE v.execution_config = '{}'
    ) AS has
  WHERE has.id = v.id AND v.available != has.any_worker;
END
$$;
