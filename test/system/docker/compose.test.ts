/** The Compose files of docker/, brought up as they are on a real engine. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { faultyFile } from '#test/support/agent.ts';
import { type Project, startProject } from '#test/support/compose.ts';
import { isRoot, rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

let project: Project;

/** What each worker alone can run: `[extension, script]`; every one prints `host NAME`. */
const actions: Readonly<Record<string, readonly [string, string]>> = {
  python: ['py', 'import socket\nprint("host", socket.gethostname())\n'],
  node: ['js', 'console.log("host", require("node:os").hostname());\n'],
  ruby: ['rb', 'require "socket"\nputs "host #{Socket.gethostname}"\n'],
  java: [
    'java',
    'public class Main { public static void main(String[] a) throws Exception { System.out.println("host " + java.nio.file.Files.readString(java.nio.file.Path.of("/etc/hostname")).strip()); } }\n',
  ],
  r: ['R', 'cat("host", Sys.info()[["nodename"]], "\\n")\n'],
  musl: ['sh', 'echo "host $(cat /etc/hostname)"\n'],
  perl: ['pl', 'use Sys::Hostname; print "host ", hostname(), "\\n";\n'],
};
const runners: Readonly<Record<string, string>> = { musl: 'shell' };
const more: Readonly<Record<string, string>> = { musl: 'worker_selector: { libc: musl }\n' };

beforeAll(async () => {
  if (!isRoot) return;
  project = await startProject();
  const { packs, compose } = project;
  packs.file('each/pack.yaml', 'ref: each\nversion: 1.0.0\n');
  for (const [name, [extension, script]] of Object.entries(actions)) {
    packs.file(
      `each/actions/${name}.yaml`,
      `entry_point: Main.${extension}\nrunner_type: ${runners[name] ?? name}\n${more[name] ?? ''}`,
    );
    packs.file(`each/actions/Main.${extension}`, script);
  }
  packs.file(
    'each/actions/secrets.yaml',
    'entry_point: secrets.sh\nrunner_type: shell\nworker_selector: { libc: musl }\n',
  );
  packs.file(
    'each/actions/secrets.sh',
    `for one in $(find /run /etc /opt /tmp -type f -size -9 2>/dev/null | head -n 200) /run/secrets/* /proc/[0-9]*/environ /proc/1/root/run/secrets/*; do
  tr 'A-Za-z0-9' 'B-ZAB-ZA1-90' <"$one" 2>/dev/null | tr -cd ' -~\\n' | head -c 2000
done
echo 'still reads' >/tmp/own; tr 'a-z' 'B-ZA' </tmp/own
`,
  );
  packs.file(
    'each/actions/slow.yaml',
    'entry_point: slow.py\nrunner_type: python\nmax_retries: 2\nparameters: { seconds: { type: number } }\n',
  );
  packs.file(
    'each/actions/slow.py',
    'import json, sys, time\nprint("started", flush=True)\ntime.sleep(json.load(sys.stdin).get("seconds", 1))\nprint("slept")\n',
  );
  compose(['up', '--detach', '--wait', '--scale', 'worker-python=2']);
}, 900_000);

afterAll(async () => {
  if (isRoot) await project[Symbol.asyncDispose]();
}, 120_000);

interface Execution {
  readonly id: number;
  readonly status: string;
  readonly retry_count: number;
  readonly worker: number | null;
}

interface Worker {
  readonly id: number;
  readonly name: string;
  readonly status: string;
}

