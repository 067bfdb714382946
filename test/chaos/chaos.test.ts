import { expect } from 'bun:test';
import { existsSync } from 'node:fs';
import { faultyFile } from '#test/support/agent.ts';
import { serversTest } from '#test/support/servers-test.ts';
import { runJoinedRound } from './joined/round.ts';
import { type RoundOptions, runRound } from './round.ts';

/** Runs a round with a new seed, and says how to run it again. */
async function expectPromisesKept(
  options: Omit<RoundOptions, 'agent' | 'seed' | 'say'>,
  run: typeof runRound = runRound,
): Promise<void> {
  if (!existsSync(faultyFile)) throw new Error(`${faultyFile} does not exist: run make build-agent-faults`);
  const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const how = `${options.isBrokerAway ? ' BROKER=away' : ''}${run === runJoinedRound ? ' KIND=joined' : ''}`;
  console.log(`  seed ${seed}; again: make chaos SECONDS=${options.seconds} SEED=${seed}${how}`);
  const { dump, ...report } = await run({
    ...options,
    ...{ agent: faultyFile, seed },
    say: (line) => console.log(`  ${line}`),
  });
  if (dump !== undefined) console.log(dump);
  console.log(JSON.stringify(report));
  expect(report.violations).toEqual([]);
  /* A slow machine may get through less than was asked for; nothing at all would prove nothing. */
  expect(report.tally.executions).toBeGreaterThanOrEqual(options.executions / 10);
  expect(report.kills).toBeGreaterThanOrEqual(options.kills / 10);
}

serversTest('500 executions and 50 kills later every promise is kept', async () => {
  await expectPromisesKept({ seconds: 20, executions: 500, kills: 50 });
});

serversTest('200 executions and 15 kills without a broker later every promise is kept too', async () => {
  await expectPromisesKept({ seconds: 10, executions: 200, kills: 15, isBrokerAway: true });
});

serversTest("for Attune's Rust control plane every promise is kept as well", async () => {
  await expectPromisesKept({ seconds: 5, executions: 50, kills: 0 }, runJoinedRound);
});
