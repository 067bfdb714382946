/** One round with a whole Attune in one process, which is killed again and again; then the history is checked. */
import { Database } from 'bun:sqlite';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { createCounter } from './counter.ts';
import { createDice, type Dice } from './dice.ts';
import { type Observed, tally, violations } from './history.ts';
import { createLoad } from './load.ts';
import { describeArtifact, readHistory } from './observation.ts';
import { actions, madePacks, type Stream } from './output.ts';
import type { RoundOptions, RoundReport } from './round.ts';
import { waitWhileItMoves } from './stuck.ts';

const HEARTBEAT_S = 0.3;
const POINTS = ['delivered', 'claimed', 'acknowledged', 'started', 'ended', 'settled'];
const STRIKES: readonly (readonly [string, number])[] = [
  ['killed', 70],
  ['drained', 15],
  ['stopped past its lease', 15],
];

export async function runStandaloneRound({ agent, seed, seconds, say }: RoundOptions): Promise<RoundReport> {
  const dice = createDice(seed);
  const counter = createCounter();
  const started = performance.now();
  using place = temporaryDirectory();
  writePacks(place);
  const history = join(place.path, 'history');
  await using whole = createWhole({ agent, place, dice });
  await whole.start();
  using database = openObserved(join(place.path, 'data', 'attune.db'));
  const countUnfinished = async (): Promise<number> =>
    database.query<{ n: number }, []>(`SELECT count(*) AS n FROM execution WHERE status IN ${ACTIVE}`).get()?.n ?? 0;
  const load = createLoad({ api: whole.api, countUnfinished, dice, history });
  const isDone = (): boolean => performance.now() - started > seconds * 1000;
  const failing = async (): Promise<void> => {
    while (!isDone()) {
      await Bun.sleep(dice.between(300, 2000));
      const what = dice.weighted(STRIKES);
      counter.count(what);
      await whole.strike(what);
      say(`${load.confirmed.length} executions, ${counter.of('killed') + whole.selfKills()} kills`);
    }
  };
  await Promise.all([load.requestUntil(isDone), failing()]);
  say('quiet: everything may end now');
  await whole.calm();
  const stuck = await waitWhileItMoves({
    otherwise: 'not every execution has ended',
    isDone: async () => (await countUnfinished()) === 0,
    progress: async () =>
      `${statSync(history).size} ${JSON.stringify(database.query('SELECT max(n) FROM chaos_change').get())}`,
  });
  const observed = observe(database, { place, confirmed: load.confirmed });
  return {
    ...{ seed, seconds: Math.round((performance.now() - started) / 1000), faults: counter.all() },
    ...{ kills: counter.of('killed') + whole.selfKills(), cancels: load.cancels(), tally: tally(observed) },
    violations: [...(stuck === undefined ? [] : [stuck]), ...violations(observed)],
    dump:
      stuck === undefined
        ? undefined
        : JSON.stringify(database.query(`SELECT * FROM execution WHERE status IN ${ACTIVE}`).all()),
  };
}

function writePacks(place: TemporaryDirectory): void {
  place.file('packs/life/pack.yaml', 'ref: life\nversion: 1.0.0\n');
  for (const [name, { yaml, script }] of Object.entries(actions)) {
    place.file(`packs/life/actions/${name}.yaml`, `entry_point: ${name}.sh\n${yaml}`);
    place.file(`packs/life/actions/${name}.sh`, script);
  }
  for (const [name, files] of Object.entries(madePacks))
    for (const [path, text] of Object.entries(files)) place.file(`packs/${name}/${path}`, text);
  for (const name of ['artifacts', 'environments', 'data']) mkdirSync(join(place.path, name));
}

interface WholeOptions {
  readonly agent: string;
  readonly place: TemporaryDirectory;
  readonly dice: Dice;
}

