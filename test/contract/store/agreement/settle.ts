import { expect } from 'bun:test';
import type { Settlement } from '#domain/agent-store.ts';
import { completed, ended, kinds, startOnRunner } from '#test/contract/store/fixtures.ts';
import type { AgreementContract } from './agreement.ts';

/** What is kept of a batch of results. */
export function settleAgreement({ test, open }: AgreementContract): void {
  test('a file that a result names twice is one version', async () => {
    await using opened = await open();
    const { store } = opened;
    const { session, one, fence } = await startOnRunner(store, 'demo.echo');
    const artifacts = [fileOf(fence.execution, 1), fileOf(fence.execution, 1)];
    expect((await store.settle([{ ...ended(session, one, completed), artifacts }])).accepted).toEqual([one.execution]);
    expect((await store.listArtifacts(everyArtifact)).map(({ version }) => version)).toEqual([1]);
  });

  test('a secret that a result names twice has the last value', async () => {
    await using opened = await open();
    const { store } = opened;
    const { session, one } = await startOnRunner(store, 'demo.echo');
    const secrets = ['first', 'second'].map((value) => ({ path: 'a', value }));
    await store.settle([ended(session, one, { ...final, secrets })]);
    expect(await store.readSecrets(one.execution)).toEqual([{ path: 'a', value: 'second' }]);
  });

  test('a stale result leaves neither secrets nor files, though the valid one comes in the same batch', async () => {
    await using opened = await open();
    const { store } = opened;
    const { session, one } = await startOnRunner(store, 'demo.echo');
    const result = (attempt: number): Settlement => ({
      ...ended(session, { ...one, attempt }, { ...final, secrets: [{ path: `of attempt ${attempt}`, value: 'x' }] }),
      artifacts: [fileOf(one.execution, attempt)],
    });
    expect((await store.settle([result(9), result(1)])).accepted).toEqual([one.execution]);
    expect((await store.readSecrets(one.execution)).map(({ path }) => path)).toEqual(['of attempt 1']);
    expect((await store.listArtifacts(everyArtifact)).map(({ path }) => path)).toEqual([`${one.execution}/1/a.txt`]);
  });

  test('a result that comes twice in a batch counts once, with its secrets and files', async () => {
    await using opened = await open();
    const { store } = opened;
    const { session, one } = await startOnRunner(store, 'demo.echo');
    const result = {
      ...ended(session, one, { ...final, secrets: [{ path: 'a', value: 'x' }] }),
      artifacts: [fileOf(one.execution, 1)],
    };
    const { accepted, messages } = await store.settle([result, result]);
    expect([accepted, kinds(messages)]).toEqual([
      [one.execution],
      ['ExecutionCompleted', 'ExecutionStatusChanged running→completed'],
    ]);
    expect(await store.readSecrets(one.execution)).toEqual([{ path: 'a', value: 'x' }]);
    expect((await store.listArtifacts(everyArtifact)).map(({ version }) => version)).toEqual([1]);
  });
}

const final = { kind: 'final', status: 'completed', result: { succeeded: true } } as const;
const everyArtifact = { execution: undefined, ref: undefined, before: undefined, limit: 10 };

function fileOf(execution: string, attempt: number) {
  return { name: 'a.txt', bytes: 1, checksum: 'c'.repeat(64), path: `${execution}/${attempt}/a.txt` };
}
