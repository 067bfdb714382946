import type { Config } from '#config/schema.ts';
import { showConfig } from '#config/show-config.ts';
import type { Environment } from '#domain/runtime.ts';
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { NO_DATABASE, readConfig } from './read-config.ts';
import { write } from './terminal.ts';

export interface WorkOptions {
  readonly config?: string;
  readonly name?: string;
  readonly printConfig?: true;
}

/** The call without a verb. It checks the configuration; the worker that it configures is not part of this version. */
export async function work(options: WorkOptions, env: Environment): Promise<number> {
  const config = await readConfig({ flags: { 'worker.name': options.name }, env, file: options.config });
  if (!config) return EXIT.configuration;
  if (options.printConfig) {
    await write(process.stdout, showConfig(config));
    return EXIT.success;
  }
  await complain(...missing(config), 'this version cannot connect yet: use --detect-only, run, self-test or install');
  return EXIT.configuration;
}

/** What a worker needs and has not been told. */
function missing(config: Config): readonly string[] {
  const needed = [
    { value: config.database.url, say: NO_DATABASE },
    {
      value: config.message_queue.url,
      say: 'no broker: set ATTUNE__MESSAGE_QUEUE__URL=amqp://…, or message_queue.url',
    },
  ];
  return needed.flatMap(({ value, say }) => (value === undefined ? [say] : []));
}
