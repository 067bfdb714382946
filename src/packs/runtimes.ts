import { z } from 'zod';
import type { Pack, PackRuntime } from '#domain/action.ts';
import { families, findFamily } from '#domain/families.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter, RuntimeFamily } from '#domain/runtime.ts';
import { flawOfConstraint, parseConstraint } from '#domain/version-constraint.ts';
import { readStoredConfig, usableConfig } from './execution-config.ts';
import { filesOf } from './pack-parts.ts';
import { runtimePartsSchema, runtimeSchema } from './pack-schemas.ts';
import { flawsOfPlaceholders } from './placeholders.ts';
import {
  type PackProblem,
  problem,
  type ReadYaml,
  readBroken,
  readYaml,
  sentencesOf,
  withoutChanged,
} from './read-yaml.ts';
import type { SchemaFlaw } from './schema-keywords.ts';

/**
 * Loads the runtimes of a pack, `runtimes/*.yaml`. Each builds on a family, named by itself, an alias or its
 * interpreter.
 */
export function loadRuntimes(pack: Pack): Result<readonly PackRuntime[], PackProblem> {
  const read = filesOf(pack.directory, 'runtimes').map((file) => readRuntime(pack, file));
  const broken = read.flatMap((one) => (one.ok ? [] : [one.error.message]));
  if (broken.length > 0) return problem('invalid-pack', broken.join('; '));
  return success(read.flatMap((one) => (one.ok ? [one.value] : [])));
}

function readRuntime(pack: Pack, file: string): Result<PackRuntime, PackProblem> {
  const read = readYaml(file, runtimeSchema);
  const parts = readBroken(file, runtimePartsSchema);
  const flaws = [...(read.ok ? [] : sentencesOf(read.error)), ...(parts ? flawsOfRuntime(parts, pack) : [])];
  const family = parts && familyOfParts(parts.value, pack);
  if (!(read.ok && family) || flaws.length > 0) return problem('invalid-pack', withoutChanged(flaws).join('; '));
  const { value } = read.value;
  const { name, aliases, execution_config: config, versions } = value;
  const described = versions.map((one) => ({
    version: one.version,
    execution_config: usableConfig(one.execution_config),
  }));
  return success({
    ref: refOf(value, pack),
    name,
    aliases,
    family: family.name,
    config: { execution_config: usableConfig(config), versions: described },
  });
}

type RuntimeParts = z.infer<typeof runtimePartsSchema>;

/** Everything that is wrong with a runtime beyond its schema. */
function flawsOfRuntime({ value, flaw }: ReadYaml<RuntimeParts>, pack: Pack): readonly string[] {
  const { ref, name, execution_config: config, versions } = value;
  const found: SchemaFlaw[] = [];
  if (ref !== undefined && !ref.startsWith(`${pack.ref}.`))
    found.push({ path: ['ref'], message: `is '${ref}', expected '${pack.ref}.…'` });
  if (name !== undefined && !familyOfParts(value, pack)) {
    const known = families.map((one) => one.name).join(', ');
    const message = `it builds on no runtime that the agent knows: give it the alias of one (${known})`;
    found.push({ path: ['name'], message });
  }
  found.push(...flawsOfPlaceholders(config, ['execution_config']));
  for (const [at, { version, execution_config: special }] of versions.entries()) {
    const message = version === undefined ? undefined : flawOfConstraint(version);
    if (message !== undefined) found.push({ path: ['versions', at, 'version'], message });
    found.push(...flawsOfPlaceholders(special, ['versions', at, 'execution_config']));
  }
  return found.map(({ path, message }) => flaw(path, message));
}

function refOf({ ref, name = '' }: Pick<RuntimeParts, 'ref' | 'name'>, pack: Pack): string {
  return ref ?? `${pack.ref}.${name.toLowerCase()}`;
}

function familyOfParts(parts: RuntimeParts, pack: Pack): RuntimeFamily | undefined {
  const { name, aliases, execution_config: config } = parts;
  if (name === undefined) return undefined;
  const binary = isRecord(config['interpreter']) ? config['interpreter']['binary'] : undefined;
  const names = [name, refOf(parts, pack).slice(pack.ref.length + 1), ...aliases];
  return familyOf(names, typeof binary === 'string' ? binary : undefined);
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
