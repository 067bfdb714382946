/** What every Store does for the API. Both adapters pass it. */
import { expect } from 'bun:test';
import type { AuditEntry } from '#domain/admin-store.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { type ExecutionId, executionId, workerId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Store } from '#domain/store.ts';
import { action, capabilities, firstWorker, pack, registrationRequest } from './samples.ts';

type Test = (title: string, body: () => Promise<void>) => void;

const DAY_MS = 86_400_000;
const everything = { statuses: undefined, actionRef: undefined, worker: undefined, before: undefined, limit: 100 };

export function controlPlaneContract(test: Test, open: () => Promise<Store>): void {
  const opened = async (): Promise<Store> => {
    const store = await open();
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), action('other')] });
    return store;
  };
  const submit = async (store: Store, actionRef = 'demo.echo'): Promise<ExecutionId> => {
    const [id] = (await store.request([{ actionRef, parameters: { who: 'me' } }])).executions;
    if (id === undefined) throw new Error('not requested');
    return id;
  };
  const chunk = (execution: ExecutionId, seq: number, text: string): LogChunk => ({
    execution,
    attempt: 1,
    stream: 'stdout',
    seq,
    offset: seq * 4,
    data: Buffer.from(text),
    at: Date.now(),
  });

  test('packs and actions are listed', async () => {
    await using store = await opened();
    expect(await store.listPacks()).toEqual([{ packRef: 'demo', label: 'Demo', version: '1.0.0', actions: 2 }]);
    expect((await store.listActions()).map((one) => one.actionRef)).toEqual(['demo.echo', 'demo.other']);
    expect(await store.listActions('none')).toEqual([]);
  });

  test('executions are listed newest first, page by page, by status, action and worker', async () => {
    await using store = await opened();
    const ids = [await submit(store), await submit(store, 'demo.other'), await submit(store)];
    const [first, second, third] = ids as [ExecutionId, ExecutionId, ExecutionId];
    await store.cancel(second, 'a test');
    const list = async (more: object): Promise<readonly ExecutionId[]> =>
      (await store.listExecutions({ ...everything, ...more })).map((one) => one.execution);
    expect(await list({})).toEqual([third, second, first]);
    expect(await list({ limit: 2 })).toEqual([third, second]);
    expect(await list({ before: second })).toEqual([first]);
    expect(await list({ statuses: ['cancelled', 'failed'] })).toEqual([second]);
    expect(await list({ actionRef: 'demo.echo', statuses: ['requested'] })).toEqual([third, first]);
    expect(await list({ worker: workerId(99) })).toEqual([]);
    expect((await store.readExecution(first))?.parameters).toEqual({ who: 'me' });
  });

  test('code comes with its execution, is scheduled by its runtime, and needs no action', async () => {
    await using store = await opened();
    const inline = { runtime: 'python', code: 'print(1)\n', options: {} };
    const [id] = (await store.request([{ actionRef: 'adhoc.python', inline, parameters: {} }])).executions;
    const outcome = await store.register(registrationRequest('w1'), 60_000);
    if (outcome.kind !== 'registered' || id === undefined) throw new Error('not registered');
    let required: unknown;
    await store.schedule({ limit: () => 10, leaseMs: 60_000 }, (requests, workers) => {
      required = requests[0]?.requirements;
      return firstWorker(requests, workers);
    });
    expect(required).toMatchObject({ runtime: 'python' });
    const list = await store.listExecutions({ ...everything, worker: outcome.worker });
    expect(list.map((one) => one.status)).toEqual(['scheduled']);
  });

  test('the same key again is the same execution, another request with it is refused', async () => {
    await using store = await opened();
    const request: ExecutionRequest = { actionRef: 'demo.echo', parameters: {} };
    const once = { owner: '1', key: 'k', requestHash: 'a' };
    const results = await Promise.all([1, 2, 3, 4].map(() => store.requestOnce(request, once)));
    expect(results.map((one) => one.kind).toSorted()).toEqual(['repeated', 'repeated', 'repeated', 'requested']);
    expect(new Set(results.map((one) => 'execution' in one && one.execution)).size).toBe(1);
    expect(await store.requestOnce(request, { ...once, requestHash: 'b' })).toEqual({ kind: 'other-request' });
    expect((await store.requestOnce(request, { ...once, owner: '2' })).kind).toBe('requested');
    const unknown = { ...request, actionRef: 'demo.none' };
    expect(await store.requestOnce(unknown, { ...once, key: 'l' })).toEqual({ kind: 'no-action' });
    expect((await store.requestOnce(request, { ...once, key: 'l' })).kind).toBe('requested');
  });

  test('a request can be read back, to repeat it', async () => {
    await using store = await opened();
    const request = {
      actionRef: 'demo.echo',
      parameters: { a: 1 },
      envVars: { B: '2' },
      timeoutSeconds: 3,
      maxRetries: 4,
      selector: { zone: 'a' },
    };
    const [id] = (await store.request([request])).executions;
    if (id === undefined) throw new Error('not requested');
    expect(await store.readRequest(id)).toEqual({ ...request, inline: undefined, original: id });
    const [again] = (await store.request([{ ...request, original: id }])).executions;
    expect((await store.readExecution(again ?? executionId(0)))?.original).toBe(id);
    expect(await store.readRequest(executionId(9999))).toBeUndefined();
  });

  test('logs: sizes, ranges of whole chunks, and many looked at in one go', async () => {
    await using store = await opened();
    const [one, two] = [await submit(store), await submit(store)];
    const error: LogChunk = { ...chunk(one, 3, 'err'), stream: 'stderr', offset: 0 };
    await store.appendLogs([chunk(one, 0, 'abcd'), chunk(one, 1, 'efgh'), chunk(one, 2, 'ij'), error]);
    expect(await store.measureLogs(one)).toEqual([
      { attempt: 1, stream: 'stderr', bytes: 3 },
      { attempt: 1, stream: 'stdout', bytes: 10 },
    ]);
    const range = async (from: number, to: number): Promise<string> => {
      const chunks = await store.readLogRange(one, { attempt: 1, stream: 'stdout', from, to }, 100);
      return chunks.map((each) => Buffer.from(each.data)).join('|');
    };
    expect([await range(0, 10), await range(5, 6), await range(4, 9), await range(10, 20)]).toEqual([
      'abcd|efgh|ij',
      'efgh',
      'efgh|ij',
      'ij',
    ]);
    const start = { attempt: 0, seq: -1 };
    const pages = await store.pollLogs(
      [
        { execution: one, attempt: 1, seq: 1 },
        { execution: two, ...start },
        { execution: executionId(9999), ...start },
      ],
      10,
    );
    expect(pages.map((each) => [each.status, each.chunks.map((part) => Buffer.from(part.data).toString())])).toEqual([
      ['requested', ['ij', 'err']],
      ['requested', []],
      [undefined, []],
    ]);
  });

  test('a cordon is put on and taken away', async () => {
    await using store = await opened();
    const outcome = await store.register(registrationRequest('w1'), 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    const { worker } = outcome;
    expect(await store.cordon(worker, { by: 'me', reason: 'repair' })).toBe(true);
    expect((await store.listWorkers(60_000))[0]).toMatchObject({ isCordoned: true, cordonReason: 'repair' });
    expect(await store.cordon(worker, undefined)).toBe(true);
    expect((await store.listWorkers(60_000))[0]).toMatchObject({ isCordoned: false, cordonReason: undefined });
    expect(await store.cordon(workerId(9999), undefined)).toBe(false);
  });

  test('tokens are found by their hash until they are revoked or expire; the first one is only ever one', async () => {
    await using store = await opened();
    const token = (hash: string, expiresAt?: number) => ({ name: 'ci', hash, scopes: ['submit' as const], expiresAt });
    const firsts = await Promise.all(['a', 'b', 'c'].map((hash) => store.saveFirstToken(token(hash))));
    expect(firsts.filter((one) => one !== undefined)).toHaveLength(1);
    const saved = await store.saveToken(token('x', Date.now() + DAY_MS));
    await store.saveToken(token('old', Date.now() - 1000));
    expect(await store.findToken('x')).toEqual({ id: saved.id, name: 'ci', scopes: ['submit'] });
    expect(saved).toMatchObject({ name: 'ci', scopes: ['submit'], revokedAt: undefined });
    expect([await store.findToken('old'), await store.findToken('none')]).toEqual([undefined, undefined]);
    expect([await store.revokeToken(saved.id), await store.revokeToken(saved.id)]).toEqual([true, false]);
    expect(await store.findToken('x')).toBeUndefined();
    expect((await store.listTokens()).find((one) => one.id === saved.id)?.revokedAt).toBeDefined();
  });

  test('the audit log is read newest first, page by page', async () => {
    await using store = await opened();
    const entry = (subject: string, at = Date.now()): AuditEntry => {
      return { at, actor: 'ada\0', token: '7', address: '127.0.0.1', action: 'POST /x', subject, status: 201 };
    };
    await store.saveAudit([entry('a'), entry('b')]);
    await store.saveAudit([{ ...entry('c'), token: undefined, address: undefined }]);
    await store.saveAudit([entry('ancient', Date.now() - 500 * DAY_MS)]);
    const newest = await store.listAudit(undefined, 3);
    expect(newest.map((one) => one.subject)).toEqual(['ancient', 'c', 'b']);
    expect(newest[1]).toMatchObject({ token: undefined, address: undefined, status: 201 });
    expect((await store.listAudit(newest[2]?.id, 10)).map((one) => one.subject)).toEqual(['a']);
    await store.keepLogs(14);
    expect((await store.listAudit(undefined, 10)).map((one) => one.subject)).toEqual(['c', 'b', 'a']);
  });

  test('keys are replaced, listed without their values, deleted', async () => {
    await using store = await opened();
    const key = { ref: 'system.a', ownerType: 'system' as const, owner: undefined, name: 'a' };
    const packKey = { ref: 'pack.demo.b', ownerType: 'pack' as const, owner: 'demo', name: 'b' };
    for (const one of [key, key, packKey]) await store.saveKey({ ...one, value: 'secret' });
    const listed = await store.listKeys();
    expect(listed.map(({ updated: _, ...rest }) => rest)).toEqual([packKey, key]);
    expect([await store.deleteKey('system.a'), await store.deleteKey('system.a')]).toEqual([true, false]);
  });

  test('figures count what there is', async () => {
    await using store = await opened();
    const id = await submit(store);
    await store.cancel(id, 'a test');
    await submit(store);
    await store.appendLogs([chunk(id, 0, 'abcd')]);
    const figures = await store.measure();
    expect(figures.executions.toSorted((a, b) => a.status.localeCompare(b.status))).toEqual([
      { status: 'cancelled', count: 1 },
      { status: 'requested', count: 1 },
    ]);
    expect(figures.unpublishedMessages).toBeGreaterThan(0);
    expect(figures).toMatchObject({ deadLetters: 0, newestRunSeconds: [] });
    expect(figures.logBytes).toBeGreaterThanOrEqual(4);
  });

  /** Begins an execution of that action, and what its worker gets. The one before is replaced. */
  let before: string | undefined;
  const claimed = async (store: Store, actionRef: string) => {
    const [id] = (await store.request([{ actionRef, parameters: {} }])).executions;
    const who = registrationRequest('runner');
    const outcome = await store.register(who, 60_000, before);
    before = who.instance;
    if (outcome.kind !== 'registered' || id === undefined) throw new Error('not registered');
    await store.schedule({ limit: () => 10, leaseMs: 60_000 }, firstWorker);
    const session = { worker: outcome.worker, instance: who.instance };
    const { claimed: all } = await store.claim(session, [{ execution: id, attempt: undefined }], 60_000);
    const [one] = all;
    if (!one) throw new Error('not claimed');
    return { session, one, fence: { ...session, execution: id, attempt: one.attempt } };
  };

  test('keys reach an execution: of the action over its pack over the system, and of the system only when asked for', async () => {
    await using store = await opened();
    const parameterSchema = { type: 'object', properties: { asked: { type: 'string', secret: true } } };
    const actions = [action('asks', { parameterSchema }), action('silent')];
    await store.savePack({ pack, runtimes: [], actions });
    const keys = [
      { ownerType: 'system', owner: undefined, name: 'asked', value: 'of the system' },
      { ownerType: 'system', owner: undefined, name: 'other', value: 'never' },
      { ownerType: 'pack', owner: 'demo', name: 'shared', value: { of: 'the pack' } },
      { ownerType: 'pack', owner: 'demo', name: 'both', value: 'of the pack' },
      { ownerType: 'action', owner: 'demo.asks', name: 'both', value: 'of the action' },
      { ownerType: 'pack', owner: 'elsewhere', name: 'foreign', value: 'never' },
    ] as const;
    for (const one of keys) await store.saveKey({ ...one, ref: `${one.ownerType}.${one.owner}.${one.name}` });
    const { one } = await claimed(store, 'demo.asks');
    expect(one.keys).toEqual({ asked: 'of the system', shared: { of: 'the pack' }, both: 'of the action' });
    expect(one.parameters).toEqual({});
    const { one: silent } = await claimed(store, 'demo.silent');
    expect(silent.keys).toEqual({ shared: { of: 'the pack' }, both: 'of the pack' });
  });

  test('what a result keeps secret is stored apart from it, and can be read again', async () => {
    await using store = await opened();
    const { fence } = await claimed(store, 'demo.echo');
    const secrets = [{ path: 'token.value', value: { a: "O'Hara \u2713" } }];
    const result = { succeeded: true, data: { token: { value: '********' } } };
    await store.settle([{ ...fence, verdict: { kind: 'final', status: 'completed', result, secrets } }]);
    expect((await store.readExecution(fence.execution))?.result).toEqual(result);
    expect(await store.readSecrets(fence.execution)).toEqual(secrets);
    expect(await store.readSecrets(executionId(999))).toEqual([]);
  });

  test('files that executions leave become versions of artifacts, with the result or not at all', async () => {
    await using store = await opened();
    const file = (name: string, fence: { execution: string }) => ({
      ...{ name, bytes: 5_000_000_000, checksum: 'c'.repeat(64), path: `${fence.execution}/1/${name}` },
    });
    const final = { kind: 'final', status: 'completed', result: { succeeded: true } } as const;
    const first = (await claimed(store, 'demo.echo')).fence;
    await store.settle([{ ...first, artifacts: [file('b/report.txt', first), file('a.txt', first)], verdict: final }]);
    const second = (await claimed(store, 'demo.echo')).fence;
    await store.settle([{ ...second, artifacts: [file('a.txt', second)], verdict: final }]);
    const late = { ...second, attempt: 7 };
    await store.settle([{ ...late, artifacts: [file('late.txt', late)], verdict: final }]);
    const everything = { execution: undefined, ref: undefined, before: undefined, limit: 10 };
    const all = await store.listArtifacts(everything);
    expect(all.map((one) => [one.ref, one.version, one.execution]).toSorted()).toEqual([
      ['demo.echo/a.txt', 1, first.execution],
      ['demo.echo/a.txt', 2, second.execution],
      ['demo.echo/b/report.txt', 1, first.execution],
    ]);
    const [newest] = all;
    if (!newest) throw new Error('none');
    expect(newest).toMatchObject({ ref: 'demo.echo/a.txt', version: 2, bytes: 5_000_000_000, actionRef: 'demo.echo' });
    expect(await store.readArtifact(newest.id)).toEqual(newest);
    expect(await store.readArtifact('9999')).toBeUndefined();
    expect(await store.listArtifacts({ ...everything, execution: first.execution })).toHaveLength(2);
    expect(await store.listArtifacts({ ...everything, ref: 'demo.echo/a.txt' })).toHaveLength(2);
    expect(await store.listArtifacts({ ...everything, before: newest.id, limit: 1 })).toHaveLength(1);
  });

  test('a pack says so when it has changed, and brings its own runtimes', async () => {
    await using store = await opened();
    const config = {
      execution_config: { env_vars: { A: '1' } },
      versions: [{ version: '3.12', execution_config: { env_vars: { A: '2' } } }],
    };
    const own = { ref: 'demo.special', name: 'special', aliases: ['py'], family: 'python', config };
    const actions = [action('echo', { runtime: { ref: own.ref, name: 'python', config } })];
    const contents = { pack, runtimes: [own], actions, checksum: 'one' };
    const { messages } = await store.savePack(contents);
    expect(messages).toMatchObject([
      {
        exchange: 'attune.events',
        routingKey: 'pack.registered',
        messageType: 'PackRegistered',
        payload: { pack_ref: 'demo', version: '1.0.0', runtime_names: ['python'] },
      },
    ]);
    expect((await store.savePack(contents)).messages).toEqual([]);
    expect((await store.savePack({ ...contents, checksum: 'two' })).messages).toHaveLength(1);
    expect(await store.findPack('demo')).toEqual({ directory: pack.directory, checksum: 'two' });
    const { one } = await claimed(store, 'demo.echo');
    expect(one.action).toMatchObject({
      runtime: 'python',
      runtimeConfig: config,
      script: { packRef: 'demo', packVersion: '1.0.0', packChecksum: 'two' },
    });
    expect((await store.listRuntimes()).find((row) => row.ref === own.ref)).toMatchObject({
      name: 'python',
      isAutoDetected: false,
      executionConfig: config.execution_config,
    });
  });

  test('the registry has the templates of the agent, and what workers found beyond them', async () => {
    await using store = await opened();
    const template = (name: string) => ({ name, aliases: [], executionConfig: { interpreter: { binary: name } } });
    await store.saveRuntimes([template('shell'), template('python')]);
    const detected_interpreters = [
      { name: 'python', path: '/usr/bin/python3', version: '3.12.1' },
      { name: 'lua', path: '/opt/lua', version: '5.4.6' },
    ];
    const who = registrationRequest('w1', {
      capabilities: capabilities({ detected_interpreters }),
      templates: [template('lua')],
    });
    const outcome = await store.register(who, 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    expect(await store.listRuntimes()).toEqual([
      { ref: 'core.lua', name: 'lua', isAutoDetected: true, executionConfig: { interpreter: { binary: '/opt/lua' } } },
      {
        ref: 'core.python',
        name: 'python',
        isAutoDetected: false,
        executionConfig: { interpreter: { binary: 'python' } },
      },
      { ref: 'core.shell', name: 'shell', isAutoDetected: true, executionConfig: { interpreter: { binary: 'shell' } } },
    ]);
    await store.saveRuntimes([template('python')]);
    await store.deregister({ worker: outcome.worker, instance: who.instance });
    const { one } = await claimed(store, 'demo.echo');
    expect(one.action?.runtimeConfig).toBeUndefined();
  });

  test('what code that came along says about itself reaches its worker', async () => {
    await using store = await opened();
    const options = {
      runtime_version: '>=3.9',
      parameter_delivery: 'file',
      parameter_format: 'yaml',
      output_format: 'jsonl',
    } as const;
    const inline = { runtime: 'python', code: 'print(1)', options };
    const [id] = (await store.request([{ actionRef: 'adhoc.python', inline, parameters: {} }])).executions;
    if (id === undefined) throw new Error('not requested');
    expect(await store.readExecution(id)).toMatchObject({ isAdhoc: true });
    expect((await store.readRequest(id))?.inline).toEqual(inline);
    const who = registrationRequest('w1');
    const outcome = await store.register(who, 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    let constraint: unknown;
    await store.schedule({ limit: () => 10, leaseMs: 60_000 }, (requests, workers) => {
      const needs = requests[0]?.requirements;
      constraint = needs && 'versionConstraint' in needs ? needs.versionConstraint : needs;
      return firstWorker(requests, workers);
    });
    expect(constraint).toBe('>=3.9');
    const session = { worker: outcome.worker, instance: who.instance };
    const { claimed: all } = await store.claim(session, [{ execution: id, attempt: undefined }], 60_000);
    expect(all[0]?.action).toMatchObject({
      versionConstraint: '>=3.9',
      parameterDelivery: 'file',
      parameterFormat: 'yaml',
      outputFormat: 'jsonl',
    });
  });

  test('environments are listed as they fare, and outdated by the next of their pack', async () => {
    await using store = await opened();
    const who = registrationRequest('builder');
    const outcome = await store.register(who, 60_000);
    if (outcome.kind !== 'registered') throw new Error('not registered');
    const session = { worker: outcome.worker, instance: who.instance };
    const identity = (hash: string) => ({
      key: `v/demo/python-3.12-${hash}`,
      packRef: 'demo',
      runtime: 'python',
      checksum: hash,
    });
    const statuses = async () =>
      Object.fromEntries((await store.listEnvironments()).map((one) => [one.key.slice(-2), one.status]));
    for (const hash of ['a1', 'b2', 'c3']) await store.beginEnvironment(session, identity(hash), 60_000);
    expect((await store.listEnvironments())[0]).toMatchObject({
      packRef: 'demo',
      runtimeRef: 'core.python',
      worker: 'builder',
    });
    await store.endEnvironment(session, 'v/demo/python-3.12-a1', { kind: 'ready' });
    await store.endEnvironment(session, 'v/demo/python-3.12-b2', { kind: 'failed', error: 'why' });
    expect(await statuses()).toEqual({ a1: 'ready', b2: 'failed', c3: 'installing' });
    await store.endEnvironment(session, 'v/demo/python-3.12-c3', { kind: 'ready' });
    expect(await statuses()).toEqual({ a1: 'outdated', b2: 'failed', c3: 'ready' });
    expect((await store.listEnvironments()).find((one) => one.status === 'failed')?.installError).toBe('why');
    await store.savePack({ pack, runtimes: [], actions: [action('echo')], checksum: 'changed' });
    expect(await store.beginEnvironment(session, identity('b2'), 60_000)).toEqual({ kind: 'mine' });
    expect(await store.beginEnvironment(session, { ...identity('d4'), packRef: 'absent' }, 60_000)).toMatchObject({
      kind: 'failed',
    });
  });
}
