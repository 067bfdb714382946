/** `bun test/matrix/main.ts AGENT`: the matrix as a table; exit code 1 when a cell is not as expected. */
import { resolve } from 'node:path';
import { rootNames } from '../support/root-file-systems.ts';
import { runCell, ways } from './cells.ts';
import { judge } from './judge.ts';

const agent = resolve(process.argv[2] ?? 'dist/attune-agent-x86_64');
const width = Math.max(...ways.map((way) => way.name.length));
let failures = 0;
console.log(`${''.padEnd(10)}${ways.map((way) => way.name.padEnd(width + 2)).join('')}`);
for (const root of rootNames) {
  const row = ways.map((way) => {
    const complaints = judge(root, way, runCell(agent, root, way));
    if (complaints.length === 0) return 'ok';
    failures++;
    console.error(`${root}, ${way.name}:\n  ${complaints.join('\n  ')}`);
    return 'FAILED';
  });
  console.log(`${root.padEnd(10)}${row.map((cell) => cell.padEnd(width + 2)).join('')}`);
}
console.log(`${rootNames.length * ways.length - failures} of ${rootNames.length * ways.length} cells as expected`);
process.exit(failures === 0 ? 0 : 1);
