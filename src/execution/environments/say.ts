import type { LogSink } from '#domain/execution.ts';
import { withoutUserInfo } from '#execution/masking/user-info.ts';
import type { CommandReport } from '#execution/process/run-command.ts';
import { withoutStyle } from './install-reasons.ts';
import { PROGRAM_FAILED } from './reasons/python.ts';

/** Writes a line of the agent's own into the log of a build. */
export async function say(sink: LogSink, line: string): Promise<void> {
  await sink.write('stderr', Buffer.from(`[attune] ${line}\n`));
}

/** What installers print in place of what only a file of theirs has, which nobody can read after the build. */
const ELSEWHERE = /\bSee (?:above|\S+\.log) for (?:output|details)/;

/** Writes what an installer refers to into the log of a build: what its own `logs` have and it has not printed. */
export async function sayLogs(
  sink: LogSink,
  { stdout, stderr }: Pick<CommandReport, 'stdout' | 'stderr'>,
  logs: readonly string[],
): Promise<void> {
  const printed = [stdout, stderr].map(({ tail }) => new TextDecoder().decode(tail)).join('\n');
  if (!ELSEWHERE.test(printed)) return;
  const known = new Set(printed.split('\n').map(plain));
  const lines = logs.flatMap((one) =>
    referredTo(one.split('\n').map(withoutStyle)).filter((line) => !known.has(plain(line))),
  );
  if (lines.length === 0) return;
  await say(sink, 'the end of its log:');
  await sink.write('stderr', Buffer.from(withoutUserInfo(`${lines.join('\n')}\n`)));
}

/** How pip begins, in its log, what a program that it has started says. */
const BEGINNING = /^\s*Running command /;

/** What the program has said that failed; of a log that is not pip's all. */
function referredTo(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => PROGRAM_FAILED.test(line));
  const before = end < 0 ? lines : lines.slice(0, end);
  return before.slice(
    Math.max(
      0,
      before.findLastIndex((line) => BEGINNING.test(line)),
    ),
  );
}

function plain(line: string): string {
  return withoutStyle(line).trim();
}
