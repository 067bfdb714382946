/** A user and a group as which executions run, by their numbers. */
export interface ExecutionUser {
  readonly uid: number;
  readonly gid: number;
}

/** The settings of a worker that name users. */
export interface UserSettings {
  /** `1000` or `1000:1000`. */
  readonly execution_user?: string | undefined;
  /** `70000-70009`. */
  readonly execution_users?: string | undefined;
}

/** The users as which executions run: none, one for all of them, or one for each that runs at the same time. */
export function executionUsers({ execution_user: one, execution_users: many }: UserSettings): readonly ExecutionUser[] {
  if (many !== undefined) return rangeOf(many);
  return one === undefined ? [] : [userOf(one)];
}

function rangeOf(text: string): readonly ExecutionUser[] {
  const [first = 0, last = 0] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => ({ uid: first + i, gid: first + i }));
}

function userOf(text: string): ExecutionUser {
  const [uid = '', gid = uid] = text.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
