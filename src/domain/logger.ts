/** Writes what a process does to its log: one line per event. */
export interface Logger {
  /** Logs an event, named by a few words in lower case, with its details. */
  info(event: string, details: Readonly<Record<string, unknown>>): void;
}
