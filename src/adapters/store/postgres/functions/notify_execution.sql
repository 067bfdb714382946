-- Announces a new execution or a change of status to those who LISTEN, and counts the ends.
CREATE OR REPLACE FUNCTION notify_execution()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM pg_notify(
      'execution_created',
      json_build_object('execution_id', NEW.id, 'action_ref', NEW.action_ref, 'status', NEW.status)::text
    );
  ELSIF NEW.status IS DISTINCT FROM OLD.status THEN
    PERFORM pg_notify(
      'execution_status_changed',
      json_build_object('execution_id', NEW.id, 'previous_status', OLD.status, 'new_status', NEW.status)::text
    );
    IF NEW.status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned') THEN
      PERFORM nextval(('attune.execution_ended_' || NEW.status)::regclass);
    END IF;
  END IF;
  RETURN NULL;
END
$$;
