import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { foreignProblem, runForeign } from '#test/support/foreign.ts';
import { rootFileSystem, rootNames } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';
import { detectInCell, type MatrixRoot, runCell, specialRoots, specialWays, type Way, ways } from './cells.ts';
import { judge } from './judge.ts';

function cell(agent: string, root: MatrixRoot, way: Way): void {
  rootTest(
    `${root}, ${way.name}: version, detection and self-test`,
    () => {
      expect(judge(root, way, runCell(agent, root, way))).toEqual([]);
    },
    180_000,
  );
}

for (const root of rootNames) {
  rootTest(
    `${root}: its root file system can be made`,
    () => {
      expect(rootFileSystem(root)).toContain(root);
      /* From a cold, busy disk an interpreter may need longer than its 2 s twice; the cells are about other things. */
      const [way] = ways;
      if (way) detectInCell({ agent: agentFile, root, way });
    },
    600_000,
  );
  for (const way of ways) cell(agentFile, root, way);
}
for (const root of specialRoots) for (const way of specialWays) cell(agentFile, root, way);

/* The other processor: all cells by `make image-matrix`; here those that differ most, since QEMU takes its time. */
const foreignAgent = agentFile.replace(/x86_64$/, 'aarch64');
const problem = foreignProblem() ?? (existsSync(foreignAgent) ? undefined : 'needs the cross toolchain');
if (problem === undefined) {
  let programs: Disposable;
  beforeAll(() => {
    programs = runForeign();
  });
  afterAll(() => programs[Symbol.dispose]());
  const few: readonly MatrixRoot[] = ['arm64-busybox', 'arm64-python', 'arm64-debian'];
  rootTest(
    'roots of the other processor can be made',
    () => expect(few.map(rootFileSystem)).toHaveLength(few.length),
    300_000,
  );
  for (const way of ways.slice(0, 2)) {
    cell(foreignAgent, 'empty', way);
    for (const root of few) cell(foreignAgent, root, way);
  }
  test('the file for aarch64 runs where pages have 64 KiB', () => {
    const { exitCode, stdout } = call(['qemu-aarch64-static', '-p', '65536', foreignAgent, '--version']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(', aarch64, ');
  });
} else test.skip(`the file for aarch64 in roots of that processor (${problem})`, () => {});
