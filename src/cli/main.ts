import { Command, CommanderError, Option } from 'commander';
import { nearest } from '#domain/nearest.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { collect, describeClient, describeCompletions, describeTokens, type Finish } from './commands/client-verbs.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import { describeEnvironments } from './commands/environment-verbs.ts';
import type { HealthOptions } from './commands/health.ts';
import type { MigrateOptions } from './commands/migrate.ts';
import type { ServerOptions } from './commands/server.ts';
import type { WorkOptions } from './commands/work.ts';
import { EXIT } from './exit-codes.ts';
import { BrokenPipe, listenForOutputErrors, OutputFailed, paint, write } from './terminal.ts';
import { describeVersion } from './version.ts';
import type { RunOptions } from './wiring/prepare-run.ts';
import type { SignatureOptions } from './wiring/signed.ts';

/** Runs one call of the program and returns its exit code. Each verb is loaded when called: start-up pays for one. */
export async function main(args: readonly string[], env: ProcessEnv): Promise<number> {
  listenForOutputErrors();
  let exitCode: number = EXIT.success;
  const program = describeProgram(env, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return await explain(error);
  }
}

async function explain(error: unknown): Promise<number> {
  if (error instanceof BrokenPipe) return EXIT.brokenPipe;
  if (error instanceof OutputFailed) {
    await write(process.stderr, `attune-agent: cannot write its output: ${error.message}\n`).catch(
      () => {},
    ); /* that was it */
    return EXIT.failure;
  }
  /* commander has said it already, on stderr */
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await write(process.stderr, `${paint('red', 'attune-agent: unexpected error', process.stderr)}\n${message}\n`);
  return EXIT.failure;
}

type RootOptions = WorkOptions & { readonly detectOnly?: true; readonly format: 'text' | 'json' | 'env' };

function describeProgram(env: ProcessEnv, finish: Finish): Command {
  const program = new Command('attune-agent')
    .description(
      'Makes any container an Attune worker: one static file that finds the interpreters and runs actions with them.',
    )
    .version(describeVersion(), '-V, --version', 'print version, commit, processor and Bun version')
    .option('--detect-only', 'report the interpreters of this container and leave; needs no configuration, no network')
    .addOption(
      new Option('--format <format>', 'format of the report of --detect-only')
        .choices(['text', 'json', 'env'])
        .default('text'),
    )
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .option('-n, --name <name>', 'name of the worker; default: worker-<hostname>')
    .option('--standalone', 'run everything in this one process: SQLite, broker, API, scheduler and worker')
    .option('--data <directory>', 'of --standalone: where it keeps everything; default: ~/.local/state/attune-agent')
    .option('--port <port>', 'of --standalone: where the API listens (0: any free one); default: 8080')
    .option('--print-config', 'show the resulting configuration, its secrets masked, and leave')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(attune-agent --help lists verbs and options)')
    .configureOutput({ outputError: (text, put) => put(paint('red', text, process.stderr)) })
    .exitOverride()
    .addHelpText('after', examples)
    .allowExcessArguments() /* a better message than commander's, below */
    .enablePositionalOptions() /* what follows a verb is the verb's */
    .action(async (options: RootOptions) => {
      const [verb] = program.args;
      if (verb !== undefined) return program.error(unknownVerb(verb, program));
      if (options.detectOnly) {
        const { detectOnly } = await import('./commands/detect-only.ts');
        return finish(await detectOnly(options.format, env));
      }
      const { work } = await import('./commands/work.ts');
      finish(await work(options, env));
    });
  describeRun(program, env, finish);
  describeConnected(program, env, finish);
  describeClient(program, env, finish);
  describeTokens(program, env, finish);
  describeEnvironments(program, env, finish);
  describeDoctor(program, env, finish);
  describeOthers(program, env, finish);
  describeCompletions(program, finish);
  for (const command of allCommands(program)) command.exitOverride().showHelpAfterError();
  return program;
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((one) => [one, ...allCommands(one)]);
}

function describeConnected(program: Command, env: ProcessEnv, finish: Finish): void {
  program
    .command('server')
    .description('the control plane on PostgreSQL and RabbitMQ: scheduler, monitor and API')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .option('--port <port>', 'where the API listens; default: server.port (8080)')
    .action(async (options: ServerOptions) => {
      const { server } = await import('./commands/server.ts');
      finish(await server(options, env));
    });
  program
    .command('health')
    .description('exec probe: 0 when the agent running in this container is ready, 1 with the reason when it is not')
    .option('-n, --name <name>', 'of the agent, where several run; default: the one there is')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .option('--alive', '0 whenever the agent answers, ready or not: for a liveness probe')
    .addOption(new Option('--format <format>', 'of the answer').choices(['text', 'json']).default('text'))
    .action(async (options: HealthOptions) => {
      const { health } = await import('./commands/health.ts');
      finish(await health(options, env));
    });
}

