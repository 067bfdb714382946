/** `bun test/chaos/main.ts AGENT SECONDS SEED [away]`: a long round, perhaps without a broker; prints the seed and the tally. */
import { runRound } from './round.ts';

const [agent = '', seconds = '60', seed = String(Date.now() % 2 ** 31), broker = ''] = process.argv.slice(2);
if (!['', 'away'].includes(broker)) throw new Error(`BROKER is '${broker}': it can be 'away', or nothing`);
console.log(`chaos: seed ${seed}, ${seconds} s, broker ${broker || 'there'}`);
const { dump, ...report } = await runRound({
  agent,
  seed: Number(seed),
  seconds: Number(seconds),
  executions: 0,
  kills: 0,
  isBrokerAway: broker === 'away',
  say: (line) => console.log(`  ${line}`),
});
if (dump !== undefined) console.log(dump);
console.log(JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
