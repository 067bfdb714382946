/** The sample pack, every action by the static file, in a root with all eight families. */
import { expect } from 'bun:test';
import { dirname } from 'node:path';
import { agentFile, packs } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { withMounts } from '#test/support/namespace.ts';
import { rootFileSystem } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';

function runSample(action: string, parameters: object): Call {
  const root = rootFileSystem('families');
  const mounts = [
    `mount --bind ${root} ${root}; mount --bind ${dirname(agentFile)} ${root}/opt/attune; mount --bind ${packs} ${root}/mnt`,
    `mount -t tmpfs -o mode=1777 none ${root}/tmp; mount -t proc none ${root}/proc; mount --rbind /dev ${root}/dev`,
  ];
  const agent = `/opt/attune/${agentFile.slice(agentFile.lastIndexOf('/') + 1)}`;
  const command = [
    'chroot',
    '--userspec=64123:64123',
    root,
    agent,
    'run',
    `sample.${action}`,
    '--packs',
    '/mnt',
    '--params',
    '-',
    '--format',
    'json',
  ];
  return call(withMounts(mounts.join('\n'), command), {
    input: JSON.stringify(parameters),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

function succeed(action: string, parameters: object): Record<string, unknown> {
  const ran = runSample(action, parameters);
  expect({ exitCode: ran.exitCode, stderr: ran.exitCode === 0 ? '' : ran.stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(ran.stdout);
}

rootTest('shell asks a URL', async () => {
  /* In a process of its own: the calls of this one block while they run. */
  const program =
    "const s = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (r) => new Response('', { status: r.url.endsWith('/gone') ? 410 : 200 }) }); console.log(s.url.href)";
  await using server = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe' });
  const { value } = await server.stdout.getReader().read();
  const url = new TextDecoder().decode(value).trim();
  expect(succeed('http_check', { url })).toMatchObject({ data: { url, status: 200, expected: 200 } });
  expect(succeed('http_check', { url: `${url}gone`, expect: 410 })).toMatchObject({ data: { status: 410 } });
  expect(runSample('http_check', { url: `${url}gone` }).exitCode).toBe(1);
});

rootTest('python computes statistics', () => {
  expect(succeed('stats', { values: [3, 1, 4, 1, 5, 9, 2, 6], digits: 2 })).toMatchObject({
    data: { count: 8, mean: 3.88, median: 3.5, stdev: 2.75, quartiles: [1.75, 5.25] },
  });
});

rootTest('node renders a template, and names what is missing', () => {
  const template = 'Dear {{name}},{{#items}} {{item}}{{/items}}';
  expect(succeed('render', { template, values: { name: "O'Hara", items: ['tea', 7] } })['stdout']).toBe(
    "Dear O'Hara, tea 7\n",
  );
  const failed = runSample('render', { template, values: {} });
  expect(failed.exitCode).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    succeeded: false,
    exit_code: 1,
    stderr: expect.stringContaining("uses 'name', which has no value"),
  });
});

rootTest('ruby counts in an access log', () => {
  const line = (path: string, status: number): string =>
    `10.0.0.7 - - [01/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" ${status} 100`;
  expect(succeed('parse_log', { lines: [line('/', 200), line('/x', 404), line('/', 200), 'garbage'] })).toMatchObject({
    data: { requests: 3, bytes: 300, statuses: { '200': 2, '404': 1 }, paths: { '/': 2, '/x': 1 } },
  });
});

rootTest(
  'go hashes texts',
  () => {
    const { data } = succeed('hash', { texts: ['abc', 'é'] });
    expect(data).toEqual([
      { name: '0', bytes: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
      { name: '1', bytes: 2, sha256: new Bun.CryptoHasher('sha256').update('é').digest('hex') },
      { name: 'all', bytes: 5, sha256: new Bun.CryptoHasher('sha256').update('abcé').digest('hex') },
    ]);
  },
  120_000,
);

rootTest(
  'java joins tables, quotes and newlines intact',
  () => {
    const left = "id,name\n1,Ada\n2,O'Hara\n3,nobody";
    expect(succeed('join_csv', { key: 'id', left, right: 'born,id\n1815,1\n1926,2' })['stdout']).toBe(
      "id,name,born\n1,Ada,1815\n2,O'Hara,1926\n",
    );
    expect(runSample('join_csv', { key: 'nope', left, right: left }).exitCode).toBe(1);
  },
  60_000,
);

rootTest(
  'r fits a line',
  () => {
    expect(succeed('linear_model', { x: [1, 2, 3, 4], y: [3, 5, 7, 9] })).toMatchObject({
      data: { intercept: 1, slope: 2, n: 4 },
    });
  },
  60_000,
);

rootTest('perl prints a report', () => {
  expect(succeed('report', { title: "it's", items: { tea: 1.5, rent: 1000 } })['stdout']).toBe(
    [
      "it's",
      '-----------------',
      'rent      1000.00',
      'tea          1.50',
      '-----------------',
      'Total     1001.50',
      '',
    ].join('\n'),
  );
});
