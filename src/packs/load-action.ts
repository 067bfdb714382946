import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Document } from 'yaml';
import type { Action, Pack, PackRuntime } from '#domain/action.ts';
import { findFamily } from '#domain/families.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { describeNoConstraint, parseConstraint } from '#domain/version-constraint.ts';
import { keepTextOfParameters } from './keep-text.ts';
import { followPackLink, isInside } from './locate-script.ts';
import { actionSchema, packName, packSchema } from './pack-schemas.ts';
import { jsonSchemaOf } from './parameter-schema.ts';
import { type PackProblem, problem, readYaml } from './read-yaml.ts';
import { loadRuntimes } from './runtimes.ts';

/** Reads `<packs>/<pack>/actions/<action>.yaml` and checks it. */
export function loadAction(packsDirectory: string, ref: string): Result<Action, PackProblem> {
  const [packRef = '', ...rest] = ref.split('.');
  const actionName = rest.join('.');
  if (!packName.safeParse(packRef).success || actionName === '' || actionName.includes('/'))
    return problem('no-such-action', `'${ref}' is no action: expected PACK.ACTION, for example sample.stats`);
  const pack = loadPack(packsDirectory, packRef);
  if (!pack.ok) return pack;
  const files = actionFiles(pack.value);
  const file = files.find((one) => actionNameOf(one) === actionName);
  if (!file) {
    const near = nearest(actionName, files.map(actionNameOf));
    const all = files.map((one) => `${packRef}.${actionNameOf(one)}`).join(', ') || 'none';
    return problem(
      'no-such-action',
      `pack ${packRef} has no action '${actionName}'${near ? `; did you mean ${packRef}.${near}?` : ''} It has: ${all}`,
    );
  }
  const runtimes = loadRuntimes(pack.value);
  return runtimes.ok ? readAction(pack.value, file, { ref, runtimes: runtimes.value }) : runtimes;
}

function loadPack(packsDirectory: string, packRef: string): Result<Pack, PackProblem> {
  const directory = resolve(packsDirectory, packRef);
  const file = join(directory, 'pack.yaml');
  if (!existsSync(file)) {
    const there = listPacks(packsDirectory);
    const near = nearest(packRef, there);
    const hint = near
      ? `; did you mean ${near}?`
      : ` (there: ${there.join(', ') || 'no packs'}); choose another directory with --packs`;
    return problem('no-such-pack', `no pack '${packRef}' in ${resolve(packsDirectory)}${hint}`);
  }
  const read = readYaml(file, packSchema);
  if (!read.ok) return read;
  const { value, flaw } = read.value;
  if (value.ref !== packRef)
    return problem('invalid-pack', flaw(['ref'], `is '${value.ref}', expected '${packRef}' like its directory`));
  return success({
    ref: packRef,
    label: value.label ?? packRef,
    version: value.version,
    directory: followPackLink(directory),
  });
}

/** A pack with all that it brings. */
export interface LoadedPack {
  readonly pack: Pack;
  readonly runtimes: readonly PackRuntime[];
  readonly actions: readonly Action[];
}

/**
 * Loads every pack of the directory with its actions. What is broken is named, and does not keep the rest from being
 * loaded.
 */
export function loadPacks(packsDirectory: string): {
  readonly packs: readonly LoadedPack[];
  readonly problems: readonly PackProblem[];
} {
  const loaded = listPacks(packsDirectory).map((ref) => {
    const pack = loadPack(packsDirectory, ref);
    return pack.ok ? loadContents(pack.value) : { loaded: undefined, problems: [pack.error] };
  });
  return {
    packs: loaded.flatMap((one) => one.loaded ?? []),
    problems: loaded.flatMap(({ problems }) => problems),
  };
}

/** Loads the pack of one directory, whatever the directory's name. The error names everything that is broken. */
export function loadPackAt(directory: string): Result<LoadedPack, string> {
  const file = join(directory, 'pack.yaml');
  if (!existsSync(file)) return failure('there is no pack.yaml');
  const read = readYaml(file, packSchema);
  if (!read.ok) return failure(read.error.message);
  const { ref, label = ref, version } = read.value.value;
  const { loaded, problems } = loadContents({ ref, label, version, directory });
  return problems.length > 0 ? failure(problems.map((one) => one.message).join('; ')) : success(loaded);
}

