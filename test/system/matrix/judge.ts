import { type CellReport, expectations, type MatrixRoot, type Way } from './cells.ts';

/** Present and reported as broken: these find their own libraries by /proc/self/exe, which QEMU answers by itself. */
function broken(root: MatrixRoot, way: Way): readonly string[] {
  return way.hasProc || root.startsWith('arm64-') ? [] : ['java', 'racket'];
}

/**
 * A compiled program must run from somewhere: where nothing writable allows that, these cannot, and must say so.
 * The Rust compiler and a glibc Bun want /proc as Java does, but answer for their version without.
 */
function failing(way: Way): readonly string[] {
  const uncompiled = way.isTmpNoexec && way.isReadOnly ? ['go', 'rust'] : [];
  return way.hasProc ? uncompiled : [...uncompiled, 'rust', 'bun'];
}

/** Everything in a cell that is not as it must be. */
export function judge(root: MatrixRoot, way: Way, { version, detection, selfTest }: CellReport): readonly string[] {
  const expected = expectations[root];
  const runtimes = expected.runtimes.filter((name) => !broken(root, way).includes(name));
  const tests = runtimes.map((name) => `${failing(way).includes(name) ? 'not ok' : 'ok'} ${name}`);
  const problems = detection?.interpreters.flatMap((one) => (one.problem === null ? [] : one.name));
  const lines = selfTest.stdout.split('\n').filter((line) => /^(not )?ok /.test(line));
  const complaints: string[] = [];
  const check = (what: string, found: unknown, wanted: unknown): void => {
    if (!Bun.deepEquals(found, wanted))
      complaints.push(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  };
  check('--version', [version.exitCode, /^attune-agent \d/.test(version.stdout), version.stderr], [0, true, '']);
  check('runtimes', detection?.runtimes, runtimes);
  check('libc', detection?.host.libc, expected.libc);
  check('os', detection?.host.os_release?.id, expected.os);
  check('uid', detection?.host.uid, way.uid);
  check(
    'broken',
    problems,
    expected.runtimes.filter((name) => broken(root, way).includes(name)),
  );
  check(
    'self-test',
    lines.map((line) => line.replace(/^(not ok|ok) \d+ - (\S+) .*/, '$1 $2')),
    tests,
  );
  check('exit code of self-test', selfTest.exitCode, tests.some((line) => line.startsWith('not')) ? 1 : 0);
  if (tests.some((line) => line.startsWith('not')))
    check('reason', /permission denied|Is \/proc mounted|SIGABRT/i.test(selfTest.stdout), true);
  return complaints.length === 0 ? [] : [...complaints, selfTest.stdout, selfTest.stderr, version.stderr];
}
