import { existsSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { sha256Of } from '#crypto/sha256.ts';
import type { PackEnvironmentIdentity } from '#domain/environment-ledger.ts';
import { fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter, ProcessEnv, RuntimeFamily } from '#domain/runtime.ts';
import { takeTurns } from '#domain/turns.ts';
import { findProgram } from '#execution/process/find-program.ts';
import type { Checksum } from './checksum.ts';
import { recipeOf } from './execution-config.ts';
import { buildPath } from './installer-environment.ts';
import { readManifest } from './read-manifest.ts';
import type { ProgramRecipe, Recipe, Tool } from './recipe.ts';
import { dependencyRecipes, programRecipes } from './recipes/table.ts';

/** Raised when a recipe changes in a way that makes what it built before unusable. */
const RECIPES = 2;

/** A script, and the interpreter and pack with which it shall run. */
export interface ScriptPlace {
  readonly pack: { readonly ref: string; readonly version: string; readonly directory: string };
  readonly family: RuntimeFamily;
  readonly interpreter: Pick<Interpreter, 'path' | 'realPath' | 'version'>;
  /** The absolute path of the script within its pack. */
  readonly file: string;
  /** The configuration of the pack's own runtime; undefined: the agent's defaults apply. */
  readonly config: ExecutionConfig | undefined;
}

/** The plan of what shall be built before a script runs. */
export interface BuildPlan {
  readonly script: ScriptPlace;
  readonly recipe: Recipe | ProgramRecipe;
  /** Relative to the pack: the manifest, or the script of a program. */
  readonly manifest: string;
  readonly text: string;
  readonly tool: string;
  /** The environment of its dependencies. */
  readonly dependencies: string | undefined;
  readonly identity: PackEnvironmentIdentity;
  /** The path of the complete environment. */
  readonly place: string;
}

export interface PlanSettings {
  /** Absolute path of the directory that environments are in. */
  readonly root: string;
  /** The id of the volume on which environments lie. */
  volume(): string;
  readonly machine: { readonly libc: string; readonly arch: string };
  readonly env: ProcessEnv;
  readonly checksum: Checksum;
}

/**
 * Plans the dependencies that a pack asks for in the files of its family's installers; undefined if it needs nothing.
 * The error names the file.
 */
export async function planDependencies(
  script: ScriptPlace,
  settings: PlanSettings,
): Promise<Result<BuildPlan | undefined, string>> {
  const own = script.config && recipeOf(script.config);
  const read = readOnce(script.pack.directory);
  const turn = takeTurns();
  for (const recipe of own ? [own] : (dependencyRecipes[script.family.name] ?? [])) {
    const inPack = (path: string): boolean => existsSync(join(script.pack.directory, path));
    if (!inPack(recipe.manifest)) continue;
    await turn();
    if (recipe.vendored !== undefined && inPack(recipe.vendored)) return success(undefined);
    const plan = await planRecipe(recipe, script, { ...settings, read });
    if (plan) return plan;
  }
  return success(undefined);
}

/** Makes a function that reads manifests of a pack: several recipes may look at one, which may be large. */
function readOnce(directory: string): (manifest: string) => string {
  const texts = new Map<string, string>();
  return (manifest) => {
    const text = texts.get(manifest) ?? readManifest(join(directory, manifest));
    texts.set(manifest, text);
    return text;
  };
}

/** Plans a build by one recipe; undefined if the recipe does not apply. */
async function planRecipe(
  recipe: Recipe,
  script: ScriptPlace,
  { read, ...settings }: PlanSettings & { readonly read: (manifest: string) => string },
): Promise<Result<BuildPlan, string> | undefined> {
  const { manifest } = recipe;
  try {
    const text = read(manifest);
    if (recipe.isNeeded?.(text) === false) return undefined;
    return await planWith(script, { recipe, manifest, text, dependencies: undefined }, settings);
  } catch (error) {
    return failure(`${manifest} of pack ${script.pack.ref}: ${fileErrorOf(error)}`);
  }
}

/** Plans the program that is to be made of the script itself; undefined if the script runs as it is. */
export async function planProgram(
  script: ScriptPlace,
  dependencies: string | undefined,
  settings: PlanSettings,
): Promise<Result<BuildPlan | undefined, string>> {
  const recipe = (programRecipes[script.family.name] ?? []).find(
    ({ extensions, links, manifest }) =>
      extensions.includes(extname(script.file)) &&
      (manifest === undefined || existsSync(join(script.pack.directory, manifest))) &&
      (links === undefined || (dependencies !== undefined && existsSync(join(dependencies, 'pack', links)))),
  );
  if (!recipe) return success(undefined);
  try {
    const manifest = relative(script.pack.directory, script.file);
    const text = readManifest(script.file);
    return (await planWith(script, { recipe, manifest, text, dependencies }, settings)) ?? success(undefined);
  } catch (error) {
    return failure(fileErrorOf(error));
  }
}

type Chosen = Pick<BuildPlan, 'recipe' | 'manifest' | 'text' | 'dependencies'>;

/** Plans a build with the tool of a recipe; undefined if the tool is not here, and other recipes will do. */
async function planWith(
  script: ScriptPlace,
  chosen: Chosen,
  settings: PlanSettings,
): Promise<Result<BuildPlan, string> | undefined> {
  const { recipe, manifest } = chosen;
  const { pack, family } = script;
  const tool = recipe.tool === undefined ? '' : findTool(recipe.tool, script, settings.env);
  if (tool === undefined) {
    if (recipe.tool?.isOptional) return undefined;
    return failure(`pack ${pack.ref} needs ${recipe.tool?.binary}, which is not here: ${recipe.tool?.fix}`);
  }
  const isProgram = 'extensions' in recipe;
  const inputs = isProgram ? ['.'] : [manifest, ...(recipe.inputs ?? [])];
  const checksum = await settings.checksum(pack.directory, inputs);
  const name = nameOf(script, chosen, { ...settings, checksum });
  const key = `${settings.volume()}/${pack.ref}/${name}`;
  return success({
    ...chosen,
    script,
    tool,
    identity: { key, packRef: pack.ref, runtime: family.name, checksum },
    place: join(settings.root, pack.ref, name),
  });
}

/** The name of an environment, which differs with whatever would make a difference to what is built. */
function nameOf(
  { family, interpreter, pack, config }: ScriptPlace,
  { recipe, manifest, dependencies }: Chosen,
  { root, machine, checksum }: Pick<PlanSettings, 'root' | 'machine'> & { readonly checksum: string },
): string {
  const { libc, arch } = machine;
  const { path, realPath, version = '' } = interpreter;
  const all = [
    RECIPES,
    root,
    recipe.name,
    manifest,
    dependencies ?? '',
    pack.version,
    path,
    realPath,
    checksum,
    config ?? {},
  ];
  const hash = sha256Of(JSON.stringify(all)).slice(0, 16);
  const what = 'extensions' in recipe ? [family.name, basename(manifest)] : [family.name];
  return [...what, version, libc, arch, hash]
    .filter((part) => part !== '')
    .join('-')
    .replaceAll(/[^\w.-]/g, '_');
}

function findTool({ binary }: Tool, { interpreter }: ScriptPlace, env: ProcessEnv): string | undefined {
  return findProgram(binary, buildPath(interpreter, env).split(':'));
}
