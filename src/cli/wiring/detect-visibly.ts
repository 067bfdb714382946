import { withProgress } from '#cli/terminal.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type Detection, type DetectOptions, detect } from '#execution/runtimes/detect.ts';

/** Detects runtimes, and shows on a terminal that this is going on. */
export async function detectVisibly(env: ProcessEnv, options: DetectOptions): Promise<Detection> {
  return await withProgress('Asking interpreters for their versions', detect(env, options));
}
