/** Writes what a process does to its log: one line per event. */
export interface Logger {
  /** Logs an event, named by a few words in lower case, with its details. */
  info(event: string, details: Readonly<Record<string, unknown>>): void;
}

/** A logger that also takes what only somebody who looks for a fault wants to read. */
export interface DetailedLogger extends Logger {
  debug(event: string, details: Readonly<Record<string, unknown>>): void;
}
