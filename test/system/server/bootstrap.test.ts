/** bootstrap.sh in root file systems with one download tool each, against good and bad servers. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { withMounts } from '#test/support/namespace.ts';
import { type RootName, rootFileSystem } from '#test/support/root-file-systems.ts';
import { rootTest as test } from '#test/support/root-test.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const roots = { busybox: 'wget -qO-', curl: 'curl -fsSL', wget: 'wget -qO-' } as const;
const TOKEN = 'a-token-for-the-download';

const directory = temporaryDirectory();
let whole: Standalone;

beforeAll(async () => {
  const env = { ATTUNE__AGENT__BOOTSTRAP_TOKEN: TOKEN, XDG_CACHE_HOME: join(directory.path, 'cache') };
  whole = await standalone(join(directory.path, 'data'), env);
}, 120_000);

afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script in a root, with a directory of its own at /mnt. */
async function inRoot(root: RootName, place: string, script: string): Promise<Ran> {
  const path = rootFileSystem(root);
  const mounts = `mount --bind ${place} ${path}/mnt; mount --rbind /dev ${path}/dev; mount -t proc none ${path}/proc`;
  const enter = withMounts(mounts, [Bun.which('chroot') ?? 'chroot', path, '/bin/sh', '-c', script]);
  const child = Bun.spawn([...enter], {
    env: { PATH: '/usr/bin:/bin', HOME: '/mnt', ATTUNE_AGENT_DIR: '/mnt/agent', ATTUNE_AGENT_TOKEN: TOKEN },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exitCode: await child.exited, stdout, stderr };
}

const bootstrap = (root: keyof typeof roots, url: string, args = '--version'): string =>
  `${roots[root]} ${url}/api/v1/agent/bootstrap.sh | sh -s -- ${args}`;

/** A server that goes wrong in one way; the script itself it hands out well. */
interface Flawed {
  binary(attempt: number): Answer;
  checksum?(): Answer;
  /** Hears of every request. */
  readonly asked?: string[];
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Announces everything, sends half, and hangs up. */
  readonly isCut?: true;
}

async function tryFlawed(root: keyof typeof roots, flawed: Flawed): Promise<Ran & { readonly isInstalled: boolean }> {
  using place = temporaryDirectory();
  let attempts = 0;
  const script = await (await fetch(`${whole.url}/api/v1/agent/bootstrap.sh`)).text();
  const answers: Readonly<Record<string, (origin: string) => Answer>> = {
    '/api/v1/agent/bootstrap.sh': (origin) => ({ body: script.replace(whole.url, origin) }),
    '/api/v1/agent/binary.sha256': () => flawed.checksum?.() ?? { body: `${digest}  agent\n` },
    '/api/v1/agent/binary': () => flawed.binary(attempts++),
    '/elsewhere': () => good,
    '/login': () => page,
    '/locked': () => ({ status: 401 }),
  };
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => flawed.asked?.push(`${request.method} ${url} ${JSON.stringify(headers)} ${body}`));
    const answer = answers[url.replace(/\?.*/, '')]?.(`http://${headers.host}`) ?? { status: 404 };
    const bytes = Buffer.from(answer.body ?? '');
    response.writeHead(answer.status ?? 200, { 'content-length': bytes.length, ...answer.headers });
    if (!answer.isCut) response.end(bytes);
    else response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const command = bootstrap(root, `http://127.0.0.1:${port}`);
    const ran = await inRoot(root, place.path, `export ATTUNE_AGENT_RETRIES=1; ${command}`);
    return { ...ran, isInstalled: existsSync(join(place.path, 'agent/attune-agent')) };
  } finally {
    server.close();
  }
}

const agentBytes = readFileSync(agentFile);
const digest = new Bun.CryptoHasher('sha256').update(agentBytes).digest('hex');
const good: Answer = { body: agentBytes };
const page: Answer = { headers: { 'content-type': 'text/html' }, body: '<html><body>Please log in</body></html>' };
const moved = (location: string): Answer => ({ status: 302, headers: { location } });

