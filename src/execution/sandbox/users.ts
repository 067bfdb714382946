/** A user and a group as which executions run, by their numbers. */
export interface ExecutionUser {
  readonly uid: number;
  readonly gid: number;
}

/** The users as which executions run: none, one for all of them, or one for each that runs at the same time. */
export function executionUsers({
  execution_user: one,
}: {
  readonly execution_user?: string | undefined;
}): readonly ExecutionUser[] {
  return one === undefined ? [] : [userOf(one)];
}

/** Reads a user like `1000` or `1000:1000`. */
function userOf(text: string): ExecutionUser {
  const [uid = '', gid = uid] = text.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
