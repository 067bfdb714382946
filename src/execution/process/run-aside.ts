import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { SOURCE_DIRECTORY } from '#domain/static-file.ts';
import { startTimer } from '#domain/timer.ts';
import { parseInTurns } from '#formats/json-in-turns.ts';
import { ownProgram } from './launcher.ts';
import type { RunningProcess } from './running-process.ts';
import { startProcess } from './start-process.ts';

/** The hidden verb that makes this program answer one request on its standard streams. */
const ASIDE = '_aside';

/** The exit status of a process that found an error in the work itself, which it has written instead of an answer. */
export const ASIDE_FAILED = 3;

/** The bounds of one piece of work that is done aside. */
export interface AsideLimits {
  readonly timeoutMs: number;
  /**
   * Addresses that the process may use for data, of which the runtime takes 300 MiB. With 2 GiB and less the runtime
   * saves memory by all means, and takes six times as long.
   */
  readonly dataBytes: number;
  /** Bytes of an answer: reading it is this process's own work again. */
  readonly answerBytes: number;
}

export const ASIDE_LIMITS: AsideLimits = {
  timeoutMs: 120_000,
  dataBytes: 3 * 1024 * 1024 * 1024,
  answerBytes: 4 * 1024 * 1024,
};

/**
 * Lets a process of its own answer a request, both in JSON, so that nothing that is in the request stops this one. The
 * error says which limit was met, or that no process can be started.
 */
export async function runAside(request: unknown, limits: AsideLimits = ASIDE_LIMITS): Promise<Result<unknown, string>> {
  const first = await runOnce(request, limits, { isAgain: false });
  return first ?? (await runOnce(request, limits, { isAgain: true })) ?? failure('what starts processes was killed');
}

/** Undefined: the process was lost before it began. */
async function runOnce(
  request: unknown,
  limits: AsideLimits,
  { isAgain }: { readonly isAgain: boolean },
): Promise<Result<unknown, string> | undefined> {
  const started = startProcess({
    isAgain,
    command: [...own(), ASIDE],
    env: {},
    cwd: '/',
    restrictions: [`data_bytes=${limits.dataBytes}`, 'nice=5'],
  });
  if (!started.ok) return failure(`no process can be started for it: ${started.error.reason}`);
  await using running = started.value;
  const late = Promise.withResolvers<'late'>();
  const timer = startTimer(limits.timeoutMs, () => late.resolve('late'));
  try {
    running.stderr.cancel();
    void running.writeInput(Buffer.from(JSON.stringify(request)));
    const answer = await Promise.race([answerOf(running, limits), late.promise]);
    return answer === 'late' ? failure(`it takes longer than ${limits.timeoutMs / 1000} s`) : answer;
  } finally {
    timer.stop();
  }
}

/** The command that starts this program again. */
function own(): readonly string[] {
  return SOURCE_DIRECTORY === undefined ? [ownProgram()] : [process.execPath, `${SOURCE_DIRECTORY}/main.ts`];
}

async function answerOf(running: RunningProcess, limits: AsideLimits): Promise<Result<unknown, string> | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await running.stdout.read(); part; part = await running.stdout.read()) {
    bytes += part.length;
    if (bytes > limits.answerBytes) return failure(`it makes more than ${limits.answerBytes} bytes of data`);
    parts.push(part);
  }
  const end = await running.ended;
  if (end.kind === 'not-started' && end.isLost) return undefined;
  if (end.kind === 'not-started') return failure(`no process can be started for it: ${end.reason}`);
  const text = Buffer.concat(parts).toString('utf8');
  if (end.kind === 'exited' && end.exitCode === 0) return await read(text);
  if (end.kind === 'exited' && end.exitCode === ASIDE_FAILED) return failure(text);
  return failure(
    `its process ended early: it takes more memory than there is, or than ${limits.dataBytes / 2 ** 30} GiB`,
  );
}

async function read(text: string): Promise<Result<unknown, string>> {
  try {
    return success(await parseInTurns(text));
  } catch (error) {
    return failure(messageOf(error));
  }
}
