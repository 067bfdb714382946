import { EXIT } from '#cli/exit-codes.ts';
import { configOption, dataOption, nameOption, packsOption, portOption } from '#cli/options.ts';
import { choice, flag } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';

/** The call without a verb. Every call loads this file, so the action itself is loaded only when it runs. */
export const verb = defineVerb({
  details: [
    'Without a verb it is a worker: it detects the runtimes of this container, registers, and runs executions until SIGTERM. It needs database.url and message_queue.url, or the address and a token of a server in api_url and api_token.',
    'A setting comes from an option, else from the environment (ATTUNE__SECTION__KEY, or ATTUNE__SECTION__KEY_FILE with the path of a file that holds the value), else from the file of --config, else it has its default.',
    'As PID 1 the program is also an init: it forwards signals and reaps orphans. ATTUNE_SUPERVISE=1 does so for any PID, ATTUNE_SUPERVISE=0 for none. NO_COLOR turns colours off.',
  ].join('\n\n'),
  arguments: {},
  options: {
    detectOnly: flag(
      '--detect-only',
      'Prints the runtimes found in this container and exits; needs no settings and no network',
      { conflicts: ['standalone', 'printConfig'] },
    ),
    format: choice(
      '-o, --format <format>',
      ['text', 'json', 'yaml', 'env'],
      'Format of the report of --detect-only, and of --print-config, which knows no env',
    ),
    config: configOption(),
    name: nameOption('Name of this worker', 'worker-<hostname>'),
    packs: packsOption(),
    standalone: flag('--standalone', 'Runs all of Attune in this process: SQLite, broker, API, scheduler and worker'),
    data: dataOption('Directory in which --standalone keeps its data'),
    port: portOption('Port on which the API of --standalone listens; 0 takes any free one'),
    printConfig: flag(
      '--print-config',
      'Prints the resulting settings, with secrets masked and where each comes from, and exits',
    ),
  },
  settings: [
    'database',
    'message_queue',
    'worker',
    'limits',
    'scheduler',
    'retention',
    'webhooks',
    'oidc',
    'server',
    'agent',
    'security',
    'artifacts',
    'environments',
    'log',
    'tracing',
    'api_url',
    'api_token',
    'data_dir',
    'packs_base_dir',
    'artifacts_dir',
    'installed_packs_dir',
    'pack_archives_dir',
    'runtime_envs_dir',
    'work_dir',
  ],
  examples: [
    ['attune-agent', 'Runs a worker, with the settings of the environment'],
    ['attune-agent --detect-only', 'Lists the runtimes of this container'],
    ['attune-agent --standalone', 'Runs all of Attune here, with the packs in ./packs'],
    [
      'attune-agent --name worker-1 --print-config',
      'Shows the settings that a worker would have, and where each comes from',
    ],
  ],
  exitCodes: {
    [EXIT.success]: 'done, or stopped by a signal after its executions had ended',
    [EXIT.failure]: 'failed',
    [EXIT.usage]: 'wrong arguments',
    [EXIT.configuration]: 'wrong or missing settings',
    [EXIT.hungUp]: 'ended at once by a second SIGHUP, or by the first one while it starts',
    [EXIT.interrupted]: 'ended at once by a second SIGINT, or by the first one while it starts',
    [EXIT.quit]: 'ended at once by a second SIGQUIT, or by the first one while it starts',
    [EXIT.terminated]: 'ended at once by a second SIGTERM, or by the first one while it starts',
  },
  action: async (_, options, call) => {
    if (options.detectOnly) {
      const { detectOnly } = await import('./detect-only.ts');
      return await detectOnly(options.format, call.env);
    }
    const { work } = await import('./work.ts');
    return await work(options, call);
  },
});