function ask<T>(...args: readonly string[]): T {
  const { exitCode, stdout, stderr } = project.client(...args, '--format', 'json');
  if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

const submit = (action: string, ...parameters: readonly string[]): number =>
  ask<{ id: number }>('submit', action, '--detach', ...parameters).id;
const execution = (id: number): Execution => ask<Execution>('executions', String(id));
const workers = (): readonly Worker[] => ask<{ workers: readonly Worker[] }>('workers').workers;

async function reaches(id: number, status: string, deadlineMs = 60_000): Promise<Execution> {
  let last: Execution | undefined;
  const isThere = (): boolean => {
    last = execution(id);
    return last.status === status;
  };
  await until(`execution ${id} is ${status}`, isThere, deadlineMs).catch((error: unknown) => {
    throw new Error(`${error}: it is ${JSON.stringify(last)}`);
  });
  return last as Execution;
}

const containers = (service: string): readonly string[] =>
  project.compose(['ps', '--quiet', service]).trim().split('\n');
const hostname = (container: string): string =>
  project.engine.must('inspect', '--format', '{{.Config.Hostname}}', container).trim();

/** The container of the worker that has it. */
async function containerOf(id: number): Promise<string> {
  const { worker } = await reaches(id, 'running');
  const name = workers().find((one) => one.id === worker)?.name;
  const found = containers('worker-python').find((one) => `worker-${hostname(one)}` === name);
  if (found === undefined) throw new Error(`nobody is ${name}`);
  return found;
}

rootTest('no secret is in the files, nor in what Compose makes of them', () => {
  const resolved = project.compose(['config']);
  const secrets = readdirSync(project.secrets).map((name) => readFileSync(join(project.secrets, name), 'utf8').trim());
  expect(secrets.length).toBe(9);
  for (const secret of secrets) expect(resolved).not.toContain(secret);
});

rootTest('without secrets nothing starts, and the message names the command that makes them', () => {
  expect(() => project.compose(['config'], { ATTUNE_USER: '' })).toThrow('run make compose-secrets');
});

rootTest('secrets belong to their user, and a worker has its token alone', () => {
  for (const name of readdirSync(project.secrets)) {
    const { mode, uid } = statSync(join(project.secrets, name));
    expect([name, mode & 0o777, uid]).toEqual([name, 0o400, 65534]);
  }
  const resolved = Bun.YAML.parse(project.compose(['config'])) as {
    services: Record<string, { secrets?: readonly { source: string }[]; networks?: object }>;
  };
  for (const [name, { secrets = [], networks = {} }] of Object.entries(resolved.services))
    if (name.startsWith('worker-'))
      expect([name, secrets.map((one) => one.source), Object.keys(networks)]).toEqual([
        name,
        ['worker_token'],
        ['workers'],
      ]);
  expect(resolved.services['server']?.secrets?.map((one) => one.source)).not.toContain('database_url');
});

rootTest(
  'an execution of each language goes to the worker on the image that has it',
  async () => {
    for (const name of Object.keys(actions)) {
      const service = `worker-${name === 'musl' ? 'alpine' : name}`;
      const ran = project.client('submit', `each.${name}`);
      expect(`${name}: ${ran.stderr}`).toContain('completed');
      const hosts = containers(service).map(hostname);
      const [, host = ''] = /host (\S+)/.exec(ran.stdout) ?? [];
      /* Debian's slim images have perl too */
      if (name !== 'perl') expect({ service, hosts }).toEqual({ service, hosts: expect.arrayContaining([host]) });
      else expect(host).not.toBe('');
    }
  },
  300_000,
);

rootTest(
  'an action finds no secret of the deployment: the one of its worker is hidden, the others are elsewhere',
  () => {
    const { stdout, stderr } = project.client('submit', 'each.secrets');
    expect(stderr).toContain('completed');
    expect(stdout).toContain(
      'TUJMM SFBET\n',
    ); /* `still reads`, a letter further, so that masking knows nothing of it */
    for (const name of readdirSync(project.secrets)) {
      const [secret = ''] = /[0-9a-f]{32}/.exec(readFileSync(join(project.secrets, name), 'utf8')) ?? [];
      const further = secret.replace(/[0-9a-f]/g, (one) => '1234567890BCDEFG'['0123456789abcdef'.indexOf(one)] ?? '');
      expect([name, stdout.includes(further)]).toEqual([name, false]);
    }
    expect(stdout).not.toContain('***');
  },
);

rootTest(
  'a pack that is sent, the key that it asks for, and the artifact that it leaves',
  () => {
    using sent = temporaryDirectory();
    const told = (...args: readonly string[]): string => {
      const { exitCode, stdout, stderr } = project.client(...args);
      expect([args, exitCode, exitCode === 0 ? '' : stderr]).toEqual([args, 0, '']);
      return stdout;
    };
    const pack = (version: string, word: string): string => {
      sent.file('pack/sent/pack.yaml', `ref: sent\nversion: ${version}\n`);
      sent.file(
        'pack/sent/actions/report.yaml',
        'entry_point: report.py\nrunner_type: python\nparameters: { meter: { type: string, secret: true } }\n',
      );
      sent.file(
        'pack/sent/actions/report.py',
        `import json, os, pathlib, sys
meter = json.load(sys.stdin)["meter"]
pathlib.Path(os.environ["ATTUNE_ARTIFACTS_DIR"], "report.txt").write_text(f"${word} {len(meter)}")
print("asked", meter)
`,
      );
      return join(sent.path, 'pack/sent');
    };
    const report = (): string => {
      const { id } = ask<{ id: number }>('submit', 'sent.report');
      expect(told('logs', String(id))).toContain('asked ***');
      const directory = join(sent.path, `of-${id}`);
      told('artifacts', String(id), '--download', directory);
      const [name = ''] = readdirSync(directory, { recursive: true })
        .map(String)
        .filter((one) => one.endsWith('report.txt'));
      return readFileSync(join(directory, name), 'utf8');
    };
    told('packs', 'install', pack('1.0.0', 'read'));
    told('keys', 'set', 'meter', '--pack', 'sent', '--file', sent.file('meter', 'water-and-gas-of-march'));
    expect(report()).toBe('read 22');
    told('packs', 'install', pack('1.1.0', 'counted'));
    expect(report()).toBe('counted 22');
    told('packs', 'rollback', 'sent');
    expect(report()).toBe('read 22');
  },
  180_000,
);

rootTest(
  'a worker that is killed in the middle: another one does its work again',
  async () => {
    const id = submit('each.slow', '-p', 'seconds=6');
    project.engine.must('kill', '--signal', 'KILL', await containerOf(id));
    expect(await reaches(id, 'completed')).toMatchObject({ retry_count: 1 });
    project.compose(['up', '--detach', '--wait', '--scale', 'worker-python=2']);
  },
  180_000,
);

rootTest(
  'the agent in the volume is replaced and workers one after the other with it: nothing is lost',
  async () => {
    const ids = Array.from({ length: 12 }, () => submit('each.slow', '-p', 'seconds=2'));
    project.ship(faultyFile);
    expect(project.compose(['run', '--rm', '-T', 'init-agent'])).toContain('installed');
    for (const old of containers('worker-python')) {
      ids.push(submit('each.slow', '-p', 'seconds=2'));
      project.engine.must('rm', '--force', '--volumes', stopped(old));
      project.compose(['up', '--detach', '--wait', '--no-deps', '--scale', 'worker-python=2', 'worker-python']);
    }
    for (const id of ids) expect(await reaches(id, 'completed', 120_000)).toMatchObject({ retry_count: 0 });
    const sum = (path: string): string => new Bun.CryptoHasher('sha256').update(readFileSync(path)).digest('hex');
    for (const container of containers('worker-python')) {
      /* From outside: within the container nobody may look into the agent. */
      const pid = project.engine.must('inspect', '--format', '{{.State.Pid}}', container).trim();
      expect(sum(`/proc/${pid}/exe`)).toBe(sum(faultyFile));
    }
  },
  300_000,
);

/** Politely: it ends what it runs. */
function stopped(container: string): string {
  project.engine.must('stop', '--time', '40', container);
  expect(project.engine.must('inspect', '--format', '{{.State.ExitCode}}', container).trim()).toBe('0');
  return container;
}

for (const way of ['image-mount', 'download'])
  rootTest(
    `the variant ${way}: a worker gets its agent without the volume`,
    () => {
      project.compose(['up', '--detach', '--wait', '--no-deps', 'worker-alpine'], { ATTUNE_WORKER: way });
      const [container = ''] = containers('worker-alpine');
      const mounts = project.engine.must(
        'inspect',
        '--format',
        '{{json .Mounts}} {{json .HostConfig.Mounts}}',
        container,
      );
      expect(mounts).not.toContain('attune_agent');
      const ran = project.client('submit', 'each.musl');
      expect(ran.stdout).toContain(`host ${hostname(container)}`);
    },
    180_000,
  );

rootTest(
  'docker compose down drains: what runs ends, workers say goodbye',
  async () => {
    const id = submit('each.slow', '-p', 'seconds=4');
    await reaches(id, 'running');
    project.compose(['down']);
    project.compose(['up', '--detach', '--wait', 'postgres']);
    const query = (sql: string): string =>
      project.compose(['exec', '-T', 'postgres', 'psql', '-h', '/tmp', '-U', 'attune', '-At', '-c', sql]).trim();
    expect(query(`SELECT status, retry_count FROM attune.execution WHERE id = ${id}`)).toBe('completed|0');
    expect(query("SELECT count(*) FROM attune.worker WHERE status = 'active'")).toBe('0');
    expect(query('SELECT count(*) FROM attune.execution_claim')).toBe('0');
  },
  180_000,
);
