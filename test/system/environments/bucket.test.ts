/** A whole Attune whose artifacts are kept in a bucket. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { startS3 } from '#test/support/s3-server.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

test('what an execution leaves goes into the bucket, and comes back from it', async () => {
  await using s3 = await startS3();
  using directory = temporaryDirectory();
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  directory.file('packs/demo/actions/leave.yaml', 'entry_point: leave.sh\n');
  directory.file(
    'packs/demo/actions/leave.sh',
    'head -c 12000000 /dev/zero | tr "\\0" x >"$ATTUNE_ARTIFACTS_DIR/a b.bin"\n',
  );
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_WORKER_RUNTIMES: 'shell',
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    ATTUNE__ARTIFACTS__S3_BUCKET: s3.bucket,
    ATTUNE__ARTIFACTS__S3_ENDPOINT: s3.endpoint,
    ATTUNE__ARTIFACTS__S3_ACCESS_KEY_ID: s3.accessKeyId,
    ATTUNE__ARTIFACTS__S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  });
  const read = async <Answer>(path: string): Promise<Answer> => (await (await whole.api(path)).json()) as Answer;
  await whole.api('executions', { method: 'POST', body: JSON.stringify({ action_ref: 'demo.leave' }) });
  await until(
    'it has ended',
    async () => (await read<{ status: string }>('executions/1')).status === 'completed',
    20_000,
  );
  const { artifacts } = await read<{ artifacts: { id: number; name: string; size_bytes: number }[] }>(
    'artifacts?execution=1',
  );
  expect(artifacts).toMatchObject([{ name: 'a b.bin', size_bytes: 12_000_000 }]);
  const content = await (await whole.api(`artifacts/${artifacts[0]?.id}/content`)).text();
  expect([content.length, content.replaceAll('x', '')]).toEqual([12_000_000, '']);
}, 120_000);
