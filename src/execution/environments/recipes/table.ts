import type { ProgramRecipe, Recipe } from '#execution/environments/recipe.ts';
import { goProgram, java, javaProgram, rustPrograms } from './compiled.ts';
import { besideModules, bun, deno, node } from './javascript.ts';
import { python } from './python.ts';
import { perl, php, r, ruby } from './scripts.ts';

/** Recipes for dependencies by the name of the family: the first whose manifest is in the pack is taken. */
export const dependencyRecipes: Readonly<Record<string, readonly Recipe[]>> = {
  python,
  node,
  ruby,
  java,
  r,
  perl,
  php,
  deno,
  bun,
};

/** Recipes for programs that are compiled from a script, by the name of the family. */
export const programRecipes: Readonly<Record<string, readonly ProgramRecipe[]>> = {
  node: [besideModules(['.mjs', '.js', '.cjs'])],
  bun: [besideModules(['.ts', '.tsx', '.mjs', '.js', '.cjs'])],
  go: [goProgram],
  java: [javaProgram],
  rust: rustPrograms,
};
