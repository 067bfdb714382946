import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import type { Action, Pack, PackRuntime } from '#domain/action.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { flawOfConstraint } from '#domain/version-constraint.ts';
import { describeUnknownRuntime, type OwnRuntimes, runnerTypeOf, runtimeOf } from './action-runtime.ts';
import { readIgnoreRules } from './ignore-rules.ts';
import { keepTextOfAction } from './keep-text.ts';
import { followPackLink, isInside } from './locate-script.ts';
import { filesOf, flawsOfNames, nameOfFile, readNames } from './pack-parts.ts';
import { actionSchema, packName, packSchema, partsSchema } from './pack-schemas.ts';
import { lookAtFiles } from './pack-size.ts';
import { jsonSchemaOf } from './parameter-schema.ts';
import {
  type PackProblem,
  problem,
  type ReadYaml,
  readBroken,
  readYaml,
  sentencesOf,
  withoutChanged,
} from './read-yaml.ts';
import { loadRuntimes } from './runtimes.ts';
import { flawsOfSchedules } from './schedule-parameters.ts';
import { schedulesOf } from './schedule-schema.ts';
import { flawsOfOutput } from './schema-keywords.ts';

/** Reads `<packs>/<pack>/actions/<action>.yaml` and checks it. */
export function loadAction(packsDirectory: string, ref: string): Result<Action, PackProblem> {
  const [packRef = '', ...rest] = ref.split('.');
  const actionName = rest.join('.');
  if (!packName.safeParse(packRef).success || actionName === '' || actionName.includes('/'))
    return problem('no-such-action', `'${ref}' is no action: expected PACK.ACTION, for example sample.stats`);
  const pack = loadPack(packsDirectory, packRef);
  if (!pack.ok) return pack;
  const files = filesOf(pack.value.directory, 'actions');
  const file = files.find((one) => nameOfFile(one) === actionName);
  if (!file) {
    const names = readNames(join(pack.value.directory, 'actions'));
    if (!names.ok) return problem('invalid-pack', names.error);
    const near = nearest(actionName, files.map(nameOfFile));
    const all = files.map((one) => `${packRef}.${nameOfFile(one)}`).join(', ') || 'none';
    return problem(
      'no-such-action',
      `pack ${packRef} has no action '${actionName}'${near ? `; did you mean ${packRef}.${near}?` : ` (it has: ${all})`}`,
    );
  }
  const runtimes = loadRuntimes(pack.value);
  return runtimes.ok ? readAction(pack.value, file, { ref, runtimes: runtimes.value }) : runtimes;
}

