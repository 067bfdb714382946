import type { ExecutionResult, LogSink } from '#domain/execution.ts';
import { maskSink } from './mask-stream.ts';
import type { Masker } from './masker.ts';

/** Runs something whose output and result must not show the secrets that a masker knows, nor those that it adds. */
export async function runMasked<End extends { readonly result: ExecutionResult }>(
  masker: Masker,
  to: LogSink,
  run: (sink: LogSink) => Promise<End>,
): Promise<End> {
  const sink = maskSink(to, masker);
  const end = await run(sink);
  await sink.close();
  return { ...end, result: await masker.value(end.result) };
}
