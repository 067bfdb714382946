import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Pack, PackRuntime } from '#domain/action.ts';
import { families, findFamily } from '#domain/families.ts';
import { isRecord } from '#domain/record.ts';
import { type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter, RuntimeFamily } from '#domain/runtime.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import { type PackProblem, problem, readYaml } from './read-yaml.ts';

const command = z.array(z.coerce.string());

const executionConfig = z.object({
  interpreter: z
    .object({
      binary: z.string().min(1).optional(),
      args: command.optional(),
      file_extension: z.string().optional(),
    })
    .optional(),
  environment: z
    .object({
      env_type: z.string().optional(),
      dir_name: z.string().optional(),
      create_command: command.min(1),
      interpreter_path: z.string().optional(),
    })
    .optional(),
  dependencies: z
    .object({
      manifest_file: z.string().regex(/^[^/]+$/, 'expected the name of a file at the top of the pack'),
      install_command: command.min(1),
    })
    .optional(),
  env_vars: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
      z.union([
        z.string(),
        z.object({
          value: z.string(),
          operation: z.enum(['set', 'prepend', 'append']).optional(),
          separator: z.string().optional(),
        }),
      ]),
    )
    .optional(),
});

const runtimeSchema = z.looseObject({
  ref: z.string().optional(),
  name: z.string().min(1),
  aliases: z.array(z.string()).default([]),
  execution_config: executionConfig.default({}),
  versions: z
    .array(z.looseObject({ version: z.coerce.string(), execution_config: executionConfig.default({}) }))
    .default([]),
});

/** `runtimes/*.yaml` of a pack. Each builds on a family, named by itself, an alias or its interpreter. */
export function loadRuntimes(pack: Pack): Result<readonly PackRuntime[], PackProblem> {
  const directory = join(pack.directory, 'runtimes');
  const files = existsSync(directory) ? readdirSync(directory).filter((name) => /\.ya?ml$/.test(name)) : [];
  const runtimes: PackRuntime[] = [];
  for (const name of files.toSorted()) {
    const read = readRuntime(pack, join(directory, name));
    if (!read.ok) return read;
    runtimes.push(read.value);
  }
  return success(runtimes);
}

function readRuntime(pack: Pack, file: string): Result<PackRuntime, PackProblem> {
  const read = readYaml(file, runtimeSchema);
  if (!read.ok) return read;
  const { name, aliases, execution_config: config, versions } = read.value;
  const ref = read.value.ref ?? `${pack.ref}.${name.toLowerCase()}`;
  if (!ref.startsWith(`${pack.ref}.`))
    return problem('invalid-pack', `${file}: ref is '${ref}', expected '${pack.ref}.…'`);
  const family = familyOf([name, ref.slice(pack.ref.length + 1), ...aliases], config.interpreter?.binary);
  if (!family)
    return problem(
      'invalid-pack',
      `${file}: it builds on no runtime that the agent knows: give it the alias of one (${families.map((one) => one.name).join(', ')})`,
    );
  const wrong = versions.find((one) => parseConstraint(one.version) === null);
  if (wrong) return problem('invalid-pack', `${file}: '${wrong.version}' is no version (examples: 3.12, ^20)`);
  const described = versions.map((one) => ({ version: one.version, execution_config: cleaned(one.execution_config) }));
  return success({
    ref,
    name,
    aliases,
    family: family.name,
    config: { execution_config: cleaned(config), versions: described },
  });
}

function familyOf(names: readonly string[], binary: string | undefined): RuntimeFamily | undefined {
  const named = names.map(findFamily).find((one) => one !== undefined);
  if (named || binary === undefined) return named;
  const base = binary.slice(binary.lastIndexOf('/') + 1);
  return families.find((one) => one.binaries.includes(base) || one.versioned?.test(base));
}

/** Absent is absent, not undefined. */
function cleaned(config: z.infer<typeof executionConfig>): ExecutionConfig {
  return JSON.parse(JSON.stringify(config));
}

const stored = z.object({
  execution_config: executionConfig.catch({}),
  versions: z
    .array(z.object({ version: z.string(), execution_config: executionConfig.catch({}) }))
    .nullish()
    .transform((list) => list ?? []),
});

/**
 * What a runtime says for an interpreter of `version`: its own, and what it says for that version in place of it, each
 * variable by itself. Rows may be of any origin: what is malformed counts as not said. Undefined: nothing.
 */
export function configFor(column: unknown, version: string | undefined): ExecutionConfig | undefined {
  if (!isRecord(column)) return undefined;
  const parsed = stored.safeParse(column);
  if (!parsed.success) return undefined;
  const special = parsed.data.versions.find((one) => parseConstraint(one.version)?.allows(version));
  const general = parsed.data.execution_config;
  const variables = { ...general.env_vars, ...special?.execution_config.env_vars };
  const config = cleaned({
    ...general,
    ...special?.execution_config,
    env_vars: Object.keys(variables).length > 0 ? variables : undefined,
  });
  return Object.keys(config).length === 0 ? undefined : config;
}

/** Whether an interpreter is one that the runtime wants: one of the family's usual names stands for all of them. */
export function isWanted(
  config: ExecutionConfig | undefined,
  family: RuntimeFamily,
  { path, realPath }: Pick<Interpreter, 'path' | 'realPath'>,
): boolean {
  const binary = config?.interpreter?.binary;
  if (binary === undefined || family.binaries.includes(binary.slice(binary.lastIndexOf('/') + 1))) return true;
  return [path, realPath].some((one) => one === binary || one.endsWith(`/${binary}`));
}
