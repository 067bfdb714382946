/** A function that logs an event, named by a few words in lower case, with its details. */
export type LogEvent = (event: string, details: Readonly<Record<string, unknown>>) => void;

/** Writes what a process does to its log: one line per event. */
export interface Logger {
  readonly info: LogEvent;
  /** What somebody may have to look at: something is away, was refused or was left out. */
  readonly warn: LogEvent;
  /** What must not happen: a defect, or something that is lost. */
  readonly error: LogEvent;
}

/** A logger that also takes what only somebody who looks for a fault wants to read. */
export interface DetailedLogger extends Logger {
  readonly debug: LogEvent;
}
