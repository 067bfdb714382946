import { expect, test } from 'bun:test';
import { openApi } from '#cli/api-client/api-client.ts';
import { ask, askAll } from '#cli/api-client/client.ts';
import { newerServer } from '#test/support/newer-server.ts';
import { packList } from '#wire/packs.ts';

/** What the client makes of an answer of a server of version 9.0.0. */
async function packsFrom(answer: unknown): Promise<unknown> {
  await using server = newerServer(answer);
  return await ask(openApi({ api_url: server.url }).call('GET', 'packs'), packList);
}

test('an answer keeps the fields that this version does not know', async () => {
  const answer = { packs: [{ ref: 'a', label: 'A', version: '1', actions: 2, stars: 5 }] };
  expect(await packsFrom(answer)).toEqual({ ok: true, value: answer });
});

test('an answer of a wrong shape is an error with the field and the version of the server', async () => {
  expect(await packsFrom({ packs: [{ ref: 'a', label: 'A', version: 1, actions: 2 }] })).toEqual({
    ok: false,
    error: expect.stringMatching(/packs\.0\.version: .*the server has version 9\.0\.0/),
  });
});

test('packs that could not be loaded are those of all pages of the list, each once', async () => {
  const gone = { ref: 'gone', problem: 'its directory is not there' };
  const broken = { ref: 'odd', problem: 'no version' };
  const pages = [
    { packs: [], broken: [broken], next_cursor: 'two' },
    { packs: [], broken: [broken, gone], next_cursor: null },
  ];
  await using stack = new AsyncDisposableStack();
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => Response.json(pages.shift()) });
  stack.defer(async () => await server.stop(true));
  const all = await askAll(openApi({ api_url: `http://127.0.0.1:${server.port}` }), 'packs', {
    schema: packList,
    members: 'packs',
    besides: 'broken',
  });
  expect(all).toEqual({ ok: true, value: { packs: [], broken: [broken, gone] } });
});
