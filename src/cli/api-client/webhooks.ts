import type { AnswerFormat } from '#cli/options.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { ConfigSources } from '#config/load-config.ts';
import { type Result, success } from '#domain/result.ts';
import type { Answer } from '#wire/answer.ts';
import { webhook } from '#wire/webhooks.ts';
import type { Api } from './api-client.ts';
import { ask, withApi } from './client.ts';

/** Changes a webhook and says how it is then. Resolves with the exit code. */
export async function changeWebhook(
  sources: ConfigSources,
  format: AnswerFormat,
  change: (api: Api) => Promise<Result<Answer, string>>,
): Promise<number> {
  return await withApi(sources, async (api) => {
    const done = await ask(change(api), webhook);
    if (!done.ok) return done;
    const { id, paused, waiting } = done.value;
    const words = `webhook ${id} ${paused ? 'is paused' : 'is sent to'}: ${waiting} messages wait`;
    await writeAnswer(format, done.value, words);
    return success(undefined);
  });
}
