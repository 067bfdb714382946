import { z } from 'zod';
import {
  LEAST_PRIORITY,
  MOST_PRIORITY,
  MOST_RETRIES,
  MOST_TIMEOUT_SECONDS,
  OUTPUT_FORMATS,
  PARAMETER_DELIVERIES,
  PARAMETER_FORMATS,
} from '#domain/action.ts';
import { ACTION_SCOPES } from '#domain/admin-store.ts';
import { steersPrograms } from '#domain/request-variables.ts';
import { LABEL_OPERATORS, TOLERATION_OPERATORS } from '#domain/requirements.ts';
import { VARIABLE_NAME } from '#domain/runtime.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';
import { executionConfig } from './execution-config.ts';
import { scheduleSchema } from './schedule-schema.ts';

/** The name of a pack, which is the name of its directory too. */
export const packName = z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');

/** A key that Attune's Rust control plane reads and this program does not: it may be there, with any value. */
const unused = z.unknown().optional();

/** Tells whether a key of a file is one that nothing here reads. */
export function isUnused(schema: z.ZodObject, key: string): boolean {
  return schema.shape[key] === unused;
}

/** Numbers between dots, and what may follow them: `1.0.0`, `2026.1`, `v3`, `1.2.0-beta.1`. */
const packVersion = z.string().regex(/^v?\d+(\.\d+)*([-+.][\w.+-]+)?$/, {
  error: ({ input }) => `'${String(input)}' is no version (examples: 1.0.0, 2.1.0-beta.1)`,
});

/** The schema of `pack.yaml`. */
export const packSchema = z.strictObject({
  ref: packName.describe('Name of the pack, which is the name of its directory'),
  label: z.string().optional().describe('Name for people; else its ref'),
  version: packVersion.default('0.0.0').describe('Version, such as 1.0.0'),
  name: unused,
  description: unused,
  author: unused,
  email: unused,
  license: unused,
  homepage: unused,
  repository: unused,
  conf_schema: unused,
  config_schema: unused,
  config: unused,
  meta: unused,
  metadata: unused,
  keywords: unused,
  tags: unused,
  runtime_deps: unused,
  dependencies: unused,
  is_standard: unused,
  installers: unused,
  testing: unused,
  python: unused,
  nodejs: unused,
});

const labelParts = z.strictObject({
  key: z.string().describe('Name of the label'),
  operator: z.enum(LABEL_OPERATORS).describe('How its value is compared'),
  values: z.array(z.string()).default([]).describe('What it is compared with'),
});

/** A rule without the values that its operator compares would hold never, or always; other operators look at none. */
function checkValues({ operator, values }: z.infer<typeof labelParts>, context: z.RefinementCtx): void {
  const compares = operator === 'in' || operator === 'not_in';
  if (compares === values.length > 0) return;
  const message = compares ? `'${operator}' compares with values: name one at least` : `'${operator}' takes no values`;
  context.addIssue({ code: 'custom', path: ['values'], message });
}

const toleration = z
  .strictObject({
    key: z.string().optional().describe('Name of the taint; left out, with exists: any'),
    operator: z
      .enum(TOLERATION_OPERATORS)
      .optional()
      .describe('Whether the value is compared, or the taint need only be there'),
    value: z.string().optional().describe('Value of the taint'),
    effect: z.enum(TAINT_EFFECTS).optional().describe('Effect of the taint; left out: any'),
  })
  .superRefine(({ key, operator, value }, context) => {
    if (operator === 'exists' && value !== undefined)
      context.addIssue({ code: 'custom', path: ['value'], message: "'exists' compares no value" });
    if (operator !== 'exists' && key === undefined)
      context.addIssue({ code: 'custom', message: "it tolerates nothing: name a key, or write 'operator: exists'" });
  });

/** The name of a variable that requests of an action may set. */
const requestVariable = z
  .string()
  .regex(VARIABLE_NAME, 'no name of an environment variable')
  .refine((name) => !steersPrograms(name), 'decides what programs run or load, so no request may set it');

