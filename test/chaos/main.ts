/**
 * `bun test/chaos/main.ts AGENT SECONDS SEED [away|standalone]`: a long round, perhaps without a broker, or of a whole
 * Attune in one process; prints the seed and the tally.
 */
import { runRound } from './round.ts';
import { runStandaloneRound } from './standalone-round.ts';

const [agent = '', seconds = '60', seed = String(Date.now() % 2 ** 31), way = ''] = process.argv.slice(2);
if (!['', 'away', 'standalone'].includes(way)) throw new Error(`'${way}' is neither away nor standalone`);
console.log(`chaos: seed ${seed}, ${seconds} s${way && `, ${way}`}`);
const { dump, ...report } = await (way === 'standalone' ? runStandaloneRound : runRound)({
  agent,
  seed: Number(seed),
  seconds: Number(seconds),
  executions: 0,
  kills: 0,
  isBrokerAway: way === 'away',
  say: (line) => console.log(`  ${line}`),
});
if (dump !== undefined) console.log(dump);
console.log(JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
