import type { DetailedLogger, LogEvent } from '#domain/logger.ts';

/** Makes a logger that gives each event to a function, whatever its level is. */
export function loggerOf(log: LogEvent): DetailedLogger {
  return { debug: log, info: log, warn: log, error: log };
}
