/** The variables that the agent sets for an action, each with what it holds, in the order of the documentation. */
export const ACTION_VARIABLES = {
  ATTUNE_ACTION: 'PACK.ACTION',
  ATTUNE_PACK_REF: 'the pack; empty for code that comes with a request',
  ATTUNE_EXEC_ID: 'number of the execution; 0 where there is no server',
  ATTUNE_ATTEMPT: '1, and one more each time that it is tried again',
  ATTUNE_PARAMETER_DELIVERY: 'how its parameters arrive, as the action says',
  ATTUNE_PARAMETER_FORMAT: 'how they are written, as the action says',
  ATTUNE_PARAMETER_FILE: 'with `parameter_delivery: file`, the path of the file with them',
  ATTUNE_ARTIFACTS_DIR: 'directory whose files are kept as artifacts',
  ATTUNE_RUNTIME_ENVS_DIR: 'directory of the environments of packs',
  ATTUNE_API_URL: 'address of the server, where the worker knows it',
  ATTUNE_API_TOKEN: 'a token with the scopes in `api_scopes`, which is valid while it runs',
  TMPDIR: 'private directory for temporary files',
} as const;

/** Values of such variables, where they have one. */
export type ActionVariables = Partial<Record<keyof typeof ACTION_VARIABLES, string>>;
