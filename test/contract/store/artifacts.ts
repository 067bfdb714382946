import { expect } from 'bun:test';
import { type StoreContract, startOnRunner } from './fixtures.ts';

/** What every store promises about files that executions leave. */
export function artifactsContract({ test, open }: StoreContract): void {
  test('files that executions leave become versions of artifacts, with the result or not at all', async () => {
    await using store = await open();
    const file = (name: string, fence: { execution: string }) => ({
      ...{ name, bytes: 5_000_000_000, checksum: 'c'.repeat(64), path: `${fence.execution}/1/${name}` },
    });
    const final = { kind: 'final', status: 'completed', result: { succeeded: true } } as const;
    const first = (await startOnRunner(store, 'demo.echo')).fence;
    await store.settle([{ ...first, artifacts: [file('b/report.txt', first), file('a.txt', first)], verdict: final }]);
    const second = (await startOnRunner(store, 'demo.echo')).fence;
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
}
