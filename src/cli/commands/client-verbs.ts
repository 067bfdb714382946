import { Command, Option } from 'commander';
import type { ClientOptions } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { SCOPES } from '#domain/admin-store.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { ArtifactsOptions } from './artifacts.ts';
import { candidates, completionScripts } from './completions.ts';
import type { ExecutionsOptions, LogsOptions } from './executions.ts';
import type { LoginOptions } from './login.ts';
import type { SubmitOptions } from './submit.ts';
import type { TokenOptions } from './token.ts';

export type Finish = (exitCode: number) => void;

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A verb that calls the API. */
export function client(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--api-url <url>', 'of the API; default: ATTUNE_API_URL, else that of login, else http://127.0.0.1:8080')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .addOption(new Option('--format <format>', 'of the answer').choices(['text', 'json']).default('text'));
}

export function describeClient(program: Command, env: ProcessEnv, finish: Finish): void {
  describeSubmit(program, env, finish);
  describeExecutions(program, env, finish);
  describeWorkers(program, env, finish);
  const packs = program.command('packs').description('packs of the server');
  packs.addCommand(
    client('list', 'all packs').action(async (options: ClientOptions) => {
      const { listPacks } = await import('./packs.ts');
      finish(await listPacks(options, env));
    }),
  );
  packs.addCommand(
    client('install', 'send a pack to the server, in place of an older one')
      .argument('<path>', 'a directory with pack.yaml, or a tar.gz of one')
      .action(async (path: string, options: ClientOptions) => {
        const { installPack } = await import('./packs.ts');
        finish(await installPack(path, options, env));
      }),
  );
  program
    .command('login')
    .description('keep the address of an API and a token for it, in ~/.config/attune-agent/client.yaml')
    .option('--api-url <url>', 'of the API; default: ATTUNE_API_URL, else http://127.0.0.1:8080')
    .option('--api-token <token>', 'the token, - for stdin; default: ATTUNE_API_TOKEN')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .action(async (options: LoginOptions) => {
      const { login } = await import('./login.ts');
      finish(await login(options, env));
    });
}

function describeSubmit(program: Command, env: ProcessEnv, finish: Finish): void {
  program.addCommand(
    client('submit', 'request an execution, follow its log, show its result; Ctrl-C cancels it')
      .argument('<action>', 'PACK.ACTION, or the path of a script (with a / in it), which goes along')
      .option('-p, --param <key=value>', 'a parameter, as often as needed; wins over --params', collect, [])
      .option('--params <file>', 'parameters from a JSON or YAML file, - for stdin')
      .option('--runtime <name>', 'what runs the script; default: by its extension')
      .option('--follow', 'show the log while it grows: what is done anyway, without --wait')
      .option('--wait', 'show no log, wait for the end')
      .option('--detach', 'print the id of the execution and leave')
      .option('--idempotency-key <key>', 'sent again within a day, it is the same execution')
      .addHelpText('after', '\nExit code: 0 completed, 1 not, 2 refused, 124 timed out, 130 interrupted.')
      .action(async (action: string, options: SubmitOptions) => {
        const { submit } = await import('./submit.ts');
        finish(await submit(action, options, env));
      }),
  );
}

function describeExecutions(program: Command, env: ProcessEnv, finish: Finish): void {
  program.addCommand(
    client('executions', 'the newest executions, or one of them')
      .argument('[id]', 'shows this one, as JSON')
      .option('--status <status>', 'only these, several with commas')
      .option('--action <ref>', 'only those of this action')
      .option('--worker <id>', 'only those of this worker')
      .option('--limit <count>', 'how many', '20')
      .action(async (id: string | undefined, options: ExecutionsOptions) => {
        const { executions } = await import('./executions.ts');
        finish(await executions(id, options, env));
      }),
  );
  program.addCommand(
    client('logs', 'the log of an execution: its stdout on stdout, its stderr on stderr')
      .argument('<id>')
      .option('-f, --follow', 'until the execution has ended; then the exit code is as of submit')
      .addOption(new Option('--stream <stream>', 'only this one, on stdout').choices(['stdout', 'stderr']))
      .action(async (id: string, options: LogsOptions) => {
        const { logs } = await import('./executions.ts');
        finish(await logs(id, options, env));
      }),
  );
  program.addCommand(
    client('artifacts', 'files that executions have left, newest first, or those of one execution')
      .argument('[execution]')
      .option('--ref <ref>', 'all versions of one: ACTION/NAME')
      .option('--limit <count>', 'how many', '50')
      .option('--download <directory>', 'put them there, whole and checked')
      .action(async (execution: string | undefined, options: ArtifactsOptions) => {
        const { artifacts } = await import('./artifacts.ts');
        finish(await artifacts(execution, options, env));
      }),
  );
  program.addCommand(
    client('cancel', 'ask for the end of an execution')
      .argument('<id>')
      .action(async (id: string, options: ClientOptions) => {
        const { cancel } = await import('./executions.ts');
        finish(await cancel(id, options, env));
      }),
  );
}