for (const root of ['busybox', 'curl', 'wget'] as const) {
  test(`${root}: the agent is downloaded, verified, installed and run; the second time it is there`, async () => {
    using place = temporaryDirectory();
    const first = await inRoot(root, place.path, bootstrap(root, whole.url));
    expect([first.exitCode, first.stdout, first.stderr]).toEqual([
      0,
      expect.stringMatching(/^attune-agent \d/),
      expect.stringContaining('installed /mnt/agent/attune-agent'),
    ]);
    const second = await inRoot(root, place.path, bootstrap(root, whole.url));
    expect([second.exitCode, second.stderr]).toEqual([0, expect.stringContaining('is up to date')]);
  });

  test(`${root}: a server that fails half-way, is busy or redirects is waited for and followed`, async () => {
    const flaws: Record<string, Flawed['binary']> = {
      half: (attempt) => (attempt === 0 ? { ...good, isCut: true } : good),
      busy: (attempt) => (attempt === 0 ? { status: 503 } : good),
      moved: () => moved('/elsewhere'),
    };
    for (const [name, binary] of Object.entries(flaws)) {
      const ran = await tryFlawed(root, { binary });
      expect([name, ran.exitCode, ran.stdout, ran.stderr]).toEqual([
        name,
        0,
        expect.stringMatching(/^attune-agent \d/),
        /* GNU wget tries again by itself what was cut. */
        name === 'busy' ? expect.stringContaining('trying again') : expect.stringContaining('installed'),
      ]);
    }
  });

  test(`${root}: pages of HTML, cut files, refusals and absent agents are named, and nothing is run`, async () => {
    const flaws: Record<string, readonly [Flawed, string]> = {
      html: [{ binary: () => page }, 'is no program; it begins with: <html>'],
      login: [{ binary: () => moved('/login') }, 'is no program'],
      cut: [{ binary: () => ({ body: agentBytes.subarray(0, 50_000_000) }) }, 'its SHA-256 is'],
      refused: [{ binary: () => ({ status: 401 }) }, 'the token was refused (HTTP 401)'],
      absent: [{ binary: () => ({ status: 404 }) }, 'the server has none for x86_64'],
      busy: [{ binary: () => ({ status: 503 }) }, 'HTTP 503; given up after 2 attempts'],
      checksum: [{ binary: () => good, checksum: () => page }, 'the answer is no checksum'],
    };
    for (const [name, [flawed, message]] of Object.entries(flaws)) {
      const ran = await tryFlawed(root, flawed);
      expect([name, ran.exitCode, ran.stdout, ran.stderr, ran.isInstalled]).toEqual([
        name,
        1,
        '',
        expect.stringContaining(message),
        false,
      ]);
    }
  });
}

for (const root of ['busybox', 'curl', 'wget'] as const) {
  test(`${root}: the token is in no argument of a program, and goes nowhere but to the server`, async () => {
    using place = temporaryDirectory();
    /* Programs that note their arguments, before the real ones. */
    const note = `echo "$0 $*" >>/mnt/arguments; PATH=\${PATH#/mnt/bin:}; exec "\${0##*/}" "$@"`;
    for (const name of ['curl', 'wget', 'sed', 'cat', 'head', 'tail', 'cut', 'tr', 'mkdir', 'mv', 'chmod', 'sha256sum'])
      chmodSync(place.file(`bin/${name}`, `#!/bin/sh\n${note}\n`), 0o755);
    const present = `for one in /mnt/bin/*; do command -v "\${one##*/}" >/dev/null || rm "$one"; done`;
    const ran = await inRoot(root, place.path, `${present}; export PATH=/mnt/bin:$PATH; ${bootstrap(root, whole.url)}`);
    expect([ran.exitCode, ran.stderr]).toEqual([0, expect.stringContaining('installed')]);
    /* The shell of busybox runs its own wget whatever PATH says; what it was asked for is seen by the server below. */
    const seen = root === 'busybox' ? '' : readFileSync(join(place.path, 'arguments'), 'utf8');
    if (root !== 'busybox') expect(seen).toContain('/agent/binary?arch=x86_64');
    expect(seen).not.toContain(TOKEN);
    const asked: string[] = [];
    const moving = await tryFlawed(root, { binary: () => moved('/elsewhere'), asked });
    expect([moving.exitCode, moving.stderr]).toEqual([0, expect.stringContaining('installed')]);
    const elsewhere = asked.filter((one) => one.includes(' /elsewhere '));
    expect(elsewhere.length).toBe(1);
    expect(elsewhere.join()).not.toContain(TOKEN);
    if (root === 'busybox') {
      const methods = new Set<string>();
      const behind = await tryFlawed(root, { binary: (attempt) => (attempt === 0 ? { status: 401 } : good), asked });
      for (const one of asked) if (one.includes(TOKEN)) methods.add(one.replace(/ .*/, ''));
      expect([behind.exitCode, [...methods]]).toEqual([0, ['POST']]);
      expect(asked.join('\n')).toContain(` token=${TOKEN}`);
    }
    const guarded = await tryFlawed(root, { binary: () => moved('/locked') });
    expect([guarded.exitCode, guarded.isInstalled]).toEqual([1, false]);
    expect(guarded.stderr).toMatch(/redirects to .*\/locked|token was refused/);
  });
}

