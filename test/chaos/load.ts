import type { Cluster } from '#test/support/cluster.ts';
import type { Dice } from './dice.ts';
import { countUnfinished } from './observation.ts';

/** Requests executions, as many as the round can bear. */
export interface Load {
  /** Ids of the executions that the API has confirmed. */
  readonly confirmed: readonly number[];
  requestUntil(isDone: () => boolean): Promise<void>;
}

interface LoadDependencies {
  readonly cluster: Cluster;
  readonly dice: Dice;
  /** The file that the actions append to. */
  readonly history: string;
}

const MOST_OUTSTANDING = 150;
const AT_ONCE = 10;
const NAPS_S = ['0', '0', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5'];
/* Between tries: while too many executions wait, and when a request was refused. */
const FULL_MS = 50;
const REFUSED_MS = 100;

/* The script appends what it does to the history before anybody else can know of it. */
const script = `
echo "$ATTUNE_EXEC_ID $ATTUNE_ATTEMPT start" >>"$HISTORY"
sleep "$NAP"
echo "$ATTUNE_EXEC_ID $ATTUNE_ATTEMPT end" >>"$HISTORY"
echo "{\\"execution\\":$ATTUNE_EXEC_ID,\\"attempt\\":$ATTUNE_ATTEMPT}"
`;

export const actions = {
  once: { yaml: 'output_format: json\nenv_vars: [HISTORY, NAP]\n', script },
  often: { yaml: 'output_format: json\nmax_retries: 1000\nenv_vars: [HISTORY, NAP]\n', script },
};

export function createLoad({ cluster, dice, history }: LoadDependencies): Load {
  const confirmed: number[] = [];
  const requestOne = async (): Promise<void> => {
    const body = {
      action_ref: dice.chance(0.7) ? 'life.often' : 'life.once',
      env_vars: { HISTORY: history, NAP: dice.pick(NAPS_S) },
    };
    try {
      const signal = AbortSignal.timeout(5000);
      const response = await cluster.api('executions', { method: 'POST', body: JSON.stringify(body), signal });
      const answer = (await response.json()) as { id?: number };
      if (response.status === 201 && answer.id !== undefined) confirmed.push(answer.id);
      else await Bun.sleep(REFUSED_MS);
    } catch {
      await Bun.sleep(REFUSED_MS); /* unknown: it may exist, and then must end too */
    }
  };
  return {
    confirmed,
    requestUntil: async (isDone) => {
      while (!isDone()) {
        /* While the database is away nobody knows how many there are. */
        const unfinished = await countUnfinished(cluster).catch(() => MOST_OUTSTANDING);
        if (unfinished >= MOST_OUTSTANDING) await Bun.sleep(FULL_MS);
        else await Promise.all(Array.from({ length: AT_ONCE }, requestOne));
      }
    },
  };
}
