import { z } from 'zod';
import { write } from '#cli/terminal.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Api } from './api-client.ts';
import { type Execution, execution } from './execution-answers.ts';

const chunk = z.object({ stream: z.enum(['stdout', 'stderr']), data: z.base64() });

export interface FollowOptions {
  readonly stop: AbortSignal;
  /** Until it has ended; else what there is now. */
  readonly follow: boolean;
  /** Where each stream goes; undefined: nowhere. */
  target(stream: 'stdout' | 'stderr'): NodeJS.WriteStream | undefined;
}

/** Shows the log while it grows, byte for byte. Resolves with the execution as it is then. */
export async function followExecution(
  api: Api,
  id: number,
  { stop, follow, target }: FollowOptions,
): Promise<Result<Execution, string>> {
  try {
    for await (const { event, data } of api.events(`executions/${id}/logs/stream?follow=${follow}`, stop)) {
      if (event === 'end') return success(execution.parse(JSON.parse(data)));
      if (event !== 'log') continue;
      const { stream, data: bytes } = chunk.parse(JSON.parse(data));
      const to = target(stream);
      if (to) await write(to, Buffer.from(bytes, 'base64'));
    }
    return failure(`execution ${id} was not followed to its end`);
  } catch (error) {
    return failure(messageOf(error));
  }
}
