/** All exit codes of the agent, in one place. 128 + n: ended by signal n. */
export const EXIT = {
  success: 0,
  failure: 1,
  usage: 2,
  configuration: 78 /* EX_CONFIG of sysexits.h */,
  timedOut: 124 /* as timeout(1) */,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
} as const;
