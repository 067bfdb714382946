import { afterAll, beforeAll, test } from 'bun:test';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { type RabbitServer, startRabbit } from './rabbitmq.ts';

/** A test on real PostgreSQL or RabbitMQ, with the time that they need. */
export function serversTest(title: string, body: () => Promise<void>): void {
  test(title, body, 400_000);
}

/** One for all tests of a file: started before the first, ended after the last. Without one they all fail, saying what to install. */
function shared<Server extends AsyncDisposable>(start: () => Promise<Server>): () => Server {
  let server: Server | undefined;
  let failure: unknown = new Error('the server starts with the tests');
  beforeAll(async () => {
    server = await start().catch((error: unknown) => {
      failure = error;
      return undefined;
    });
  }, 300_000);
  afterAll(async () => await server?.[Symbol.asyncDispose](), 60_000);
  return () => {
    if (!server) throw failure;
    return server;
  };
}

export const sharedPostgres = (): (() => PostgresServer) => shared(startPostgres);
export const sharedRabbit = (): (() => RabbitServer) => shared(startRabbit);
