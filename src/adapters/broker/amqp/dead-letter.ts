import type { ConsumeMessage } from 'amqplib';
import { z } from 'zod';
import type { DeadDelivery } from '#domain/broker.ts';

/** RabbitMQ's own account, newest death first, and ours where we know more. */
const headers = z.object({
  'x-attune-reason': z.string().optional().catch(undefined),
  'x-attune-queue': z.string().optional().catch(undefined),
  'x-attune-exchange': z.string().optional().catch(undefined),
  'x-attune-routing-key': z.string().optional().catch(undefined),
  'x-death': z
    .array(
      z.object({ reason: z.string(), queue: z.string(), exchange: z.string(), 'routing-keys': z.array(z.string()) }),
    )
    .catch([]),
});

export function readDeadLetter({ content, fields, properties }: ConsumeMessage): Omit<DeadDelivery, 'acknowledge'> {
  const known = headers.safeParse({ 'x-death': [], ...properties.headers });
  const [death] = known.success ? known.data['x-death'] : [];
  const own = known.success ? known.data : undefined;
  return {
    body: content,
    reason: own?.['x-attune-reason'] ?? death?.reason ?? 'unknown',
    queue: own?.['x-attune-queue'] ?? death?.queue ?? '',
    exchange: own?.['x-attune-exchange'] ?? death?.exchange ?? fields.exchange,
    routingKey: own?.['x-attune-routing-key'] ?? death?.['routing-keys'][0] ?? fields.routingKey,
  };
}
