import type { RegistrationRequest } from '#domain/worker.ts';
import type { Caller } from './open.ts';

/**
 * Stores what a worker has detected: its own versions, replaced as a whole, and the runtimes that nobody had
 * registered. A worker that acts only for itself cannot say how a runtime is run.
 */
export function saveDetected(
  { database, now, owner }: Caller,
  worker: number,
  { capabilities, templates }: RegistrationRequest,
): void {
  database.query('DELETE FROM worker_runtime_version WHERE worker = ?').run(worker);
  for (const { name, path, version } of capabilities.detected_interpreters) {
    const template = templates.find((one) => one.name === name);
    const config = template?.executionConfig;
    const said =
      config === undefined || owner !== undefined
        ? { config: {}, detection: {} }
        : {
            config: { ...config, interpreter: { ...config.interpreter, binary: path } },
            detection: { detected_path: path, detected_name: name, detected_version: version },
          };
    if (template)
      database
        .query(`
          INSERT INTO runtime (ref, name, aliases, execution_config, auto_detected, detection_config)
          VALUES (?, ?, ?, ?, 1, ?)
          ON CONFLICT (ref) DO UPDATE SET execution_config = excluded.execution_config,
            detection_config = excluded.detection_config
          WHERE auto_detected AND execution_config = '{}'`)
        .run(
          `core.${name}`,
          name,
          JSON.stringify(template.aliases),
          JSON.stringify(said.config),
          JSON.stringify(said.detection),
        );
    database
      .query(`
        INSERT OR IGNORE INTO worker_runtime_version (worker, runtime_ref, version, path, verified_at)
        VALUES (?, ?, ?, ?, ?)`)
      .run(worker, `core.${name}`, version ?? '', path, now());
  }
}