test('install.sh puts the agent into place, runs nothing and says what is next', async () => {
  using place = temporaryDirectory();
  const { exitCode, stdout, stderr } = await inRoot(
    'busybox',
    place.path,
    `${roots.busybox} ${whole.url}/install.sh | sh`,
  );
  expect([exitCode, stdout]).toEqual([0, '']);
  expect(stderr).toContain('installed /mnt/agent/attune-agent\n');
  expect(stderr).toContain(`next: /mnt/agent/attune-agent login --api-url ${whole.url} --api-token - keeps`);
  expect(readFileSync(join(place.path, 'agent/attune-agent')).equals(agentBytes)).toBe(true);
});

test('the script names the address that was configured, whatever Host a request has, and is kept by no cache', async () => {
  for (const headers of [{ host: 'evil.example' }, { host: 'evil.example', 'x-forwarded-proto': 'https' }, {}]) {
    const answer = await fetch(`${whole.url}/api/v1/agent/bootstrap.sh`, { headers });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const script = await answer.text();
    expect(script).not.toContain('evil');
    expect(script).toContain(`api=\${ATTUNE_API_URL:-${whole.url}}`);
  }
  const scriptOf = async (env: Readonly<Record<string, string>>): Promise<string> => {
    using data = temporaryDirectory();
    await using other = await standalone(join(data.path, 'data'), env);
    return await (await fetch(`${other.url}/api/v1/agent/bootstrap.sh`)).text();
  };
  const named = await scriptOf({ ATTUNE__SERVER__PUBLIC_URL: 'https://attune.example.org/a_b/' });
  expect(named).toContain(`api=\${ATTUNE_API_URL:-https://attune.example.org/a_b/}`);
  expect(await scriptOf({ ATTUNE__SERVER__PUBLIC_URL: 'https://x/$(id)' })).toContain(`api=\${ATTUNE_API_URL:-}`);
});

test('a script that ends early, wherever in its last line, or is given no version to compare with, does nothing', async () => {
  const script = await (await fetch(`${whole.url}/api/v1/agent/bootstrap.sh`)).text();
  const end = script.trimEnd();
  const said = (text: string, env: Readonly<Record<string, string>> = {}): string =>
    Bun.spawnSync(['/bin/sh'], { stdin: Buffer.from(text), env: { PATH: '/usr/bin:/bin', ...env } }).stderr.toString();
  for (let cut = end.lastIndexOf('\n'); cut < end.length; cut++)
    expect([end.slice(cut), said(end.slice(0, cut))]).toEqual([
      end.slice(cut),
      expect.not.stringContaining('attune-bootstrap'),
    ]);
  expect(said(end)).toContain('attune-bootstrap: set ATTUNE_API_TOKEN');
  for (const least of ['v0.1.0', 'latest', '1..0', '.1', '1.', '9999999999', '-rc.1'])
    expect(said(end, { ATTUNE_AGENT_MIN_VERSION: least })).toContain(`is '${least}', and no version such as 1.2.3`);
  for (const least of ['0', '1.2.3', '1.2.3-rc.1', '0.10.0+more'])
    expect(said(end, { ATTUNE_AGENT_MIN_VERSION: least })).toContain('set ATTUNE_API_TOKEN');
});

test('a token cannot be a setting of what downloads the agent', async () => {
  const script = await (await fetch(`${whole.url}/api/v1/agent/bootstrap.sh`)).text();
  using place = temporaryDirectory();
  const written = join(place.path, 'written');
  for (const token of [`x"\noutput = "${written}`, `x\npost_file = ${written}`, 'x\\', 'x\r']) {
    const { stderr } = Bun.spawnSync(['/bin/sh'], {
      stdin: Buffer.from(script),
      env: { PATH: '/usr/bin:/bin', HOME: place.path, ATTUNE_AGENT_DIR: place.path, ATTUNE_API_TOKEN: token },
    });
    expect([token, stderr.toString(), existsSync(written)]).toEqual([
      token,
      expect.stringContaining('which no token has'),
      false,
    ]);
  }
});

