import { expect } from 'bun:test';
import type { AuditEntry } from '#domain/admin-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { RETAINED, type RetentionLimit } from '#domain/retention-store.ts';
import type { Store } from '#domain/store.ts';
import { DAY_MS, type StoreContract, startOnRunner, submit } from './fixtures.ts';

const none: RetentionLimit = { days: undefined, count: undefined };
const newest = (count: number): RetentionLimit => ({ days: undefined, count });
const youngerThan = (days: number): RetentionLimit => ({ days, count: undefined });

const those = async (store: Store, executions: readonly ExecutionId[]): Promise<readonly boolean[]> =>
  await Promise.all(executions.map(async (one) => (await store.readExecution(one)) !== undefined));

/** Executions of which all have ended but the second. */
async function someEnded(store: Store): Promise<readonly ExecutionId[]> {
  const executions = await submit(store, 'demo.echo', 5);
  for (const [n, one] of executions.entries()) if (n !== 1) await store.cancel(one, 'me');
  return executions;
}

/** What every store promises about what is removed when it is old or too much. */
export function retentionContract({ test, open }: StoreContract): void {
  test('nothing is removed without a limit, nor what is younger and among the newest', async () => {
    await using store = await open();
    const executions = await someEnded(store);
    for (const what of RETAINED)
      for (const limit of [none, newest(5), youngerThan(1)]) expect(await store.prune(what, limit, 100)).toBe(0);
    expect(await those(store, executions)).toEqual([true, true, true, true, true]);
  });

  test('of too many executions the oldest go that have ended, in batches', async () => {
    await using store = await open();
    const executions = await someEnded(store);
    expect(await store.prune('executions', newest(2), 1)).toBe(1);
    expect(await those(store, executions)).toEqual([false, true, true, true, true]);
    expect(await store.prune('executions', newest(2), 100)).toBe(1);
    expect(await store.prune('executions', newest(2), 100)).toBe(0);
    expect(await those(store, executions)).toEqual([false, true, false, true, true]);
  });

  test('results leave their executions, which stay', async () => {
    await using store = await open();
    const executions = await someEnded(store);
    expect(await store.prune('results', newest(3), 100)).toBe(1);
    expect(await store.prune('results', newest(3), 100)).toBe(0);
    const views = await Promise.all(executions.map(store.readExecution));
    expect(views.map((one) => [one?.status, one?.result !== undefined && one.result !== null])).toEqual([
      ['cancelled', false],
      ['requested', false],
      ...Array.from({ length: 3 }, () => ['cancelled', true]),
    ] as never);
    /* A list does not say which of them have a result. */
    const ended = { statuses: ['cancelled'], actionRef: undefined, worker: undefined, before: undefined } as const;
    const list = await store.listExecutions({ ...ended, limit: 4 });
    const [oldest, , ...younger] = executions;
    expect(list.executions.map((one) => one.execution)).toEqual([...younger.toReversed(), ...(oldest ? [oldest] : [])]);
  });

  test('old and too many audit entries and dead letters go', async () => {
    await using store = await open();
    const entry = (subject: string, days: number): AuditEntry => ({
      ...{ at: Date.now() - days * DAY_MS, actor: 'ada', token: undefined, address: undefined },
      ...{ action: 'POST /x', subject, status: 201 },
    });
    await store.saveAudit([entry('old', 50), entry('a', 3), entry('b', 2), entry('c', 1)]);
    expect(await store.prune('audit', youngerThan(10), 100)).toBe(1);
    expect(await store.prune('audit', newest(2), 100)).toBe(1);
    expect((await store.listAudit({}, 10)).map((one) => one.subject)).toEqual(['c', 'b']);
    const letter = { queue: 'q', exchange: '', routingKey: 'k', reason: 'no JSON', body: new Uint8Array([0]) };
    for (let n = 0; n < 3; n++) await store.saveDeadLetter(letter);
    expect(await store.prune('dead-letters', newest(1), 100)).toBe(2);
    expect((await store.measure()).deadLetters).toBe(1);
  });

  test('tokens go some time after their end, with what signs their callbacks, and none that is valid', async () => {
    await using store = await open();
    const save = async (name: string, days?: number): Promise<string> => {
      const expiresAt = days === undefined ? undefined : Date.now() + days * DAY_MS;
      const saved = await store.saveToken({ name, hash: name, scopes: ['submit'], expiresAt });
      if (!saved) throw new Error(`${name} was not saved`);
      return saved.id;
    };
    const names = async (): Promise<readonly string[]> => (await store.listTokens()).map((one) => one.name);
    await save('first', -50);
    const old = await save('old', -50);
    await save('older', -90);
    await save('recent', -5);
    await save('valid', 5);
    await save('for ever');
    const revoked = await save('revoked');
    await store.revokeToken(revoked);
    const webhook = await store.saveCallbackSecret(old, 'secret');
    const last = await save('last', -50);
    expect(await store.prune('tokens', none, 100)).toBe(0);
    expect(await store.prune('tokens', youngerThan(10), 1)).toBe(1);
    expect(await names()).not.toContain('old');
    expect(await store.findWebhook(webhook)).toBeUndefined();
    expect(await store.prune('tokens', youngerThan(10), 100)).toBe(1);
    expect(await store.prune('tokens', youngerThan(10), 100)).toBe(0);
    expect(await names()).toEqual(['first', 'recent', 'valid', 'for ever', 'revoked', 'last']);
    /* Of too many those go that are worth nothing, and none that is still good. */
    expect(await store.prune('tokens', newest(2), 100)).toBe(1);
    expect(await names()).toEqual(['first', 'valid', 'for ever', 'revoked', 'last']);
    expect(await store.prune('tokens', newest(1), 100)).toBe(1);
    expect(await names()).toEqual(['first', 'valid', 'for ever', 'last']);
    /* No id is given twice: workers, executions and schedules name the token that they belong to by it. */
    expect(Number(await save('next'))).toBeGreaterThan(Number(last));
    /* An installation that has had tokens is not a new one. */
    expect(
      await store.saveFirstToken({ name: 'admin', hash: 'admin', scopes: ['admin'], expiresAt: undefined }),
    ).toBeUndefined();
  });

  test('versions of artifacts are found, the oldest first, and forgotten; their execution may go before', async () => {
    await using store = await open();
    const { fence } = await startOnRunner(store, 'demo.echo');
    const files = ['a', 'b', 'c'].map((name) => ({
      ...{ name, bytes: 1, checksum: 'c'.repeat(64), path: `${fence.execution}/1/${name}` },
    }));
    const verdict = { kind: 'final', status: 'completed', result: { succeeded: true } } as const;
    await store.settle([{ ...fence, artifacts: files, verdict }]);
    await submit(store, 'demo.echo', 1);
    expect(await store.prune('executions', newest(1), 100)).toBe(1);
    expect(await store.findOldArtifacts(none, 10)).toEqual([]);
    expect(await store.findOldArtifacts(youngerThan(1), 10)).toEqual([]);
    const old = await store.findOldArtifacts(newest(1), 10);
    expect(old).toHaveLength(2);
    await store.forgetArtifacts(old.map((one) => one.id));
    const rest = await store.listArtifacts({ execution: undefined, ref: undefined, before: undefined, limit: 10 });
    expect(rest).toHaveLength(1);
    expect(rest[0]).toMatchObject({ execution: undefined });
    expect(await store.findOldArtifacts(newest(1), 10)).toEqual([]);
  });
}
