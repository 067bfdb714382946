import { hostname } from 'node:os';
import { complain } from '#cli/complain.ts';
import { type ConfigSources, type LoadedConfig, loadConfig } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import { isContainer } from '#execution/runtimes/host.ts';
import { openLogger } from './logger.ts';

const NO_BROKER = 'no broker: set ATTUNE__MESSAGE_QUEUE__URL=amqp://…, or message_queue.url';
export const NO_DATABASE = 'no database: set ATTUNE__DATABASE__URL=postgres://…, or database.url';

/**
 * Reads the configuration; undefined if it is wrong, in which case every error has been printed and the exit code is
 * 78. A setting that nobody knows is printed too, and left out.
 */
export async function readConfig(sources: ConfigSources): Promise<Config | undefined> {
  return (await readWithOrigins(sources))?.config;
}

/** Reads the configuration as `readConfig` does, and says where each setting comes from. */
async function readWithOrigins(sources: ConfigSources): Promise<LoadedConfig | undefined> {
  const loaded = loadConfig(sources, { hostname: hostname(), isContainer: isContainer(sources.env) });
  if (!loaded.ok) {
    await complain(...loaded.error);
    return undefined;
  }
  const { config, unused, warnings } = loaded.value;
  if (warnings.length > 0) await complain(...warnings);
  if (unused.length > 0) openLogger(config).debug('settings not used', { names: unused.join(',') });
  return loaded.value;
}

/**
 * Reads the configuration of a verb that works for a worker or on its database: also from the files of the working
 * directory that Attune's Rust control plane reads.
 */
export async function readConfigHere(sources: ConfigSources): Promise<Config | undefined> {
  return (await readHereWithOrigins(sources))?.config;
}

/** Reads the configuration as `readConfigHere` does, and says where each setting comes from. */
export async function readHereWithOrigins(sources: ConfigSources): Promise<LoadedConfig | undefined> {
  return await readWithOrigins({ ...sources, directory: process.cwd() });
}

export interface ServerUrls {
  readonly databaseUrl: string;
  readonly brokerUrl: string;
}

/**
 * The addresses of database and broker; undefined if one is missing, in which case the `advice` and what to set have
 * been printed and the exit code is 78.
 */
export async function requireServers(config: Config, ...advice: readonly string[]): Promise<ServerUrls | undefined> {
  const { url: databaseUrl } = config.database;
  const { url: brokerUrl } = config.message_queue;
  if (databaseUrl !== undefined && brokerUrl !== undefined) return { databaseUrl, brokerUrl };
  await complain(
    ...(databaseUrl === undefined ? [NO_DATABASE] : []),
    ...(brokerUrl === undefined ? [NO_BROKER] : []),
    ...advice,
  );
  return undefined;
}
