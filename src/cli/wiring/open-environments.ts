import type { Config } from '#config/schema.ts';
import { DAY_MS } from '#domain/durations.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { openEnvironments, type PackEnvironments } from '#execution/environments/environments.ts';
import { openFileLedger } from '#execution/environments/file-ledger.ts';
import { inspectHost } from '#execution/runtimes/host.ts';
import type { Sandbox } from '#execution/sandbox/sandbox.ts';
import { systemClock } from './clock.ts';

interface EnvironmentPlace {
  readonly root: string;
  readonly env: ProcessEnv;
  /** The sandbox of executions, in which installers run too. */
  readonly sandbox: Sandbox | undefined;
}

/**
 * The pack environments below `root`. Unless another ledger is given, processes keep out of each other's way by lock
 * files.
 */
export function environmentsOf(
  { environments }: Config,
  { root, env, sandbox }: EnvironmentPlace,
  ledger: PackEnvironmentLedger = openFileLedger(root, systemClock),
): PackEnvironments {
  const { libc, arch } = inspectHost(env);
  return openEnvironments(
    {
      ...{ root, env, sandbox },
      machine: { libc, arch },
      isOffline: environments.offline,
      timeoutMs: environments.install_timeout * 1000,
      limits: { ageMs: environments.max_age_days * DAY_MS, bytes: environments.max_bytes },
      clock: systemClock,
    },
    ledger,
  );
}
