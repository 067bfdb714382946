import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { withProgress, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { detectVisibly } from '#cli/wiring/detect-visibly.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import type { Interpreter } from '#domain/runtime.ts';
import { type Choice, chooseInterpreter } from '#execution/runtimes/choose-interpreter.ts';
import { advertisedRuntimes } from '#execution/runtimes/detect.ts';
import { executeScript, type ScriptContext } from '#execution/script/execute-script.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';

/** The time limit of one script. It is long, since a cold `go run` compiles the standard library first. */
const SMOKE_TIMEOUT_MS = 2 * MINUTE_MS;
/** The largest number of characters of stderr in a report, since stack traces can be endless. */
const MOST_DETAIL = 1000;
const MOST_OUTPUT = 64 * 1024;

export const verb = defineVerb({
  details:
    'Each runtime runs a script that prints one word, with its default interpreter. The report is TAP version 14. It works in the directory ATTUNE_WORK_DIR, else in the first writable of the usual ones.',
  arguments: {},
  options: {},
  examples: [['attune-agent self-test', 'Runs one script in every runtime of this container']],
  exitCodes: { [EXIT.success]: 'every script ran', [EXIT.failure]: 'a script failed, or no directory is writable' },
  action: async (_args, _options, { env }) => {
    const workPlace = findWorkPlace(env, { work_dir: env['ATTUNE_WORK_DIR'] });
    if (!workPlace.ok) {
      await complain(workPlace.error);
      return EXIT.failure;
    }
    using stop = stopOnSignals();
    const { interpreters } = await detectVisibly(env, { stop: stop.cancel });
    const choices = defaultsOf(interpreters);
    const plan = choices.length === 0 ? '1..0 # SKIP no usable interpreter found' : `1..${choices.length}`;
    await write(process.stdout, `TAP version 14\n${plan}\n`);
    const context = { env, workPlace: workPlace.value, sink: { write: () => {} }, signals: stop };
    let failures = 0;
    for (const [index, one] of choices.entries()) {
      if (stop.cancel.aborted) break;
      if (!(await testOne(index + 1, one, context))) failures++;
    }
    return stop.exitCode() ?? (failures === 0 ? EXIT.success : EXIT.failure);
  },
});

/** Chooses the default interpreter of each runtime family that works. */
function defaultsOf(interpreters: readonly Interpreter[]): readonly Choice[] {
  return advertisedRuntimes(interpreters).flatMap((name) => {
    const choice = chooseInterpreter(name, undefined, interpreters);
    return choice.ok ? [choice.value] : [];
  });
}

/** Prints one test point; true when it is ok. */
async function testOne(number: number, choice: Choice, context: ScriptContext): Promise<boolean> {
  const start = performance.now();
  const complaint = await withProgress(`Running ${choice.family.name}`, smoke(choice, context));
  const { path, version } = choice.interpreter;
  const title = `${number} - ${choice.family.name} ${version ?? '(no version)'} (${path})`;
  const time = `# ${Math.round(performance.now() - start)} ms`;
  const detail = complaint === undefined ? '' : `  ---\n  message: ${JSON.stringify(complaint)}\n  ...\n`;
  await write(process.stdout, `${complaint === undefined ? 'ok' : 'not ok'} ${title} ${time}\n${detail}`);
  return complaint === undefined;
}

/** Runs the smoke script of a family. Resolves with what went wrong, or with undefined. */
async function smoke({ family, interpreter }: Choice, context: ScriptContext): Promise<string | undefined> {
  const { result } = await executeScript(
    {
      program: { family, interpreter },
      script: { code: family.smoke },
      parameters: { values: {}, delivery: 'stdin', format: 'json' },
      outputFormat: 'text',
      variables: {},
      artifactsDirectory: undefined,
      limits: {
        timeoutMs: SMOKE_TIMEOUT_MS,
        graceMs: 1000,
        logLimitBytes: { stdout: MOST_OUTPUT, stderr: MOST_OUTPUT },
      },
    },
    context,
  );
  if (!result.succeeded) return `${result.error ?? ''}\n${(result.stderr ?? '').slice(0, MOST_DETAIL)}`.trim();
  const said = result.stdout ?? '';
  return said.trim() === 'attune-ok' ? undefined : `printed ${JSON.stringify(said)}, expected attune-ok`;
}
