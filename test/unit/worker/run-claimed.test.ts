import { afterAll, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifactDirectory } from '#adapters/artifacts/directory.ts';
import { openSharedVolume } from '#adapters/artifacts/shared-volume.ts';
import { whenAborted } from '#domain/abort.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/claimed-execution.ts';
import { executionId } from '#domain/ids.ts';
import { failure, success } from '#domain/result.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { KEPT_BYTES } from '#execution/process/capture.ts';
import { openDirectory } from '#execution/process/open-directory.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { packWorkHere } from '#packs/pack-work.ts';
import { bothStreams, recorder } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import type { ExecutionSettings } from '#worker/execution-settings.ts';
import { type ClaimedEnd, runClaimed } from '#worker/run-claimed.ts';
import type { Stages } from '#worker/trace-attempt.ts';
import { action, joined } from './samples.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const env = { PATH: '/usr/bin:/bin', ATTUNE_WORK_DIR: join(directory.path, 'work') };
directory.file('work/.keep', '');
const workPlace = findWorkPlace(env, { work_dir: env.ATTUNE_WORK_DIR });
if (!workPlace.ok) throw new Error(workPlace.error);

const sh = {
  family: 'shell',
  path: '/bin/sh',
  realPath: '/bin/sh',
  version: undefined,
  problem: undefined,
  probeMs: 0,
};
const settings: ExecutionSettings = {
  host: { env, workPlace: workPlace.value },
  interpreters: [sh],
  packs: {
    directories: [join(directory.path, 'packs')],
    load: packWorkHere.loadPacks,
    cache: undefined,
    takesInline: true,
  },
  limits: { timeoutMs: 60_000, graceMs: 100, logLimitBytes: bothStreams(1024 * 1024) },
  artifacts: {
    storage: openArtifactDirectory(join(directory.path, 'artifacts'), openDirectory),
    limits: { files: 10, bytes: 100 },
  },
  masker: createMasker(['secret-of-the-agent']),
  apiUrl: 'http://api',
  joined: { apiUrl: 'http://joined', tokenSecret: 'jwt secret', clock: { now: () => 1_000_000 }, volume: undefined },
};

const execution: Omit<ClaimedExecution, 'action'> = {
  execution: executionId(7),
  attempt: 2,
  actionRef: 'demo.act',
  parameters: {},
  keys: {},
  keysProblem: undefined,
  envVars: {},
  timeoutSeconds: undefined,
  retryCount: 0,
  maxRetries: undefined,
  origin: undefined,
};

type Prepare = PackEnvironments['prepare'];
const asItIs: Prepare = async ({ interpreter }) =>
  success({ interpreter: interpreter.path, command: undefined, variables: {}, [Symbol.dispose]: () => {} });

type Leases = Parameters<typeof runClaimed>[1]['leases'];
const sure: Leases = { untilSure: async () => {} };

const untraced: Stages = { during: async (_, work) => await work(undefined) };

interface World {
  readonly action?: Partial<ClaimedAction> | undefined;
  readonly claimed?: Partial<ClaimedExecution>;
  readonly settings?: Partial<ExecutionSettings>;
  readonly prepare?: Prepare;
  readonly cancel?: AbortSignal;
  readonly leases?: Leases;
  readonly stages?: Stages;
}

async function run(world: World): Promise<{ readonly end: ClaimedEnd; readonly log: ReturnType<typeof recorder> }> {
  const log = recorder();
  const end = await runClaimed(
    { ...execution, action: { ...action, ...world.action }, ...world.claimed },
    {
      settings: { ...settings, ...world.settings },
      environments: { prepare: world.prepare ?? asItIs, prune: async () => [] },
      places: { retry: (work) => work() },
      leases: world.leases ?? sure,
      checkWrapper: async () => undefined,
      sink: log,
      signals: { cancel: world.cancel ?? new AbortController().signal },
      stages: world.stages ?? untraced,
    },
  );
  return { end, log };
}

test('its environment and its run are stages, and the program learns to which span it belongs, whatever the request says', async () => {
  const stages: string[] = [];
  const traced: Stages = {
    during: async (stage, work) => {
      stages.push(stage);
      return await work(`trace of ${stage}`);
    },
  };
  const action = { script: { code: 'echo "$TRACEPARENT"' } };
  const claimed = { envVars: { TRACEPARENT: 'mine' } };
  const { log } = await run({ action, claimed, stages: traced });
  expect(stages).toEqual(['environment', 'run']);
  expect(log.text('stdout')).toBe('trace of run\n');
});

const packScript = { packRef: 'demo', entryPoint: 'act.sh', packVersion: '1.0.0', packChecksum: undefined };
directory.file('packs/demo/actions/act.sh', 'pwd; echo "$FROM_ENVIRONMENT" >&2; exit 3');

