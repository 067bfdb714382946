import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './auth.ts';
import { EXAMPLES } from './examples.ts';
import { type ProblemCode, problemExample, STATUS_OF } from './problem.ts';

type OpenApi = ReturnType<OpenAPIHono<AppEnv>['getOpenAPI31Document']>;
type PathItem = NonNullable<OpenApi['paths']>[string];
type Operation = NonNullable<PathItem['get']>;

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** What ends the name of an operation that takes its token in a form. */
export const FORM = 'ByForm';

const TAGS = {
  executions: 'Requests, their state and their results',
  logs: 'What executions print',
  artifacts: 'Files that executions leave',
  packs: 'Packs and their actions',
  environments: 'What was installed for packs',
  workers: 'Those who run executions, and what they offer',
  schedules: 'When actions are requested again and again',
  webhooks: 'Who is told when executions end',
  keys: 'Values that are kept encrypted and given to executions',
  audit: 'Who has changed what',
  tokens: 'Who may use this API, and for what',
  health: 'Whether this server works, and figures about it',
  agent: 'The agent for download',
  worker: 'What workers without a database call',
};

/** Makes the OpenAPI document of all routes, with what is true of every one of them. */
export function documentOf(
  app: OpenAPIHono<AppEnv>,
  server: { readonly version: string; readonly url: string },
): OpenApi {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Attune',
      version: server.version,
      description: 'Executions, their logs, packs, workers and the agent.',
      contact: { name: 'attune-agent' },
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: server.url }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
  const responses: Record<string, ReturnType<typeof answer>> = {};
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const refusals = refusalsOf(operation, { method, path });
      for (const codes of refusals.values()) responses[nameOf(codes)] ??= answer(codes);
      item[method] = complete(operation, refusals);
    }
  document.components = { ...document.components, responses, schemas: withExamples(document.components?.schemas) };
  return document;
}

function withExamples(schemas: NonNullable<OpenApi['components']>['schemas'] = {}): typeof schemas {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      Object.hasOwn(EXAMPLES, name) ? { ...schema, example: EXAMPLES[name] } : schema,
    ]),
  );
}

/** The codes of an operation's problems by HTTP status. */
type Refusals = ReadonlyMap<number, readonly ProblemCode[]>;

function refusalsOf(operation: Operation, place: Place): Refusals {
  return Map.groupBy(new Set(codesOf(operation, place)), (code) => STATUS_OF[code]);
}

/** The name of the answer with one of these codes, among the components of the document. */
function nameOf(codes: readonly ProblemCode[]): string {
  return codes.join('-or-');
}

function complete(operation: Operation, refusals: Refusals): Operation {
  const refused = [...refusals].map(([status, codes]) => [
    String(status),
    { $ref: `#/components/responses/${nameOf(codes)}` },
  ]);
  return {
    ...operation,
    description: operation.description ?? `${operation.summary}.`,
    security: operation.security ?? [],
    responses: { ...Object.fromEntries(refused), ...operation.responses },
  };
}

interface Place {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
}

/** What a request of this kind may be refused for. A body that no route reads is looked at too, where one may be sent. */
function codesOf({ security, operationId = '' }: Operation, { method, path }: Place): readonly ProblemCode[] {
  const isAgent = path.includes('/agent/');
  const isGuarded = security !== undefined;
  return [
    'invalid-request',
    'internal-error',
    ...(isGuarded ? GUARDED : []),
    ...(isGuarded && !isAgent && method !== 'get' ? WITH_BODY : []),
    ...(path.includes('{') ? (['not-found'] as const) : []),
    ...(isAgent ? (['too-many-requests'] as const) : []),
    ...(OWN[operationId.replace(FORM, '')] ?? []),
  ];
}

const GUARDED = ['invalid-token', 'missing-scope', 'too-many-requests', 'database-unavailable'] as const;
const WITH_BODY = ['request-timeout', 'body-too-large', 'unsupported-media-type'] as const;

const OWN: Readonly<Record<string, readonly ProblemCode[]>> = {
  requestExecution: [
    'callbacks-not-allowed',
    'action-not-found',
    'no-callback-secret',
    'idempotency-conflict',
    'address-refused',
    'invalid-parameters',
    'invalid-runtime',
    'too-many-unfinished',
    'not-configured',
  ],
  rerunExecution: [
    'action-not-found',
    'idempotency-conflict',
    'invalid-parameters',
    'too-many-unfinished',
    'not-configured',
  ],
  readLog: ['range-not-satisfiable'],
  downloadArtifact: ['range-not-satisfiable', 'not-configured'],
  uploadArtifact: ['artifacts-unavailable', 'not-configured'],
  registerPack: ['invalid-pack'],
  rollbackPack: ['no-earlier-version'],
  removePack: ['invalid-pack'],
  removeWorker: ['worker-in-use'],
  createSchedule: ['action-not-found', 'schedule-exists', 'too-many-schedules', 'invalid-parameters', 'not-configured'],
  deleteSchedule: ['schedule-of-pack'],
  createWebhook: ['address-refused', 'too-many-webhooks', 'not-configured'],
  renewWebhookSecret: ['not-configured'],
  createCallbackSecret: ['callbacks-not-allowed', 'not-configured'],
  revokeOwnToken: ['not-found'],
  storeKey: ['not-configured'],
  createToken: ['name-taken', 'invalid-confinement'],
  downloadAgent: ['not-found', 'not-configured', 'range-not-satisfiable'],
  readAgentChecksum: ['not-found', 'not-configured'],
  readAgentSignature: ['not-found', 'not-configured'],
  readAgentStatement: ['not-found', 'not-configured'],
};

function answer(codes: readonly ProblemCode[]) {
  const examples = codes.map((code) => [code, { value: problemExample(code) }] as const);
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      { type: 'object' as const, properties: { code: { type: 'string' as const, enum: [...codes] } } },
    ],
  };
  return {
    description: examples.map(([, { value }]) => value.title).join(', or: '),
    content: { 'application/problem+json': { schema, examples: Object.fromEntries(examples) } },
  };
}
