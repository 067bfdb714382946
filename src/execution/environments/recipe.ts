import type { VariableChanges } from '#domain/runtime.ts';

/** The place where something is installed or compiled. All paths are absolute. */
export interface BuildPlace {
  readonly interpreter: string;
  /** The recipe's tool, where it was found; empty: it needs none. */
  readonly tool: string;
  /** The new environment; it stays at this path. */
  readonly environment: string;
  /** A copy of the pack in it; commands run there. */
  readonly pack: string;
  /** The text of the manifest. */
  readonly text: string;
  /** The manifest in the copy; of a program its script. */
  readonly manifest: string;
  /** Shared by the builds of one pack, for installers that lock in it as they do in a home directory. */
  readonly cache: string;
  /** No network may be asked. */
  readonly isOffline: boolean;
  /** The environment of the pack's dependencies; undefined: none, or it is this one. */
  readonly dependencies: string | undefined;
  /** Tells whether the pack has that file or directory. */
  has(path: string): boolean;
}

/** The place in which a script runs: its environment, interpreter and files. */
export interface RunPlace {
  readonly interpreter: string;
  readonly environment: string;
  /** The path of the script in the pack itself. */
  readonly file: string;
  /** The path of the script in the environment's copy of the pack. */
  readonly copy: string;
}

/** A program that a recipe needs, beside the interpreter or on PATH. */
export interface Tool {
  readonly binary: string;
  /** The advice for a container where the tool is missing. */
  readonly fix: string;
  /** The next recipe is taken where it is missing. */
  readonly isOptional?: true;
}

/** A recipe by which something is made of a pack, once, and by which scripts run with it. */
export interface Recipe {
  /** The name of the recipe for people, which is part of the identity: `pip`. */
  readonly name: string;
  /** The file in the pack that asks for the recipe. */
  readonly manifest: string;
  /** Tells whether the text of the manifest asks for the recipe, since not every such file does. */
  isNeeded?(text: string): boolean;
  /** Further files and directories that the result depends on; `.` is everything. */
  readonly inputs?: readonly string[];
  readonly tool?: Tool;
  /** The file or directory of a pack that has brought its dependencies along. */
  readonly vendored?: string;
  /** The questions that the interpreter must answer before; where one fails, `fix` says what to do. */
  readonly questions?: readonly { readonly args: readonly string[]; readonly fix: string }[];
  /** Files that the commands need, by their paths in the environment. Throws a sentence when the manifest is unusable. */
  files?(place: BuildPlace): Readonly<Record<string, string>>;
  /** The commands of the recipe, which run one after the other. */
  commands(place: BuildPlace): readonly (readonly string[])[];
  /** Variables of the commands, besides those of every build. */
  variables?(place: BuildPlace): Readonly<Record<string, string>>;
  /** Files in which its tools write more than they print. The name `*` stands for the last directory by name. */
  logs?(place: BuildPlace): readonly string[];
  readonly run: RunChanges;
}

/** A recipe for a program, which is compiled from all files of the pack, one for each entry point. */
export interface ProgramRecipe extends Omit<Recipe, 'inputs' | 'vendored' | 'manifest' | 'isNeeded'> {
  /** The file extensions of scripts that the recipe compiles. */
  readonly extensions: readonly string[];
  /** The file that a pack must have for the recipe to apply. */
  readonly manifest?: string;
  /**
   * The directory of the installed dependencies that is linked into the copy of the pack, which stays. Without
   * dependencies the recipe does not apply.
   */
  readonly links?: string;
  /** The names at the top of the copy of the pack that stay besides. */
  readonly keeps?: readonly string[];
}

/** The changes to how scripts run; what is absent stays as it was. */
export interface RunChanges {
  interpreter?(place: RunPlace): string;
  /** The whole command line. */
  command?(place: RunPlace): readonly string[];
  variables?(place: RunPlace): VariableChanges;
  /** The command runs the script in the copy of the pack, and not where it lies. */
  readonly isInCopy?: true;
}

/** Puts a directory before all others on `PATH`. */
export function onPath(directory: string): VariableChanges {
  return { PATH: { value: directory, operation: 'prepend' } };
}
