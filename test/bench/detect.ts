/** Detection against its slowest single probe, and against asking one after the other with which and --version. */
import { resolve } from 'node:path';
import { families } from '#domain/families.ts';
import { detect } from '#execution/runtimes/detect.ts';
import { detectInCell, ways } from '#test/system/matrix/cells.ts';
import { median, race, report } from './measure.ts';

const agent = resolve(process.argv[2] ?? 'dist/attune-agent-x86_64');
const rounds = 5;
const { interpreters } = await detect(process.env);
const here = families.filter((family) => interpreters.some((one) => one.family === family.name));

/** A naive image script: which, then the first question, for every name of every family. */
const questions = families.flatMap(({ binaries, probes }) => {
  const args = (probes[0]?.args ?? []).map((arg) => `'${arg}'`).join(' ');
  return binaries.map((name) => `p=$(which ${name}) && "$p" ${args} </dev/null >/dev/null 2>&1`);
});
const naive = ['sh', '-c', `${questions.join('\n')}\ntrue`];
const alone = here.map((family) => async () => void (await detect(process.env, { families: [family] })));

const [ours = 0, sequential = 0, ...single] = await race(rounds, [
  () => Bun.spawnSync([agent, '--detect-only', '--format', 'env'], { stdout: 'ignore' }),
  () => Bun.spawnSync(naive),
  ...alone,
]);
const slowest = Math.max(...single);
const { interpreters: again, totalMs } = await detect(process.env);
const slowestProbe = Math.max(...again.map((one) => one.probeMs));
console.log(
  `detect: ${interpreters.length} interpreters of ${here.length} families, ${navigator.hardwareConcurrency} processors, medians of ${rounds} runs`,
);
report('one run: all probes / its slowest single probe, ms', totalMs, slowestProbe);
report(`wall time / slowest family alone (${here[single.indexOf(slowest)]?.name}), ms`, ours, slowest);
report('wall time / which and --version, one after the other, ms', ours, sequential);
report(
  'sum of the families one by one / wall time, ms',
  single.reduce((a, b) => a + b, 0),
  ours,
);

/* The usual case: an image with the first eight families and nothing else. */
const [way] = ways;
if (process.getuid?.() === 0 && way) {
  const cells = Array.from({ length: rounds * 2 }, () => detectInCell({ agent, root: 'families', way }));
  const walls = cells.map((one) => one?.total_ms ?? 0);
  const slow = cells.map((one) => Math.max(...(one?.interpreters.map((each) => each.probe_ms) ?? [])));
  report('image with eight families: all probes / slowest single one, ms', median(walls), median(slow));
}
