import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { ConfigSources } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { environmentsOf } from './open-environments.ts';
import { sandboxOf } from './open-sandbox.ts';
import { readConfigHere } from './read-config.ts';

export interface LocalEnvironments {
  readonly config: Config;
  readonly root: string;
  readonly environments: PackEnvironments;
}

/**
 * Opens the pack environments of this machine. The result is an exit code if they cannot be opened, and the reason has
 * been printed.
 */
export async function openLocalEnvironments(sources: ConfigSources): Promise<LocalEnvironments | number> {
  const config = await readConfigHere(sources);
  if (!config) return EXIT.configuration;
  const workPlace = findWorkPlace(sources.env, config);
  if (!workPlace.ok) {
    await complain(workPlace.error);
    return EXIT.failure;
  }
  const sandbox = sandboxOf(config, workPlace.value);
  if (!sandbox.ok) {
    await complain(sandbox.error);
    return EXIT.configuration;
  }
  const root = workPlace.value.environments;
  return { config, root, environments: environmentsOf(config, { root, env: sources.env, sandbox: sandbox.value }) };
}