function describeWorkers(program: Command, env: ProcessEnv, finish: Finish): void {
  program.addCommand(
    client('workers', 'all workers, with what they offer').action(async (options: ClientOptions) => {
      const { workers } = await import('./workers.ts');
      finish(await workers(options, env));
    }),
  );
  program.addCommand(
    client('cordon', 'give a worker nothing new; what it runs goes on')
      .argument('<worker>', 'its name or id')
      .option('--reason <text>', 'shown to others')
      .action(async (worker: string, options: ClientOptions & { readonly reason?: string }) => {
        const { cordon } = await import('./workers.ts');
        finish(await cordon(worker, options, { env, isOn: true }));
      }),
  );
  program.addCommand(
    client('uncordon', 'let a worker have executions again')
      .argument('<worker>', 'its name or id')
      .action(async (worker: string, options: ClientOptions) => {
        const { cordon } = await import('./workers.ts');
        finish(await cordon(worker, options, { env, isOn: false }));
      }),
  );
  program.addCommand(
    client('audit', 'who asked for which change, newest first')
      .option('--limit <number>', 'of entries', '50')
      .action(async (options: ClientOptions & { readonly limit: string }) => {
        const { audit } = await import('./audit.ts');
        finish(await audit(options, env));
      }),
  );
  program.addCommand(
    client('runtimes', 'what the living workers can run').action(async (options: ClientOptions) => {
      const { runtimes } = await import('./workers.ts');
      finish(await runtimes(options, env));
    }),
  );
}

export function describeTokens(program: Command, env: ProcessEnv, finish: Finish): void {
  const local = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .option('--data <directory>', 'of --standalone, where no database is configured')
      .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
      .addOption(new Option('--format <format>', 'of the answer').choices(['text', 'json']).default('text'));
  const token = program.command('token').description('tokens of the API, on the database itself');
  token.addCommand(
    local('create', 'make a token and print it, this once')
      .option('--name <name>', 'to know it again', 'unnamed')
      .option('--scope <scope>', `what it allows, several with commas: ${SCOPES.join(', ')}`, collect, [])
      .option('--expires <days>', 'default: never')
      .action(
        async (
          options: TokenOptions & { readonly name: string; readonly scope: string[]; readonly expires?: string },
        ) => {
          const { createApiToken } = await import('./token.ts');
          finish(await createApiToken(options, env));
        },
      ),
  );
  token.addCommand(
    local('list', 'all tokens, without their secrets').action(async (options: TokenOptions) => {
      const { listApiTokens } = await import('./token.ts');
      finish(await listApiTokens(options, env));
    }),
  );
  token.addCommand(
    local('revoke', 'make a token worthless, at once')
      .argument('<id>')
      .action(async (id: string, options: TokenOptions) => {
        const { revokeApiToken } = await import('./token.ts');
        finish(await revokeApiToken(id, options, env));
      }),
  );
  program.addCommand(
    local('admit', 'give a name of a worker to a login of the database or a token of the API, and to nobody else')
      .argument('<worker>', 'its name; it need not have been there yet')
      .option('--login <login>', 'of PostgreSQL: prints what makes it, and its user of RabbitMQ')
      .option('--token <name>', 'of the API')
      .action(async (worker: string, options: TokenOptions & { readonly login?: string; readonly token?: string }) => {
        const { admit } = await import('./admit.ts');
        finish(await admit(worker, options, env));
      }),
  );
}

export function describeCompletions(program: Command, finish: Finish): void {
  program
    .command('completions')
    .description('print completions for a shell: eval "$(attune-agent completions bash)"')
    .addArgument(new Command().createArgument('<shell>').choices(Object.keys(completionScripts)))
    .action(async (shell: keyof typeof completionScripts) => {
      await write(process.stdout, completionScripts[shell]);
      finish(EXIT.success);
    });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      await write(process.stdout, `${candidates(program, words).join('\n')}\n`);
      finish(EXIT.success);
    });
}
