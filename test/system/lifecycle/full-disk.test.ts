/** The static file as a whole Attune, on a disk that fills up. */
import { expect } from 'bun:test';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { fill } from '#test/support/broken-places.ts';
import { withMounts } from '#test/support/namespace.ts';
import { rootTest } from '#test/support/root-test.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const DEADLINE_MS = 60_000;

rootTest(
  '--standalone on a full disk says so, waits, and goes on when there is room; what ran meanwhile is not lost',
  async () => {
    using directory = temporaryDirectory();
    const at = directory.path;
    const data = join(at, 'data');
    mkdirSync(data);
    directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
    directory.file('packs/mine/actions/wait.yaml', 'entry_point: wait.sh\n');
    directory.file(
      'packs/mine/actions/wait.sh',
      `echo $$ >${at}/pid; while [ ! -e ${at}/go ]; do sleep 0.1; done; echo said on a full disk`,
    );
    const env = { ATTUNE_PACKS_DIR: join(at, 'packs'), ATTUNE__WORKER__HEARTBEAT_INTERVAL: '0.5' };
    const wrap = (args: readonly string[]): readonly string[] =>
      withMounts(`mount -t tmpfs -o size=4m tmpfs ${data}`, [agentFile, ...args]);
    await using whole = await standalone(data, env, { wrap });
    const request = { method: 'POST', body: JSON.stringify({ action_ref: 'mine.wait', parameters: {} }) };
    const ready = async (): Promise<{ readonly status: number; readonly text: string }> => {
      const answer = await fetch(`${whole.url}/readyz`);
      return { status: answer.status, text: await answer.text() };
    };
    const statusOf = async (id: number): Promise<string> => {
      const answer = await whole.api(`executions/${id}`);
      const body = (await answer.json()) as { readonly status?: string };
      return body.status ?? `HTTP ${answer.status}`;
    };
    const accepted = await whole.api('executions', request);
    const { id } = (await accepted.json()) as { readonly id: number };
    const pid = await pidFrom(join(at, 'pid'));

    const filler = `/proc/${whole.child.pid}/root${data}/filler`;
    fill(filler);
    await until('it is not ready', async () => (await ready()).status === 503, DEADLINE_MS);
    expect((await ready()).text).toContain('its disk is full');
    expect((await whole.api('executions', request)).status).toBe(503);
    writeFileSync(join(at, 'go'), '');
    await until('the action has ended', () => !isAlive(pid), DEADLINE_MS);
    expect(await statusOf(id)).toBe('running');

    rmSync(filler);
    await until('it is ready again', async () => (await ready()).status === 200, DEADLINE_MS);
    await until('the result is kept', async () => (await statusOf(id)) === 'completed', DEADLINE_MS);
    expect(await (await whole.api(`executions/${id}/logs/stdout`)).text()).toContain('said on a full disk');
    const next = (await (await whole.api('executions', request)).json()) as { readonly id: number };
    await until('the next one runs too', async () => (await statusOf(next.id)) === 'completed', DEADLINE_MS);
  },
  180_000,
);