function loadContents(pack: Pack): { readonly loaded: LoadedPack; readonly problems: readonly PackProblem[] } {
  const found = loadRuntimes(pack);
  const runtimes = found.ok ? found.value : [];
  const read = actionFiles(pack).map((file) =>
    readAction(pack, file, { ref: `${pack.ref}.${actionNameOf(file)}`, runtimes }),
  );
  return {
    loaded: { pack, runtimes, actions: read.flatMap((one) => (one.ok ? [one.value] : [])) },
    problems: [...(found.ok ? [] : [found.error]), ...read.flatMap((one) => (one.ok ? [] : [one.error]))],
  };
}

function listPacks(packsDirectory: string): readonly string[] {
  return existsSync(packsDirectory)
    ? readdirSync(packsDirectory)
        .filter((one) => packName.safeParse(one).success && existsSync(join(packsDirectory, one, 'pack.yaml')))
        .toSorted()
    : [];
}

function actionFiles(pack: Pack): readonly string[] {
  const directory = join(pack.directory, 'actions');
  return existsSync(directory)
    ? readdirSync(directory)
        .filter((one) => /\.ya?ml$/.test(one))
        .toSorted()
        .map((one) => join(directory, one))
    : [];
}

function actionNameOf(file: string): string {
  return basename(file).replace(/\.ya?ml$/, '');
}

function readAction(
  pack: Pack,
  file: string,
  { ref, runtimes }: { readonly ref: string; readonly runtimes: readonly PackRuntime[] },
): Result<Action, PackProblem> {
  const read = readYaml(file, actionSchema, keepTextOfSchemas);
  if (!read.ok) return read;
  const { value: yaml, flaw } = read.value;
  const broken = (path: readonly PropertyKey[], message: string) => problem('invalid-pack', flaw(path, message));
  if (yaml.ref !== undefined && yaml.ref !== ref)
    return broken(['ref'], `is '${yaml.ref}', expected '${ref}' like its file`);
  const entryPoint = resolve(pack.directory, 'actions', yaml.entry_point);
  if (!isInside(pack.directory, entryPoint))
    return broken(['entry_point'], `'${yaml.entry_point}' leads out of the pack`);
  if (yaml.runtime_version && parseConstraint(yaml.runtime_version) === null)
    return broken(['runtime_version'], describeNoConstraint(yaml.runtime_version));
  const schema = jsonSchemaOf(yaml.parameters ?? undefined);
  if (!schema.ok) {
    const flaws = schema.error.map(({ path, message }) => flaw(['parameters', ...path], message));
    return problem('invalid-pack', flaws.join('; '));
  }
  return success({
    ref,
    label: yaml.label ?? ref,
    description: yaml.description ?? undefined,
    runtime: runtimeOf(yaml.runner_type, runtimes),
    runtimeVersion: yaml.runtime_version ?? undefined,
    requiredRuntimes: yaml.required_worker_runtimes,
    entryPoint,
    parameterDelivery: yaml.parameter_delivery,
    parameterFormat: yaml.parameter_format,
    outputFormat: yaml.output_format,
    parameterSchema: schema.value,
    outputSchema: yaml.output ?? undefined,
    timeoutSeconds: yaml.timeout_seconds,
    maxRetries: yaml.max_retries,
    priority: yaml.priority,
    workerSelector: yaml.worker_selector,
    workerTolerations: yaml.worker_tolerations,
    workerAffinity: yaml.worker_affinity,
    apiScopes: yaml.api_scopes,
    requestVariables: yaml.env_vars,
    pack,
  });
}

function keepTextOfSchemas(document: Document): void {
  for (const key of ['parameters', 'output']) keepTextOfParameters(document.get(key, true));
}

/** Finds the runtime of an action: one of the pack's own, else the agent's. */
function runtimeOf(runnerType: string, runtimes: readonly PackRuntime[]): Action['runtime'] {
  const wanted = runnerType.toLowerCase();
  const own = runtimes.find((one) => [one.ref, one.name, ...one.aliases].some((name) => name.toLowerCase() === wanted));
  if (own) return { ref: own.ref, name: own.family, config: own.config };
  const name = findFamily(runnerType)?.name ?? runnerType;
  const sameFamily = runtimes.find((one) => one.family === name && one.ref.endsWith(`.${name}`));
  return sameFamily
    ? { ref: sameFamily.ref, name, config: sameFamily.config }
    : { ref: `core.${name}`, name, config: undefined };
}
