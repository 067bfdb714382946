/** The messages of Attune's Rust control plane, checked as strictly as its services read them. */
import { z } from 'zod';

const integer = z.int();
const time = z.iso.datetime({ offset: true });

const envelope = z.object({
  message_id: z.uuid(),
  correlation_id: z.uuid(),
  message_type: z.string(),
  version: z.literal('1.0'),
  timestamp: time,
  headers: z.object({ retry_count: integer, source_service: z.string() }),
  payload: z.record(z.string(), z.unknown()),
});

const properties = z.object({
  deliveryMode: z.literal(2),
  contentType: z.literal('application/json'),
  messageId: z.uuid(),
  correlationId: z.uuid(),
  timestamp: integer,
});

const payloads = {
  ExecutionRequested: z.object({
    execution_id: integer,
    action_id: integer.nullable(),
    action_ref: z.string(),
    parent_id: integer.nullable(),
    enforcement_id: integer.nullable(),
    config: z.unknown(),
  }),
  ExecutionStatusChanged: z.object({
    execution_id: integer,
    action_ref: z.string(),
    previous_status: z.string().regex(/^[a-z]+$/),
    new_status: z.string().regex(/^[a-z]+$/),
    changed_at: time,
  }),
  ExecutionCompleted: z.object({
    execution_id: integer,
    action_id: integer,
    action_ref: z.string(),
    status: z.enum(['Completed', 'Failed', 'Cancelled']),
    result: z.unknown(),
    completed_at: time,
  }),
};

type MessageType = keyof typeof payloads;

export interface Heard {
  readonly type: string;
  readonly routingKey: string;
  readonly execution: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface RawDelivery {
  readonly content: Buffer;
  readonly fields: { readonly routingKey: string };
  readonly properties: unknown;
}

/** Reads a message; throws with what its services would not accept of it. */
export function readStrictly({ content, fields, properties: given }: RawDelivery): Heard {
  const { message_id: id, message_type: type, payload } = envelope.parse(JSON.parse(content.toString()));
  if (properties.parse(given).messageId !== id) throw new Error('message_id differs between envelope and properties');
  const schema = payloads[type as MessageType];
  if (!schema) throw new Error(`unknown message_type ${type}`);
  const { execution_id: execution } = schema.parse(payload);
  return { type, routingKey: fields.routingKey, execution, payload };
}

/** A message as its services send it: message and correlation have one id. */
export function write(type: string, payload: object): { readonly content: Buffer; readonly options: object } {
  const id = crypto.randomUUID();
  const now = new Date();
  const body = {
    ...{ message_id: id, correlation_id: id, message_type: type, version: '1.0', timestamp: now.toISOString() },
    ...{ headers: { retry_count: 0, source_service: 'executor' }, payload },
  };
  return {
    content: Buffer.from(JSON.stringify(body)),
    options: {
      ...{ deliveryMode: 2, messageId: id, correlationId: id, contentType: 'application/json' },
      timestamp: Math.floor(now.getTime() / 1000),
    },
  };
}
