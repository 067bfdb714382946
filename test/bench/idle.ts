/**
 * What a worker takes to start, and to do nothing: `bun test/bench/idle.ts AGENT [OTHER]`, by turns. Milliseconds from its start until
 * it is registered, and until an execution that waited for it has ended; its memory when it has had nothing to do for 20 s.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const IDLE_MS = 20_000;
const agents = process.argv.slice(2).map((path) => resolve(path));

await using cluster = await startCluster({ actions: { nothing: { script: 'true' } } });
cluster.startServer();
await cluster.answers();
for (let round = 0; round < ROUNDS; round++)
  for (const agent of agents) {
    const waiting = await cluster.submit('nothing', {});
    const start = performance.now();
    const worker = cluster.startWorker(`idle-${round}-${agents.indexOf(agent)}`, {}, agent);
    await until('it has registered', () => worker.said().includes('registered'));
    const registeredMs = performance.now() - start;
    await cluster.reaches(waiting, 'completed');
    const endedMs = performance.now() - start;
    await Bun.sleep(IDLE_MS);
    const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8');
    const mb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1000;
    console.log(
      agent.split('/').at(-1),
      `registered ${registeredMs.toFixed(0)} ms, first end ${endedMs.toFixed(0)} ms,`,
      `resident ${mb('VmRSS').toFixed(1)} MB, of it its own ${mb('RssAnon').toFixed(1)}, of its file ${mb('RssFile').toFixed(1)}`,
    );
    worker.signal('SIGTERM');
    await worker.ended;
  }
