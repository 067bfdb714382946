/** Whether workers that say that they are ready do what is meant for them. */
import { askHealth } from '#cli/wiring/health-socket.ts';
import type { Cluster } from '#test/support/cluster.ts';

export interface Truth {
  /** The longest time for which a worker said that it is ready and claimed nothing of what was meant for it. */
  deafestS(): number;
  /** What each worker says of itself now. */
  ask(): Promise<Readonly<Record<string, unknown>>>;
  stop(): void;
}

interface Assigned {
  readonly name: string;
  readonly waiting: number;
  readonly claimed: string | null;
}

const EVERY_MS = 500;

interface Watched {
  readonly names: readonly string[];
  /** Where the sockets of their health are. */
  readonly health: string;
  /** The table that says when which worker has claimed something. */
  readonly attempts: 'execution' | 'agent_execution_attempt';
}

export function watchTruth({ sql }: Pick<Cluster, 'sql'>, { names, health, attempts }: Watched): Truth {
  const healthOf = async (name: string) => (await askHealth({ TMPDIR: health }, undefined, name))[0];
  /** Since when a worker could be deaf, and what it had claimed last. */
  const since = new Map<string, { readonly at: number; readonly claimed: string | null }>();
  let deafest = 0;
  let isOver = false;
  const look = async (): Promise<void> => {
    const before = performance.now();
    const assigned = await sql<Assigned[]>`
      SELECT w.name, (SELECT count(*)::int FROM execution e WHERE e.worker = w.id AND e.status = 'scheduled') AS waiting,
        (SELECT max(claimed_at)::text FROM ${sql.unsafe(attempts)} a WHERE a.worker = w.id) AS claimed FROM worker w`;
    await Promise.all(
      assigned.map(async ({ name, waiting, claimed }) => {
        const isDeaf = waiting > 0 && since.get(name)?.claimed === claimed && (await healthOf(name))?.ready === true;
        if (!isDeaf) since.set(name, { at: before, claimed });
        deafest = Math.max(deafest, before - (since.get(name)?.at ?? before));
      }),
    );
  };
  const watch = async (): Promise<void> => {
    while (!isOver) {
      await look().catch(() => since.clear()); /* nobody knows while the database is away */
      await Bun.sleep(EVERY_MS);
    }
  };
  void watch();
  return {
    deafestS: () => Math.round(deafest / 100) / 10,
    ask: async () => Object.fromEntries(await Promise.all(names.map(async (name) => [name, await healthOf(name)]))),
    stop: () => {
      isOver = true;
    },
  };
}
