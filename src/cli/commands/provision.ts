import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption, configOption } from '#cli/options.ts';
import { option } from '#cli/parameter.ts';
import { withProgress } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { withAdminStore } from '#cli/wiring/admin-store.ts';
import { provision } from '#cli/wiring/provision.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  details:
    'The secrets exist already, each in a file: an address with user and password as its owner will use it, or a token of att_ and 32 letters or digits at least. It makes the logins, the user of RabbitMQ and the token of them, and when it is done again it changes only what differs: another password or token in the file takes the place of the old one. The logins need a database.url whose login has CREATEROLE; a token needs the rights of attune_server alone.',
  arguments: {},
  options: {
    serverLogin: option('--server-login <file>', 'File with the database address of a server, whose login is made'),
    workerLogin: option('--worker-login <file>', 'File with the database address of a worker, whose login is made'),
    brokerUser: option('--broker-user <file>', 'File with the RabbitMQ address of the worker, whose user is made'),
    management: option(
      '--management <file>',
      'File with the address of the management API of RabbitMQ, http://USER:PASSWORD@HOST:15672, for --broker-user',
    ),
    worker: option('--worker <name>', 'Name of the worker, which is reserved for its login or token'),
    workerToken: option('--worker-token <file>', 'File with the token by which workers use the API'),
    tokenName: option('--token-name <name>', 'Name of that token', { fallback: 'workers' }),
    config: configOption(),
    format: answerFormatOption(),
  },
  settings: ['database', 'data_dir'],
  examples: [
    [
      'attune-agent provision --server-login /run/secrets/server_url --worker-token /run/secrets/worker_token',
      'Makes the login of a server and the token of its workers',
    ],
  ],
  action: async (_, options, { sources }) => {
    const { brokerUser, management, worker, workerToken, workerLogin, serverLogin, format } = options;
    const misuse = misuseOf({ brokerUser, management, worker, workerToken, workerLogin, serverLogin });
    if (misuse !== undefined) {
      await complain(misuse);
      return EXIT.usage;
    }
    return await withAdminStore(sources, async (store, databaseUrl) => {
      const done = await withProgress('Provisioning', provision(options, { store, databaseUrl }));
      if (!done.ok) {
        await complain(done.error);
        return EXIT.failure;
      }
      await writeAnswer(format, { done: done.value }, done.value.join('\n'));
      return EXIT.success;
    });
  },
});

type Given = Readonly<
  Record<'brokerUser' | 'management' | 'worker' | 'workerToken' | 'workerLogin' | 'serverLogin', string | undefined>
>;

/** Says which of the options do not belong together; undefined if they do. */
function misuseOf({
  brokerUser,
  management,
  worker,
  workerToken,
  workerLogin,
  serverLogin,
}: Given): string | undefined {
  if ([brokerUser, workerToken, workerLogin, serverLogin].every((one) => one === undefined))
    return 'nothing to provision: give --server-login, --worker-login, --broker-user or --worker-token';
  if ((brokerUser === undefined) !== (management === undefined))
    return '--broker-user and --management belong together: the user is made by the management API';
  if (brokerUser !== undefined && worker === undefined)
    return '--broker-user needs --worker NAME: its permissions are those of one worker';
  if (worker === undefined) return undefined;
  if ((workerLogin === undefined) === (workerToken === undefined))
    return '--worker needs one of --worker-login and --worker-token, to which the name shall belong';
  return undefined;
}
