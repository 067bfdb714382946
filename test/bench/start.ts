/** The static file against the stock, dynamic one that Bun makes of the same bundle: size and start, in turns. */
import { rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '#test/support/project.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { race, report } from './measure.ts';

const agent = resolve(process.argv[2] ?? 'dist/attune-agent-x86_64');
using directory = temporaryDirectory();
const stock = join(directory.path, 'stock');
const built = await Bun.build({
  entrypoints: [resolve(projectRoot, 'src/main.ts')],
  minify: { whitespace: true, syntax: true },
  bytecode: true,
  format: 'cjs',
  sourcemap: 'external',
  compile: { target: 'bun-linux-x64', outfile: stock, autoloadDotenv: false, autoloadBunfig: false },
});
if (!built.success) throw new Error(built.logs.join('\n'));
rmSync(`${stock}.map`, { force: true });

const start = (file: string) => () => Bun.spawnSync([file, '--version'], { stdout: 'ignore' });
const [ours = 0, theirs = 0] = await race(20, [start(agent), start(stock)]);
console.log('start: 20 paired runs of --version, medians; static / stock dynamic (glibc)');
report('start, ms', ours, theirs);
report('size, MB', statSync(agent).size / 1e6, statSync(stock).size / 1e6);
