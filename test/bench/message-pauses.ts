/**
 * The longest step of a server and of a worker, with PostgreSQL and RabbitMQ, while hostile messages lie in their queues, in
 * time of the processor. Its exit code is 1 where a line is above the bound. It needs perf, and root. `bun test/bench/message-pauses.ts [AGENT] [ONLY]`.
 */
import { resolve } from 'node:path';
import { connect } from 'amqplib';
import { agentFile } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { beginPauses } from './pauses.ts';

const agent = resolve(process.argv[2] ?? agentFile);
const only = new RegExp(process.argv[3] ?? '');
const MEBIBYTE = 1024 * 1024;
const SETTLE_MS = 10_000;

await using cluster = await startCluster({ actions: {} });
const server = cluster.startServer({}, agent);
await cluster.answers();
const worker = cluster.startWorker('bench', { ATTUNE_WORKER_RUNTIMES: 'shell' }, agent);
const connection = await connect(cluster.broker.url);
const channel = await connection.createConfirmChannel();
channel.on('error', () => {});

const text = (payload: unknown, type = 'ExecutionRequested'): string =>
  JSON.stringify({ message_id: crypto.randomUUID(), message_type: type, version: '1.0', payload });
const members = Array.from({ length: 60_000 }, (_, index) => `"k${index}":${index}`).join();
const others = Array.from({ length: 20_000 }, (_, index) => ({ execution_id: index, attempt: 1 }));
const attacks: Readonly<Record<string, readonly string[]>> = {
  'a message of 1 MiB without sense': ['x'.repeat(MEBIBYTE)],
  'a message of 1 MiB, nested': ['['.repeat(MEBIBYTE)],
  'a message of 60,000 members': [`{"message_type":"ExecutionRequested","payload":{${members}}}`],
  'a message of 1 MiB, one text': [text({ execution_id: 'x'.repeat(MEBIBYTE), worker_id: 1 })],
  'a message that names 20,000 executions': [text({ execution_id: 1, worker_id: 1, attempt: 1, others })],
  '100 messages of 1 MiB': Array.from({ length: 100 }, () => text({ a: 'x'.repeat(MEBIBYTE) })),
  '10,000 messages without sense': Array.from({ length: 10_000 }, () => '{"a":'),
  '10,000 dispatches of what is not there': Array.from({ length: 10_000 }, (_, index) =>
    text({ execution_id: 1_000_000 + index, worker_id: 1, attempt: 1 }),
  ),
  '10,000 ends of what is not there': Array.from({ length: 10_000 }, (_, index) =>
    text({ execution_id: 1_000_000 + index, status: 'completed' }, 'ExecutionCompleted'),
  ),
};

const table = await beginPauses(['server', 'worker'], [[server.pid, worker.pid]]);
for (const [name, messages] of Object.entries(attacks)) {
  if (!only.test(name)) continue;
  const work = async (): Promise<string> => {
    for (const queue of ['worker.1.executions', 'attune.execution.requests.queue', 'attune.execution.completed.queue'])
      for (const message of messages) channel.sendToQueue(queue, Buffer.from(message));
    await channel.waitForConfirms();
    await Bun.sleep(SETTLE_MS);
    return `${messages.length} messages in each queue`;
  };
  await table.measure(name, [{ pids: [server.pid, worker.pid], work }]);
}
table.end();
await connection.close();
