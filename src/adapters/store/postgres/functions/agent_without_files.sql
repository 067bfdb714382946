-- A result that says that its files were not kept, since somebody held an artifact for too long.
CREATE OR REPLACE FUNCTION agent_without_files(result JSONB)
RETURNS JSONB
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT
    jsonb_set(
      result,
      '{artifact_errors}',
      COALESCE(result -> 'artifact_errors', '[]') || '["no file was kept: another transaction holds an artifact of this name"]'
    );
$$;
