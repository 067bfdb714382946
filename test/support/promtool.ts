import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.ts';

const own = join(projectRoot, '.tools/bin/promtool');

/** Why there is no promtool here; undefined: there is one. */
export const whyNoPromtool =
  Bun.which('promtool') !== null || existsSync(own) ? undefined : 'needs promtool: .ci/install-test-tools.sh';

/** The path of promtool, of this machine or of `.ci/install-test-tools.sh`. */
export function findPromtool(): string {
  return existsSync(own) ? own : (Bun.which('promtool') ?? own);
}
