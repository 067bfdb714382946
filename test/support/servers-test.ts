import { test } from 'bun:test';
import { canHavePostgres } from './postgres-test.ts';
import { canHaveRabbit } from './rabbitmq-test.ts';

export const canHaveServers = canHavePostgres && canHaveRabbit;

/** A test on real PostgreSQL and RabbitMQ. Without root it is skipped where they are not to be had, and its title says why. */
export function serversTest(title: string, body: () => Promise<void>): void {
  if (canHaveServers) test(title, body, 400_000);
  else test.skip(`${title} (skipped: needs root, or PostgreSQL and RabbitMQ)`, body);
}
