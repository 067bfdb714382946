/**
 * Submits while 200 readers follow logs, against the same server's empty answer, in one run; then the memory of the server
 * over time: `bun test/bench/server.ts AGENT [SECONDS] [MINUTES]`.
 */
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';

const seconds = Number(process.argv[3] ?? 10);
const minutes = Number(process.argv[4] ?? 0);
const READERS = 200;
const CHATTY = 20;
const CONNECTIONS = 16;

const lasting = (seconds * 3 + minutes * 60 + 60) * 5;
await using cluster = await startCluster({
  heartbeat: 3,
  actions: {
    chatty: {
      yaml: 'timeout_seconds: 3600\n',
      script: `i=0; while [ $i -lt ${lasting} ]; do echo "a line of the log, number $i"; i=$((i+1)); sleep 0.2; done`,
    },
    nothing: { script: 'exit 0' },
  },
});
const server = cluster.startServer({ ATTUNE__SERVER__REQUESTS_PER_SECOND: '0' });
cluster.startWorker('bench', { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: String(CHATTY + 2) });
await cluster.answers();

const quiet = { empty: await load('/healthz'), submits: await load('/api/v1/executions', body('nothing')) };
await cluster.sql`UPDATE execution SET status = 'cancelled' WHERE status = 'requested'`;
const ids = await Promise.all(Array.from({ length: CHATTY }, () => cluster.submit('chatty')));
await until(
  'all of them run',
  async () => {
    const [row] = await cluster.sql<{ n: number }[]>`
    SELECT count(*)::int AS n FROM execution WHERE status = 'running' AND action_ref = 'life.chatty'`;
    return row?.n === CHATTY;
  },
  60_000,
);
let bytes = 0;
const stop = new AbortController();
const readers = Array.from({ length: READERS }, (_, n) => read(ids[n % ids.length] ?? 0));
await Bun.sleep(3000);

const busy = { empty: await load('/healthz'), submits: await load('/api/v1/executions', body('nothing')) };
console.log(`server: ${CONNECTIONS} connections, ${seconds} s each; requests per second`);
line('submits / empty answers, nobody reads', quiet.submits, quiet.empty);
line(`submits / empty answers, ${READERS} readers follow ${CHATTY} logs`, busy.submits, busy.empty);
console.log(`  the readers have received ${Math.round(bytes / 1024)} KiB; memory of the server ${rss()} MB`);

for (let minute = 1; minute <= minutes; minute++) {
  await load('/api/v1/executions?limit=50', undefined, 30);
  await Bun.sleep(30_000);
  console.log(`  minute ${minute}: ${rss()} MB`);
}
stop.abort();
await Promise.allSettled(readers);

interface Load {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

function body(action: string): string {
  return JSON.stringify({ action_ref: `life.${action}` });
}

async function load(path: string, post?: string, duration = seconds): Promise<Load> {
  const { requests, latency, errors, non2xx } = await autocannon({
    url: cluster.url + path,
    connections: CONNECTIONS,
    duration,
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
    ...(post === undefined ? {} : { method: 'POST', body: post }),
  });
  return { rate: requests.average, p50: latency.p50, p99: latency.p99, failures: errors + non2xx };
}

async function read(id: number): Promise<void> {
  const answer = await cluster.api(`executions/${id}/logs/stream`, { signal: stop.signal });
  for await (const part of answer.body ?? []) bytes += part.length;
}

function line(name: string, measured: Load, bare: Load): void {
  const ratio = (measured.rate / bare.rate).toFixed(2);
  console.log(
    `  ${name}: ${Math.round(measured.rate)} / ${Math.round(bare.rate)} = ${ratio}; p50 ${measured.p50} ms, p99 ${measured.p99} ms (empty: ${bare.p99} ms); ${measured.failures + bare.failures} failures`,
  );
}

/** MB. */
function rss(): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
