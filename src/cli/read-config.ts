import { hostname } from 'node:os';
import { type ConfigSources, loadConfig } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import { isContainer } from '#detect/host.ts';
import { complain } from './complain.ts';

export const NO_BROKER = 'no broker: set ATTUNE__MESSAGE_QUEUE__URL=amqp://…, or message_queue.url';
export const NO_DATABASE = 'no database: set ATTUNE__DATABASE__URL=postgres://…, or database.url';

/** The configuration, or undefined after all that is wrong with it has been said: exit code 78. */
export async function readConfig(sources: ConfigSources): Promise<Config | undefined> {
  const config = loadConfig(sources, { hostname: hostname(), isContainer: isContainer(sources.env) });
  if (config.ok) return config.value;
  await complain(...config.error);
  return undefined;
}
