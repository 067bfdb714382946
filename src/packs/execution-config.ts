import { z } from 'zod';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig } from '#domain/runtime.ts';
import { VARIABLE_NAME } from '#domain/runtime.ts';

/** A program and its arguments, or arguments alone. */
const command = z.array(z.string());

/** Made of strict objects for files, whose authors mistype, and of open ones for rows, which other programs write too. */
function describeConfig(object: typeof z.strictObject | typeof z.object, binary: z.ZodType<string>) {
  return object({
    interpreter: object({
      binary: binary.nullish(),
      args: command.nullish(),
      file_extension: z.string().nullish(),
    }).nullish(),
    inline_execution: z.looseObject({ inject_shell_helpers: z.boolean().nullish() }).nullish(),
    environment: object({
      env_type: z.string().nullish(),
      dir_name: z.string().nullish(),
      create_command: command.nullish(),
      interpreter_path: z.string().nullish(),
    }).nullish(),
    dependencies: object({
      manifest_file: z.string().regex(/^[^/]+$/, 'expected the name of a file at the top of the pack'),
      install_command: command.min(1),
    }).nullish(),
    env_vars: z
      .record(
        z.string().regex(VARIABLE_NAME),
        z.union([
          z.string(),
          object({
            value: z.string(),
            operation: z.enum(['set', 'prepend', 'append']).nullish(),
            separator: z.string().nullish(),
          }),
        ]),
      )
      .nullish(),
  });
}

/** The schema of `execution_config` as the YAML files of a pack write it. */
export const executionConfig = describeConfig(z.strictObject, z.string().min(1));

/** In rows, an empty binary means that files are run by themselves. */
const storedConfig = describeConfig(z.object, z.string());

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
