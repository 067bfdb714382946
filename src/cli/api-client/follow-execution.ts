import { write, writeRaw } from '#cli/terminal.ts';
import { messageOf } from '#domain/errors.ts';
import type { StreamName } from '#domain/execution.ts';
import { failure, type Result } from '#domain/result.ts';
import { checkAnswer } from '#wire/answer.ts';
import { type Execution, execution } from '#wire/executions.ts';
import { logEvent } from '#wire/log-events.ts';
import type { Api } from './api-client.ts';

export interface FollowOptions {
  readonly stop: AbortSignal;
  /** True to follow the log until the execution has ended, false to show the log that there is now. */
  readonly follow: boolean;
  /** True if what was written may steer a terminal. */
  readonly raw?: boolean | undefined;
  /** The stream of this process to which a stream of the log is written. Undefined: it is not shown. */
  target(stream: StreamName): NodeJS.WriteStream | undefined;
}

/** Shows the log of an execution, into pipes and files byte for byte. Resolves with the execution as it is at the end of the log. */
export async function followExecution(
  api: Api,
  id: number,
  { stop, follow, target, raw = false }: FollowOptions,
): Promise<Result<Execution, string>> {
  const put = raw ? writeRaw : write;
  try {
    for await (const { event, data } of api.events(`executions/${id}/logs/stream?follow=${follow}`, stop)) {
      if (event === 'end') return checkAnswer(execution, data);
      if (event !== 'log') continue;
      const chunk = checkAnswer(logEvent, data);
      if (!chunk.ok) return chunk;
      const to = target(chunk.value.stream);
      if (to) await put(to, Buffer.from(chunk.value.data, 'base64'));
    }
    return failure(`execution ${id} was not followed to its end`);
  } catch (error) {
    return failure(messageOf(error));
  }
}