test('code that comes with the claim runs with keys, parameters and the contract, and its output is the data', async () => {
  const code =
    'read -r line; printf \'{"in":%s,"id":"%s","api":"%s","own":"%s"}\' "$line" "$ATTUNE_EXEC_ID" "$ATTUNE_API_URL" "$A"';
  const { end } = await run({
    action: { script: { code } },
    claimed: { keys: { k: 'key-value' }, parameters: { p: 1 }, envVars: { A: 'mine', ATTUNE_EXEC_ID: 'forged' } },
  });
  expect(end.outcome).toEqual({ kind: 'completed' });
  expect(end.result.data).toEqual({ in: { k: '***', p: 1 }, id: '7', api: 'http://api', own: 'mine' });
  expect(readdirSync(workPlace.value.executions)).toEqual([]);
});

test('a script of a pack runs in its directory and its environment, which is free again afterwards', async () => {
  const asked: string[] = [];
  let isReleased = false;
  const { end, log } = await run({
    action: { script: packScript },
    prepare: async ({ pack, file }) => {
      asked.push(`${pack.ref} ${pack.version} ${file}`);
      return success({
        interpreter: '/bin/sh',
        command: undefined,
        variables: { FROM_ENVIRONMENT: 'yes' },
        [Symbol.dispose]: () => {
          isReleased = true;
        },
      });
    },
  });
  const pack = join(directory.path, 'packs/demo');
  expect(asked).toEqual([`demo 1.0.0 ${pack}/actions/act.sh`]);
  expect([log.text('stdout'), log.text('stderr')]).toEqual([`${pack}\n`, 'yes\n']);
  expect(end.outcome).toEqual({ kind: 'failed', exitCode: 3 });
  expect(isReleased).toBe(true);
});

const obstacles: readonly (readonly [what: string, world: World, reason: RegExp])[] = [
  ['an action that is gone', { claimed: { action: undefined } }, /^its action demo.act does not exist any more$/],
  ['keys that cannot be had', { claimed: { keysProblem: 'no encryption key' } }, /^no encryption key$/],
  [
    'a pack that is not here',
    { action: { script: { ...packScript, packRef: 'none' } } },
    /^pack none is not on this worker/,
  ],
  [
    'a path out of its pack',
    { action: { script: { ...packScript, entryPoint: '../../x' } } },
    /leads out of pack demo$/,
  ],
  [
    'a script that is not there',
    { action: { script: { ...packScript, entryPoint: 'x.sh' } } },
    /x\.sh does not exist$/,
  ],
  ['a runtime that nobody knows', { action: { runtime: 'cobol' } }, /^'cobol' is no runtime the agent knows$/],
  [
    'an environment that cannot be built',
    { action: { script: packScript }, prepare: async () => failure({ kind: 'failed', message: 'pip failed' }) },
    /^pip failed$/,
  ],
];
for (const [what, world, reason] of obstacles)
  test(`${what} is a clear end that never began`, async () => {
    const { end, log } = await run(world);
    expect(end).toMatchObject({
      outcome: { kind: 'not-started', reason: expect.stringMatching(reason) },
      result: { succeeded: false, error: expect.stringMatching(/^not started: /), duration_ms: 0 },
      artifacts: [],
      secrets: [],
    });
    expect([log.text('stdout'), log.text('stderr')]).toEqual(['', '']);
  });

test('a cancel ends it before its environment is ready as it does while it runs', async () => {
  const early = await run({
    action: { script: packScript },
    prepare: async () => failure({ kind: 'cancelled' }),
  });
  expect(early.end).toMatchObject({ outcome: { kind: 'cancelled' }, result: { cancelled: true, error: 'cancelled' } });
  const late = await run({ action: { script: { code: 'sleep 60' } }, cancel: AbortSignal.timeout(50) });
  expect(late.end).toMatchObject({ outcome: { kind: 'cancelled' }, result: { cancelled: true, error: 'cancelled' } });
});

test('the time limit is that of the execution, else of its action, else of the worker', async () => {
  const code = { script: { code: 'sleep 60' } };
  const timeoutOf = async (world: World): Promise<unknown> => (await run(world)).end.outcome;
  expect(await timeoutOf({ action: { ...code, timeoutSeconds: 60 }, claimed: { timeoutSeconds: 0.05 } })).toEqual({
    kind: 'timed-out',
    timeoutMs: 50,
  });
  expect(await timeoutOf({ action: { ...code, timeoutSeconds: 0.06 } })).toEqual({ kind: 'timed-out', timeoutMs: 60 });
  const limits = { ...settings.limits, timeoutMs: 70 };
  expect(await timeoutOf({ action: code, settings: { limits } })).toEqual({ kind: 'timed-out', timeoutMs: 70 });
});

