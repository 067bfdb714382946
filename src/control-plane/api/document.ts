import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './auth.ts';
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
  const codes = new Set<ProblemCode>();
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const refusals = refusalsOf(operation, path);
      for (const code of Object.values(refusals)) codes.add(code);
      item[method] = complete(operation, refusals);
    }
  document.components = {
    ...document.components,
    responses: Object.fromEntries([...codes].map((code) => [code, answer(code)])),
  };
  return document;
}

type Refusals = Readonly<Record<string, ProblemCode>>;

/** The codes of an operation's problems by HTTP status. Of several codes with one status the last, the most special, is named. */
function refusalsOf(operation: Operation, path: string): Refusals {
  return Object.fromEntries(codesOf(operation, path).map((code) => [STATUS_OF[code], code]));
}

function complete(operation: Operation, refusals: Refusals): Operation {
  const refused = Object.entries(refusals).map(([status, code]) => [
    status,
    { $ref: `#/components/responses/${code}` },
  ]);
  return {
    ...operation,
    description: operation.description ?? `${operation.summary}.`,
    security: operation.security ?? [],
    responses: { ...Object.fromEntries(refused), ...operation.responses },
  };
}

/** What a request of this kind may be refused for. */
function codesOf({ security, requestBody, operationId = '' }: Operation, path: string): readonly ProblemCode[] {
  const isOpen = security === undefined;
  return [
    'invalid-request',
    ...(isOpen ? [] : GUARDED),
    ...(requestBody === undefined ? [] : WITH_BODY),
    ...(path.includes('{') ? (['not-found'] as const) : []),
    ...(path.includes('/agent/') ? (['too-many-requests'] as const) : []),
    ...(OWN[operationId.replace(FORM, '')] ?? []),
  ];
}

const GUARDED = [
  'invalid-token',
  'missing-scope',
  'too-many-requests',
  'internal-error',
  'database-unavailable',
] as const;
const WITH_BODY = ['request-timeout', 'body-too-large', 'unsupported-media-type'] as const;

const OWN: Readonly<Record<string, readonly ProblemCode[]>> = {
  requestExecution: [
    'callbacks-not-allowed',
    'action-not-found',
    'no-callback-secret',
    'idempotency-conflict',
    'address-refused',
    'invalid-parameters',
    'not-configured',
  ],
  rerunExecution: ['idempotency-conflict', 'invalid-parameters', 'not-configured'],
  readLog: ['range-not-satisfiable'],
  downloadArtifact: ['range-not-satisfiable', 'artifacts-unavailable'],
  uploadArtifact: ['artifacts-unavailable'],
  registerPack: ['invalid-pack'],
  rollbackPack: ['no-earlier-version'],
  removeWorker: ['worker-in-use'],
  createSchedule: ['action-not-found', 'schedule-exists', 'invalid-parameters', 'not-configured'],
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

function answer(code: ProblemCode) {
  const example = problemExample(code);
  return {
    description: example.title,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example } },
  };
}
