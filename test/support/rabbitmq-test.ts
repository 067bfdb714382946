import { test } from 'bun:test';
import { existsSync } from 'node:fs';

/** A server can be had: given, installed, or made by root. */
export const canHaveRabbit =
  process.env['ATTUNE_TEST_MESSAGE_QUEUE_URL'] !== undefined ||
  process.getuid?.() === 0 ||
  existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server');

/** A test on a real RabbitMQ. Where none can be had it is skipped, and its title says why; CI is root and never skips. */
export function rabbitTest(title: string, body: () => Promise<void>): void {
  if (canHaveRabbit) test(title, body, 300_000);
  else test.skip(`${title} (skipped: needs root, RabbitMQ, or ATTUNE_TEST_MESSAGE_QUEUE_URL)`, body);
}