test('neither output nor result shows keys, secret parameters, the token, or what is the agent’s own', async () => {
  const code = 'cat; echo; echo "$ATTUNE_API_TOKEN secret-of-the-agent" >&2; exit 1';
  const { end, log } = await run({
    action: { script: { code }, parameterSchema: { password: { type: 'string', secret: true } } },
    claimed: { keys: { key: 'key-value' }, parameters: { password: 'hunter22', p: 'plain' }, apiToken: 'att_token' },
  });
  expect(log.text('stdout').trim()).toBe('{"key":"***","password":"***","p":"plain"}');
  expect(log.text('stderr')).toBe('*** ***\n');
  expect(end.result).toMatchObject({ error: 'exit code 1: *** ***', stderr: '*** ***\n' });
});

test('a secret result is taken out of the data, and neither the log nor the text of the result has it', async () => {
  const code = 'echo begins >&2; printf \'{"token":"made-up-1","name":"x"}\'';
  const { end, log } = await run({ action: { script: { code }, outputSchema: { token: { secret: true } } } });
  expect(end.secrets).toEqual([{ path: 'token', value: 'made-up-1' }]);
  expect(end.result.data).toEqual({ token: '********', name: 'x' });
  expect(end.result.stdout).toBeUndefined();
  expect([log.text('stdout'), log.text('stderr')]).toEqual(['{"token":"***","name":"x"}', 'begins\n']);
});

test('what is held back for secret results has a bound, behind which the result is found all the same', async () => {
  const code = 'head -c 3000000 /dev/zero; echo; printf \'{"token":"made-up-1"}\'';
  const { end, log } = await run({
    action: { script: { code }, outputSchema: { token: { secret: true } } },
    settings: { limits: { ...settings.limits, logLimitBytes: bothStreams(10_000_000) } },
  });
  expect(end.secrets).toEqual([{ path: 'token', value: 'made-up-1' }]);
  expect(log.text('stdout')).toBe(
    `${'\0'.repeat(KEPT_BYTES)}\n[attune: stdout cut here, at its limit of ${KEPT_BYTES} bytes]\n`,
  );
});

test('more secrets than can be masked start nothing, and more secret results show no stdout', async () => {
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [index, `secret number ${index}`]));
  const said = '501 secret texts: at most 500 can be masked';
  const refused = await run({ action: { script: { code: 'echo begins' } }, claimed: { keys: many } });
  expect(refused.end.outcome).toEqual({ kind: 'not-started', reason: `it has ${said}` });
  expect(refused.log.text('stdout')).toBe('');
  const shown = await run({
    action: { script: { code: `echo '${JSON.stringify({ all: many })}'` }, outputSchema: { all: { secret: true } } },
  });
  expect(shown.end.result.data).toEqual({ all: '********' });
  expect(shown.log.text('stdout')).toBe(`[attune: not shown: ${said}]\n`);
});

test('files that it leaves are stored within the limits, and what is not stored is said in log and result', async () => {
  const code =
    'cd "$ATTUNE_ARTIFACTS_DIR"; echo small > a.txt; mkdir d; echo deep > d/b.txt; printf "%0200d" 1 > c.txt';
  const { end, log } = await run({ action: { script: { code } } });
  expect(end.artifacts.map(({ name, bytes, path }) => [name, bytes, path])).toEqual([
    ['a.txt', 6, '7/2/a.txt'],
    ['d/b.txt', 5, '7/2/d/b.txt'],
  ]);
  expect(readFileSync(join(directory.path, 'artifacts/7/2/d/b.txt'), 'utf8')).toBe('deep\n');
  const problem = 'artifact c.txt was not stored: 100 bytes are kept (artifacts.max_bytes)';
  expect(end.result.artifact_errors).toEqual([problem]);
  expect(end.result.artifacts?.map((one) => one.name)).toEqual(['a.txt', 'd/b.txt']);
  expect(log.text('stderr')).toBe(`[attune] ${problem}\n`);
});

test('an action that removes its artifacts directory has an end all the same', async () => {
  const { end } = await run({ action: { script: { code: 'rm -r "$ATTUNE_ARTIFACTS_DIR"' } } });
  expect(end.outcome).toEqual({ kind: 'completed' });
  expect(end.result.artifact_errors).toEqual([
    expect.stringContaining('artifacts cannot be listed: no such file or directory'),
  ]);
});

test('nothing starts while nobody knows whether the lease still lasts, and never when it was lost', async () => {
  const made = join(directory.path, 'started');
  const lost = new AbortController();
  const { end } = await run({
    action: { script: { code: `touch ${made}` } },
    cancel: lost.signal,
    leases: {
      untilSure: async ({ attempt }, stop) => {
        expect([attempt, existsSync(made)]).toEqual([2, false]);
        lost.abort();
        await whenAborted(stop);
      },
    },
  });
  expect(end.outcome).toEqual({ kind: 'cancelled' });
  expect(existsSync(made)).toBe(false);
});

