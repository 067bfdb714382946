import { workerPermissions } from '#adapters/broker/amqp/permissions.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import type { AdminStore } from '#domain/admin-store.ts';
import type { WorkerId } from '#domain/ids.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { local, type TokenOptions, withStore } from './token.ts';

type AdmitOptions = TokenOptions & { readonly login?: string; readonly token?: string };

/** Gives a worker's name to a login of the database or a token of the API, and says what else is to be done. */
export async function admit(name: string, options: AdmitOptions, env: ProcessEnv): Promise<number> {
  const { login, token } = options;
  if ((login === undefined) === (token === undefined)) {
    await complain('whose is the worker? Give one of --login <login of PostgreSQL> and --token <name of a token>');
    return EXIT.usage;
  }
  return await withStore(options, env, async (store, databaseUrl) => {
    const flaw = login === undefined ? await missingToken(store, token ?? '') : missingDatabase(databaseUrl);
    if (flaw !== undefined) {
      await complain(flaw);
      return EXIT.failure;
    }
    const owner = login === undefined ? `token:${token}` : `login:${login}`;
    const worker = await store.assignWorkerName(name, owner);
    await store.saveAudit([local('admit', `worker ${worker} (${name}) to ${owner}`)]);
    const steps = login === undefined ? [] : stepsFor(worker, login);
    const text = `worker ${name} has the id ${worker} and belongs to ${owner.replace(':', ' ')}`;
    const answer = { worker, name, owner, ...(login !== undefined && { rabbitmq: workerPermissions(worker) }) };
    const lines = options.format === 'json' ? [JSON.stringify(answer)] : [text, ...steps.map((one) => `  ${one}`)];
    await write(process.stdout, `${lines.join('\n')}\n`);
    return EXIT.success;
  });
}

async function missingToken(store: AdminStore, token: string): Promise<string | undefined> {
  const tokens = await store.listTokens();
  return tokens.some((one) => one.name === token && one.revokedAt === undefined)
    ? undefined
    : `there is no token '${token}': attune-agent token create --name ${token} --scope worker makes one`;
}

function missingDatabase(databaseUrl: string | undefined): string | undefined {
  return databaseUrl === undefined
    ? '--login is of PostgreSQL, and no database.url is configured: --standalone knows owners by --token only'
    : undefined;
}

/** For an administrator of both servers; passwords are theirs to choose. */
function stepsFor(worker: WorkerId, login: string): readonly string[] {
  const { user, configure, write: mayWrite, read, topics } = workerPermissions(worker);
  const quote = (text: string): string => `'${text}'`;
  return [
    `CREATE ROLE "${login.replaceAll('"', '""')}" LOGIN PASSWORD '…' IN ROLE attune_worker;`,
    `rabbitmqctl add_user ${user} '…'`,
    `rabbitmqctl set_permissions ${[user, ...[configure, mayWrite, read].map(quote)].join(' ')}`,
    ...topics.map(
      (topic) =>
        `rabbitmqctl set_topic_permissions ${[user, topic.exchange, quote(topic.write), quote(topic.read)].join(' ')}`,
    ),
  ];
}
