/* graphile-worker with batches: DATABASE CONCURRENCY SHELL SCRIPT. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const { run } = createRequire(import.meta.url)('graphile-worker');
const [connectionString, concurrentJobs, shell, script] = process.argv.slice(2);

await run({
  preset: {
    worker: {
      connectionString,
      concurrentJobs: Number(concurrentJobs),
      maxPoolSize: Number(concurrentJobs) + 2,
      localQueue: { size: 2 * Number(concurrentJobs) },
      completeJobBatchDelay: 0,
    },
  },
  taskList: {
    run: () =>
      new Promise((resolve, reject) => {
        const child = spawn(shell, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
        child.stdout.resume();
        child.stderr.resume();
        child.on('error', reject);
        child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))));
      }),
  },
});
