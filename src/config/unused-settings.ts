/**
 * The settings of Attune's Rust control plane that nothing here uses, by their dotted names: a file of its settings is
 * taken as it is. The section `executor` and the others without names are of its other services, whatever is in them.
 */
const unused: Readonly<Record<string, readonly string[]>> = {
  '': ['service_name', 'environment'],
  database: ['max_connections', 'min_connections', 'connect_timeout', 'idle_timeout', 'log_statements', 'schema'],
  message_queue: ['exchange', 'enable_dlq', 'message_ttl'],
  server: ['request_timeout', 'enable_cors', 'cors_origins', 'max_body_size'],
  log: ['console', 'file'],
  security: ['jwt_access_expiration', 'jwt_refresh_expiration', 'enable_auth', 'allow_self_registration', 'login_page'],
  worker: ['runtime_id', 'host', 'port', 'capabilities', 'stream_logs'],
  artifacts: ['transport', 'max_upload_size', 'flush_interval_ms', 'sensor_log_max_bytes', 'sensor_log_max_files'],
};

const unusedSections = [
  'executor',
  'sensor',
  'notifier',
  'pack_registry',
  'pack_upload',
  'retention',
  'maintenance',
] as const;

/** The dotted names of the settings that are known and not used. */
export const unusedSettings: readonly string[] = Object.entries(unused).flatMap(([section, keys]) =>
  keys.map((key) => (section === '' ? key : `${section}.${key}`)),
);

/** Tells whether a setting is one of Attune's Rust control plane that nothing here uses; parts of its value count too. */
export function isUnused(name: string): boolean {
  return [...unusedSettings, ...unusedSections].some((one) => name === one || name.startsWith(`${one}.`));
}
