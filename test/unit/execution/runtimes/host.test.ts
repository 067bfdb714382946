import { expect, test } from 'bun:test';
import { cgroupLimits, inspectHost } from '#execution/runtimes/host.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

function root(files: Record<string, string>): TemporaryDirectory {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) directory.file(name, text);
  return directory;
}

test('an empty root has no libc, no distribution and no limits', () => {
  using empty = root({});
  expect(inspectHost({}, empty.path)).toMatchObject({
    libc: 'none',
    os: undefined,
    isContainer: false,
    user: undefined,
    limits: { cpus: undefined, memoryBytes: undefined, pids: undefined },
  });
});

test('the libc is told by its loader, glibc where both are', () => {
  using musl = root({ 'lib/ld-musl-x86_64.so.1': '' });
  using glibc = root({ 'lib64/ld-linux-x86-64.so.2': '', 'lib/ld-musl-x86_64.so.1': '' });
  expect(inspectHost({}, musl.path).libc).toBe('musl');
  expect(inspectHost({}, glibc.path).libc).toBe('glibc');
});

test('os-release is read with and without quotes', () => {
  using alpine = root({
    'etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n',
  });
  expect(inspectHost({}, alpine.path).os).toEqual({ id: 'alpine', version: '3.20.1', name: 'Alpine Linux v3.20' });
});

test('a container is told by its marks', () => {
  using docker = root({ '.dockerenv': '' });
  using nothing = root({});
  expect(inspectHost({}, docker.path).isContainer).toBe(true);
  expect(inspectHost({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, nothing.path).isContainer).toBe(true);
});

test('limits of a version 2 cgroup, nested or mounted as the root; max means none', () => {
  using nested = root({
    'proc/self/cgroup': '0::/pod/one\n',
    'sys/fs/cgroup/pod/one/cpu.max': '150000 100000\n',
    'sys/fs/cgroup/pod/one/memory.max': '536870912\n',
    'sys/fs/cgroup/pod/one/pids.max': '100\n',
  });
  using inside = root({
    'proc/self/cgroup': '0::/pod/one\n',
    'sys/fs/cgroup/cpu.max': '50000 100000\n',
    'sys/fs/cgroup/memory.max': '1048576\n',
    'sys/fs/cgroup/pids.max': 'max\n',
  });
  expect(cgroupLimits(nested.path)).toEqual({ cpus: 1.5, memoryBytes: 536_870_912, pids: 100 });
  expect(cgroupLimits(inside.path)).toEqual({ cpus: 0.5, memoryBytes: 1_048_576, pids: undefined });
});

test('limits of a version 1 cgroup; its huge number means none', () => {
  using limited = root({
    'proc/self/cgroup': '5:pids:/docker/x\n4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n',
    'sys/fs/cgroup/pids/docker/x/pids.max': '64\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '104857600\n',
  });
  using free = root({
    'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  });
  expect(cgroupLimits(limited.path)).toEqual({ cpus: 0.5, memoryBytes: 104_857_600, pids: 64 });
  expect(cgroupLimits(free.path)).toEqual({ cpus: undefined, memoryBytes: undefined, pids: undefined });
});
