-- Announces a new execution or a change of status to those who LISTEN, counts the ends, and leaves what webhooks are to be
-- sent. As long as there has never been a webhook, its sequence says so, and no statement is made.
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
      IF pg_sequence_last_value('attune.webhook_id_seq'::regclass) IS NOT NULL THEN
        INSERT INTO attune.webhook_delivery (webhook, execution, action_ref, status)
        SELECT w.id, NEW.id, NEW.action_ref, NEW.status
        FROM attune.webhook AS w
        WHERE
          w.owner IS NULL
          AND (w.statuses = '[]' OR w.statuses ? NEW.status)
          AND (w.action_ref IS NULL OR w.action_ref = NEW.action_ref)
          AND (w.pack_ref IS NULL OR starts_with(NEW.action_ref, w.pack_ref || '.'));
      END IF;
      IF NEW.callback_url IS NOT NULL THEN
        INSERT INTO attune.webhook_delivery (webhook, url, execution, action_ref, status)
        SELECT w.id, NEW.callback_url, NEW.id, NEW.action_ref, NEW.status
        FROM attune.webhook AS w
        WHERE w.owner = NEW.requested_by;
      END IF;
    END IF;
  END IF;
  RETURN NULL;
END
$$;