function loadPack(packsDirectory: string, packRef: string): Result<Pack, PackProblem> {
  const directory = resolve(packsDirectory, packRef);
  const file = join(directory, 'pack.yaml');
  if (!existsSync(file)) {
    const names = readNames(resolve(packsDirectory));
    if (!names.ok) return problem('no-such-pack', `${names.error}; choose another directory with --packs`);
    const there = packsAmong(names.value, packsDirectory);
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
  const rules = readIgnoreRules(directory);
  if (!rules.ok) return problem('invalid-pack', rules.error);
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
  /** The stamp of its files, made before they were read; undefined: they cannot be listed, or are too many. */
  readonly stamp: string | undefined;
}

/**
 * Loads every pack of the directory with its actions. What is broken is named, and does not keep the rest from being
 * loaded. A directory that is not there has no packs, and one that cannot be read is a problem.
 */
export function loadPacks(packsDirectory: string): {
  readonly packs: readonly LoadedPack[];
  readonly problems: readonly PackProblem[];
} {
  const names = readNames(packsDirectory);
  if (!names.ok) return { packs: [], problems: [{ kind: 'no-such-pack', message: names.error }] };
  const loaded = packsAmong(names.value, packsDirectory).map((ref) => {
    const pack = loadPack(packsDirectory, ref);
    if (!pack.ok) return { loaded: undefined, problems: [{ ...pack.error, ref }] };
    const looked = lookAtFiles(pack.value.directory);
    return looked.ok
      ? loadContents(pack.value, looked.value)
      : { loaded: undefined, problems: [ofPack(ref)(looked.error)] };
  });
  return {
    packs: loaded.flatMap((one) => one.loaded ?? []),
    problems: loaded.flatMap(({ problems }) => problems),
  };
}

/** Loads the pack of one directory, whatever the directory's name. The error names everything that is broken. */
export function loadPackAt(directory: string): Result<LoadedPack, string> {
  if (!existsSync(join(directory, 'pack.yaml'))) return failure('there is no pack.yaml');
  const { loaded, problems } = loadWhole(directory);
  return problems.length > 0 ? failure(problems.map((one) => one.message).join('; ')) : success(loaded);
}

/** Loads what is whole of the pack in a directory that has a pack.yaml, and names everything that is broken. */
export function loadWhole(directory: string): {
  readonly loaded: LoadedPack;
  readonly problems: readonly PackProblem[];
} {
  const read = readYaml(join(directory, 'pack.yaml'), packSchema);
  const { ref, label = ref, version } = read.ok ? read.value.value : { ref: basename(directory), version: '' };
  const looked = lookAtFiles(directory);
  const stamp = looked.ok ? looked.value : undefined;
  const { loaded, problems } = loadContents({ ref, label, version, directory }, stamp);
  const ofFiles = looked.ok ? [] : [ofPack(ref)(looked.error)];
  return { loaded, problems: [...(read.ok ? [] : [read.error]), ...ofFiles, ...problems] };
}

/** Makes problems of a pack as a whole from their sentences. */
function ofPack(ref: string): (message: string) => PackProblem {
  return (message) => ({ kind: 'invalid-pack', message, ref });
}

function loadContents(
  pack: Pack,
  stamp: string | undefined,
): { readonly loaded: LoadedPack; readonly problems: readonly PackProblem[] } {
  const found = loadRuntimes(pack);
  const runtimes = found.ok ? found.value : undefined;
  const files = filesOf(pack.directory, 'actions').map((file) => ({ file, ref: `${pack.ref}.${nameOfFile(file)}` }));
  const read = files.map(({ file, ref }) => ({ ref, action: readAction(pack, file, { ref, runtimes }) }));
  return {
    loaded: {
      pack,
      runtimes: runtimes ?? [],
      actions: read.flatMap(({ action }) => (action.ok ? [action.value] : [])),
      stamp,
    },
    problems: [
      ...(found.ok ? [] : [{ ...found.error, ref: pack.ref }]),
      ...flawsOfNames(pack.directory, ['actions', 'runtimes']).map(ofPack(pack.ref)),
      ...read.flatMap(({ ref, action }) => (action.ok ? [] : [{ ...action.error, ref }])),
    ],
  };
}

/** Picks the names of packs from the names of all that is in a directory. */
function packsAmong(names: readonly string[], directory: string): readonly string[] {
  return names.filter((one) => packName.safeParse(one).success && existsSync(join(directory, one, 'pack.yaml')));
}

function readAction(
  pack: Pack,
  file: string,
  { ref, runtimes }: { readonly ref: string; readonly runtimes: OwnRuntimes },
): Result<Action, PackProblem> {
  const read = readYaml(file, actionSchema, keepTextOfAction);
  if (!read.ok) {
    const parts = readBroken(file, partsSchema, keepTextOfAction);
    const others = parts ? examine(parts, { ref, runtimes, pack }).flaws : [];
    return problem('invalid-pack', withoutChanged([...sentencesOf(read.error), ...others]).join('; '));
  }
  const { runtime, schema, flaws } = examine(read.value, { ref, runtimes, pack });
  const { value: yaml } = read.value;
  if (!(runtime && schema.ok) || flaws.length > 0) return problem('invalid-pack', flaws.join('; '));
  const entryPoint = resolve(pack.directory, 'actions', yaml.entry_point);
  return success(describeAction(yaml, { ref, runtime, entryPoint, schema: schema.value, pack }));
}

/** Everything that is wrong with these parts, and the runtime and the schema of the parameters where they are right. */
function examine(
  { value: yaml, flaw }: ReadYaml<z.infer<typeof partsSchema>>,
  { ref, runtimes, pack }: { readonly ref: string; readonly runtimes: OwnRuntimes; readonly pack: Pack },
): {
  readonly runtime: Action['runtime'] | undefined;
  readonly schema: ReturnType<typeof jsonSchemaOf>;
  readonly flaws: readonly string[];
} {
  const entryPoint = yaml.entry_point && resolve(pack.directory, 'actions', yaml.entry_point);
  const runnerType = runnerTypeOf(yaml, pack, entryPoint);
  const runtime = runtimeOf(runnerType, runtimes);
  const schema = jsonSchemaOf(yaml.parameters ?? undefined);
  const flaws: string[] = [];
  if (yaml.ref !== undefined && yaml.ref !== ref)
    flaws.push(flaw(['ref'], `is '${yaml.ref}', expected '${ref}' like its file`));
  if (!runtime) flaws.push(flaw(['runner_type'], describeUnknownRuntime(runnerType, runtimes)));
  if (entryPoint && !isInside(pack.directory, entryPoint))
    flaws.push(flaw(['entry_point'], `'${yaml.entry_point}' leads out of the pack`));
  const noVersion = yaml.runtime_version ? flawOfConstraint(yaml.runtime_version) : undefined;
  if (noVersion !== undefined) flaws.push(flaw(['runtime_version'], noVersion));
  if (!schema.ok) flaws.push(...schema.error.map(({ path, message }) => flaw(['parameters', ...path], message)));
  flaws.push(...flawsOfOutput(yaml.output).map(({ path, message }) => flaw(['output', ...path], message)));
  const ofSchedules = schema.ok ? flawsOfSchedules(yaml.schedule, schema.value) : [];
  flaws.push(...ofSchedules.map(({ path, message }) => flaw(path, message)));
  return { runtime, schema, flaws };
}

interface Checked {
  readonly ref: string;
  readonly runtime: Action['runtime'];
  readonly entryPoint: string;
  readonly schema: Action['parameterSchema'];
  readonly pack: Pack;
}

function describeAction(yaml: z.infer<typeof actionSchema>, { schema, ...checked }: Checked): Action {
  return {
    ...checked,
    label: yaml.label ?? checked.ref,
    description: yaml.description ?? undefined,
    runtimeVersion: yaml.runtime_version ?? undefined,
    requiredRuntimes: yaml.required_worker_runtimes,
    parameterDelivery: yaml.parameter_delivery,
    parameterFormat: yaml.parameter_format,
    outputFormat: yaml.output_format,
    parameterSchema: schema,
    outputSchema: yaml.output ?? undefined,
    timeoutSeconds: yaml.timeout_seconds,
    maxRetries: yaml.max_retries,
    priority: yaml.priority,
    workerSelector: yaml.worker_selector,
    workerTolerations: yaml.worker_tolerations,
    workerAffinity: yaml.worker_affinity,
    apiScopes: yaml.api_scopes,
    requestVariables: yaml.env_vars,
    schedules: schedulesOf(yaml.schedule),
  };
}
