-- Announces a new or changed artifact to those who LISTEN.
CREATE OR REPLACE FUNCTION notify_artifact()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM pg_notify(
    CASE TG_OP WHEN 'INSERT' THEN 'artifact_created' ELSE 'artifact_updated' END,
    json_build_object('artifact_id', NEW.id, 'ref', NEW.ref)::text
  );
  RETURN NULL;
END
$$;
