import { createHash } from 'node:crypto';
import { z } from 'zod';
import { executionId, workerId } from '#domain/ids.ts';
import { describeIssues } from '#domain/issues.ts';
import type { IncomingMessage, OutgoingMessage } from '#domain/messages.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parseJsonBytes } from '#formats/json.ts';
import { CARRIER } from '#formats/size.ts';

/** The routing key, in the exchange for dead letters, of the dead letters of our own queues. */
export const DEAD_LETTER_KEY = 'attune.dead_letter';

export interface Envelope {
  readonly message_id: string;
  readonly correlation_id: string;
  readonly message_type: string;
  readonly version: '1.0';
  readonly timestamp: string;
  readonly headers: { readonly retry_count: number; readonly source_service: string };
  readonly payload: OutgoingMessage['payload'];
}

export interface Sending {
  /** The time in milliseconds since 1970. */
  readonly at: number;
  /** The name of the service that publishes. */
  readonly service: string;
}

/** Wraps a message into its envelope. All messages about one execution have the same correlation id. */
export function wrap({ messageId, messageType, payload }: OutgoingMessage, { at, service }: Sending): Envelope {
  const subject = payload['execution_id'];
  return {
    message_id: messageId,
    correlation_id: subject === undefined ? messageId : uuidOf(`execution ${subject}`),
    message_type: messageType,
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    headers: { retry_count: 0, source_service: service },
    payload,
  };
}

/** A UUID of version 8, whose bits are of our choice: those of a checksum. */
function uuidOf(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-8$4-$5');
}

/** The most further executions of one message. */
const MOST_OTHERS = 10_000;

const id = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,19}$/)]);
const envelope = z.object({ message_type: z.string(), payload: z.custom<Record<string, unknown>>(isRecord) });
const attempt = z.number().int().nonnegative();
const dispatch = z.object({
  execution_id: id,
  worker_id: id,
  attempt: attempt.nullish(),
  others: z
    .array(z.object({ execution_id: id, attempt }))
    .max(MOST_OTHERS)
    .nullish(),
});
const aboutExecution = z.object({ execution_id: id });
const aboutChange = aboutExecution.extend({ others: z.array(id).max(MOST_OTHERS).nullish() });
const aboutCancel = aboutExecution.extend({ worker_id: id.nullish() });
const aboutPack = z.object({ pack_ref: z.string() });

/** Larger messages are not read: a message only announces, and the largest parameters have 2 MiB. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Reads the bytes of a message; the error says what is wrong with the message. */
export function readMessage(body: Uint8Array): Result<IncomingMessage, string> {
  if (body.length > MOST_BYTES) return failure(`larger than ${MOST_BYTES} bytes`);
  const parsed = parseJsonBytes(body, CARRIER);
  if (!parsed.ok) return failure(`no JSON: ${parsed.error}`);
  const checked = envelope.safeParse(parsed.value);
  return checked.success
    ? understand(checked.data.message_type, checked.data.payload)
    : failure(`no envelope: ${describeIssues(checked.error.issues, 'message')}`);
}

function understand(messageType: string, payload: unknown): Result<IncomingMessage, string> {
  switch (messageType) {
    case 'ExecutionCancelRequested':
      return read(aboutCancel, payload, (one) => ({
        kind: 'cancel',
        execution: executionId(one.execution_id),
        worker: one.worker_id == null ? undefined : workerId(one.worker_id),
      }));
    case 'PackRegistered':
    case 'PackDeleted':
      return read(aboutPack, payload, (one) => ({ kind: 'pack-changed', packRef: one.pack_ref }));
    case 'ExecutionRequested':
      if (typeof payload === 'object' && payload !== null && 'worker_id' in payload)
        return read(dispatch, payload, (one) => ({
          kind: 'dispatch',
          execution: executionId(one.execution_id),
          worker: workerId(one.worker_id),
          attempt: one.attempt ?? undefined,
          others: (one.others ?? []).map((other) => ({
            execution: executionId(other.execution_id),
            attempt: other.attempt,
          })),
        }));
      return readChange(payload);
    case 'ExecutionStatusChanged':
    case 'ExecutionCompleted':
      return readChange(payload);
    default:
      return failure(`unknown message_type ${JSON.stringify(messageType)}`);
  }
}

function readChange(payload: unknown): Result<IncomingMessage, string> {
  return read(aboutChange, payload, (one) => ({
    kind: 'execution-changed',
    execution: executionId(one.execution_id),
    others: one.others?.map(executionId),
  }));
}

function read<S extends z.ZodType>(
  schema: S,
  payload: unknown,
  make: (value: z.infer<S>) => IncomingMessage,
): Result<IncomingMessage, string> {
  const checked = schema.safeParse(payload);
  return checked.success
    ? success(make(checked.data))
    : failure(`payload: ${describeIssues(checked.error.issues, 'message')}`);
}
