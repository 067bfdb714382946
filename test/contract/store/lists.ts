import { expect } from 'bun:test';
import { type ExecutionId, workerId } from '#domain/ids.ts';
import type { Page } from '#domain/page.ts';
import { action, pack, registrationRequest } from '#test/contract/samples.ts';
import { everyExecution, join, type StoreContract, submitOne } from './fixtures.ts';

/** What every store promises about what clients list. */
export function listsContract({ test, open }: StoreContract): void {
  test('packs and actions are listed', async () => {
    await using store = await open();
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), action('other')] });
    const { directory } = pack;
    expect(await store.listPacks()).toEqual([
      { packRef: 'demo', label: 'Demo', version: '1.0.0', actions: 2, directory },
    ]);
    expect((await store.listActions()).map((one) => one.actionRef)).toEqual(['demo.echo', 'demo.other']);
    expect(await store.listActions('none')).toEqual([]);
    const refs = async (page: Page, packRef?: string): Promise<readonly string[]> =>
      (await store.listActions(packRef, page)).map((one) => one.actionRef);
    for (const packRef of [undefined, 'demo']) {
      expect(await refs({ limit: 1 }, packRef)).toEqual(['demo.echo']);
      expect(await refs({ after: 'demo.echo', limit: 9 }, packRef)).toEqual(['demo.other']);
      expect(await refs({ after: 'demo.other', limit: 9 }, packRef)).toEqual([]);
    }
    expect(await store.listPacks({ after: 'demo' })).toEqual([]);
    expect(await store.listPacks({ limit: 1 })).toHaveLength(1);
    expect(await store.listRuntimes({ after: 'z' })).toEqual([]);
    const { worker } = await join(store);
    await join(store, registrationRequest('w2'));
    const names = async (page: Page): Promise<readonly string[]> =>
      (await store.listWorkers(1000, page)).map((one) => one.name);
    expect(await names({ limit: 1 })).toEqual(['w1']);
    expect(await names({ after: worker })).toEqual(['w2']);
  });

  test('executions are listed newest first, page by page, by status, action and worker', async () => {
    await using store = await open();
    const ids = [await submitOne(store), await submitOne(store, 'demo.other'), await submitOne(store)];
    const [first, second, third] = ids as [ExecutionId, ExecutionId, ExecutionId];
    await store.cancel(second, 'a test');
    const list = async (more: object): Promise<readonly ExecutionId[]> =>
      (await store.listExecutions({ ...everyExecution, ...more })).executions.map((one) => one.execution);
    expect(await list({})).toEqual([third, second, first]);
    expect(await list({ limit: 2 })).toEqual([third, second]);
    expect(await list({ before: second })).toEqual([first]);
    expect(await list({ statuses: ['cancelled', 'failed'] })).toEqual([second]);
    expect(await list({ actionRef: 'demo.echo', statuses: ['requested'] })).toEqual([third, first]);
    expect(await list({ worker: workerId(99) })).toEqual([]);
    expect(await list({ packRef: 'demo' })).toEqual([third, second, first]);
    expect(await list({ packRef: 'dem' })).toEqual([]);
    expect(await list({ text: 'ECHO' })).toEqual([third, first]);
    expect(await list({ text: '%' })).toEqual([]);
    expect(await list({ text: second })).toEqual([second]);
    expect((await store.readExecution(first))?.parameters).toEqual({ n: 0 });
    const lean = (await store.listExecutions({ ...everyExecution, isLean: true })).executions;
    expect(lean.map((one) => [one.execution, one.parameters, one.status])).toEqual([
      [third, {}, 'requested'],
      [second, {}, 'cancelled'],
      [first, {}, 'requested'],
    ]);
  });

  test('executions are listed by who requested them and when', async () => {
    await using store = await open();
    const made = await store.saveToken({ name: 'ada', hash: 'h', scopes: ['submit'], expiresAt: undefined });
    const first = await submitOne(store);
    const { executions } = await store.request(
      [made?.id, `execution ${first}`, undefined].map((requestedBy) => ({
        actionRef: 'demo.echo',
        parameters: {},
        requestedBy,
      })),
    );
    const [ofToken, ofExecution, ofNobody] = executions as [ExecutionId, ExecutionId, ExecutionId];
    const list = async (more: object): Promise<readonly ExecutionId[]> =>
      (await store.listExecutions({ ...everyExecution, ...more })).executions.map((one) => one.execution);
    expect(await list({ requestedBy: 'ada' })).toEqual([ofToken]);
    expect(await list({ requestedBy: `execution ${first}` })).toEqual([ofExecution]);
    expect(await list({ parent: first })).toEqual([ofExecution]);
    expect((await store.readExecution(ofToken))?.requesterName).toBe('ada');
    expect((await store.readExecution(ofNobody))?.requesterName).toBeUndefined();
    const created = Date.parse((await store.readExecution(ofToken))?.created ?? '');
    expect(await list({ createdAfter: created - 60_000, createdBefore: created + 60_000 })).toHaveLength(4);
    expect(await list({ createdAfter: created + 60_000 })).toEqual([]);
    expect(await list({ createdBefore: created - 60_000 })).toEqual([]);
  });

  test('a list of large executions ends early and says that there are more', async () => {
    await using store = await open();
    const small = await submitOne(store);
    const sizes = [100_000, 300_000, 100_000, 100_000, 100_000];
    const { executions: made } = await store.request(
      sizes.map((size) => ({ actionRef: 'demo.echo', parameters: { text: 'x'.repeat(size) } })),
    );
    const page = async (before?: ExecutionId, isLean = false) => {
      const found = await store.listExecutions({ ...everyExecution, limit: 6, before, isLean });
      return { ids: found.executions.map((one) => one.execution), hasMore: found.hasMore };
    };
    const [oldest, larger, third, fourth, newest] = made as [
      ExecutionId,
      ExecutionId,
      ExecutionId,
      ExecutionId,
      ExecutionId,
    ];
    expect(await page()).toEqual({ ids: [newest, fourth], hasMore: true });
    expect(await page(fourth)).toEqual({ ids: [third], hasMore: true });
    expect(await page(third)).toEqual({ ids: [larger], hasMore: true });
    expect(await page(larger)).toEqual({ ids: [oldest, small], hasMore: false });
    expect(await page(undefined, true)).toEqual({
      ids: [newest, fourth, third, larger, oldest, small],
      hasMore: false,
    });
    const few = await store.listExecutions({ ...everyExecution, limit: 3, isLean: true });
    expect(few).toMatchObject({ executions: [{}, {}, {}], hasMore: true });
  });
}
