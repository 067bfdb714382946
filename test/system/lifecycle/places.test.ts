/** The static file as a worker whose directories break and are mended: work is handed back, and never fails for it. */
import { afterAll, beforeAll, beforeEach, expect } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { breakages, fill } from '#test/support/broken-places.ts';
import { type Call, call } from '#test/support/call.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { withMounts } from '#test/support/namespace.ts';
import { rootTest } from '#test/support/root-test.ts';
import { standalone } from '#test/support/standalone.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const DEADLINE_MS = 90_000;
const TEST_MS = 300_000;

const place = temporaryDirectory();
let cluster: Cluster;
let database: TcpProxy;

const actions = {
  echo: { script: 'echo fine' },
  talk: {
    yaml: 'parameter_format: dotenv\n',
    script: 'eval "$(cat)"; echo $$ >"$at/pid"; while [ ! -e "$at/go" ]; do sleep 0.1; done; seq 20000; echo said all',
  },
};

beforeAll(async () => {
  cluster = await startCluster({
    actions,
    through: async (url) => {
      const target = new URL(url);
      if (target.protocol !== 'postgres:') return url;
      database = await startProxy(Number(target.port));
      target.port = String(database.port);
      return target.href;
    },
  });
  cluster.startServer();
  await cluster.answers();
}, TEST_MS);

beforeEach(async () => {
  const alive = (): Promise<readonly unknown[]> =>
    cluster.sql`SELECT 1 FROM worker WHERE status = 'active' AND last_heartbeat > now() - interval '1.6 seconds'`;
  await until('no worker is left', async () => (await alive()).length === 0, DEADLINE_MS);
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
  place[Symbol.dispose]();
});

interface Health {
  readonly ready: boolean;
  readonly words: readonly string[];
}

/** A worker with a small file system of its own. */
function startWorker(name: string, mount: string, env: Readonly<Record<string, string>>): AgentProcess {
  mkdirSync(join(mount, 'place'), { recursive: true });
  const script = `mount -t tmpfs -o size=4m,nr_inodes=400 tmpfs ${mount}; mkdir ${mount}/place`;
  return cluster.startWorker(name, env, (args) => withMounts(script, [agentFile, ...args]));
}

function askHealth(worker: AgentProcess, name: string, ...more: readonly string[]): Call {
  const probe = [agentFile, 'health', '--name', name, '--format', 'json', ...more];
  const env = { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: join(place.path, name, 'place') };
  return call(['nsenter', '-t', String(worker.pid), '-m', ...probe], { env });
}

function healthOf(worker: AgentProcess, name: string): Health {
  const { stdout } = askHealth(worker, name);
  return stdout === '' ? { ready: false, words: [] } : (JSON.parse(stdout) as Health);
}

interface WorkerView {
  readonly name: string;
  readonly paused: string | null;
}

async function pausedFor(name: string): Promise<string | null | undefined> {
  const { workers } = (await (await cluster.api('workers')).json()) as { readonly workers: readonly WorkerView[] };
  return workers.find((one) => one.name === name)?.paused;
}

async function metricsText(): Promise<string> {
  const answer = await fetch(`${cluster.url}/metrics`, { headers: { authorization: `Bearer ${cluster.token}` } });
  return await answer.text();
}

for (const [word, breakable] of Object.entries(breakages))
  rootTest(
    `a worker whose work directory is ${word} hands back what it has, says why in a word, and goes on when it is good again`,
    async () => {
      const name = `w-${word}`;
      const mount = join(place.path, name);
      const directory = join(mount, 'place');
      await using worker = startWorker(name, mount, { ATTUNE_WORK_DIR: directory });
      await until('it is ready', () => healthOf(worker, name).ready, DEADLINE_MS);
      await cluster.reaches(await cluster.submit('echo'), 'completed');

      const broken = breakable(worker.pid, { mount, directory });
      broken.break();
      /* Before it has noticed: these it may claim, and must hand back. */
      const early = await Promise.all(Array.from({ length: 10 }, () => cluster.submit('echo')));
      await until(`its health says ${word}`, () => healthOf(worker, name).words.includes(word), DEADLINE_MS);
      expect(askHealth(worker, name).exitCode).toBe(1);
      expect(askHealth(worker, name, '--alive').exitCode).toBe(0);
      await until(
        'the API says so',
        async () => (await pausedFor(name))?.startsWith(`${word}: `) ?? false,
        DEADLINE_MS,
      );
      const metric = `attune_worker_paused{worker="${name}",trouble="${word}"} 1`;
      await until('the metrics say so', async () => (await metricsText()).includes(metric), DEADLINE_MS);
      const late = await cluster.submit('echo');
      for (const id of [...early, late]) await cluster.reaches(id, 'requested', 'scheduled', 'completed');
      const isBack = async (): Promise<boolean> =>
        (await cluster.sql`SELECT 1 FROM execution WHERE status IN ('scheduled', 'running')`).length === 0;
      await until('nothing is left with it', isBack, DEADLINE_MS);
      const doctor = call(
        ['nsenter', '-t', String(worker.pid), '-m', agentFile, 'doctor', '--only', 'places,work directory'],
        { env: { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: directory } },
      );
      expect([doctor.exitCode, doctor.stdout]).toEqual([1, expect.stringMatching(/FAIL/)]);

      broken.mend();
      await until('it is ready again', () => healthOf(worker, name).ready, DEADLINE_MS);
      for (const id of [...early, late]) {
        const ended = await cluster.reaches(id, 'completed', 'failed');
        expect([ended.status, ended.retry_count]).toEqual(['completed', 0]);
      }
      expect(await pausedFor(name)).toBeNull();
    },
    TEST_MS,
  );

