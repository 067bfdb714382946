import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Pack, PackRuntime } from '#domain/action.ts';
import { families, findFamily } from '#domain/families.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter, RuntimeFamily } from '#domain/runtime.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import { readStoredConfig, usableConfig } from './execution-config.ts';
import { runtimeSchema } from './pack-schemas.ts';
import { type PackProblem, problem, readYaml } from './read-yaml.ts';

/**
 * Loads the runtimes of a pack, `runtimes/*.yaml`. Each builds on a family, named by itself, an alias or its
 * interpreter.
 */
export function loadRuntimes(pack: Pack): Result<readonly PackRuntime[], PackProblem> {
  const directory = join(pack.directory, 'runtimes');
  const files = existsSync(directory) ? readdirSync(directory).filter((name) => /\.ya?ml$/.test(name)) : [];
  const read = files.toSorted().map((name) => readRuntime(pack, join(directory, name)));
  const broken = read.flatMap((one) => (one.ok ? [] : [one.error.message]));
  if (broken.length > 0) return problem('invalid-pack', broken.join('; '));
  return success(read.flatMap((one) => (one.ok ? [one.value] : [])));
}

function readRuntime(pack: Pack, file: string): Result<PackRuntime, PackProblem> {
  const read = readYaml(file, runtimeSchema);
  if (!read.ok) return read;
  const { value, flaw } = read.value;
  const { name, aliases, execution_config: config, versions } = value;
  const broken = (path: readonly PropertyKey[], message: string) => problem('invalid-pack', flaw(path, message));
  const ref = value.ref ?? `${pack.ref}.${name.toLowerCase()}`;
  if (!ref.startsWith(`${pack.ref}.`)) return broken(['ref'], `is '${ref}', expected '${pack.ref}.…'`);
  const family = familyOf([name, ref.slice(pack.ref.length + 1), ...aliases], config.interpreter?.binary ?? undefined);
  if (!family) {
    const known = families.map((one) => one.name).join(', ');
    return broken(['name'], `it builds on no runtime that the agent knows: give it the alias of one (${known})`);
  }
  const wrong = versions.findIndex((one) => parseConstraint(one.version) === null);
  if (wrong >= 0)
    return broken(['versions', wrong, 'version'], `'${versions[wrong]?.version}' is no version (examples: 3.12, ^20)`);
  const described = versions.map((one) => ({
    version: one.version,
    execution_config: usableConfig(one.execution_config),
  }));
  return success({
    ref,
    name,
    aliases,
    family: family.name,
    config: { execution_config: usableConfig(config), versions: described },
  });
}

function familyOf(names: readonly string[], binary: string | undefined): RuntimeFamily | undefined {
  const named = names.map(findFamily).find((one) => one !== undefined);
  if (named || binary === undefined) return named;
  const base = binary.slice(binary.lastIndexOf('/') + 1);
  return families.find((one) => one.binaries.includes(base) || one.versioned?.test(base));
}

const storedVersions = z.array(z.object({ version: z.string(), execution_config: z.unknown() })).nullish();

/**
 * The configuration of a runtime for an interpreter of `version`: its own configuration, in which the one for that
 * version replaces what it names, each variable by itself. `column` comes from a row that any program may have written:
 * the error says what is malformed.
 */
export function configFor(column: unknown, version: string | undefined): Result<ExecutionConfig | undefined, string> {
  if (!isRecord(column)) return success(undefined);
  const general = readStoredConfig(column['execution_config']);
  if (!general.ok) return general;
  const versions = storedVersions.safeParse(column['versions']);
  if (!versions.success) return failure('the versions of its runtime are malformed');
  const matching = versions.data?.find((one) => parseConstraint(one.version)?.allows(version));
  const special = matching ? readStoredConfig(matching.execution_config) : success<ExecutionConfig>({});
  if (!special.ok) return failure(`version ${matching?.version}: ${special.error}`);
  const variables = { ...general.value.env_vars, ...special.value.env_vars };
  const config = {
    ...general.value,
    ...special.value,
    ...(Object.keys(variables).length > 0 && { env_vars: variables }),
  };
  return success(Object.keys(config).length === 0 ? undefined : config);
}

/**
 * Tells whether an interpreter is one that the runtime wants: one of the family's usual names stands for all of them.
 */
export function isWanted(
  config: ExecutionConfig | undefined,
  family: RuntimeFamily,
  { path, realPath }: Pick<Interpreter, 'path' | 'realPath'>,
): boolean {
  const binary = config?.interpreter?.binary;
  if (binary === undefined || family.binaries.includes(binary.slice(binary.lastIndexOf('/') + 1))) return true;
  return [path, realPath].some((one) => one === binary || one.endsWith(`/${binary}`));
}
