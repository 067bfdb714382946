import type { StreamName } from '#domain/execution.ts';
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker } from '#execution/masking/masker.ts';

/** The output of a stream that is written in these chunks. */
export async function masked(secrets: readonly unknown[], chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const parts: Uint8Array[] = [];
  const write = (_: StreamName, bytes: Uint8Array): void => void parts.push(bytes.slice());
  const sink = maskSink({ write }, createMasker(secrets));
  for (const chunk of chunks) await sink.write('stdout', Buffer.from(chunk));
  await sink.close();
  return Buffer.concat(parts).toString('utf8');
}
