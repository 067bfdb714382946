/** The environment variables as a process gets them. */
export type ProcessEnv = Readonly<Record<string, string | undefined>>;

/** The pattern of the name of a variable. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The change of a variable: another value, text before or behind the value that it has, or none at all. */
export type VariableChange =
  | string
  | {
      readonly value: string;
      /** Default: set. */
      readonly operation?: 'set' | 'prepend' | 'append' | 'unset' | undefined;
      /** Default: a colon. */
      readonly separator?: string | undefined;
    };
export type VariableChanges = Readonly<Record<string, VariableChange>>;

/** The directories that a process without PATH searches. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The configuration of a runtime, `runtime.execution_config` of protocol.md, which a pack or a control plane writes;
 * what is absent is as the agent does it. Texts may hold `{pack_dir} {env_dir} {interpreter} {manifest_path}`. A type
 * and no interface: it is sent as a record of anything, which an interface is not.
 */
export type ExecutionConfig = {
  readonly interpreter?: {
    /** A name or a path; one of the family's usual ones stands for all of them. */
    readonly binary?: string | undefined;
    readonly args?: readonly string[] | undefined;
    /** The extension of files, with the dot. */
    readonly file_extension?: string | undefined;
  };
  readonly environment?: {
    readonly env_type?: string | undefined;
    readonly dir_name?: string | undefined;
    readonly create_command: readonly string[];
    readonly interpreter_path?: string | undefined;
  };
  readonly dependencies?: { readonly manifest_file: string; readonly install_command: readonly string[] };
  readonly env_vars?: VariableChanges;
  /** How code runs that is no file; only executions of Attune's Rust control plane ask for it. */
  readonly inline_execution?: { readonly inject_shell_helpers?: boolean | undefined };
};

/** A family of interpreters: how they are found, asked for their versions and made to run a file. Data only. */
export interface RuntimeFamily {
  /** The name in Attune's `runtime` table (`core.<name>`) and in `ATTUNE_WORKER_RUNTIMES`. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** File names, most wanted first. */
  readonly binaries: readonly string[];
  /** Further file names: other versions installed side by side (`python3.12`). */
  readonly versioned?: RegExp;
  /** The questions for the version, asked in order until one answers. */
  readonly probes: readonly VersionProbe[];
  /**
   * True if the interpreter takes a while to start, as virtual machines do: it is asked first, so that the others run
   * beside it.
   */
  readonly isSlowToStart?: true;
  /** Variables that point at an installation (`<value>/bin` is searched) and are handed to its programs. */
  readonly homes?: readonly string[];
  /** Further variables of the container that are handed to its programs. */
  readonly inherits?: readonly string[];
  /** Variables set for its programs where the container does not set them: they keep tools from fetching other versions. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Variables set for its programs when the container has no writable HOME; `{cache}` is a writable directory. */
  readonly homelessEnv?: Readonly<Record<string, string>>;
  readonly script: ScriptCommand;
  /** A program that prints `attune-ok`. */
  readonly smoke: string;
}

export interface VersionProbe {
  readonly args: readonly string[];
  readonly stdin?: string;
  /**
   * Patterns of the lines that tell the version, tried in order, so that notices, warnings and wrappers around them do not
   * count. Groups: `version` (or the first one) is that of the language; `implementation` and `build` name what implements
   * it, and its own version. Default: the first `1.2` or `1.2.3`, after an optional `v` or `go`.
   */
  readonly version?: RegExp | readonly RegExp[];
  /** The answer proves that the interpreter works, and tells no version. */
  readonly isVersionless?: boolean;
}

interface ScriptCommand {
  /** File extensions of its scripts, with the dot, most usual first. */
  readonly extensions: readonly string[];
  /** The extension that code gets which comes without a file name; default: the first one. */
  readonly extensionOf?: (code: string) => string;
  /** The command line; `{interpreter}` `{sibling:NAME}` (another program of the same directory) `{file}` `{work}`. */
  readonly command: readonly string[];
  /** Command lines for files with other extensions, such as `.jar`. */
  readonly others?: Readonly<Record<string, readonly string[]>>;
  /** Arguments that a script gets even when its first line has arguments, which otherwise stand in place of these. */
  readonly always?: readonly string[];
  /** The options that take the word behind them: as the last word of a first line they would take the file. */
  readonly takesNext?: RegExp;
}

/** An interpreter that has been found on this machine. */
export interface Interpreter {
  readonly family: string;
  /** The path as it was found in the search, e.g. `/usr/bin/python3`. */
  readonly path: string;
  /** The path with all symbolic links resolved. */
  readonly realPath: string;
  /** Version of the language as semver, with the mark of a pre-release; `undefined`: works, and does not tell (dash). */
  readonly version: string | undefined;
  /** The implementation of the language, with its own version (`jruby 9.4.8`); undefined for the usual one. */
  readonly implementation?: string | undefined;
  /** The reason why the interpreter cannot be used; such an interpreter is reported and never advertised. */
  readonly problem: string | undefined;
  readonly probeMs: number;
}

/** The template of a runtime: how the agent by itself runs a family, as the registry of runtimes shows it. */
export interface RuntimeTemplate {
  /** The name of the family; its row is `core.<name>`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly executionConfig: ExecutionConfig;
}
