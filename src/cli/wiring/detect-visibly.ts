import { withProgress } from '#cli/terminal.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type Detection, type DetectOptions, detect } from '#execution/runtimes/detect.ts';

/** Detection that says on a terminal what takes its time. */
export async function detectVisibly(env: ProcessEnv, options: DetectOptions): Promise<Detection> {
  return await withProgress('Asking interpreters for their versions', detect(env, options));
}