function describeDoctor(program: Command, env: ProcessEnv, finish: Finish): void {
  program
    .command('doctor')
    .description('say what will not work in this container, why, and what to do about it')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .option('--only <checks>', 'just these, comma-separated')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json']).default('text'))
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./commands/doctor.ts');
      finish(await doctor(options, env));
    });
  program
    .command('_orphan', { hidden: true })
    .argument('[child]')
    .action(async (child: string | undefined) => {
      const { orphan } = await import('./commands/orphan.ts');
      finish(await orphan(child !== undefined));
    });
}

function describeOthers(program: Command, env: ProcessEnv, finish: Finish): void {
  program
    .command('licenses')
    .description('what this file is made of, and under which licences; json: its bill of materials (CycloneDX)')
    .option('--texts', 'with the licences themselves')
    .addOption(new Option('--format <format>', 'of the answer').choices(['text', 'json']).default('text'))
    .action(async (options: { readonly format: 'text' | 'json'; readonly texts?: true }) => {
      const { licenses } = await import('./commands/licenses.ts');
      finish(await licenses(options));
    });
  program
    .command('verify')
    .description('print the SHA-256 of a file, and compare it; where a container has no sha256sum')
    .argument('<file>')
    .argument('[sha256]', 'that it must have')
    .addOption(publicKey())
    .option('--signature <file>', 'default: FILE.sig')
    .action(async (file: string, expected: string | undefined, options: SignatureOptions) => {
      const { verify } = await import('./commands/verify.ts');
      finish(await verify(file, expected, options));
    });
  program
    .command('install')
    .description('copy this program into a directory, atomically: an init container fills a volume with it')
    .argument('<directory>', 'made if absent; gets attune-agent, mode 0755')
    .addOption(publicKey())
    .option('--signature <file>', 'of this program; default: beside it, with .sig')
    .action(async (directory: string, options: SignatureOptions) => {
      const { install } = await import('./commands/install.ts');
      finish(await install(directory, options));
    });
  program
    .command('self-test')
    .description('run a smoke script in every interpreter family found here; prints TAP')
    .action(async () => {
      const { selfTest } = await import('./commands/self-test.ts');
      finish(await selfTest(env));
    });
  program
    .command('migrate')
    .description('bring the schema of the database up to date; safe when several run at once')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json']).default('text'))
    .action(async (options: MigrateOptions) => {
      const { migrate } = await import('./commands/migrate.ts');
      finish(await migrate(options, env));
    });
}

function unknownVerb(verb: string, program: Command): string {
  const verbs = program.commands.map((command) => command.name()).filter((name) => !name.startsWith('_'));
  const near = nearest(verb, verbs);
  return `error: unknown verb '${verb}'${near ? `, did you mean '${near}'?` : ` (verbs: ${verbs.join(', ')})`}`;
}

function describeRun(program: Command, env: ProcessEnv, finish: Finish): void {
  program
    .command('run')
    .description('one execution here and now, without database and broker')
    .argument('<action>', 'PACK.ACTION, or the path of a script')
    .option('-p, --param <key=value>', 'a parameter, as often as needed; wins over --params', collect, [])
    .option('--params <file>', 'parameters from a JSON or YAML file, - for stdin')
    .option('--packs <directory>', 'where the packs are; default: packs_base_dir of the configuration, else ./packs')
    .option('--timeout <seconds>', 'ends the execution; default: that of the action, else worker.task_timeout (300)')
    .option('--log-limit <bytes>', 'most bytes kept of stdout and of stderr; default: 10485760 each')
    .option('-c, --config <file>', 'YAML configuration; default: ATTUNE_CONFIG')
    .option(
      '--artifacts <directory>',
      'where its artifacts stay, made if absent; without it they are removed at the end',
    )
    .addOption(
      new Option('--format <format>', 'text: live output, then a summary on stderr; json: the result alone on stdout')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      '\nExit code: 0 succeeded, 1 failed, 2 wrong call or parameters, 124 timed out, 130 interrupted.',
    )
    .action(async (action: string, options: RunOptions & { format: 'text' | 'json' }) => {
      const { run } = await import('./commands/run.ts');
      finish(await run(action, options, env));
    });
}

const examples = `
Examples:
  attune-agent --detect-only                      what is here, as a table
  attune-agent run sample.stats -p values=[1,2,3] an action of a pack in ./packs
  attune-agent run ./report.py                    any script of a family found here
  attune-agent                                    a worker, on database.url and message_queue.url
  attune-agent --standalone                       everything in one process; then, elsewhere:
  attune-agent submit sample.stats -p values=[1,2,3]
  attune-agent install /opt/attune/agent          put this file into a volume

Configuration: flags, over ATTUNE__SECTION__KEY (…_FILE reads a file), over the file of --config, over defaults;
--print-config shows the result. ATTUNE_WORKER_RUNTIMES limits what is advertised; ATTUNE_SUPERVISE=1 turns on the
built-in init (on by itself as PID 1).`;

function publicKey(): Option {
  return new Option('--public-key <pem>', 'refuse what it has not signed: PEM, or the file that holds it').env(
    'ATTUNE_AGENT_PUBLIC_KEY',
  );
}
