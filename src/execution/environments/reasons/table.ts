import { commonRules } from './common.ts';
import { cargo, go, gradle, maven } from './compiled.ts';
import { npm, pnpm, yarn } from './javascript.ts';
import { pip, uv } from './python.ts';
import type { InstallRule } from './rule.ts';
import { bundler, composer, perl, renv } from './scripts.ts';

/** The rules for single tools, by the first word of a recipe's name. */
const tools: Readonly<Record<string, readonly InstallRule[]>> = {
  ...{ pip, uv, npm, pnpm, yarn, bundler, go, cargo, maven, gradle, composer, renv },
  cpanm: perl,
  carton: perl,
};

/** The rules for a tool, in the order in which they are tried. `tool` is the name of a recipe. */
export function rulesOf(tool: string): readonly InstallRule[] {
  return [...commonRules, ...(tools[tool.split(' ')[0] ?? tool] ?? [])];
}
