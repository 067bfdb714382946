import type { Cluster } from '#test/support/cluster.ts';
import type { Dice } from './dice.ts';
import { choices } from './output.ts';

/** Requests executions, as many as the round can bear, and cancels some of them. */
export interface Load {
  /** Ids of the executions that the API has confirmed. */
  readonly confirmed: readonly number[];
  /** How many cancels it has confirmed. */
  cancels(): number;
  requestUntil(isDone: () => boolean): Promise<void>;
}

interface LoadDependencies {
  readonly api: Cluster['api'];
  /** How many executions have not ended. Rejects when nobody can say. */
  countUnfinished(): Promise<number>;
  readonly dice: Dice;
  /** The file that the actions append to. */
  readonly history: string;
}

const MOST_OUTSTANDING = 150;
const AT_ONCE = 10;
/** The pauses of an action, one after the other. */
const NAPS_S = ['', '', '0.01', '0.02', '0.05', '0.1', '0.2', '0.2 0.2', '0.3 0.3 0.3', '0.5 0.5 0.5 0.5'];
const CANCELLED = 0.04;
/* Between tries: while too many executions wait, and when a request was refused. */
const FULL_MS = 50;
const REFUSED_MS = 100;
const MOST_MS = 5000;
const CANCEL_WITHIN_MS = 1000;

export function createLoad({ api, countUnfinished, dice, history }: LoadDependencies): Load {
  const confirmed: number[] = [];
  let cancels = 0;
  const cancel = async (id: number, afterMs: number): Promise<void> => {
    await Bun.sleep(afterMs);
    const signal = AbortSignal.timeout(MOST_MS);
    const answer = await api(`executions/${id}/cancel`, { method: 'POST', body: '{}', signal });
    if (answer.ok) cancels++;
  };
  const requestOne = async (): Promise<void> => {
    const body = {
      action_ref: dice.weighted(choices),
      env_vars: { HISTORY: history, NAP: dice.pick(NAPS_S) },
    };
    const cancelAfter = dice.chance(CANCELLED) ? dice.between(0, CANCEL_WITHIN_MS) : undefined;
    try {
      const signal = AbortSignal.timeout(MOST_MS);
      const response = await api('executions', { method: 'POST', body: JSON.stringify(body), signal });
      const answer = (await response.json()) as { id?: number };
      if (response.status === 201 && answer.id !== undefined) {
        confirmed.push(answer.id);
        if (cancelAfter !== undefined) void cancel(answer.id, cancelAfter).catch(() => {});
      } else await Bun.sleep(REFUSED_MS);
    } catch {
      await Bun.sleep(REFUSED_MS); /* unknown: it may exist, and then must end too */
    }
  };
  return {
    confirmed,
    cancels: () => cancels,
    requestUntil: async (isDone) => {
      const requestOnAndOn = async (): Promise<void> => {
        while (!isDone()) {
          /* While the database is away nobody knows how many there are. */
          const unfinished = await countUnfinished().catch(() => MOST_OUTSTANDING);
          if (unfinished >= MOST_OUTSTANDING) await Bun.sleep(FULL_MS);
          else await requestOne();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, requestOnAndOn));
    },
  };
}
