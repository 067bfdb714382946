import { expect } from 'bun:test';
import { executionId } from '#domain/ids.ts';
import { action, firstWorker, pack } from '#test/contract/samples.ts';
import { bounds, claim, dispatch, join, kinds, LEASE_MS, statusOf, submit } from '#test/contract/store/fixtures.ts';
import type { AgreementContract } from './agreement.ts';

/** What is claimed, and in which order the scheduler sees what waits. */
export function claimsAgreement({ test, open }: AgreementContract): void {
  test('an execution that is offered twice is claimed once', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store);
    const execution = await dispatch(store, session);
    const offer = { execution, attempt: 1 };
    const { claimed, messages } = await store.claim(session, [offer, { ...offer, attempt: undefined }], LEASE_MS);
    expect(claimed.map((one) => one.execution)).toEqual([execution]);
    expect(kinds(messages)).toEqual(['ExecutionStatusChanged scheduled→running']);
  });

  test('what is claimed comes in the order of the requests, whatever the order of the offers', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store);
    const executions = [await dispatch(store, session), await dispatch(store, session), await dispatch(store, session)];
    const offers = executions.toReversed().map((execution) => ({ execution, attempt: 1 }));
    const { claimed } = await store.claim(session, offers, LEASE_MS);
    expect(claimed.map((one) => one.execution)).toEqual(executions);
  });

  test('two executions cannot have the same token, and the first keeps its claim', async () => {
    await using opened = await open();
    const { store } = opened;
    const session = await join(store);
    const tokenHash = 'ab'.repeat(32);
    const first = await claim(store, session, { execution: await dispatch(store, session, 'demo.asking'), tokenHash });
    const execution = await dispatch(store, session, 'demo.asking');
    await expect(claim(store, session, { execution, tokenHash })).rejects.toThrow(/unique/i);
    expect(await store.heartbeat(session, LEASE_MS)).toMatchObject({
      claims: [{ execution: first.execution, attempt: 1 }],
    });
    expect(await statusOf(store, execution)).toBe('scheduled');
  });

  test('the scheduler sees actions by turns, and of each first what came first', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.savePack({ pack, runtimes: [], actions: [action('echo'), action('other')] });
    const [first = executionId(0), second = executionId(0)] = await submit(store, 'demo.echo', 2);
    const [third = executionId(0)] = await submit(store, 'demo.other');
    const seen: string[] = [];
    await store.schedule(bounds, (requests) => {
      seen.push(...requests.map(({ execution }) => execution));
      return [];
    });
    expect(seen).toEqual([first, third, second]);
    await join(store);
    expect(await store.schedule(bounds, firstWorker)).toMatchObject({ dispatched: 3 });
  });
}
