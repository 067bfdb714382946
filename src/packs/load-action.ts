import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import {
  type Action,
  OUTPUT_FORMATS,
  PARAMETER_DELIVERIES,
  PARAMETER_FORMATS,
  type Pack,
  type PackRuntime,
} from '#domain/action.ts';
import { ACTION_SCOPES } from '#domain/admin-store.ts';
import { findFamily } from '#domain/families.ts';
import { nearest } from '#domain/nearest.ts';
import { LABEL_OPERATORS, TOLERATION_OPERATORS } from '#domain/requirements.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { describeNoConstraint, parseConstraint } from '#domain/version-constraint.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';
import { isInside } from './locate-script.ts';
import { jsonSchemaOf } from './parameter-schema.ts';
import { type PackProblem, problem, readYaml } from './read-yaml.ts';
import { loadRuntimes } from './runtimes.ts';

const name = z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');

const packSchema = z.looseObject({
  ref: name,
  label: z.string().optional(),
  version: z.coerce.string().default('0.0.0'),
});

const labelRule = z.strictObject({
  key: z.string(),
  operator: z.enum(LABEL_OPERATORS),
  values: z.array(z.coerce.string()).default([]),
});

const actionSchema = z.looseObject({
  ref: z.string().optional(),
  label: z.string().optional(),
  description: z.string().optional(),
  runner_type: z.string().default('shell'),
  entry_point: z.string().min(1),
  parameter_delivery: z.enum(PARAMETER_DELIVERIES).default('stdin'),
  parameter_format: z.enum(PARAMETER_FORMATS).default('json'),
  output_format: z.enum(OUTPUT_FORMATS).default('text'),
  runtime_version: z.coerce.string().optional(),
  required_worker_runtimes: z.array(z.string()).default([]),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  output: z.record(z.string(), z.unknown()).nullish(),
  timeout_seconds: z.number().positive().max(31_536_000).optional(),
  max_retries: z.number().int().min(0).max(1000).optional(),
  worker_selector: z.record(z.string(), z.coerce.string()).default({}),
  worker_tolerations: z
    .array(
      z.strictObject({
        key: z.string().optional(),
        operator: z.enum(TOLERATION_OPERATORS).optional(),
        value: z.coerce.string().optional(),
        effect: z.enum(TAINT_EFFECTS).optional(),
      }),
    )
    .default([]),
  worker_affinity: z
    .strictObject({
      required: z.array(labelRule).default([]),
      preferred: z.array(labelRule.extend({ weight: z.number().default(1) })).default([]),
    })
    .default({ required: [], preferred: [] }),
  api_scopes: z.array(z.enum(ACTION_SCOPES)).default([]),
});

/** Reads `<packs>/<pack>/actions/<action>.yaml` and checks it. */
export function loadAction(packsDirectory: string, ref: string): Result<Action, PackProblem> {
  const [packRef = '', ...rest] = ref.split('.');
  const actionName = rest.join('.');
  if (!name.safeParse(packRef).success || actionName === '' || actionName.includes('/'))
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
  if (read.value.ref !== packRef)
    return problem('invalid-pack', `${file}: ref is '${read.value.ref}', expected '${packRef}' like its directory`);
  return success({ ref: packRef, label: read.value.label ?? packRef, version: read.value.version, directory });
}

/** A pack with all that it brings. */
export interface LoadedPack {
  readonly pack: Pack;
  readonly runtimes: readonly PackRuntime[];
  readonly actions: readonly Action[];
}

/** Every pack of the directory with its actions; what is broken is named, and the rest goes on. */
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

/** The pack of one directory, of whatever name. The error names everything that is broken. */
export function loadPackAt(directory: string): Result<LoadedPack, string> {
  const file = join(directory, 'pack.yaml');
  if (!existsSync(file)) return failure('there is no pack.yaml');
  const read = readYaml(file, packSchema);
  if (!read.ok) return failure(read.error.message);
  const { ref, label = ref, version } = read.value;
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
        .filter((one) => name.safeParse(one).success && existsSync(join(packsDirectory, one, 'pack.yaml')))
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
  const read = readYaml(file, actionSchema);
  if (!read.ok) return read;
  const yaml = read.value;
  if (yaml.ref !== undefined && yaml.ref !== ref)
    return problem('invalid-pack', `${file}: ref is '${yaml.ref}', expected '${ref}' like its file`);
  const entryPoint = resolve(pack.directory, 'actions', yaml.entry_point);
  if (!isInside(pack.directory, entryPoint))
    return problem('invalid-pack', `${file}: entry_point '${yaml.entry_point}' leads out of the pack`);
  if (yaml.runtime_version !== undefined && parseConstraint(yaml.runtime_version) === null)
    return problem('invalid-pack', `${file}: runtime_version ${describeNoConstraint(yaml.runtime_version)}`);
  const schema = jsonSchemaOf(yaml.parameters ?? undefined);
  if (!schema.ok) return problem('invalid-pack', `${file}: ${schema.error}`);
  return success({
    ref,
    label: yaml.label ?? ref,
    description: yaml.description,
    runtime: runtimeOf(yaml.runner_type, runtimes),
    runtimeVersion: yaml.runtime_version,
    requiredRuntimes: yaml.required_worker_runtimes,
    entryPoint,
    parameterDelivery: yaml.parameter_delivery,
    parameterFormat: yaml.parameter_format,
    outputFormat: yaml.output_format,
    parameterSchema: schema.value,
    outputSchema: yaml.output ?? undefined,
    timeoutSeconds: yaml.timeout_seconds,
    maxRetries: yaml.max_retries,
    workerSelector: yaml.worker_selector,
    workerTolerations: yaml.worker_tolerations,
    workerAffinity: yaml.worker_affinity,
    apiScopes: yaml.api_scopes,
    pack,
  });
}

/** One of the pack's own, else the agent's. */
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
