/** All exit codes of the agent. A code of 128 + n means: ended by signal n. */
export const EXIT = {
  success: 0,
  failure: 1,
  usage: 2,
  configuration: 78 /* EX_CONFIG of sysexits.h */,
  timedOut: 124 /* as timeout(1) */,
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  brokenPipe: 141,
  terminated: 143,
} as const;

/** The meaning of each exit code for every verb that says nothing else. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  success: 'success',
  failure: 'failure, with the reason on stderr',
  usage: 'wrong arguments, options or parameters',
  configuration: 'wrong or missing settings',
  timedOut: 'the execution timed out',
  hungUp: 'ended by SIGHUP',
  interrupted: 'ended by SIGINT (Ctrl-C)',
  quit: 'ended by SIGQUIT',
  brokenPipe: 'the reader of stdout has gone',
  terminated: 'ended by SIGTERM',
};
