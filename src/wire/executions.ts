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
import { EXECUTION_STATUSES } from '#domain/execution-status.ts';
import { VARIABLE_NAME } from '#domain/runtime.ts';
import { anyObject, fewMembers, idText, MOST_MEMBERS, oneOfToday, pageCursor, pageLimit } from './values.ts';
import { outsideUrl } from './webhooks.ts';

const summary = z.object({
  id: z.int(),
  action_ref: z.string(),
  status: oneOfToday(EXECUTION_STATUSES),
  worker: z.int().nullable(),
  worker_name: z.string().nullable().optional(),
  requested_by: z.string().nullable().optional().meta({
    description: 'the name of a token, `execution N` or `schedule N`; null: not by the API, or its token is gone',
  }),
  parent: z.int().nullable().optional().meta({ description: 'the execution that requested this one' }),
  attempt: z.int(),
  priority: z.int().optional().meta({ description: 'absent where the server is older than this field' }),
  retry_count: z.int(),
  retry_reason: z.string().nullable(),
  original_execution: z.int().nullable(),
  is_adhoc: z.boolean().meta({ description: 'of code that came along with the request' }),
  started_at: z.string().nullable(),
  duration_ms: z
    .number()
    .nullable()
    .optional()
    .meta({ description: 'how long its process ran; null: it has not ended, or none ran' }),
  created: z.string(),
  updated: z.string(),
});

export const execution = summary
  .extend({ parameters: z.unknown(), result: z.unknown().nullable() })
  .meta({ id: 'Execution' });
export type Execution = z.infer<typeof execution>;

/** The members that `GET /executions` gives when it is not asked for others. */
export type ExecutionSummary = z.infer<typeof summary>;

const next_cursor = z.string().nullable();

/** The answer of `GET /executions`, which was not asked for certain fields. */
export const executionSummaries = z.object({ executions: z.array(summary), next_cursor });
export type ExecutionSummaries = z.infer<typeof executionSummaries>;

/** The members of an execution, any of which a list may be asked for. */
export const executionFields = execution.keyof().options;
export type ExecutionField = (typeof executionFields)[number];
/** What is left out of a list that is asked for no fields, since it may be large. */
const LARGE_FIELDS: readonly ExecutionField[] = ['parameters', 'result'];

/** An execution in a list: its id and the fields that were asked for. */
const listedExecution = execution.partial().required({ id: true }).meta({ id: 'ListedExecution' });
export type ListedExecution = z.infer<typeof listedExecution>;

export const executionPage = z
  .object({ executions: z.array(listedExecution), next_cursor })
  .meta({ id: 'ExecutionPage' });

const time = z.iso.datetime({ offset: true });

/** The pattern of a list of such words, with commas; nothing is a list too. */
function listOf(words: readonly string[]): string {
  const word = `(${words.join('|')})`;
  return `^(${word}(,${word})*)?$`;
}

/** The query of `GET /executions`. */
export const executionQuery = z.object({
  status: z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === '' ? undefined : text.split(',')))
    .pipe(z.array(z.enum(EXECUTION_STATUSES)).optional())
    .meta({
      type: 'string',
      pattern: listOf(EXECUTION_STATUSES),
      description: 'one or several, with commas',
      example: 'running,scheduled',
    }),
  action_ref: z.string().min(1).max(500).optional(),
  worker: idText.optional(),
  pack_ref: z.string().min(1).max(500).optional(),
  requested_by: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'the name or the id of a token, `execution N` or `schedule N`', example: 'laptop' }),
  parent: idText.optional().meta({ description: 'the execution that requested them' }),
  created_after: time
    .optional()
    .meta({ description: 'requested at this time or later', example: '2026-01-31T09:00:00Z' }),
  created_before: time.optional().meta({ description: 'requested before this time', example: '2026-01-31T10:00:00Z' }),
  q: z.string().min(1).max(500).optional().meta({
    description:
      'a part of the ref of the action, or an id. A page looks at a bounded part of the list, so that it may have no members and a next_cursor',
    example: 'stats',
  }),
  fields: z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === '' ? undefined : text.split(',')))
    .pipe(z.array(z.enum(executionFields)).default(() => executionFields.filter((one) => !LARGE_FIELDS.includes(one))))
    .meta({
      type: 'string',
      pattern: listOf(executionFields),
      description: `the members to give beside id, with commas; absent: all but ${LARGE_FIELDS.join(' and ')}`,
      example: 'action_ref,status,result',
    }),
  cursor: pageCursor,
  limit: pageLimit,
});

