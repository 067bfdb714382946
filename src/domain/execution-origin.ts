/** What led to an execution, kept with it so that the logs and spans of its worker can be joined to the request. */
export interface ExecutionOrigin {
  /** The id of the request to the API. */
  readonly requestId: string | undefined;
  /** The span of that request, or of who sent it, as W3C Trace Context writes it. */
  readonly traceparent: string | undefined;
}

/** The origin of a claimed execution. */
export interface ClaimedOrigin extends ExecutionOrigin {
  /** For how long this attempt had been due when it was claimed; undefined: not known. */
  readonly queuedMs: number | undefined;
}
