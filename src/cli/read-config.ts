import { type ConfigSources, loadConfig } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import { inspectHost } from '#detect/host.ts';
import { complain } from './complain.ts';

/** The configuration, or undefined after all that is wrong with it has been said: exit code 78. */
export async function readConfig(sources: ConfigSources): Promise<Config | undefined> {
  const { hostname, isContainer } = inspectHost(sources.env);
  const config = loadConfig(sources, { hostname, isContainer });
  if (config.ok) return config.value;
  await complain(...config.error);
  return undefined;
}
