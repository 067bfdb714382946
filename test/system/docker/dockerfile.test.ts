/** The Dockerfile, built and used by a real engine. */

import { afterAll, beforeAll, expect } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectionReportSchema } from '#execution/runtimes/report.ts';
import { EHDR } from '#formats/elf-layout.ts';
import { machines } from '#static-linker/machines.ts';
import { packs } from '#test/support/agent.ts';
import { type Engine, startEngine } from '#test/support/docker.ts';
import { projectRoot } from '#test/support/project.ts';
import { isRoot, rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

let engine: Engine;

beforeAll(async () => {
  if (!isRoot) return;
  engine = await startEngine();
  engine.importRoot('trixie', 'debian:trixie-slim');
  engine.importRoot('busybox', 'busybox:1.37');
  engine.importRoot('bookworm', 'debian:bookworm-slim');
  engine.docker('volume', 'rm', '--force', 'agent');
  const build = [
    'build',
    '--network',
    'host',
    '--file',
    `${projectRoot}/docker/Dockerfile.agent`,
    '--build-arg',
    'COMMIT=docker',
  ];
  engine.must(...build, '--target', 'agent-binary', '--tag', 'attune-agent:scratch', projectRoot);
  engine.must(...build, '--target', 'agent-init', '--tag', 'attune-agent:init', projectRoot);
}, 600_000);

afterAll(async () => {
  if (isRoot) await engine[Symbol.asyncDispose]();
}, 120_000);

const locked = ['run', '--rm', '--network', 'none', '--read-only', '--user', '65534:65534', '--cap-drop', 'ALL'];
const injected = [
  ...locked,
  '--volume',
  'agent:/opt/attune/agent:ro',
  '--entrypoint',
  '/opt/attune/agent/attune-agent',
];

rootTest(
  'for another platform the builder links across',
  () => {
    const platform = process.arch === 'x64' ? 'arm64' : 'amd64';
    const target = [
      '--platform',
      `linux/${platform}`,
      '--target',
      'agent-binary',
      '--tag',
      'attune-agent:other',
      projectRoot,
    ];
    engine.must('build', '--network', 'host', '--file', `${projectRoot}/docker/Dockerfile.agent`, ...target);
    expect(engine.must('image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', 'attune-agent:other').trim()).toBe(
      `linux/${platform}`,
    );
    using directory = temporaryDirectory();
    const id = engine.must('create', '--platform', `linux/${platform}`, 'attune-agent:other').trim();
    engine.must('cp', `${id}:/attune-agent`, directory.path);
    engine.must('rm', id);
    const { id: machine } = machines.find((one) => one.bunArch === (platform === 'arm64' ? 'arm64' : 'x64')) ?? {
      id: 0,
    };
    expect(readFileSync(join(directory.path, 'attune-agent')).readUInt16LE(EHDR.e_machine)).toBe(machine);
  },
  600_000,
);

rootTest('the scratch image holds the file and nothing else', () => {
  const id = engine.must('create', 'attune-agent:scratch').trim();
  const listing = Bun.spawnSync(['sh', '-c', `docker export ${id} | tar -t`], {
    env: {
      PATH: '/usr/bin:/bin',
      DOCKER_HOST: engine.must('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}').trim(),
    },
  });
  engine.must('rm', id);
  const made = [
    '.dockerenv',
    'dev/',
    'dev/console',
    'dev/pts/',
    'dev/shm/',
    'etc/',
    'etc/hostname',
    'etc/hosts',
    'etc/mtab',
    'etc/resolv.conf',
    'proc/',
    'sys/',
  ];
  expect(
    listing.stdout
      .toString()
      .trim()
      .split('\n')
      .filter((name) => !made.includes(name)),
  ).toEqual(['attune-agent']);
});

rootTest('it runs from scratch: read-only, as nobody, without network and capabilities', () => {
  expect(engine.must(...locked, 'attune-agent:scratch', '--version')).toMatch(/^attune-agent \S+ \(docker, /);
  expect(engine.must(...locked, 'attune-agent:scratch', '--detect-only', '--format', 'env')).toBe(
    'ATTUNE_WORKER_RUNTIMES=\n',
  );
});

rootTest('the init image fills a volume, and does so again without writing', () => {
  const fill = ['run', '--rm', '--network', 'none', '--volume', 'agent:/opt/attune/agent', 'attune-agent:init'];
  expect(engine.must(...fill)).toContain('/opt/attune/agent/attune-agent');
  expect(engine.must(...fill)).toContain('is up to date');
});

rootTest('the scratch image fills a volume without a shell', () => {
  engine.must(
    'run',
    '--rm',
    '--network',
    'none',
    '--volume',
    'other:/volume',
    'attune-agent:scratch',
    'install',
    '/volume',
  );
  const listed = engine.must(
    'run',
    '--rm',
    '--network',
    'none',
    '--volume',
    'other:/volume',
    '--entrypoint',
    '/bin/ls',
    'busybox:1.37',
    '-l',
    '/volume',
  );
  expect(listed).toMatch(/-rwxr-xr-x .* attune-agent\n/);
  engine.must('volume', 'rm', 'other');
});

rootTest('a read-only volume is refused with the reason', () => {
  const refused = engine.docker(
    'run',
    '--rm',
    '--network',
    'none',
    '--volume',
    'agent:/opt/attune/agent:ro',
    'attune-agent:scratch',
    'install',
    '/opt/attune/agent/deeper',
  );
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('the file system is read-only');
});

rootTest('injected into a foreign image it detects what that has', () => {
  const report = detectionReportSchema.parse(
    JSON.parse(engine.must(...injected, 'debian:bookworm-slim', '--detect-only', '--format', 'json')),
  );
  expect(report.runtimes).toEqual(['shell', 'perl', 'awk']);
  expect(report.host).toMatchObject({
    libc: 'glibc',
    is_container: true,
    uid: 65534,
    os_release: { version_id: '12' },
  });
});

rootTest('the limits of the container are read', () => {
  const limited = [...injected.slice(0, 1), '--memory', '200m', '--cpus', '1.5', ...injected.slice(1)];
  const { host } = detectionReportSchema.parse(
    JSON.parse(engine.must(...limited, 'debian:bookworm-slim', '--detect-only', '--format', 'json')),
  );
  expect(host).toMatchObject({ cpu_limit: 1.5, memory_limit_bytes: 200 * 1024 * 1024 });
});

rootTest('injected into a foreign image it runs an action', () => {
  const mounts = ['--volume', `${packs}:/packs:ro`, '--tmpfs', '/tmp:mode=1777'];
  const command = [...injected.slice(0, 1), ...mounts, ...injected.slice(1), 'debian:bookworm-slim'];
  const ran = engine.must(...command, 'run', 'sample.report', '--packs', '/packs', '-p', 'items={"tea": 2}');
  expect(ran).toEndWith('Total        2.00\n');
});

rootTest(
  'docker stop ends a running action in time',
  async () => {
    const id = engine
      .must(
        'run',
        '--detach',
        '--network',
        'none',
        '--volume',
        'agent:/opt/attune/agent:ro',
        '--entrypoint',
        '/bin/sh',
        'debian:bookworm-slim',
        '-c',
        'echo "trap \\"echo stopping; exit\\" TERM; echo up; while :; do sleep 0.1; done" > /a.sh; exec /opt/attune/agent/attune-agent run /a.sh',
      )
      .trim();
    const logs = (): string => engine.docker('logs', id).stdout;
    await until('the action runs', () => logs().includes('up'));
    engine.must('stop', '--time', '30', id);
    expect(engine.must('inspect', '--format', '{{.State.ExitCode}}', id).trim()).toBe('143');
    expect(logs()).toBe('up\nstopping\n');
    engine.must('rm', id);
  },
  60_000,
);