test('the work directory is gone before what was held back is shown', async () => {
  const code = 'printf \'{"dir":"%s","token":"made-up-1"}\' "$TMPDIR"';
  const seen: boolean[] = [];
  await runClaimed(
    { ...execution, action: { ...action, script: { code }, outputSchema: { token: { secret: true } } } },
    {
      settings,
      environments: { prepare: asItIs, prune: async () => [] },
      places: { retry: (work) => work() },
      leases: sure,
      checkWrapper: async () => undefined,
      sink: {
        write: (_, bytes) => {
          const [, path = ''] = /"dir":"([^"]+)"/.exec(Buffer.from(bytes).toString()) ?? [];
          if (path !== '') seen.push(existsSync(path));
        },
      },
      signals: { cancel: new AbortController().signal },
      stages: untraced,
    },
  );
  expect(seen).toEqual([false]);
});

const shared = temporaryDirectory();
afterAll(() => shared[Symbol.dispose]());
const volume = openSharedVolume(shared.path);

test("an execution of Attune's Rust control plane gets its variables, its token, its keys and its directory", async () => {
  const code =
    'cat; env | grep ^ATTUNE_ | sort; echo "$ATTUNE_API_TOKEN" >token; echo file >"$ATTUNE_ARTIFACTS_DIR/made"';
  const { end, log } = await run({
    action: { script: { code } },
    claimed: {
      joined: { ...joined, secrets: ['restored secret'], notes: ['runs without a key: why'] },
      parameters: { who: 'parameter', password: 'restored secret', context: { user: 'ada' } },
      keys: { who: 'from the key' },
      envVars: { ATTUNE_RULE: 'a lie', OWN: '1' },
    },
    settings: { joined: { ...settings.joined, volume } },
  });
  expect(end.outcome).toEqual({ kind: 'completed' });
  const text = log.text('stdout');
  expect(text).toStartWith('{"who":"***","password":"***","context":{"user":"ada"}}\n');
  expect(log.text('stderr')).toBe('[attune] runs without a key: why\n');
  expect(text).toContain('ATTUNE_API_TOKEN=***\n');
  expect(text).toContain('ATTUNE_API_URL=http://joined\n');
  expect(text).toContain(`ATTUNE_ARTIFACTS_DIR=${shared.path}\n`);
  expect(text).toContain('ATTUNE_CONTEXT_USER=ada\n');
  expect(text).toContain('ATTUNE_RULE=demo.on_push\nATTUNE_RUNTIME_ENVS_DIR=');
  expect(text).toContain('ATTUNE_TRIGGER=core.webhook\n');
  expect(end.artifacts).toEqual([]);
  expect(readFileSync(join(shared.path, 'made'), 'utf8')).toBe('file\n');
});

test("secret results of Attune's Rust control plane are markers, and their paths are pointers into the result", async () => {
  const output = { user: 'u', 'a/b': { token: 'secret-token' } };
  const { end, log } = await run({
    action: {
      script: { code: `echo '${JSON.stringify(output)}'` },
      outputSchema: { 'a/b': { properties: { token: { secret: true } } } },
    },
    claimed: { joined },
  });
  expect(end.secrets).toEqual([{ path: '/data/a~1b/token', value: 'secret-token' }]);
  const marker = { $attune_secret: true, redacted: true };
  expect(end.result).toMatchObject({ succeeded: true, data: { user: 'u', 'a/b': { token: marker } } });
  expect(log.text('stdout')).not.toContain('secret-token');
});

test("logs of Attune's Rust control plane are cut below the limit, with its line", async () => {
  const { end, log } = await run({
    action: { script: { code: 'head -c 1000 /dev/zero | tr "\\0" x; echo why >&2; exit 3' }, outputFormat: 'text' },
    claimed: { joined },
    settings: {
      limits: { ...settings.limits, logLimitBytes: bothStreams(500) },
      joined: { ...settings.joined, volume },
    },
  });
  expect(log.text('stdout')).toBe(`${'x'.repeat(372)}\n\n[OUTPUT TRUNCATED: stdout exceeded size limit]\n`);
  expect(end.result).toMatchObject({
    succeeded: false,
    exit_code: 3,
    error: 'why',
    stdout_truncated: true,
    stdout_bytes_truncated: 628,
    stderr_log: `${shared.path}/execution_7/stderr.log`,
  });
});

test("what keeps an execution of Attune's Rust control plane from starting is said in its words", async () => {
  const { end } = await run({ claimed: { joined, keysProblem: 'its parameter /a was replaced by a marker' } });
  expect(end.outcome.kind).toBe('not-started');
  expect(end.result.error).toBe('Failed to prepare execution context: its parameter /a was replaced by a marker');
});
