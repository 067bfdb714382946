import { relative } from 'node:path';
import type { Action } from '#domain/action.ts';
import { findFamily } from '#domain/families.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { detect } from '#execution/runtimes/detect.ts';
import { firstLineOf } from '#packs/script-family.ts';
import { byShebang, isOfFamily, isPlain } from '#worker/by-shebang.ts';

/**
 * One sentence for each action whose script demands an interpreter in its first line (a version, an implementation, a path)
 * that is not here, as a worker here would say it. Interpreters are asked for their versions only where there is such a
 * demand.
 */
export async function notesOnPrograms(
  directory: string,
  actions: readonly Action[],
  env: ProcessEnv,
): Promise<readonly string[]> {
  const demands = actions.flatMap(({ entryPoint, runtime }) => {
    const shebang = firstLineOf(entryPoint);
    const family = findFamily(runtime.name);
    const isDemand = shebang && family && isOfFamily(shebang, family) && !isPlain(shebang);
    return isDemand ? [{ file: relative(directory, entryPoint), shebang, family }] : [];
  });
  if (demands.length === 0) return [];
  const families = [...new Set(demands.map(({ family }) => family))];
  const { interpreters } = await detect(env, { families });
  return demands.flatMap(({ file, shebang, family }) => {
    const fitting = byShebang(shebang, family, interpreters);
    return fitting.ok ? [] : [`${file}: ${fitting.error}`];
  });
}
