import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Action, Pack } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { isInside } from './locate-script.ts';
import { jsonSchemaOf } from './parameter-schema.ts';

/** Why an action cannot be loaded; `message` names the file and the field, or the nearest names. */
export interface PackProblem {
  readonly kind: 'no-such-pack' | 'no-such-action' | 'invalid-pack';
  readonly message: string;
}

const MOST_YAML_BYTES = 1024 * 1024;
const name = z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');

const packSchema = z.looseObject({
  ref: name,
  label: z.string().optional(),
  version: z.coerce.string().default('0.0.0'),
});

const labelRule = z.strictObject({
  key: z.string(),
  operator: z.enum(['in', 'not_in', 'exists', 'does_not_exist']),
  values: z.array(z.coerce.string()).default([]),
});

const actionSchema = z.looseObject({
  ref: z.string().optional(),
  label: z.string().optional(),
  description: z.string().optional(),
  runner_type: z.string().default('shell'),
  entry_point: z.string().min(1),
  parameter_delivery: z.enum(['stdin', 'file']).default('stdin'),
  parameter_format: z.enum(['json', 'dotenv', 'yaml']).default('json'),
  output_format: z.enum(['text', 'json', 'yaml', 'jsonl']).default('text'),
  runtime_version: z.coerce.string().optional(),
  required_worker_runtimes: z.array(z.string()).default([]),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  timeout_seconds: z.number().positive().max(31_536_000).optional(),
  max_retries: z.number().int().min(0).max(1000).optional(),
  worker_selector: z.record(z.string(), z.coerce.string()).default({}),
  worker_tolerations: z
    .array(
      z.strictObject({
        key: z.string().optional(),
        operator: z.enum(['equal', 'exists']).optional(),
        value: z.coerce.string().optional(),
        effect: z.enum(['no_schedule', 'prefer_no_schedule']).optional(),
      }),
    )
    .default([]),
  worker_affinity: z
    .strictObject({
      required: z.array(labelRule).default([]),
      preferred: z.array(labelRule.extend({ weight: z.number().default(1) })).default([]),
    })
    .default({ required: [], preferred: [] }),
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
  return readAction(pack.value, file, ref);
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

/** Every pack of the directory with its actions; what is broken is named, and the rest goes on. */
export function loadPacks(packsDirectory: string): {
  readonly packs: readonly { readonly pack: Pack; readonly actions: readonly Action[] }[];
  readonly problems: readonly PackProblem[];
} {
  const loaded = listPacks(packsDirectory).map((ref) => loadPackWithActions(packsDirectory, ref));
  return {
    packs: loaded.flatMap(({ pack, actions }) => (pack ? [{ pack, actions }] : [])),
    problems: loaded.flatMap(({ problems }) => problems),
  };
}

/** The pack of one directory, of whatever name, with its actions. The error names everything that is broken. */
export function loadPackAt(
  directory: string,
): Result<{ readonly pack: Pack; readonly actions: readonly Action[] }, string> {
  const file = join(directory, 'pack.yaml');
  if (!existsSync(file)) return failure('there is no pack.yaml');
  const read = readYaml(file, packSchema);
  if (!read.ok) return failure(read.error.message);
  const { ref, label = ref, version } = read.value;
  const pack: Pack = { ref, label, version, directory };
  const loaded = actionFiles(pack).map((one) => readAction(pack, one, `${ref}.${actionNameOf(one)}`));
  const problems = loaded.flatMap((one) => (one.ok ? [] : [one.error.message]));
  if (problems.length > 0) return failure(problems.join('; '));
  return success({ pack, actions: loaded.flatMap((one) => (one.ok ? [one.value] : [])) });
}

function loadPackWithActions(packsDirectory: string, ref: string) {
  const pack = loadPack(packsDirectory, ref);
  if (!pack.ok) return { pack: undefined, actions: [], problems: [pack.error] };
  const read = actionFiles(pack.value).map((file) => readAction(pack.value, file, `${ref}.${actionNameOf(file)}`));
  return {
    pack: pack.value,
    actions: read.flatMap((one) => (one.ok ? [one.value] : [])),
    problems: read.flatMap((one) => (one.ok ? [] : [one.error])),
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

function readAction(pack: Pack, file: string, ref: string): Result<Action, PackProblem> {
  const read = readYaml(file, actionSchema);
  if (!read.ok) return read;
  const yaml = read.value;
  if (yaml.ref !== undefined && yaml.ref !== ref)
    return problem('invalid-pack', `${file}: ref is '${yaml.ref}', expected '${ref}' like its file`);
  const entryPoint = resolve(pack.directory, 'actions', yaml.entry_point);
  if (!isInside(pack.directory, entryPoint))
    return problem('invalid-pack', `${file}: entry_point '${yaml.entry_point}' leads out of the pack`);
  const schema = jsonSchemaOf(yaml.parameters ?? undefined);
  if (!schema.ok) return problem('invalid-pack', `${file}: ${schema.error}`);
  return success({
    ref,
    label: yaml.label ?? ref,
    description: yaml.description,
    runnerType: yaml.runner_type,
    runtimeVersion: yaml.runtime_version,
    requiredRuntimes: yaml.required_worker_runtimes,
    entryPoint,
    parameterDelivery: yaml.parameter_delivery,
    parameterFormat: yaml.parameter_format,
    outputFormat: yaml.output_format,
    parameterSchema: schema.value,
    timeoutSeconds: yaml.timeout_seconds,
    maxRetries: yaml.max_retries,
    workerSelector: yaml.worker_selector,
    workerTolerations: yaml.worker_tolerations,
    workerAffinity: yaml.worker_affinity,
    pack,
  });
}

function readYaml<S extends z.ZodType>(file: string, schema: S): Result<z.infer<S>, PackProblem> {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MOST_YAML_BYTES) return problem('invalid-pack', `${file}: larger than ${MOST_YAML_BYTES} bytes`);
    const document = parseDocument(text);
    const broken = document.errors[0];
    if (broken) return problem('invalid-pack', `${file}: ${broken.message}`);
    const checked = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
    if (checked.success) return success(checked.data);
    const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`);
    return problem('invalid-pack', `${file}: ${issues.join('; ')}`);
  } catch (error) {
    return problem('invalid-pack', `${file}: ${messageOf(error)}`);
  }
}

function problem(kind: PackProblem['kind'], message: string): Result<never, PackProblem> {
  return failure({ kind, message });
}
