import type { StreamName } from './execution.ts';
import type { ExecutionId } from './ids.ts';

/** What the retention of a log may count. */
export const LOG_RETENTIONS = ['versions', 'days', 'hours', 'minutes'] as const;

/** How long logs are kept where their action does not say it. */
export interface LogRetention {
  readonly policy: (typeof LOG_RETENTIONS)[number];
  readonly limit: number;
}

/**
 * The directory for logs and artifacts that Attune's Rust control plane shares with its workers. Actions may write there
 * too: a link that lies in the way is never followed. All methods reject with the error of the file system.
 */
export interface SharedVolume {
  /** Its absolute path. */
  readonly directory: string;
  /** Opens the log of one stream to append to it; it is made if absent. */
  openLog(log: ExecutionLog): Promise<LogFile>;
  /** Gives a log a second name, which is a path below the directory. */
  publishLog(log: ExecutionLog, path: string): Promise<void>;
  /** The bytes of a file below the directory. Undefined: there is none, or it was empty and is removed. */
  sizeOf(path: string): Promise<number | undefined>;
}

export interface ExecutionLog {
  readonly execution: ExecutionId;
  readonly stream: StreamName;
}

export interface LogFile {
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The path of a log below the directory: the one that the API of Attune's Rust control plane reads. */
export function pathOfLog({ execution, stream }: ExecutionLog): string {
  return `execution_${execution}/${stream}.log`;
}
