import type { z } from '@hono/zod-openapi';
import type { WorkerCall, workerCalls } from '#wire/worker-calls.ts';

type Calls = typeof workerCalls;

/** What is sent and what comes back, as JSON has it. */
type Example<Call> =
  Call extends WorkerCall<string, infer Request, infer Reply>
    ? { readonly request: z.input<Request>; readonly reply: z.input<Reply> }
    : never;

const session = { worker: '1', instance: '0f8d2c1e-7d9f-4a51-9c55-3c1f0a6b2d11' };
const fence = { ...session, execution: '17', attempt: 1 };
const leaseMs = 30_000;
const key = 'sample-1.2.0-python-3.12.7-9f86d081';

/** An example of each call of a worker without a database, for the document of the API. */
export const WORKER_EXAMPLES: { readonly [Name in keyof Calls]: Example<Calls[Name]> } = {
  register: {
    request: {
      registration: {
        ...{ name: 'python-1', instance: session.instance, workerType: 'container', host: 'python-1-7d9f', pid: 7 },
        process: '4026531836:7:81234',
        capabilities: {
          ...{ runtimes: ['python', 'shell'], max_concurrent_executions: 10, worker_version: '0.1.0' },
          ...{ agent_mode: true, agent_binary_name: 'attune-agent', agent_binary_version: '0.1.0' },
          detected_interpreters: [{ name: 'python', path: '/usr/local/bin/python3', version: '3.12.7' }],
          runtime_versions: { python: ['3.12.7'] },
          labels: { zone: 'a' },
          taints: [{ key: 'gpu', value: '', effect: 'no_schedule' }],
        },
        templates: [],
      },
      leaseMs,
    },
    reply: { kind: 'registered', worker: '1', isCordoned: false, database: 'own' },
  },
  heartbeat: {
    request: { session, leaseMs, mostScheduled: 10 },
    reply: {
      kind: 'alive',
      isCordoned: false,
      claims: [{ execution: '17', attempt: 1, isCanceling: false }],
      scheduled: [{ execution: '18', attempt: 1 }],
    },
  },
  claim: {
    request: { session, offers: [{ execution: '17', attempt: 1 }], leaseMs },
    reply: {
      claimed: [
        {
          ...{ execution: '17', attempt: 1, actionRef: 'sample.stats', parameters: { values: [3, 1, 4] }, keys: {} },
          ...{ envVars: {}, retryCount: 0, origin: { requestId: 'a1b2', queuedMs: 12 } },
          action: {
            script: { packRef: 'sample', entryPoint: 'stats.py', packVersion: '1.2.0' },
            ...{ runtime: 'python', hasApiToken: false, versionConstraint: '>=3.9' },
            ...{ parameterDelivery: 'stdin', parameterFormat: 'json', outputFormat: 'json' },
          },
        },
      ],
    },
  },
  logs: {
    request: {
      chunks: [
        {
          ...{ execution: '17', attempt: 1, stream: 'stdout', seq: 0, offset: 0, at: 1_769_850_000_000 },
          data: Buffer.from('5 values\n').toString('base64'),
        },
      ],
    },
    reply: {},
  },
  settle: {
    request: {
      settlements: [
        {
          ...fence,
          verdict: { kind: 'final', status: 'completed', result: { succeeded: true, exit_code: 0, duration_ms: 61 } },
        },
      ],
    },
    reply: { accepted: ['17'] },
  },
  drain: { request: { session }, reply: {} },
  pause: { request: { session, why: 'the work directory is full' }, reply: {} },
  beginEnvironment: {
    request: { session, environment: { key, packRef: 'sample', runtime: 'python', checksum: '9f86d081' }, leaseMs },
    reply: { kind: 'mine' },
  },
  renewEnvironment: { request: { session, key, leaseMs }, reply: true },
  endEnvironment: { request: { session, key, end: { kind: 'ready' } }, reply: {} },
  forgetEnvironments: { request: { keys: [key] }, reply: {} },
  deregister: { request: { session }, reply: {} },
};
