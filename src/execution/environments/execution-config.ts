import { join } from 'node:path';
import { families } from '#domain/families.ts';
import type {
  ExecutionConfig,
  RuntimeFamily,
  RuntimeTemplate,
  VariableChange,
  VariableChanges,
} from '#domain/runtime.ts';
import type { BuildPlace, Recipe } from './recipe.ts';
import { dependencyRecipes, programRecipes } from './recipes/table.ts';

/** The values of the placeholders of a template. */
export interface TemplateValues {
  readonly pack_dir: string;
  readonly env_dir: string;
  readonly interpreter: string;
  readonly manifest_path: string;
}

export function fillIn(text: string, values: TemplateValues): string {
  return text.replace(
    /\{(pack_dir|env_dir|interpreter|manifest_path)\}/g,
    (_, name: keyof TemplateValues) => values[name],
  );
}

export function fillInVariables(changes: VariableChanges, values: TemplateValues): VariableChanges {
  const filled = Object.entries(changes).map(([name, change]): [string, VariableChange] => [
    name,
    typeof change === 'string' ? fillIn(change, values) : { ...change, value: fillIn(change.value, values) },
  ]);
  return Object.fromEntries(filled);
}

/** The directory that `{env_dir}` means in an environment that was made as a pack or a control plane wants. */
export function directoryOf(environment: ExecutionConfig['environment'], place: string): string {
  return join(place, environment?.dir_name ?? 'env');
}

/** The recipe by which a pack or a control plane wants dependencies installed; undefined if they do not say. */
export function recipeOf({ environment, dependencies }: ExecutionConfig): Recipe | undefined {
  if (dependencies === undefined) return undefined;
  const interpreterIn = (directory: string, interpreter: string): string =>
    environment?.interpreter_path === undefined
      ? interpreter
      : fillIn(environment.interpreter_path, { pack_dir: '', env_dir: directory, interpreter, manifest_path: '' });
  const directoryIn = (place: string): string => directoryOf(environment, place);
  const fill = (place: BuildPlace, command: readonly string[], interpreter: string): readonly string[] => {
    const values = {
      pack_dir: place.pack,
      env_dir: directoryIn(place.environment),
      interpreter,
      manifest_path: place.manifest,
    };
    return command.map((part) => fillIn(part, values));
  };
  return {
    name: environment?.env_type ?? 'custom',
    manifest: dependencies.manifest_file,
    inputs: ['vendor'],
    commands: (place) => [
      ...(environment === undefined || environment.create_command.length === 0
        ? []
        : [fill(place, environment.create_command, place.interpreter)]),
      fill(place, dependencies.install_command, interpreterIn(directoryIn(place.environment), place.interpreter)),
    ],
    run: { interpreter: ({ environment: place, interpreter }) => interpreterIn(directoryIn(place), interpreter) },
  };
}

/**
 * The template of a family: how the agent runs it by itself, in the form of a row of `runtime`, to be read and to start
 * an override from.
 */
function templateOf(family: RuntimeFamily): ExecutionConfig {
  const [binary = ''] = family.binaries;
  const [extension = ''] = family.script.extensions;
  const args = family.script.command.filter((part) => part !== '{interpreter}' && part !== '{file}');
  const recipe = (dependencyRecipes[family.name] ?? []).find((one) => one.tool?.isOptional !== true);
  const program = programRecipes[family.name]?.find((one) => one.links === undefined);
  return {
    interpreter: { binary, args, file_extension: extension },
    ...(recipe && installationOf(recipe)),
    ...(program && {
      environment: { env_type: program.name, dir_name: '.', create_command: commandsOf(program, 'script')[0] ?? [] },
    }),
  };
}

/** The templates of all runtime families. */
export function runtimeTemplates(): readonly RuntimeTemplate[] {
  return families.map((family) => ({
    name: family.name,
    aliases: family.aliases,
    executionConfig: templateOf(family),
  }));
}

function installationOf(recipe: Recipe): Pick<ExecutionConfig, 'environment' | 'dependencies'> {
  const commands = commandsOf(recipe, recipe.manifest);
  const run = { interpreter: '{interpreter}', environment: '{env_dir}', file: '', copy: '' };
  const interpreterPath = recipe.run.interpreter?.(run);
  return {
    environment: {
      env_type: recipe.name,
      dir_name: '.',
      create_command: commands.length > 1 ? (commands[0] ?? []) : ['mkdir', '-p', '{env_dir}'],
      ...(interpreterPath === undefined ? {} : { interpreter_path: interpreterPath }),
    },
    dependencies: { manifest_file: recipe.manifest, install_command: commands.at(-1) ?? [] },
  };
}

function commandsOf(recipe: Pick<Recipe, 'commands' | 'tool'>, manifest: string): readonly (readonly string[])[] {
  return recipe.commands({
    interpreter: '{interpreter}',
    tool: recipe.tool?.binary ?? '',
    environment: '{env_dir}',
    pack: '{pack_dir}',
    text: '',
    manifest: manifest === 'script' ? '{pack_dir}/actions/{entry_point}' : '{manifest_path}',
    cache: '{env_dir}/cache',
    isOffline: false,
    dependencies: undefined,
    has: () => false,
  });
}
