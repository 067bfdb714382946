import type { ProcessEnv, VersionProbe } from '#domain/runtime.ts';
import { drain } from '#execution/process/drain.ts';
import { describeUnusableProgram } from '#execution/process/explain-start-failure.ts';
import type { NotStarted, ProcessEnd, RunningProcess } from '#execution/process/running-process.ts';
import { startProcess } from '#execution/process/start-process.ts';
import type { Candidate } from './find-candidates.ts';
import { readVersion } from './read-version.ts';

/** What a question may print. */
const PROBE_OUTPUT_BYTES = 64 * 1024;
/** After its end, how long a descendant may keep the output open. */
const LINGER_MS = 100;

export type ProbeAnswer =
  | {
      readonly kind: 'works';
      readonly version: string | undefined;
      readonly implementation?: string | undefined;
      /** It has told two versions: another question may decide. */
      readonly isDoubtful?: true;
    }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'late'; readonly reason: string };

const interrupted: ProbeAnswer = { kind: 'unusable', reason: 'interrupted' };

export interface ProbeOptions {
  readonly env: ProcessEnv;
  /** Each question has this long, in milliseconds. */
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

/** Asks one candidate for its version, question after question until it answers or `stop` aborts. Never rejects. */
export async function probe({ family, path, realPath }: Candidate, options: ProbeOptions): Promise<ProbeAnswer> {
  const flaw = describeUnusableProgram(realPath);
  if (flaw) return { kind: 'unusable', reason: flaw };
  const unsure: ProbeAnswer[] = [];
  for (const question of family.probes) {
    const answer = await ask({ path, ...options }, question);
    if (answer.kind === 'late' || (answer.kind === 'works' && !isDoubtful(answer))) return answer;
    unsure.push(answer);
  }
  const [first] = unsure;
  return unsure.find(isDoubtful) ?? first ?? { kind: 'unusable', reason: 'nothing to ask it' };
}

function isDoubtful(answer: ProbeAnswer): boolean {
  return answer.kind === 'works' && answer.isDoubtful === true;
}

interface Asked extends ProbeOptions {
  readonly path: string;
  readonly isAgain?: boolean;
}

async function ask(asked: Asked, question: VersionProbe): Promise<ProbeAnswer> {
  const { path, env, timeoutMs, stop, isAgain = false } = asked;
  if (stop.aborted) return interrupted;
  const started = startProcess({ command: [path, ...question.args], env, cwd: '/', isAgain });
  if (!started.ok) return { kind: 'unusable', reason: started.error.reason };
  await using running = started.value;
  const { text, verdict } = await listen(running, question, { timeoutMs, stop });
  const end = await running.ended;
  if (end.kind === 'not-started' && end.isLost && !isAgain) return await ask({ ...asked, isAgain: true }, question);
  if (verdict) return verdict;
  const told = readVersion(text, question.version);
  if (told) return { kind: 'works', ...(question.isVersionless ? { version: undefined } : told) };
  return {
    kind: 'unusable',
    reason: text.trim() === '' ? 'answered nothing' : `answered without a version: ${firstLine(text)}`,
  };
}

/** Everything it printed, and why it cannot be trusted, if so. */
async function listen(
  running: RunningProcess,
  question: VersionProbe,
  { timeoutMs, stop }: Pick<ProbeOptions, 'timeoutMs' | 'stop'>,
): Promise<{ text: string; verdict: ProbeAnswer | undefined }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let verdict: ProbeAnswer | undefined;
  const linger = { ended: running.ended, waitMs: LINGER_MS, bytes: PROBE_OUTPUT_BYTES };
  const end = (answer: ProbeAnswer): void => {
    verdict ??= answer;
    running.signalGroup('SIGKILL');
  };
  const late = { kind: 'late', reason: `did not answer within ${timeoutMs / 1000} s` } as const;
  const timer = setTimeout(() => end(late), timeoutMs);
  const interrupt = (): void => end(interrupted);
  stop.addEventListener('abort', interrupt);
  const take = (chunk: Uint8Array): void => {
    bytes += chunk.length;
    if (bytes <= PROBE_OUTPUT_BYTES) chunks.push(chunk.slice());
    else end({ kind: 'unusable', reason: `printed more than ${PROBE_OUTPUT_BYTES / 1024} KiB` });
  };
  const outputs = Promise.all([drain(running.stdout, take, linger), drain(running.stderr, take, linger)]);
  void running.writeInput(Buffer.from(question.stdin ?? ''));
  const ended = await running.ended;
  clearTimeout(timer);
  stop.removeEventListener('abort', interrupt);
  await outputs;
  const text = Buffer.concat(chunks).toString('utf8');
  return { text, verdict: verdict ?? failureOf(ended, text) };
}

function failureOf(ended: ProcessEnd | NotStarted, text: string): ProbeAnswer | undefined {
  if (ended.kind === 'not-started') return { kind: 'unusable', reason: ended.reason };
  if (ended.kind === 'signaled') return { kind: 'unusable', reason: `was killed by ${ended.signal}` };
  if (ended.exitCode === 0) return undefined;
  const said = text.trim() === '' ? '' : `: ${firstLine(text)}`;
  return { kind: 'unusable', reason: `failed with exit code ${ended.exitCode}${said}` };
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return [...line]
    .filter((c) => c >= ' ' && c !== '\x7f')
    .slice(0, 120)
    .join('');
}
