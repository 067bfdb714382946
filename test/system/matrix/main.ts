/**
 * `bun test/system/matrix/main.ts AGENT [AGENT-FOR-AARCH64]`: runs the matrix, prints its tables and writes them to
 * docs/image-matrix.md. The exit code is 1 when a cell is not as expected.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { foreignProblem, runForeign } from '#test/support/foreign.ts';
import { projectRoot } from '#test/support/project.ts';
import { foreignRootNames, rootNames } from '#test/support/root-file-systems.ts';
import { type MatrixRoot, runCell, specialRoots, specialWays, type Way, ways } from './cells.ts';
import { judge } from './judge.ts';

const agent = resolve(process.argv[2] ?? 'dist/attune-agent-x86_64');
const foreign = resolve(process.argv[3] ?? 'dist/attune-agent-aarch64');
let failures = 0;
let count = 0;

function run(file: string, root: MatrixRoot, way: Way): string {
  const complaints = judge(root, way, runCell(file, root, way));
  count++;
  if (complaints.length === 0) return 'ok';
  failures++;
  console.error(`${root}, ${way.name}:\n  ${complaints.join('\n  ')}`);
  return 'FAILED';
}

/** Runs one table of the matrix and returns its lines in Markdown; prints each line as soon as it is known. */
function rows(file: string, roots: readonly MatrixRoot[], columns: readonly Way[]): readonly string[] {
  const lines = [`| | ${columns.map((way) => way.name).join(' | ')} |`, `|---|${columns.map(() => '---|').join('')}`];
  console.log(lines.join('\n'));
  for (const root of roots) {
    const line = `| ${root} | ${columns.map((way) => run(file, root, way)).join(' | ')} |`;
    console.log(line);
    lines.push(line);
  }
  return lines;
}

const tables = [
  rows(agent, rootNames, ways).join('\n'),
  `Further conditions that some engines and clusters impose:\n\n${rows(agent, specialRoots, specialWays).join('\n')}`,
];
const problem = foreignProblem() ?? (existsSync(foreign) ? undefined : `${foreign} is not built`);
if (problem === undefined) {
  using _programs = runForeign();
  const own = rows(foreign, ['empty', ...foreignRootNames], ways).join('\n');
  const special = rows(
    foreign,
    foreignRootNames,
    specialWays.filter((way) => way.special !== 'few system calls' && way.special !== '64 MiB'),
  );
  tables.push(
    `The file for aarch64, in root file systems for that processor, under QEMU:\n\n${own}\n\n${special.join('\n')}`,
  );
} else console.error(`aarch64 is left out: ${problem}`);
const total = `${count - failures} of ${count} cells as expected`;
console.log(total);
const introduction = `# Image matrix

\`make image-matrix\` writes this file. It runs \`--version\`, \`--detect-only\` and \`self-test\` in root file systems that it
makes on the spot from Debian's packages. Each row is a root file system and each column a way to enter it; none of them
has \`/dev/shm\`. A cell is \`ok\` when every language of that root file system was found and ran, or when the report gave
the reason why it cannot work there.`;
writeFileSync(resolve(projectRoot, 'docs/image-matrix.md'), `${[introduction, ...tables, `${total}.`].join('\n\n')}\n`);
process.exit(failures === 0 ? 0 : 1);