/** The process, which is started again whenever it has ended. */
function createWhole({ agent, place, dice }: WholeOptions) {
  let current: Standalone | undefined;
  let token: string | undefined;
  let isCalm = false;
  let isOver = false;
  let selfKills = 0;
  const env = {
    ...{ ATTUNE_PACKS_DIR: join(place.path, 'packs'), ATTUNE_RUNTIME_ENVS_DIR: join(place.path, 'environments') },
    ...{ ATTUNE__ARTIFACTS__DIRECTORY: join(place.path, 'artifacts'), ATTUNE_WORKER_RUNTIMES: 'shell' },
    ...{ ATTUNE__WORKER__HEARTBEAT_INTERVAL: String(HEARTBEAT_S), HOME: place.path, TMPDIR: place.path },
  };
  const startOnce = async (): Promise<void> => {
    const fault = !isCalm && dice.chance(0.7) ? { ATTUNE_FAULT: `${dice.pick(POINTS)}:${dice.between(1, 20)}` } : {};
    const started = await standalone(
      join(place.path, 'data'),
      { ...env, ...fault },
      { token, wrap: (args) => [agent, ...args] },
    );
    current = started;
    token ??= started.token;
    void started.child.exited.then(async () => {
      if (isOver || current !== started) return;
      selfKills++;
      await start();
    });
  };
  /* What is told to kill itself may do so before it has said where it listens. */
  const start = async (): Promise<void> => {
    for (let left = 20; ; left--) {
      try {
        await startOnce();
        return;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = current;
    current = undefined;
    ended?.child.kill(signal);
    await ended?.child.exited;
  };
  return {
    start,
    selfKills: () => selfKills,
    api: async (path: string, init?: RequestInit): Promise<Response> => {
      if (!current) throw new Error('it is being started');
      return await current.api(path, init);
    },
    strike: async (what: string): Promise<void> => {
      if (!current) return;
      if (what === 'stopped past its lease') {
        const { child } = current;
        child.kill('SIGSTOP');
        await Bun.sleep(HEARTBEAT_S * 3000 * dice.between(1, 3));
        child.kill('SIGCONT');
        return;
      }
      await end(what === 'killed' ? 'SIGKILL' : 'SIGTERM');
      await start();
    },
    calm: async (): Promise<void> => {
      isCalm = true;
      await end('SIGKILL');
      await start();
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      isOver = true;
      await end('SIGKILL');
    },
  };
}

/** The database, with triggers that keep what would be gone at the end. */
function openObserved(path: string): Database {
  if (!existsSync(path)) throw new Error(`${path} is not there`);
  const database = new Database(path);
  database.run('PRAGMA busy_timeout = 60000');
  database.run(`
    CREATE TABLE chaos_change (n INTEGER PRIMARY KEY, execution INTEGER, was TEXT, is_now TEXT);
    CREATE TRIGGER chaos_note AFTER UPDATE ON execution WHEN OLD.status <> NEW.status BEGIN
      INSERT INTO chaos_change (execution, was, is_now) VALUES (NEW.id, OLD.status, NEW.status); END;
    CREATE TABLE chaos_claim (execution INTEGER, attempt INTEGER, lease_ms INTEGER);
    CREATE TRIGGER chaos_claim_gone AFTER DELETE ON execution_claim BEGIN
      INSERT INTO chaos_claim VALUES (OLD.execution, OLD.attempt, OLD.lease_expires_at); END;
    CREATE TRIGGER chaos_claim_next AFTER UPDATE ON execution_claim WHEN OLD.attempt <> NEW.attempt BEGIN
      INSERT INTO chaos_claim VALUES (OLD.execution, OLD.attempt, OLD.lease_expires_at); END;
    CREATE TABLE chaos_lost_chunk (execution INTEGER);
    CREATE TRIGGER chaos_note_chunk AFTER DELETE ON execution_log BEGIN
      INSERT INTO chaos_lost_chunk VALUES (OLD.execution); END;`);
  return database;
}

function observe(
  database: Database,
  { place, confirmed }: { readonly place: TemporaryDirectory; readonly confirmed: readonly number[] },
): Observed {
  const count = (table: string): number =>
    database.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
  const chunks = database
    .query<{ execution: number; attempt: number; stream: Stream; data: Uint8Array }, []>(
      `SELECT execution, attempt, stream, data FROM execution_log WHERE stream IN ('stdout', 'stderr') ORDER BY execution, attempt, seq`,
    )
    .all();
  const streams = Map.groupBy(chunks, (one) => `${one.execution} ${one.attempt} ${one.stream}`);
  const logs = [...streams.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, text: Buffer.concat([first, ...others].map((one) => one.data)).toString() }] : [],
  );
  const logsOf = Map.groupBy(logs, (one) => one.execution);
  const executions = database
    .query<
      {
        id: number;
        ref: string;
        status: ExecutionStatus;
        attempt: number | null;
        retries: number;
        result: string | null;
      },
      []
    >('SELECT id, action_ref AS ref, status, attempt, retry_count AS retries, result FROM execution')
    .all();
  return {
    confirmed,
    executions: executions.map(({ id, ref, status, attempt, retries, result }) => {
      const { data, error } = JSON.parse(result ?? '{}') as { data?: { attempt?: number }; error?: string };
      return {
        ...{ id, action: ref.split('.')[1] ?? ref, status, attempt: attempt ?? 0, retryCount: retries },
        ...{ resultAttempt: data?.attempt, error, logs: logsOf.get(id) ?? [] },
      };
    }),
    lines: readHistory(join(place.path, 'history')),
    changes: database
      .query<{ execution: number; from: ExecutionStatus; to: ExecutionStatus }, []>(
        'SELECT execution, was AS "from", is_now AS "to" FROM chaos_change ORDER BY n',
      )
      .all(),
    endedClaims: database
      .query<{ execution: number; attempt: number; leaseUntil: number }, []>(
        'SELECT execution, attempt, lease_ms / 1000.0 AS "leaseUntil" FROM chaos_claim',
      )
      .all(),
    artifacts: database
      .query<{ execution: number; attempt: number; checksum: string }, []>(
        'SELECT execution, attempt, checksum FROM artifact_version WHERE execution IS NOT NULL',
      )
      .all()
      .map((one) => describeArtifact(join(place.path, 'artifacts'), one)),
    lostChunks: count('chaos_lost_chunk'),
    leftClaims: count('execution_claim'),
    leftOutbox: 0 /* nobody else hears its messages */,
    deafestS: 0,
  };
}
