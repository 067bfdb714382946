import { z } from 'zod';
import type { Interpreter } from '#domain/runtime.ts';
import { advertisedRuntimes, type Detection } from './detect.ts';
import type { Host } from './host.ts';

/** The report of `attune-agent --detect-only --format json`. A change that breaks readers raises `schema_version`. */
export const detectionReportSchema = z.strictObject({
  schema_version: z.literal(1),
  agent_version: z.string(),
  /** What `ATTUNE_WORKER_RUNTIMES` would be. */
  runtimes: z.array(z.string()),
  interpreters: z.array(
    z.strictObject({
      name: z.string(),
      path: z.string(),
      real_path: z.string(),
      /** null: works and does not tell, or does not work. */
      version: z.string().nullable(),
      /** What implements the language, with its own version; null: the usual implementation. */
      implementation: z.string().nullable(),
      /** The first usable one of its family. */
      is_default: z.boolean(),
      is_available: z.boolean(),
      /** The reason why the interpreter is not available. */
      problem: z.string().nullable(),
      probe_ms: z.number().nonnegative(),
    }),
  ),
  host: z.strictObject({
    hostname: z.string(),
    arch: z.enum(['x86_64', 'aarch64']),
    libc: z.enum(['glibc', 'musl', 'none']),
    os_release: z.strictObject({ id: z.string(), version_id: z.string(), pretty_name: z.string() }).nullable(),
    is_container: z.boolean(),
    uid: z.int().nonnegative(),
    user: z.string().nullable(),
    /** Limits of the cgroup; null: none. */
    cpu_limit: z.number().positive().nullable(),
    memory_limit_bytes: z.int().positive().nullable(),
  }),
  total_ms: z.number().nonnegative(),
});

export type DetectionReport = z.infer<typeof detectionReportSchema>;

export function detectionReport(detection: Detection, host: Host, agentVersion: string): DetectionReport {
  const defaults = new Set(
    advertisedRuntimes(detection.interpreters).map((name) => detection.interpreters.find((one) => isUsable(one, name))),
  );
  return {
    schema_version: 1,
    agent_version: agentVersion,
    runtimes: [...advertisedRuntimes(detection.interpreters)],
    interpreters: detection.interpreters.map((one) => ({
      name: one.family,
      path: one.path,
      real_path: one.realPath,
      version: one.version ?? null,
      implementation: one.implementation ?? null,
      is_default: defaults.has(one),
      is_available: one.problem === undefined,
      problem: one.problem ?? null,
      probe_ms: milliseconds(one.probeMs),
    })),
    host: {
      hostname: host.hostname,
      arch: host.arch,
      libc: host.libc,
      os_release: host.os ? { id: host.os.id, version_id: host.os.version, pretty_name: host.os.name } : null,
      is_container: host.isContainer,
      uid: host.uid,
      user: host.user ?? null,
      cpu_limit: host.limits.cpus ?? null,
      memory_limit_bytes: host.limits.memoryBytes ?? null,
    },
    total_ms: milliseconds(detection.totalMs),
  };
}

function isUsable(one: Interpreter, family: string): boolean {
  return one.family === family && one.problem === undefined;
}

function milliseconds(value: number): number {
  return Math.round(value * 10) / 10;
}
