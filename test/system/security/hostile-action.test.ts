/** A hostile action in each family: it looks for what the agent knows, wherever a process may look, and finds nothing. */
import { expect, test } from 'bun:test';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { type RootName, rootFileSystem } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const actions = join(import.meta.dir, 'actions');

/** Each appears in the agent's configuration, and nowhere in what an action can reach. */
const secrets = {
  ATTUNE__DATABASE__URL: 'postgres://attune:hunter2-database@127.0.0.1:1/attune',
  ATTUNE__MESSAGE_QUEUE__URL: 'amqp://attune:hunter2-broker@127.0.0.1:1/',
  ATTUNE_API_TOKEN: 'hunter2-token',
  AWS_SECRET_ACCESS_KEY: 'hunter2-stranger',
};
const inFile = 'hunter2-encryption-key';
const inSpool = 'hunter2-result-of-another';

const families: readonly (readonly [root: RootName, script: string])[] = [
  ...['sh', 'py', 'js', 'rb', 'go', 'R', 'pl'].map((one) => ['families', `hostile.${one}`] as const),
  ['families', 'Hostile.java'],
  ...['php', 'lua', 'tcl', 'scm', 'ml', 'escript', 'exs', 'rkt', 'awk', 'rs'].map(
    (one) => ['more', `hostile.${one}`] as const,
  ),
];

test('every hostile action there is is tried', () => {
  expect(families.map(([, script]) => script).toSorted()).toEqual(readdirSync(actions).toSorted());
});

interface Way {
  readonly name: string;
  readonly agentUid: number;
  readonly env: Readonly<Record<string, string>>;
  /** Files that are the agent's and not the action's. */
  readonly hidden: readonly string[];
}

const ways: readonly Way[] = [
  { name: 'as the same user as the agent', agentUid: 65_534, env: {}, hidden: [] },
  {
    name: 'as execution_user',
    agentUid: 0,
    env: { ATTUNE__WORKER__EXECUTION_USER: '65534:65534' },
    hidden: ['/mnt/private/config.yaml', '/mnt/private/spool/results'],
  },
];

/** In a namespace of its own pids, where the agent is one of the first few: all of them are looked at. */
function attack(root: RootName, script: string, { agentUid, env, hidden }: Way): Call {
  using place = temporaryDirectory();
  chmodSync(place.path, 0o755);
  mkdirSync(join(place.path, 'private/spool'), { recursive: true, mode: 0o700 });
  writeFileSync(join(place.path, 'private/config.yaml'), `security:\n  encryption_key: ${inFile}\n`, { mode: 0o600 });
  writeFileSync(join(place.path, 'private/spool/results'), inSpool, { mode: 0o600 });
  writeFileSync(join(place.path, 'open'), 'meant to be found\n');
  const ofProcesses = Array.from({ length: 40 }, (_, pid) =>
    ['environ', 'cmdline', 'fd/3', 'fd/4', 'fd/5', 'fd/6', 'fd/7', 'fd/8'].map((name) => `/proc/${pid + 1}/${name}`),
  ).flat();
  /* A stream of the agent's that can be opened would never end. */
  const paths = [
    '/mnt/open',
    ...hidden,
    ...ofProcesses.filter((one) => !one.includes('/fd/') || script.endsWith('.sh')),
  ];
  writeFileSync(join(place.path, 'paths'), `${paths.join('\n')}\n`);
  copyFileSync(join(actions, script), join(place.path, script));
  if (agentUid !== 0) call(['chown', '-R', `${agentUid}:${agentUid}`, join(place.path, 'private')]);
  const mounts = [
    'mount -t tmpfs tmpfs "$ROOT/tmp"; chmod 1777 "$ROOT/tmp"',
    'mount -t proc proc "$ROOT/proc"',
    'mount --bind "$PLACE" "$ROOT/mnt"',
    'mount -t tmpfs tmpfs "$ROOT/opt/attune"; chmod 755 "$ROOT/opt/attune"',
    'touch "$ROOT/opt/attune/agent"; mount --bind "$AGENT" "$ROOT/opt/attune/agent"',
    'mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"; for n in null zero urandom random; do touch "$ROOT/dev/$n"; mount --bind /dev/$n "$ROOT/dev/$n"; done; ln -s /proc/self/fd "$ROOT/dev/fd"',
    `exec chroot --userspec=${agentUid}:${agentUid} --groups= "$ROOT" /opt/attune/agent run "/mnt/$SCRIPT" --timeout 100`,
  ];
  return call(
    [
      'unshare',
      '--pid',
      '--fork',
      '--mount',
      '--propagation',
      'private',
      '--kill-child',
      'sh',
      '-euc',
      mounts.join('\n'),
    ],
    {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        ATTUNE_CONFIG: '/mnt/private/config.yaml',
        ATTUNE__WORKER__SPOOL_DIR: '/mnt/private/spool',
        ...secrets,
        ...env,
        ROOT: rootFileSystem(root),
        PLACE: place.path,
        AGENT: agentFile,
        SCRIPT: script,
      },
    },
  );
}

for (const way of ways)
  for (const [root, script] of families)
    rootTest(
      `${script} ${way.name}`,
      () => {
        const { stdout, stderr } = attack(root, script, way);
        expect(stdout, stderr).toContain('tried');
        expect(stdout).toContain('meant to be found');
        expect(`${stdout}${stderr}`).not.toContain('hunter2');
        expect(stdout).not.toContain('attached');
        /* Three streams, and the one by which ls reads the directory. */
        if (script === 'hostile.sh') expect(stdout.match(/^fd \d+$/gm)).toEqual(['fd 0', 'fd 1', 'fd 2', 'fd 3']);
      },
      300_000,
    );
