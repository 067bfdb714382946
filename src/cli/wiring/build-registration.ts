import { hostname } from 'node:os';
import { VERSION } from '#cli/version.ts';
import type { Config } from '#config/schema.ts';
import { native } from '#domain/families.ts';
import type { Interpreter } from '#domain/runtime.ts';
import type { Capabilities, RegistrationRequest } from '#domain/worker.ts';
import { runtimeTemplates } from '#execution/environments/execution-config.ts';
import { processIdentity } from '#execution/process/identity.ts';
import type { Detection } from '#execution/runtimes/detect.ts';
import { cgroupLimits, type Host } from '#execution/runtimes/host.ts';
import { executionUsers } from '#execution/sandbox/users.ts';

/** The memory that one execution is reckoned to take at least. */
const MEMORY_OF_ONE_BYTES = 32 * 1024 * 1024;
const AT_ONCE_PER_CPU = 8;

/**
 * The configured number of executions at once, lowered to what the container may use: 8 per processor, 32 MiB for each.
 */
export function concurrencyWithin(wanted: number, { cpus, memoryBytes }: Omit<Host['limits'], 'pids'>): number {
  const byCpu = cpus === undefined ? wanted : Math.floor(cpus * AT_ONCE_PER_CPU);
  const byMemory = memoryBytes === undefined ? wanted : Math.floor(memoryBytes / MEMORY_OF_ONE_BYTES);
  return Math.max(1, Math.min(wanted, byCpu, byMemory));
}

/** Where each execution has a user of its own, there are no more at once than users. */
function atMostOneEach(worker: Config['worker']): number {
  const users = worker.execution_users === undefined ? [] : executionUsers(worker);
  return users.length === 0 ? worker.max_concurrent_tasks : Math.min(worker.max_concurrent_tasks, users.length);
}

/** Builds what a worker registers with: its name, its host, and its capabilities. */
export function buildRegistration(
  { worker }: Config,
  { interpreters }: Detection,
  runtimes: readonly string[],
): { readonly registration: RegistrationRequest; readonly usable: readonly Interpreter[] } {
  const usable = interpreters.filter((one) => one.problem === undefined && runtimes.includes(one.family));
  /* Programs need nothing that could be found or be missing. */
  const offered = worker.runtimes === undefined ? [...runtimes, native.name] : runtimes;
  const capabilities: Capabilities = {
    runtimes: offered,
    max_concurrent_executions: concurrencyWithin(atMostOneEach(worker), cgroupLimits('/')),
    worker_version: VERSION,
    agent_mode: true,
    agent_binary_name: 'attune-agent',
    agent_binary_version: VERSION,
    detected_interpreters: usable.map(({ family, path, version }) => ({
      name: family,
      path,
      version: version ?? null,
    })),
    runtime_versions: Object.fromEntries(offered.map((runtime) => [runtime, versionsOf(runtime, usable)])),
    labels: worker.labels,
    taints: worker.taints,
    ephemeral: worker.ephemeral,
    inline: worker.inline,
    batched_dispatch: true,
  };
  const registration: RegistrationRequest = {
    name: worker.name,
    instance: crypto.randomUUID(),
    workerType: worker.worker_type,
    host: hostname(),
    pid: process.pid,
    process: processIdentity(),
    capabilities,
    templates: runtimeTemplates().filter((one) => runtimes.includes(one.name)),
  };
  return { registration, usable };
}

function versionsOf(runtime: string, interpreters: readonly Interpreter[]): readonly string[] {
  const versions = interpreters.flatMap((one) => (one.family === runtime && one.version ? [one.version] : []));
  return [...new Set(versions)];
}
