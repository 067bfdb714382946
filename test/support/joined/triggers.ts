/** Stand-ins for the bodies of the triggers of Attune's Rust control plane, by the effects that are known of them. */

type Row = Readonly<Record<string, string>>;

/** The functions that the triggers call. The channel of a notification is the argument of its trigger. */
export const triggerFunctions: readonly string[] = [
  trigger('update_updated_column', 'NEW.updated = now(); RETURN NEW;'),
  trigger(
    'notify_change',
    `PERFORM pg_notify(TG_ARGV[0], json_build_object('entity_type', TG_TABLE_NAME, 'entity_id', to_jsonb(NEW)->'id',
      'timestamp', now())::text); RETURN NEW;`,
  ),
  ...(['execution', 'worker', 'sensor_process'] as const).map(historyFunction),
  trigger(
    'audit_execution_lifecycle',
    `IF TG_OP = 'INSERT' OR NEW.status IS DISTINCT FROM OLD.status THEN
      INSERT INTO audit_event (category, event_type, outcome, actor_identity, resource_type, resource_id, resource_ref)
      VALUES ('execution', 'execution.' || NEW.status, 'success', NEW.executor, 'execution', NEW.id, NEW.action_ref);
    END IF; RETURN NEW;`,
  ),
  trigger(
    'enforce_artifact_retention',
    `DELETE FROM artifact_version v USING artifact a
    WHERE a.id = NEW.artifact AND v.artifact = a.id AND (
      a.retention_policy = 'versions' AND v.version <= NEW.version - a.retention_limit
      OR a.retention_policy = 'days' AND v.created < now() - make_interval(days => a.retention_limit)
      OR a.retention_policy = 'hours' AND v.created < now() - make_interval(hours => a.retention_limit)
      OR a.retention_policy = 'minutes' AND v.created < now() - make_interval(mins => a.retention_limit));
    RETURN NEW;`,
  ),
  trigger(
    'validate_key_owner',
    `IF NEW.owner_type = 'system' AND num_nonnulls(NEW.owner_identity, NEW.owner_pack, NEW.owner_action, NEW.owner_sensor) > 0
      OR NEW.owner_type <> 'system' AND num_nonnulls(NEW.owner_identity, NEW.owner_pack, NEW.owner_action, NEW.owner_sensor) <> 1
    THEN RAISE EXCEPTION 'a key of % has other owners', NEW.owner_type; END IF;
    NEW.owner = COALESCE(NEW.owner_identity, NEW.owner_pack, NEW.owner_action, NEW.owner_sensor)::text; RETURN NEW;`,
  ),
  trigger('do_nothing', 'RETURN NEW;'),
];

/** The statement that makes a trigger of the facts. */
export function triggerOf({
  table,
  trigger: name = '',
  timing,
  events = '',
  'notifies channel': channel,
}: Row): string {
  const when = events.replaceAll(',', ' OR ');
  const condition = CONDITIONS[name] ?? '';
  return `CREATE TRIGGER ${name} ${timing} ${when} ON "${table}" FOR EACH ROW ${condition}
    EXECUTE FUNCTION ${functionOf(name, channel)}`;
}

const CONDITIONS: Readonly<Record<string, string>> = {
  execution_status_changed_notify: 'WHEN (OLD.status IS DISTINCT FROM NEW.status)',
  workflow_execution_status_changed_notify:
    'WHEN (NEW.workflow_def IS NOT NULL AND OLD.status IS DISTINCT FROM NEW.status)',
  enforcement_status_changed_notify: 'WHEN (OLD.status IS DISTINCT FROM NEW.status)',
};

const OTHERS: Readonly<Record<string, string>> = {
  trg_audit_execution_lifecycle: 'audit_execution_lifecycle()',
  trg_enforce_artifact_retention: 'enforce_artifact_retention()',
  validate_key_owner_trigger: 'validate_key_owner()',
};

function functionOf(name: string, channel: string | undefined): string {
  if (channel) return `notify_change('${channel}')`;
  if (name.endsWith('_updated')) return 'update_updated_column()';
  if (name.endsWith('_history_trigger')) return `record_${name.replace('_trigger', '')}()`;
  return OTHERS[name] ?? 'do_nothing()';
}

/** Records which columns have changed, with their values before and after; a heartbeat alone is no change. */
function historyFunction(table: 'execution' | 'worker' | 'sensor_process'): string {
  const ref = { execution: 'action_ref', worker: 'name', sensor_process: 'sensor_ref' }[table];
  return trigger(
    `record_${table}_history`,
    `DECLARE
      before JSONB := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
      after JSONB := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
      changed TEXT[];
    BEGIN
      SELECT COALESCE(array_agg(key), '{}') INTO changed FROM jsonb_object_keys(COALESCE(after, before)) AS key
      WHERE key NOT IN ('updated', 'last_heartbeat') AND before->key IS DISTINCT FROM after->key;
      IF TG_OP = 'UPDATE' AND changed = '{}' THEN RETURN NULL; END IF;
      INSERT INTO ${table}_history (operation, entity_id, entity_ref, changed_fields, old_values, new_values)
      VALUES (TG_OP, (COALESCE(after, before)->>'id')::bigint, COALESCE(after, before)->>'${ref}', changed, before, after);
      RETURN NULL;
    END`,
  );
}

function trigger(name: string, body: string): string {
  const block = body.startsWith('DECLARE') ? body : `BEGIN ${body} END`;
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ ${block} $$`;
}
