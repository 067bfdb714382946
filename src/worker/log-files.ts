import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { messageOf } from '#domain/errors.ts';
import type { LogSink, StreamName } from '#domain/execution.ts';
import type { Logger } from '#domain/logger.ts';
import type { LogFile, SharedVolume } from '#domain/shared-volume.ts';

export interface LogFiles {
  readonly sink: LogSink;
  /** Closes the files, and returns the streams that have one. */
  close(): Promise<readonly StreamName[]>;
}

/**
 * Makes a sink that writes the logs of an execution to files of a shared volume, each from its first byte on. A log that
 * cannot be written is left out from there on, and the agent's own log says why: the execution goes on.
 */
export function createLogFiles(
  { execution }: Pick<ClaimedExecution, 'execution'>,
  { volume, logger }: { readonly volume: SharedVolume; readonly logger: Logger },
): LogFiles {
  const files = new Map<StreamName, LogFile | undefined>();
  const fileOf = async (stream: StreamName): Promise<LogFile | undefined> => {
    if (!files.has(stream)) files.set(stream, await volume.openLog({ execution, stream }));
    return files.get(stream);
  };
  const write = async (stream: StreamName, bytes: Uint8Array): Promise<void> => {
    try {
      await (await fileOf(stream))?.append(bytes);
    } catch (error) {
      await Promise.allSettled([files.get(stream)?.close()]);
      files.set(stream, undefined);
      logger.warn('log file not written', { execution, stream, why: messageOf(error) });
    }
  };
  let last: Promise<void> = Promise.resolve();
  return {
    sink: {
      write: (stream, bytes) => {
        const copy = Uint8Array.from(bytes);
        last = last.then(() => write(stream, copy));
        return last;
      },
    },
    close: async () => {
      await last;
      const open = [...files].flatMap(([stream, file]) => (file ? [{ stream, file }] : []));
      await Promise.allSettled(open.map(({ file }) => file.close()));
      return open.map(({ stream }) => stream);
    },
  };
}
