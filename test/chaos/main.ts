/** `bun test/chaos/main.ts AGENT SECONDS SEED`: a long round; prints the seed and the tally. */
import { runRound } from './round.ts';

const [agent = '', seconds = '60', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
console.log(`chaos: seed ${seed}, ${seconds} s`);
const report = await runRound({
  agent,
  seed: Number(seed),
  seconds: Number(seconds),
  executions: 0,
  kills: 0,
  say: (line) => console.log(`  ${line}`),
});
console.log(JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
