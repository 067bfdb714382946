import { resolve } from 'node:path';
import type { ConfigSources } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import { secretFiles } from '#config/secret-files.ts';
import { lazy } from '#domain/lazy.ts';
import { failure, type Result } from '#domain/result.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import { describeExposure } from '#execution/sandbox/exposed-paths.ts';
import { createSandbox, describeHidingProblem, type Sandbox } from '#execution/sandbox/sandbox.ts';
import { examineSecretFiles, type SecretFiles } from '#execution/sandbox/secret-files.ts';
import { executionUsers } from '#execution/sandbox/users.ts';
import type { WorkPlace } from '#execution/script/work-place.ts';

/**
 * The sandbox that the configuration asks for every execution, which hides the files with secrets of the agent. The
 * error is a sentence for the user.
 */
export function sandboxOf(
  config: Config,
  { executions }: WorkPlace,
  { hidden }: Pick<SecretFiles, 'hidden'> = { hidden: [] },
): Result<Sandbox | undefined, string> {
  const exposed = describeExposedDirectory(config);
  if (exposed !== undefined) return failure(exposed);
  const { worker, limits } = config;
  const options = {
    users: executionUsers(worker),
    group: { memoryBytes: limits.memory_bytes, cpus: limits.cpus, pids: limits.pids },
    openFiles: limits.open_files,
    fileBytes: limits.file_bytes,
    nice: limits.nice,
    hasNetwork: limits.network === 'allowed',
    mayWrite: limits.filesystem === 'writable',
    hidden,
  };
  return createSandbox(options, IS_STATIC_FILE ? process.execPath : undefined, executions);
}

/** Decides about the files with secrets of the agent that executions of this worker could read. */
export function secretFilesOf(config: Config, sources: ConfigSources): SecretFiles {
  const paths = secretFiles(config, { ...sources, directory: process.cwd() });
  return examineSecretFiles(paths, {
    users: executionUsers(config.worker),
    home: sources.env['HOME'],
    problem: lazy(() => describeHidingProblem(IS_STATIC_FILE ? process.execPath : undefined)),
  });
}

/**
 * Tells whether a worker starts at all where a secret is exposed. Another user is asked for so that executions reach
 * nothing of the agent's.
 */
export function refusesExposed(worker: Config['worker']): boolean {
  return worker.exposed_secrets === 'refuse' || executionUsers(worker).length > 0;
}

/** Says which directory of the agent executions that run as another user could change; undefined: none. */
function describeExposedDirectory({
  worker,
  packs_base_dir,
  pack_archives_dir,
  installed_packs_dir,
  agent,
  artifacts,
}: Config): string | undefined {
  const directories = {
    packs_base_dir,
    pack_archives_dir,
    installed_packs_dir,
    'agent.binary_dir': agent.binary_dir,
    'worker.spool_dir': worker.spool_dir,
    'artifacts.directory': artifacts.directory,
  };
  for (const [setting, path] of Object.entries(directories)) {
    const problem = path === undefined ? undefined : describeExposure(resolve(path), executionUsers(worker));
    if (problem !== undefined) return `${setting} ${path}: ${problem}`;
  }
  return undefined;
}
