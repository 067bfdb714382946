import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import type { SpanAttributes, SpanEnd, Tracer } from '#domain/tracing.ts';

/** What an attempt goes through once it is claimed. */
type Stage = 'environment' | 'run';

/** The stages of an attempt, each with the time that it took, as spans of its trace. */
export interface Stages {
  /** Does the work of a stage; `traceparent` is for what the work itself leads to. */
  during<T>(stage: Stage, work: (traceparent: string | undefined) => Promise<T>): Promise<T>;
}

export interface TracedAttempt extends Stages {
  /** The milliseconds that a stage took; undefined: it has not come to that. */
  lasted(stage: Stage): number | undefined;
  /** The attempt has ended and is to be stored; what is returned says that it is. */
  storing(end: SpanEnd): () => void;
  /** The attempt has ended, and there is nothing to store. */
  lost(): void;
}

/**
 * Makes an attempt that was just claimed a span, which began when the attempt was due: how long it waited, its claim,
 * its environment, its run and how its end was stored are spans within.
 */
export function traceAttempt(
  { execution, attempt, actionRef, origin, claimMs = 0 }: ClaimedExecution,
  {
    tracer,
    clock,
    attributes,
  }: { readonly tracer: Tracer; readonly clock: Clock; readonly attributes: SpanAttributes },
): TracedAttempt {
  const sinceMs = Math.max(origin?.queuedMs ?? 0, claimMs);
  const whole = tracer.begin(`execute ${actionRef}`, {
    parent: origin?.traceparent,
    kind: 'consumer',
    sinceMs,
    attributes: {
      'attune.execution': execution,
      'attune.attempt': attempt,
      'attune.action': actionRef,
      'attune.request_id': origin?.requestId,
      ...attributes,
    },
  });
  const parent = whole.traceparent;
  tracer.begin('queue', { parent, sinceMs }).end({ agoMs: claimMs });
  tracer.begin('claim', { parent, sinceMs: claimMs }).end();
  const durations = new Map<Stage, number>();
  return {
    during: async (stage, work) => {
      const since = clock.monotonic();
      const span = tracer.begin(stage, { parent });
      try {
        return await work(span.traceparent);
      } finally {
        durations.set(stage, clock.monotonic() - since);
        span.end();
      }
    },
    lasted: (stage) => durations.get(stage),
    storing: (end) => {
      const span = tracer.begin('store', { parent });
      return () => {
        span.end();
        whole.end(end);
      };
    },
    lost: () => whole.end({ error: 'its lease was lost' }),
  };
}
