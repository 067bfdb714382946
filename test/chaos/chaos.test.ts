import { expect } from 'bun:test';
import { existsSync } from 'node:fs';
import { faultyFile } from '#test/support/agent.ts';
import { serversTest } from '#test/support/servers-test.ts';
import { runRound } from './round.ts';

serversTest('500 executions and 50 kills later every promise is kept', async () => {
  if (!existsSync(faultyFile)) throw new Error(`${faultyFile} does not exist: run make build-agent-faults`);
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`  seed ${seed}`);
  const report = await runRound({
    agent: faultyFile,
    seed,
    seconds: 20,
    executions: 500,
    kills: 50,
    say: (line) => console.log(`  ${line}`),
  });
  console.log(JSON.stringify(report));
  expect(report.violations).toEqual([]);
  expect(report.tally.executions).toBeGreaterThanOrEqual(500);
  expect(report.kills).toBeGreaterThanOrEqual(50);
});

serversTest('200 executions and 15 kills without a broker later every promise is kept too', async () => {
  const report = await runRound({
    agent: faultyFile,
    seed: 20_261_126,
    seconds: 10,
    executions: 200,
    kills: 15,
    isBrokerAway: true,
    say: (line) => console.log(`  ${line}`),
  });
  console.log(JSON.stringify(report));
  expect(report.violations).toEqual([]);
  expect(report.tally.executions).toBeGreaterThanOrEqual(200);
  expect(report.kills).toBeGreaterThanOrEqual(15);
});
