import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Choice, chooseInterpreter } from '#detect/choose-interpreter.ts';
import { advertisedRuntimes, detect } from '#detect/detect.ts';
import type { Environment } from '#domain/runtime.ts';
import { executeScript } from '#execute/execute-script.ts';
import { findWorkPlace, type WorkPlace } from '#execute/work-place.ts';
import { EXIT } from './exit-codes.ts';
import { withProgress, write } from './terminal.ts';

/** A cold `go run` compiles the standard library first. */
const SMOKE_TIMEOUT_MS = 120_000;
/** Characters of stderr in a report; stack traces can be endless. */
const MOST_DETAIL = 1000;

/** Runs each family's smoke script with its default interpreter and prints TAP version 14. Exit 1 when one fails. */
export async function selfTest(env: Environment): Promise<number> {
  const workPlace = findWorkPlace(env);
  if (!workPlace.ok) {
    await write(process.stderr, `attune-agent: ${workPlace.error}\n`);
    return EXIT.failure;
  }
  const { interpreters } = await withProgress('Asking interpreters for their versions', detect(env));
  const choices = advertisedRuntimes(interpreters).flatMap((name) => {
    const choice = chooseInterpreter(name, undefined, interpreters);
    return choice.ok ? [choice.value] : [];
  });
  await write(
    process.stdout,
    `TAP version 14\n1..${choices.length}${choices.length === 0 ? ' # SKIP no usable interpreter found' : ''}\n`,
  );
  let failures = 0;
  for (const [index, choice] of choices.entries()) {
    const start = performance.now();
    const complaint = await withProgress(`Running ${choice.family.name}`, smoke(choice, env, workPlace.value));
    if (complaint !== undefined) failures++;
    const verdict = complaint === undefined ? 'ok' : 'not ok';
    const title = `${choice.family.name} ${choice.interpreter.version ?? '(no version)'} (${choice.interpreter.path})`;
    const detail = complaint === undefined ? '' : `  ---\n  message: ${JSON.stringify(complaint)}\n  ...\n`;
    await write(
      process.stdout,
      `${verdict} ${index + 1} - ${title} # ${Math.round(performance.now() - start)} ms\n${detail}`,
    );
  }
  return failures === 0 ? EXIT.success : EXIT.failure;
}

/** What went wrong, or undefined. */
async function smoke(
  { family, interpreter }: Choice,
  env: Environment,
  workPlace: WorkPlace,
): Promise<string | undefined> {
  using work = workPlace.createDirectory();
  const file = join(work.path, `smoke${family.script.extensions[0] ?? ''}`);
  writeFileSync(file, family.smoke, { mode: 0o600 });
  const { result } = await executeScript(
    {
      family,
      interpreter,
      file,
      cwd: work.path,
      parameters: {},
      parameterDelivery: 'stdin',
      parameterFormat: 'json',
      outputFormat: 'text',
      variables: {},
      timeoutMs: SMOKE_TIMEOUT_MS,
      graceMs: 1000,
      logLimitBytes: 64 * 1024,
    },
    { env, workPlace, sink: { write: () => {} }, signals: { cancel: new AbortController().signal } },
  );
  if (!result.succeeded) return `${result.error ?? ''}\n${(result.stderr ?? '').slice(0, MOST_DETAIL)}`.trim();
  return result.stdout?.trim() === 'attune-ok'
    ? undefined
    : `printed ${JSON.stringify(result.stdout ?? '')}, expected attune-ok`;
}
