import { z } from 'zod';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig } from '#domain/runtime.ts';
import { VARIABLE_NAME } from '#domain/runtime.ts';

/** A program and its arguments, or arguments alone. */
const command = z.array(z.string());

interface Parts {
  readonly object: typeof z.strictObject | typeof z.object;
  readonly binary: z.ZodType<string>;
  readonly createCommand: z.ZodType<string[]>;
}

/** Made of strict objects for files, whose authors mistype, and of open ones for rows, which other programs write too. */
function describeConfig({ object, binary, createCommand }: Parts) {
  return object({
    interpreter: object({
      binary: binary.nullish().describe('The program that runs scripts; else that of the family'),
      args: command.nullish().describe('Its arguments before the script'),
      file_extension: z.string().nullish().describe('Extension of scripts, with the dot'),
    }).nullish(),
    inline_execution: z
      .looseObject({
        inject_shell_helpers: z
          .boolean()
          .nullish()
          .describe('Code that comes with a request finds the functions of the shell helpers'),
      })
      .nullish(),
    environment: object({
      env_type: z.string().nullish().describe('none: no environment is made'),
      dir_name: z
        .string()
        .regex(/^(?!(.*\/)?\.\.(\/|$))/, 'leads out of the directory of its environment')
        .nullish()
        .describe('Name of the directory of the environment, which is {env_dir} below'),
      create_command: createCommand
        .nullish()
        .describe('What makes the environment, such as [python3, -m, venv, "{env_dir}"]'),
      interpreter_path: z.string().nullish().describe('The interpreter in it, such as {env_dir}/bin/python3'),
    }).nullish(),
    dependencies: object({
      manifest_file: z
        .string()
        .regex(/^[^/]+$/, 'expected the name of a file at the top of the pack')
        .describe('The file of the pack that lists its dependencies'),
      install_command: command
        .min(1)
        .describe('What installs them; {manifest_path}, {env_dir}, {pack_dir} and {interpreter} are filled in'),
    }).nullish(),
    env_vars: z
      .record(
        z.string().regex(VARIABLE_NAME, 'no name of an environment variable'),
        z.union([
          z.string(),
          object({
            value: z.string(),
            operation: z.enum(['set', 'prepend', 'append']).nullish(),
            separator: z.string().nullish(),
          }),
        ]),
      )
      .nullish()
      .describe('Variables of scripts: a text, or value with operation (set, prepend, append) and separator'),
  });
}

/** The schema of `execution_config` as the YAML files of a pack write it. */
export const executionConfig = describeConfig({
  object: z.strictObject,
  binary: z.string().min(1),
  createCommand: command.min(1, 'expected a command, or left out: install_command then makes the environment'),
});

/** In rows, an empty binary means that files are run by themselves, and an empty command that nothing is made. */
const storedConfig = describeConfig({ object: z.object, binary: z.string(), createCommand: command });

/** Makes a configuration of a checked document: what is null or left to others in the document is absent. */
export function usableConfig(config: z.infer<typeof executionConfig>): ExecutionConfig {
  const { inline_execution: inline, environment, interpreter, ...rest } = config;
  const isOff = environment?.env_type === 'none';
  const own = environment && !isOff && { ...environment, create_command: environment.create_command ?? [] };
  const program = interpreter && { ...interpreter, binary: interpreter.binary || undefined };
  const helpers = inline?.inject_shell_helpers ? { inline_execution: { inject_shell_helpers: true } } : {};
  return withoutNulls({
    ...rest,
    ...helpers,
    interpreter: program,
    environment: own,
  }) as ExecutionConfig; /* the schema without its nulls is that type */
}

/** Reads `execution_config` of a row of `runtime` or `runtime_version`; the error names the key that cannot be used. */
export function readStoredConfig(column: unknown): Result<ExecutionConfig, string> {
  const parsed = storedConfig.safeParse(column ?? {});
  if (parsed.success) return success(usableConfig(parsed.data));
  const [issue] = parsed.error.issues;
  return failure(`execution_config: ${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'not usable'}`);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutNulls(one)]));
}