/** The schema of `actions/NAME.yaml`. */
export const actionSchema = z.strictObject({
  ref: z.string().optional().describe('PACK.ACTION; only where it is that of the file'),
  label: z.string().optional().describe('Name for people; else its ref'),
  description: z.string().nullish().describe('What it does, for people'),
  runner_type: z
    .string()
    .optional()
    .describe(
      'What runs it: a family, an alias, or a runtime of the pack; else what the first line of the script or its name says, else shell',
    ),
  entry_point: z.string().min(1, 'the file to run, below actions/').describe('The script, below actions/'),
  parameter_delivery: z
    .enum(PARAMETER_DELIVERIES)
    .default('stdin')
    .describe('How parameters arrive: stdin, or a file whose path is in ATTUNE_PARAMETER_FILE'),
  parameter_format: z.enum(PARAMETER_FORMATS).default('json').describe('How parameters are written'),
  output_format: z.enum(OUTPUT_FORMATS).default('text').describe('How stdout becomes the data of the result'),
  runtime_version: z.string().nullish().describe('Version constraint on the interpreter, such as >=3.10'),
  required_worker_runtimes: z.array(z.string()).default([]).describe('Families that its worker must have besides'),
  parameters: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('JSON Schema of an object, or its properties with required: true on them; secret: true marks secrets'),
  output: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('Like parameters, for the data of the result; secret: true marks what is stored encrypted'),
  timeout_seconds: z
    .number()
    .positive()
    .max(MOST_TIMEOUT_SECONDS)
    .optional()
    .describe('Time limit; else worker.task_timeout'),
  max_retries: z.number().int().min(0).max(MOST_RETRIES).optional().describe('How often a failure is tried again'),
  priority: z
    .number()
    .int()
    .min(LEAST_PRIORITY)
    .max(MOST_PRIORITY)
    .default(0)
    .describe('What waits with a higher one comes first'),
  worker_selector: z.record(z.string(), z.string()).default({}).describe('Labels that its worker must have'),
  worker_tolerations: z.array(toleration).default([]).describe('Taints of workers that it tolerates'),
  worker_affinity: z
    .strictObject({
      required: z
        .array(labelParts.superRefine(checkValues))
        .default([])
        .describe('Rules that a worker must fit, all of them'),
      preferred: z
        .array(
          labelParts
            .extend({ weight: z.number().default(1).describe('How much the rule counts') })
            .superRefine(checkValues),
        )
        .default([])
        .describe('Rules by which one of several workers is preferred'),
    })
    .default({ required: [], preferred: [] })
    .describe('Rules on labels of its worker'),
  api_scopes: z
    .array(z.enum(ACTION_SCOPES))
    .default([])
    .describe('It finds a token with these scopes in ATTUNE_API_TOKEN while it runs'),
  env_vars: z
    .array(requestVariable)
    .max(100)
    .default([])
    .describe('Names of environment variables that a request may set'),
  schedule: scheduleSchema
    .nullish()
    .describe('When it is requested again and again: one schedule, or several with names'),
  workflow_file: unused,
  tags: unused,
  accesses_mcp: unused,
  default_execution_permission_set_refs: unused,
  log_retention_policy: unused,
  log_retention_limit: unused,
  artifact_retention_policy: unused,
  artifact_retention_limit: unused,
});

/** The schema of `runtimes/NAME.yaml`. */
export const runtimeSchema = z.strictObject({
  ref: z.string().optional().describe('PACK.NAME'),
  name: z.string().min(1).describe('Name of the runtime, by which actions choose it'),
  aliases: z.array(z.string()).default([]).describe('Further names; one of a family says what it builds on'),
  execution_config: executionConfig.default({}).describe('How scripts are run, and dependencies installed'),
  versions: z
    .array(
      z.strictObject({
        version: z.string().describe('Constraint on the version of the interpreter'),
        execution_config: executionConfig.default({}).describe('What holds for it, over execution_config'),
        distributions: unused,
        is_default: unused,
        meta: unused,
        available: unused,
      }),
    )
    .default([])
    .describe('Configurations for single versions of the interpreter'),
  label: unused,
  description: unused,
  pack_ref: unused,
  distributions: unused,
  installation: unused,
  installers: unused,
  tags: unused,
  meta: unused,
});

/** What is checked of an action beyond its schema, also where its file does not fit that: its author learns all at once. */
export const partsSchema = z.looseObject({
  ref: z.string().optional().catch(undefined),
  runner_type: z.string().optional().catch(undefined),
  entry_point: z.string().optional().catch(undefined),
  runtime_version: z.string().nullish().catch(undefined),
  parameters: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  output: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  schedule: scheduleSchema.nullish().catch(undefined),
});

/** The parts of a runtime that can be understood when the whole is wrong. */
export const runtimePartsSchema = z.looseObject({
  ref: z.string().optional().catch(undefined),
  name: z.string().min(1).optional().catch(undefined),
  aliases: z.array(z.string()).catch([]),
  execution_config: z.record(z.string(), z.unknown()).catch({}),
  versions: z.array(z.looseObject({ version: z.string().optional().catch(undefined) })).catch([]),
});

/** The parts of test cases that can be understood when the whole is wrong. */
export const casesPartsSchema = z.looseObject({ cases: z.array(z.looseObject({})).catch([]) });
