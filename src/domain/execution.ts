/** The outcome of an execution, once and for all: of several reasons to end, the first wins. */
export type Outcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: string; readonly signalNumber: number }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-started'; readonly reason: string };

export const STREAM_NAMES = ['stdout', 'stderr'] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

/** A sink for the output of an execution, chunk by chunk. A slow sink slows the action down, and is never overrun. */
export interface LogSink {
  /** `bytes` is valid until the write has resolved. */
  write(stream: StreamName, bytes: Uint8Array): void | Promise<void>;
}

/** The result of an execution as the control plane reads it, by the names of protocol.md. */
export interface ExecutionResult {
  readonly succeeded: boolean;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly duration_ms: number;
  /** How long its script, its runtime and its environment took to be ready. */
  readonly prepared_ms?: number;
  readonly error?: string;
  readonly cancelled?: true;
  readonly timed_out?: true;
  readonly stdout?: string;
  readonly stdout_truncated?: true;
  readonly stdout_bytes_truncated?: number;
  readonly stderr?: string;
  readonly stderr_truncated?: true;
  readonly stderr_bytes_truncated?: number;
  /** The absolute path of the log of stderr, on the volume that workers share. */
  readonly stderr_log?: string;
  readonly data?: unknown;
  /** What an action that works through a queue says about its items, taken from its data. */
  readonly queue_ack?: unknown;
  /** The action succeeded and its output is not what its output_format says. */
  readonly output_error?: string;
  /** Files that it left, as they were stored. */
  readonly artifacts?: readonly { readonly name: string; readonly bytes: number; readonly checksum: string }[];
  /** Files that it left and that were not stored, and why. */
  readonly artifact_errors?: readonly string[];
}

/** A part of a result that is kept encrypted, apart from it. */
export interface SecretValue {
  /** The path of the value in the data of the result, with dots; of an execution that is joined, a JSON Pointer in its result. */
  readonly path: string;
  readonly value: unknown;
}
