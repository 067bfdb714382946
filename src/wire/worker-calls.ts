import { z } from 'zod';
import { claims, offers } from './claims.ts';
import { buildEnd, buildRight, environmentIdentity } from './environment-builds.ts';
import { heartbeatOutcome, registrationOutcome, registrationRequest } from './registration.ts';
import { logChunks, settled, settlements } from './reports.ts';
import { leaseMs, session, text, texts } from './worker-values.ts';

/** A call of a worker that has no database: `POST /worker/NAME`. Each is a method of the port AgentStore. */
export interface WorkerCall<Name extends string, Request extends z.ZodType, Reply extends z.ZodType> {
  readonly name: Name;
  readonly summary: string;
  readonly request: Request;
  readonly reply: Reply;
}

const nothing = z.object({});

export const workerCalls = {
  register: define('register', 'Take a name', {
    request: z.object({ registration: registrationRequest, leaseMs, gone: text.optional() }),
    reply: registrationOutcome,
  }),
  heartbeat: define('heartbeat', 'Renew all leases', {
    request: z.object({ session, leaseMs, mostScheduled: z.int().min(0).max(1000).optional() }),
    reply: heartbeatOutcome,
  }),
  claim: define('claim', 'Begin what was offered', {
    request: z.object({ session, offers, leaseMs }),
    reply: claims,
  }),
  logs: define('logs', 'Append to logs', { request: z.object({ chunks: logChunks }), reply: nothing }),
  settle: define('settle', 'Report results', { request: z.object({ settlements }), reply: settled }),
  drain: define('drain', 'Take nothing new', { request: z.object({ session }), reply: nothing }),
  pause: define('pause', 'Take nothing new for a while, and say why; null: take work again', {
    request: z.object({ session, why: text.nullable() }),
    reply: nothing,
  }),
  beginEnvironment: define('environments/begin', 'Ask for the right to build an environment', {
    request: z.object({ session, environment: environmentIdentity, leaseMs }),
    reply: buildRight,
  }),
  renewEnvironment: define('environments/renew', 'Keep that right', {
    request: z.object({ session, key: text, leaseMs }),
    reply: z.boolean(),
  }),
  endEnvironment: define('environments/end', 'Say how it went', {
    request: z.object({ session, key: text, end: buildEnd }),
    reply: nothing,
  }),
  forgetEnvironments: define('environments/forget', 'Say what was removed', {
    request: z.object({ keys: texts }),
    reply: nothing,
  }),
  deregister: define('deregister', 'Give the name back', { request: z.object({ session }), reply: nothing }),
};

function define<Name extends string, Request extends z.ZodType, Reply extends z.ZodType>(
  name: Name,
  summary: string,
  shapes: { readonly request: Request; readonly reply: Reply },
): WorkerCall<Name, Request, Reply> {
  return { name, summary, ...shapes };
}
