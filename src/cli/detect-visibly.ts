import { type Detection, type DetectOptions, detect } from '#detect/detect.ts';
import type { Environment } from '#domain/runtime.ts';
import { withProgress } from './terminal.ts';

/** Detection that says on a terminal what takes its time. */
export async function detectVisibly(env: Environment, options: DetectOptions): Promise<Detection> {
  return await withProgress('Asking interpreters for their versions', detect(env, options));
}