test('a directory of somebody else, or a link in its place, gets no agent', async () => {
  using place = temporaryDirectory();
  const setUp = 'rm -rf /tmp/attune-agent-*; unset ATTUNE_AGENT_DIR; export HOME=/proc; chmod 000 /opt 2>/dev/null;';
  const asNobody = (before: string): Promise<Ran> =>
    inRoot(
      'curl',
      place.path,
      `${setUp} ${before}; chmod 755 /mnt; setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '${bootstrap('curl', whole.url)}'; code=$?; ls -ldn /tmp/attune-agent-65534; rm -rf /tmp/attune-agent-* /tmp/evil; chmod 755 /opt; exit $code`,
    );
  const good = await asNobody(':');
  expect([good.exitCode, good.stderr]).toEqual([0, expect.stringContaining('installed /tmp/attune-agent-65534/')]);
  for (const before of [
    'mkdir -m 777 /tmp/attune-agent-65534',
    'mkdir -m 777 /tmp/attune-agent-65534; chown 1000 /tmp/attune-agent-65534',
    'mkdir /tmp/evil; chown 65534 /tmp/evil; ln -s /tmp/evil /tmp/attune-agent-65534',
  ]) {
    const ran = await asNobody(before);
    expect([before, ran.exitCode, ran.stderr]).toEqual([before, 1, expect.stringContaining('only to this user')]);
  }
  const named = await asNobody(
    'mkdir /tmp/evil; chown 1000 /tmp/evil; chmod 777 /tmp/evil; export ATTUNE_AGENT_DIR=/tmp/evil',
  );
  expect([named.exitCode, named.stderr]).toEqual([1, expect.stringContaining('belongs to another user')]);
});

test('what a script tries whether it may write is not written through a link of somebody else', async () => {
  using place = temporaryDirectory();
  const url = `${whole.url}/api/v1/agent/bootstrap.sh`;
  const { exitCode, stdout, stderr } = await inRoot(
    'curl',
    place.path,
    `chmod 755 /mnt; mkdir -m 777 /mnt/theirs; chown 1000 /mnt/theirs; echo mine >/mnt/mine; chown 65534 /mnt/mine
    export ATTUNE_AGENT_DIR=/mnt/theirs
    curl -fsSL ${url} >/mnt/script; chmod 644 /mnt/script
    setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'ln -s /mnt/mine /mnt/theirs/.attune-write-test.$$; exec sh /mnt/script'
    code=$?; cat /mnt/mine; exit $code`,
  );
  expect([exitCode, stdout, stderr]).toEqual([1, 'mine\n', expect.stringContaining('cannot write to /mnt/theirs')]);
});

test('a foreign root becomes a worker of the server the script came from, without the token of the download', async () => {
  using place = temporaryDirectory();
  const data = join(directory.path, 'data');
  const made = callAgent(['token', 'create', '--name', 'boot', '--data', data, '--scope', 'agent-download,worker']);
  const token = made.stdout.trim();
  const packs = 'export ATTUNE_PACKS_DIR=/mnt ATTUNE__WORKER__LABELS=place=foreign ATTUNE__WORKER__SHUTDOWN_TIMEOUT=2';
  const script = `${packs} ATTUNE_API_TOKEN=${token}; ${bootstrap('curl', whole.url, '--name foreign')}`;
  const running = inRoot('curl', place.path, script);
  interface Worker {
    readonly name: string;
    readonly alive: boolean;
  }
  const workers = async (): Promise<readonly Worker[]> =>
    ((await (await whole.api('workers')).json()) as { workers: Worker[] }).workers;
  const isAlive = async (): Promise<boolean> => (await workers()).some((one) => one.name === 'foreign' && one.alive);
  await until('the worker appears', isAlive);
  const inline = {
    runtime: 'shell',
    code: 'cat /etc/debian_version; env; i=0; while [ $i -lt 50 ]; do echo line $i; i=$((i+1)); done',
  };
  const request = { inline, worker_selector: { place: 'foreign' } };
  const created = await whole.api('executions', { method: 'POST', body: JSON.stringify(request) });
  const { id } = (await created.json()) as { id: number };
  const log = await (await whole.api(`executions/${id}/logs/stream`)).text();
  expect(log).toContain('"status":"completed"');
  const stdout = await (await whole.api(`executions/${id}/logs/stdout`)).text();
  expect(stdout).toStartWith('12.');
  expect(stdout).toContain('line 49');
  expect(stdout).not.toContain('att_');
  const agent = pidOf('attune-agent\0--name\0foreign');
  expect(readFileSync(`/proc/${agent}/environ`, 'utf8')).not.toContain('ATTUNE_AGENT_TOKEN');
  process.kill(agent, 'SIGTERM');
  expect((await running).exitCode).toBe(0);
  expect(await isAlive()).toBe(false);
});