/** Seconds for which a request may wait for an end: fewer than proxies wait for an answer. */
const MOST_WAIT_SECONDS = 45;

/** The query of a request that may wait for the end of its execution. */
export const waitQuery = z.object({
  wait: z.coerce.number().min(0).max(MOST_WAIT_SECONDS).default(0).meta({
    description: 'seconds to wait for the end of the execution; the answer then shows it as it is, ended or not',
    example: 30,
  }),
});

export type ExecutionQuery = z.input<typeof executionQuery>;

const environmentVariable = z.string().regex(VARIABLE_NAME, 'no name of an environment variable');

/** The body of `POST /executions`. */
export const executionRequest = z
  .strictObject({
    action_ref: z.string().min(1).max(500).optional(),
    inline: z
      .strictObject({
        runtime: z.string().min(1).max(100).meta({ example: 'python' }),
        code: z.string().max(1_000_000),
        runtime_version: z.string().max(200).optional().meta({ example: '>=3.9' }),
        parameter_delivery: z.enum(PARAMETER_DELIVERIES).optional(),
        parameter_format: z.enum(PARAMETER_FORMATS).optional(),
        output_format: z.enum(OUTPUT_FORMATS).optional(),
      })
      .optional()
      .meta({ description: 'code instead of an action, and the runtime that runs it' }),
    parameters: anyObject.default({}),
    parameter_keys: fewMembers(z.record(z.string(), z.string().min(1).max(1000)))
      .optional()
      .meta({
        description:
          'secret parameters that get the value of a stored key when a worker takes the execution, and the refs of these keys: of the action and its pack with scope submit, any with scope admin',
        example: { password: 'pack.mail.smtp_password' },
      }),
    env_vars: fewMembers(z.record(environmentVariable, z.string()))
      .optional()
      .meta({
        type: 'object',
        propertyNames: { pattern: VARIABLE_NAME.source },
        additionalProperties: { type: 'string' },
        maxProperties: MOST_MEMBERS,
      }),
    timeout_seconds: z.int().positive().max(MOST_TIMEOUT_SECONDS).optional(),
    max_retries: z.int().min(0).max(MOST_RETRIES).optional(),
    priority: z.int().min(LEAST_PRIORITY).max(MOST_PRIORITY).optional().meta({
      description: 'what waits with a higher one is scheduled first; absent: that of the action, or 0',
    }),
    worker_selector: fewMembers(z.record(z.string(), z.string())).optional(),
    callback_url: outsideUrl.optional().meta({
      description:
        'an address that is told of the end, by a message that is signed with the callback secret of the token',
      example: 'https://example.com/hooks/attune',
    }),
  })
  .refine((one) => (one.action_ref === undefined) !== (one.inline === undefined), {
    message: 'expected either action_ref or inline',
  })
  .meta({
    id: 'ExecutionRequest',
    oneOf: [{ required: ['action_ref'] }, { required: ['inline'] }],
    example: { action_ref: 'sample.stats', parameters: { values: [3, 1, 4, 1, 5] } },
  });
/** The body of `POST /executions` as a client writes it: what has a default may be absent. */
export type ExecutionRequest = z.input<typeof executionRequest>;

const secretValue = z.object({ path: z.string(), value: z.unknown() }).meta({ id: 'SecretValue' });
/** The parts of a result that are kept encrypted, and all parameters without masks. */
export const secretList = z.object({ secrets: z.array(secretValue), parameters: z.unknown() });