rootTest(
  'while one worker cannot write, another does the work',
  async () => {
    const mount = join(place.path, 'broken');
    const directory = join(mount, 'place');
    await using broken = startWorker('broken', mount, { ATTUNE_WORK_DIR: directory });
    await until('it is ready', () => healthOf(broken, 'broken').ready, DEADLINE_MS);
    breakages['read-only']?.(broken.pid, { mount, directory }).break();
    const ids = await Promise.all(Array.from({ length: 10 }, () => cluster.submit('echo')));
    await using sound = cluster.startWorker('sound');
    for (const id of ids) {
      const ended = await cluster.reaches(id, 'completed', 'failed');
      expect([ended.status, ended.retry_count]).toEqual(['completed', 0]);
    }
    expect(sound.said()).toContain('registered');
  },
  TEST_MS,
);

rootTest(
  'a spool that is full is named, and gets what it lacks when there is room, before the database is back',
  async () => {
    const mount = join(place.path, 'spooling');
    const directory = join(mount, 'place');
    const at = join(place.path, 'signs');
    mkdirSync(at);
    const spooling = { ATTUNE__WORKER__SPOOL_DIR: directory };
    await using worker = startWorker('spooling', mount, spooling);
    await until('it is ready', () => healthOf(worker, 'spooling').ready, DEADLINE_MS);
    const id = await cluster.submit('talk', { at });
    const pid = await pidFrom(join(at, 'pid'));
    const outside = `/proc/${worker.pid}/root${directory}`;
    fill(join(outside, 'filler'));
    await until('its health says full', () => healthOf(worker, 'spooling').words.includes('full'), DEADLINE_MS);
    database.mute();
    database.cut();
    await until('the loss is noticed', () => healthOf(worker, 'spooling').words.includes('database'), DEADLINE_MS);
    writeFileSync(join(at, 'go'), '');
    await until('the action has ended', () => !isAlive(pid), DEADLINE_MS);
    await until('the spool was tried', () => worker.said().includes('spool not written'), DEADLINE_MS);
    rmSync(join(outside, 'filler'));
    const spooled = (): string =>
      readdirSync(outside)
        .filter((file) => file.endsWith('.jsonl'))
        .map((file) => readFileSync(join(outside, file), 'utf8'))
        .join('');
    await until('the result is in the spool', () => spooled().includes('"settlement"'), DEADLINE_MS);
    const kept = join(place.path, 'kept');
    mkdirSync(kept);
    writeFileSync(join(kept, 'first.spool.jsonl'), spooled());
    worker.signal('SIGKILL');
    await worker.ended;
    database.unmute();
    await using _ = cluster.startWorker('spooling', { ATTUNE__WORKER__SPOOL_DIR: kept });
    expect((await cluster.reaches(id, 'completed', 'failed', 'abandoned')).status).toBe('completed');
    const log = await (await cluster.api(`executions/${id}/logs/stdout`)).text();
    expect(log.length).toBe(108_894 + 'said all\n'.length);
    expect(log.endsWith('said all\n')).toBe(true);
  },
  TEST_MS,
);

rootTest(
  'artifacts that do not fit wait for room, and what the action did is not lost',
  async () => {
    using directory = temporaryDirectory();
    const at = directory.path;
    const kept = join(at, 'artifacts');
    mkdirSync(kept);
    directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
    directory.file('packs/mine/actions/leave.yaml', 'entry_point: leave.sh\n');
    directory.file(
      'packs/mine/actions/leave.sh',
      `echo $$ >${at}/pid; echo ran >>${at}/ran; while [ ! -e ${at}/go ]; do sleep 0.1; done
       head -c 1000000 /dev/urandom >"$ATTUNE_ARTIFACTS_DIR/random"; sha256sum <"$ATTUNE_ARTIFACTS_DIR/random"`,
    );
    const env = { ATTUNE_PACKS_DIR: join(at, 'packs'), ATTUNE__ARTIFACTS__DIRECTORY: kept };
    const wrap = (args: readonly string[]): readonly string[] =>
      withMounts(`mount -t tmpfs -o size=2m tmpfs ${kept}`, [agentFile, ...args]);
    await using whole = await standalone(join(at, 'data'), env, { wrap });
    const outside = `/proc/${whole.child.pid}/root${kept}`;
    const request = { method: 'POST', body: JSON.stringify({ action_ref: 'mine.leave', parameters: {} }) };
    const { id } = (await (await whole.api('executions', request)).json()) as { readonly id: number };
    const pid = await pidFrom(join(at, 'pid'));
    fill(join(outside, 'filler'));
    const words = async (): Promise<readonly string[]> =>
      ((await (await fetch(`${whole.url}/readyz`)).json()) as { readonly words: readonly string[] }).words;
    await until('it says so', async () => (await words()).includes('full'), DEADLINE_MS);
    writeFileSync(join(at, 'go'), '');
    await until('the action has ended', () => !isAlive(pid), DEADLINE_MS);
    const read = async (): Promise<{ readonly status: string; readonly result: Record<string, unknown> | null }> =>
      (await (await whole.api(`executions/${id}`)).json()) as never;
    expect((await read()).status).toBe('running');
    rmSync(join(outside, 'filler'));
    await until('it has ended', async () => (await read()).status === 'completed', DEADLINE_MS);
    await until('it is ready', async () => (await words()).length === 0, DEADLINE_MS);
    const stored = readFileSync(join(outside, String(id), '1', 'random'));
    const { stdout } = (await read()).result ?? {};
    expect(String(stdout)).toStartWith(createHash('sha256').update(stored).digest('hex'));
    expect(readFileSync(join(at, 'ran'), 'utf8')).toBe('ran\n');
  },
  TEST_MS,
);
