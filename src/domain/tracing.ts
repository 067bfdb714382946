/** The names and values by which spans are found. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

interface SpanStart {
  /** The span that it belongs to, as W3C Trace Context writes it; undefined: a new trace begins. */
  readonly parent?: string | undefined;
  /** What kind of work it is. Default: something inside of a process. */
  readonly kind?: 'server' | 'consumer';
  /** Milliseconds for which it has lasted already. Default: none. */
  readonly sinceMs?: number;
  readonly attributes?: SpanAttributes;
}

export interface SpanEnd {
  /** Milliseconds ago at which it ended. Default: now. */
  readonly agoMs?: number;
  readonly attributes?: SpanAttributes;
  /** Why it is a failure; undefined: it is none. */
  readonly error?: string | undefined;
}

/** A part of what a process does, with a beginning and an end, in the trace of a request. */
interface Span {
  /** For what it leads to, as W3C Trace Context writes it; undefined: nothing is traced. */
  readonly traceparent: string | undefined;
  end(end?: SpanEnd): void;
}

export interface Tracer {
  begin(name: string, start: SpanStart): Span;
}

/** A tracer that keeps nothing, and hands the span of others on. */
export const noTracer: Tracer = {
  begin: (_, { parent }) => ({ traceparent: readTraceparent(parent)?.text, end: () => {} }),
};

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a traceparent of W3C Trace Context; undefined if it is none. */
export function readTraceparent(
  text: string | undefined,
): { readonly text: string; readonly trace: string; readonly span: string; readonly flags: number } | undefined {
  const [whole, trace, span, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (whole === undefined || trace === undefined || span === undefined || flags === undefined) return undefined;
  return { text: whole, trace, span, flags: Number.parseInt(flags, 16) };
}
