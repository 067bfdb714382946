import type { AnswerFormat } from '#cli/options.ts';
import { showTime } from '#cli/terminal.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { ConfigSources } from '#config/load-config.ts';
import { type Result, success } from '#domain/result.ts';
import type { Answer } from '#wire/answer.ts';
import { type Schedule, schedule } from '#wire/schedules.ts';
import type { Api } from './api-client.ts';
import { ask, withApi } from './client.ts';

/** Changes or makes a schedule and shows it as it is then. Resolves with the exit code. */
export async function changeSchedule(
  sources: ConfigSources,
  format: AnswerFormat,
  change: (api: Api) => Promise<Result<Answer, string>>,
): Promise<number> {
  return await withApi(sources, async (api) => {
    const done = await ask(change(api), schedule);
    if (!done.ok) return done;
    await writeAnswer(format, done.value, describe(done.value));
    return success(undefined);
  });
}

function describe(one: Schedule): string {
  return `schedule ${one.id} of ${one.action_ref}: ${whenNext(one)}`;
}

/** The next time of a schedule as it is to be shown, or why there is none. */
export function whenNext(
  { paused, next_times: [next] }: Pick<Schedule, 'paused' | 'next_times'>,
  showing: (iso: string) => string = showTime,
): string {
  if (paused) return 'paused';
  return next === undefined ? 'never' : showing(next);
}
