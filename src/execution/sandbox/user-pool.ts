import type { ExecutionUser } from './users.ts';

/** A user whom an execution has until it gives it back. */
export interface TakenUser {
  readonly user: ExecutionUser;
  /** True if nobody else has the user meanwhile. */
  readonly isAlone: boolean;
  release(): void;
}

/** Makes a function that gives each caller a user of its own, and waits while all are taken; one alone is for everybody. */
export function createUserPool(users: readonly ExecutionUser[]): () => Promise<TakenUser | undefined> {
  const [first, ...others] = users;
  if (!first) return async () => undefined;
  if (others.length === 0) return async () => ({ user: first, isAlone: false, release: () => {} });
  const free = [...users];
  const waiting: ((user: ExecutionUser) => void)[] = [];
  const giveBack = (user: ExecutionUser): void => {
    const next = waiting.shift();
    if (next) next(user);
    else free.push(user);
  };
  return async () => {
    const user = free.shift() ?? (await new Promise<ExecutionUser>((resolve) => waiting.push(resolve)));
    let isReleased = false;
    const release = (): void => {
      if (!isReleased) giveBack(user);
      isReleased = true;
    };
    return { user, isAlone: true, release };
  };
}
