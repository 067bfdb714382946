import { expect } from 'bun:test';
import { eventually } from '#test/support/until.ts';
import { claim, completed, dispatch, join, type StoreContract } from './fixtures.ts';

/** What every store promises about tokens of executions. */
export function executionTokensContract({ test, open }: StoreContract): void {
  const tokenHash = 'ab'.repeat(32);

  test("an execution's token is valid while it runs, for an action that was granted one", async () => {
    await using store = await open();
    const session = await join(store);
    const silent = await claim(store, session, { execution: await dispatch(store, session), tokenHash });
    expect([silent.action?.hasApiToken, await store.findToken(tokenHash)]).toEqual([false, undefined]);
    const asking = await claim(store, session, { execution: await dispatch(store, session, 'demo.asking'), tokenHash });
    expect(asking.action?.hasApiToken).toBe(true);
    const holder = { id: undefined, name: `execution ${asking.execution}`, scopes: ['read', 'submit'] as const };
    expect(await store.findToken(tokenHash)).toEqual({ ...holder, scopes: [...holder.scopes] });
    expect(await store.validTokens(['none', tokenHash])).toEqual([tokenHash]);
    expect((await store.listTokens()).map((one) => one.name)).not.toContain(holder.name);
    await store.settle([{ ...session, execution: asking.execution, attempt: asking.attempt, verdict: completed }]);
    expect(await store.findToken(tokenHash)).toBeUndefined();
    await claim(store, session, { execution: await dispatch(store, session, 'demo.asking'), tokenHash });
    await store.heartbeat(session, 1);
    await eventually(
      'a lease of 1 ms is over, and the token with it',
      () => store.findToken(tokenHash),
      (token) => token === undefined,
    );
  });
}
