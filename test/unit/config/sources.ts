import { type ConfigSources, type LoadedConfig, loadConfig } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';

export const machine = { hostname: 'box', isContainer: false };

/** The configuration that these sources make. Throws with the problems when there are any. */
export function load(sources: Partial<ConfigSources>): Config {
  return loaded(sources).config;
}

/** What loading these sources gives. Throws with the problems when there are any. */
export function loaded(sources: Partial<ConfigSources>): LoadedConfig {
  const config = loadConfig({ flags: {}, env: {}, file: undefined, ...sources }, machine);
  if (!config.ok) throw new Error(config.error.join('\n'));
  return config.value;
}

/** What is wrong with these sources. */
export function problems(sources: Partial<ConfigSources>): readonly string[] {
  const config = loadConfig({ flags: {}, env: {}, file: undefined, ...sources }, machine);
  return config.ok ? [] : config.error;
}
