import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';

/** Hears of the spans that have left this process, and of those that never will. */
export interface SpanObserver {
  exported(spans: number): void;
  dropped(spans: number): void;
}

/** Spans that may wait, those on their way included: a few megabytes. */
const MOST_WAITING = 4096;
const BATCH = 512;
/** Milliseconds between two batches while there are few spans. */
const EVERY_MS = 1000;
/** Milliseconds for one batch, all tries together. */
const BATCH_MS = 20_000;

/** Makes a processor that sends spans in batches. It never waits and never fails: what there is no room for is dropped. */
export function boundedQueue(exporter: SpanExporter, observer: SpanObserver): SpanProcessor {
  let waiting = 0;
  const counted: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        waiting -= spans.length;
        if (result.code === SUCCESS) observer.exported(spans.length);
        else observer.dropped(spans.length);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: MOST_WAITING,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: BATCH_MS,
  });
  return {
    onStart: (span, context) => batches.onStart(span, context),
    onEnd: (span) => {
      if ((span.spanContext().traceFlags & SAMPLED) === 0) return;
      if (waiting >= MOST_WAITING) return observer.dropped(1);
      waiting++;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}

/** The code of a result that is no failure, as the package `core` of OpenTelemetry has it. */
const SUCCESS = 0;
/** The flag of spans that are kept, of W3C Trace Context. */
const SAMPLED = 1;
