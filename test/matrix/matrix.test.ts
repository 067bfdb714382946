import { expect } from 'bun:test';
import { agentFile } from '../support/agent.ts';
import { rootFileSystem, rootNames } from '../support/root-file-systems.ts';
import { rootTest } from '../support/root-test.ts';
import { detectInCell, runCell, ways } from './cells.ts';
import { judge } from './judge.ts';

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
  for (const way of ways)
    rootTest(
      `${root}, ${way.name}: version, detection and self-test`,
      () => {
        expect(judge(root, way, runCell(agentFile, root, way))).toEqual([]);
      },
      180_000,
    );
}
