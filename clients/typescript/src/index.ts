import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema.js';

export type { components, operations, paths } from './schema.js';

export type Execution = components['schemas']['Execution'];
export type Problem = components['schemas']['Problem'];

export interface ClientOptions {
  /** The address of a server, without /api/v1. */
  readonly url: string;
  /** A token of the API: `att_…`. */
  readonly token: string;
  /** What sends requests. Default: the `fetch` of the platform. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** An answer of the API that is an error, as RFC 9457 writes it. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Makes a client of the API, with a method for each method of HTTP. An answer that is a problem is thrown as a ProblemError. */
export function createClient({ url, token, fetch }: ClientOptions): Client<paths> {
  const client = createFetchClient<paths>({
    baseUrl: url.replace(/\/+$/, ''),
    headers: { authorization: `Bearer ${token}` },
    ...(fetch && { fetch }),
  });
  client.use(throwProblems);
  return client;
}

const throwProblems: Middleware = {
  onResponse: async ({ response }) => {
    if (response.headers.get('content-type')?.startsWith('application/problem+json'))
      throw new ProblemError((await response.json()) as Problem);
  },
};
