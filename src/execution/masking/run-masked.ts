import type { ExecutionResult, LogSink } from '#domain/execution.ts';
import { maskSink } from './mask-stream.ts';
import { createMasker, type Masker } from './masker.ts';

/** Runs something whose output and result must not show these secrets, nor those that it adds. */
export async function runMasked<End extends { readonly result: ExecutionResult }>(
  secrets: readonly unknown[],
  to: LogSink,
  run: (sink: LogSink, masker: Masker) => Promise<End>,
): Promise<End> {
  const masker = createMasker();
  await masker.learn(secrets);
  const sink = maskSink(to, masker);
  const end = await run(sink, masker);
  await sink.close();
  return { ...end, result: await masker.value(end.result) };
}
