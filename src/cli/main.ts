import { CommanderError } from 'commander';
import type { ProcessEnv } from '#domain/runtime.ts';
import { verb as root } from './commands/root.ts';
import { EXIT } from './exit-codes.ts';
import { filterOutput } from './filter-output.ts';
import { describeProgram } from './program.ts';
import { BrokenPipe, listenForOutputErrors, OutputFailed, paint, write } from './terminal.ts';
import { sourcesOf } from './verb.ts';
import { verbs } from './verbs.ts';
import { bendClock } from './wiring/faults.ts';

/** Runs one call of the program and returns its exit code. */
export async function main(args: readonly string[], env: ProcessEnv): Promise<number> {
  bendClock(env);
  listenForOutputErrors();
  let exitCode: number = EXIT.success;
  const program = describeProgram(root, verbs, {
    env,
    perform: async (called) => {
      const { verb, args: given, options } = called;
      const sources = sourcesOf(verb, options, env);
      exitCode = await filterOutput(called, async () => await verb.action(given, options, { env, sources }));
    },
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
