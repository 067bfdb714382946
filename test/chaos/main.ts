/**
 * `bun test/chaos/main.ts AGENT SECONDS SEED [away|standalone|joined]`: a long round, perhaps without a broker, of a
 * whole Attune in one process, or for Attune's Rust control plane; prints the seed and the tally.
 */
import { runJoinedRound } from './joined/round.ts';
import { runRound } from './round.ts';
import { runStandaloneRound } from './standalone-round.ts';

const [agent = '', seconds = '60', seed = String(Date.now() % 2 ** 31), way = ''] = process.argv.slice(2);
const rounds: Readonly<Record<string, typeof runRound>> = {
  ...{ '': runRound, away: runRound, standalone: runStandaloneRound, joined: runJoinedRound },
};
const run = rounds[way];
if (!run) throw new Error(`'${way}' is none of ${Object.keys(rounds).join(' ')}`);
console.log(`chaos: seed ${seed}, ${seconds} s${way && `, ${way}`}`);
const { dump, ...report } = await run({
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