/** The process whose arguments these are part of. */
function pidOf(command: string): number {
  const isIt = (pid: string): boolean => {
    const path = `/proc/${pid}/cmdline`;
    return existsSync(path) && readFileSync(path, 'utf8').includes(command);
  };
  const pid = readdirSync('/proc').find((one) => /^\d+$/.test(one) && isIt(one));
  if (pid === undefined) throw new Error(`${command} does not run`);
  return Number(pid);
}

test('the download: checksums, ETag, Range, compression, architectures, tokens', async () => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${whole.url}/api/v1/agent/${path}`, { headers: { 'x-agent-token': TOKEN, ...headers }, decompress: false });
  const info = (await (await fetch(`${whole.url}/api/v1/agent/info`)).json()) as { architectures: object[] };
  expect(info.architectures).toEqual([
    { arch: 'x86_64', size_bytes: agentBytes.length, available: true, sha256: digest },
    { arch: 'aarch64', size_bytes: 0, available: false, sha256: null },
  ]);
  expect(await (await get('binary.sha256?arch=x86_64')).text()).toBe(`${digest}  attune-agent-x86_64\n`);
  const identity = await get('binary?arch=x86_64', { 'accept-encoding': 'identity' });
  expect([identity.headers.get('x-attune-sha256'), identity.headers.get('content-encoding')]).toEqual([digest, null]);
  expect(new Bun.CryptoHasher('sha256').update(await identity.bytes()).digest('hex')).toBe(digest);
  const etag = identity.headers.get('etag') ?? '';
  const known = await get('binary?arch=x86_64', { 'accept-encoding': 'identity', 'if-none-match': etag });
  expect([known.status, (await known.bytes()).length]).toEqual([304, 0]);
  const part = await get('binary?arch=x86_64', { range: 'bytes=1-3', 'accept-encoding': 'gzip' });
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
    206,
    'ELF',
    `bytes 1-3/${agentBytes.length}`,
  ]);
  for (const [encoding, unpack] of [
    ['zstd', Bun.zstdDecompress],
    ['gzip', Bun.gunzipSync],
  ] as const) {
    const packed = await get('binary?arch=x86_64', { 'accept-encoding': encoding });
    expect(packed.headers.get('content-encoding')).toBe(encoding);
    const body = new Uint8Array(await packed.arrayBuffer());
    expect(body.length).toBeLessThan(agentBytes.length / 2);
    expect(new Bun.CryptoHasher('sha256').update(await unpack(body)).digest('hex')).toBe(digest);
  }
  const encodingFor = async (accepted: string): Promise<string | null> => {
    const answer = await get('binary?arch=x86_64', { 'accept-encoding': accepted });
    await answer.body?.cancel();
    return answer.headers.get('content-encoding');
  };
  expect(await encodingFor('gzip, deflate, br, ZSTD')).toBe('zstd');
  expect(await encodingFor('zstd;q=0.5, gzip;q=0.8')).toBe('gzip');
  expect(await encodingFor('zstd;q=0, gzip;q=0.1')).toBe('gzip');
  expect(await encodingFor('identity, gzip;q=0.1')).toBeNull();
  expect(await encodingFor('br')).toBeNull();
  const statuses = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await get(path, headers)).status;
  const posted = (token: string): Promise<Response> =>
    fetch(`${whole.url}/api/v1/agent/binary.sha256?arch=x86_64`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    });
  expect([(await posted(TOKEN)).status, (await posted('wrong')).status]).toEqual([200, 401]);
  expect((await posted('x'.repeat(5000))).status).toBe(401);
  expect(await statuses('binary?arch=x86_64', { 'x-agent-token': 'wrong' })).toBe(401);
  expect([await statuses('binary?arch=arm64'), await statuses('binary?arch=aarch64')]).toEqual([404, 404]);
  expect([await statuses('binary?arch=mips'), await statuses('binary')]).toEqual([400, 400]);
});
