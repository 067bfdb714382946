import type { Config } from '#config/schema.ts';
import { DAY_MS } from '#domain/durations.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import { openEnvironments, type PackEnvironments } from '#execution/environments/environments.ts';
import { openFileLedger } from '#execution/environments/file-ledger.ts';
import type { VerificationTime } from '#execution/environments/verification.ts';
import { inspectHost } from '#execution/runtimes/host.ts';
import type { Sandbox } from '#execution/sandbox/sandbox.ts';
import { executionUsers } from '#execution/sandbox/users.ts';
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
  config: Config,
  { root, env, sandbox }: EnvironmentPlace,
  ledger: PackEnvironmentLedger = openFileLedger(root, systemClock),
): PackEnvironments {
  const { environments } = config;
  const { libc, arch } = inspectHost(env);
  return openEnvironments(
    {
      ...{ root, env, sandbox },
      machine: { libc, arch },
      isOffline: environments.offline,
      timeoutMs: environments.install_timeout * 1000,
      limits: { ageMs: environments.max_age_days * DAY_MS, bytes: environments.max_bytes },
      clock: systemClock,
      verify: environments.verify ?? verificationOf(config),
    },
    ledger,
  );
}

/**
 * Actions that are the agent's own user can take back the permission to write to environments, so these are compared
 * before each use. Root needs no permission: its programs may leave files of their own beside what was installed, as
 * those of no other user can, and they may change the interpreters themselves. From source nothing is made read-only.
 */
function verificationOf({ worker, limits }: Config): VerificationTime {
  const isRoot = process.getuid?.() === 0;
  const isOwnUser = executionUsers(worker).length === 0 && !isRoot;
  return IS_STATIC_FILE && isOwnUser && limits.filesystem === 'writable' ? 'use' : 'start';
}
