import { workerPermissions } from '#adapters/broker/amqp/permissions.ts';
import { TEMP_FILE_LIMIT } from '#adapters/store/postgres/close-disk.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings } from '#cli/options.ts';
import { offering, option, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { localAuditEntry, withAdminStore } from '#cli/wiring/admin-store.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { AdminStore } from '#domain/admin-store.ts';
import type { WorkerId } from '#domain/ids.ts';
import { failure, type Result, success } from '#domain/result.ts';

export const verb = defineVerb({
  details:
    'From then on only the owner of the name can work under it. For a login it prints the statements that make the login and its user of RabbitMQ, which can reach their own rows and queues only.',
  arguments: {
    worker: offering('workers', required('worker', 'Name of the worker, which need not have registered yet')),
  },
  options: {
    login: option('--login <login>', 'Login of PostgreSQL that owns the name'),
    token: option('--token <name>', 'Name of the API token that owns the name'),
    ...databaseOptions(),
  },
  settings: databaseSettings,
  examples: [
    [
      'attune-agent workers assign gpu-1 --login gpu_1',
      'Reserves the name gpu-1 for the login gpu_1, and prints its grants',
    ],
    [
      'attune-agent workers assign edge-7 --token edge-7',
      'Reserves the name edge-7 for the API token of the same name',
    ],
  ],
  action: async ({ worker: name }, { login, token, format }, { sources }) => {
    if ((login === undefined) === (token === undefined)) {
      await complain(
        `who shall own the name ${name}? Give either --login <login of PostgreSQL> or --token <name of an API token>`,
      );
      return EXIT.usage;
    }
    return await withAdminStore(sources, async (store, databaseUrl) => {
      const found = login === undefined ? await ownerByToken(store, token ?? '') : ownerByLogin(login, databaseUrl);
      if (!found.ok) {
        await complain(found.error);
        return EXIT.failure;
      }
      const owner = found.value;
      const worker = await store.assignWorkerName(name, owner);
      await store.saveAudit([localAuditEntry('workers assign', `worker ${worker} (${name}) to ${owner}`)]);
      const steps = login === undefined ? [] : stepsFor(worker, login);
      const text = `worker ${name} has the id ${worker} and belongs to ${login === undefined ? `token ${token}` : `login ${login}`}`;
      const answer = { worker, name, owner, ...(login !== undefined && { rabbitmq: workerPermissions(worker) }) };
      await writeAnswer(format, answer, [text, ...steps.map((one) => `  ${one}`)].join('\n'));
      return EXIT.success;
    });
  },
});

async function ownerByToken(store: AdminStore, name: string): Promise<Result<string, string>> {
  const found = (await store.listTokens()).find((one) => one.name === name && one.revokedAt === undefined);
  return found
    ? success(`token:${found.id}`)
    : failure(`there is no token '${name}': attune-agent token create --name ${name} --scope worker makes one`);
}

function ownerByLogin(login: string, databaseUrl: string | undefined): Result<string, string> {
  return databaseUrl === undefined
    ? failure(
        '--login needs PostgreSQL, and database.url is not set: with --standalone a name can be reserved by --token only',
      )
    : success(`login:${login}`);
}

/** Sessions of one login, so that it cannot take those of the servers. A worker has a few, and lost ones end late. */
const MOST_SESSIONS = 20;

/** The commands for an administrator of both servers, who fills in the passwords. */
function stepsFor(worker: WorkerId, login: string): readonly string[] {
  const { user, configure, write: mayWrite, read, topics } = workerPermissions(worker);
  const role = `"${login.replaceAll('"', '""')}"`;
  const quote = (text: string): string => `'${text}'`;
  return [
    `CREATE ROLE ${role} LOGIN CONNECTION LIMIT ${MOST_SESSIONS} PASSWORD '…' IN ROLE attune_worker;`,
    `ALTER ROLE ${role} SET temp_file_limit = '${TEMP_FILE_LIMIT}'; -- a superuser alone may`,
    `rabbitmqctl add_user ${user} '…'`,
    `rabbitmqctl set_permissions ${[user, ...[configure, mayWrite, read].map(quote)].join(' ')}`,
    ...topics.map(
      (topic) =>
        `rabbitmqctl set_topic_permissions ${[user, topic.exchange, quote(topic.write), quote(topic.read)].join(' ')}`,
    ),
  ];
}
