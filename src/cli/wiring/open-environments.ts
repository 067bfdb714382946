import type { Config } from '#config/schema.ts';
import type { EnvironmentLedger } from '#domain/environment-ledger.ts';
import type { Environment } from '#domain/runtime.ts';
import { type Environments, openEnvironments } from '#execution/environments/environments.ts';
import { openFileLedger } from '#execution/environments/file-ledger.ts';
import { inspectHost } from '#execution/runtimes/host.ts';
import { systemClock } from './clock.ts';

export const DAY_MS = 86_400_000;

/** Those below `root`, kept in order by lock files where no other ledger is given. */
export function environmentsOf(
  { environments }: Config,
  { root, env }: { readonly root: string; readonly env: Environment },
  ledger: EnvironmentLedger = openFileLedger(root),
): Environments {
  const { libc, arch } = inspectHost(env);
  return openEnvironments(
    {
      root,
      env,
      machine: { libc, arch },
      isOffline: environments.offline,
      timeoutMs: environments.install_timeout * 1000,
      limits: { ageMs: environments.max_age_days * DAY_MS, bytes: environments.max_bytes },
      clock: systemClock,
    },
    ledger,
  );
}
