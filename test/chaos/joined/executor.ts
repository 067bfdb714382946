/**
 * A stand-in for the API and the executor of Attune's Rust control plane that goes on when the servers fail. It schedules
 * what it was asked for, and what a worker hands back only when its message says so.
 */
import { type Channel, connect } from 'amqplib';
import type postgres from 'postgres';
import type { Observed } from '#test/chaos/history.ts';
import { monitor } from '#test/support/joined/executor/ends.ts';
import { readStrictly, write } from '#test/support/joined/executor/messages.ts';
import { schedule } from '#test/support/joined/executor/scheduling.ts';
import { insert, insertExecution } from '#test/support/joined/seed.ts';

export interface ChaosExecutor {
  /** Requests below /api/v1, as a load makes them. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** The ends that it has decided itself, as the messages about them would be. */
  readonly ends: NonNullable<Observed['messages']>;
  /** What it could not accept of the workers, and why. */
  readonly rejected: readonly string[];
  stop(): Promise<void>;
}

interface Given {
  readonly sql: postgres.Sql;
  readonly brokerUrl: string;
  /** The artifact of which each execution of life.keeps has a version. */
  readonly keptArtifact: number;
}

const QUEUE = 'chaos.executor';
const PAUSE_MS = 100;
/** What was inserted though nobody knows of it is found by these rounds. */
const SWEEP_MS = 1000;

export function startExecutor({ sql, brokerUrl, keptArtifact }: Given): ChaosExecutor {
  const announced = new Set<number>();
  const pending = new Set<number>();
  const ends: { messageId: string; execution: number; status: string }[] = [];
  const rejected: string[] = [];
  let channel: Channel | undefined;
  let isOver = false;
  let turn = 0;
  const announce = (id: number): void => {
    announced.add(id);
    pending.add(id);
  };
  /* A message that is lost costs a heartbeat: that is what is tried. */
  const send = (routingKey: string, type: string, payload: object): void => {
    const { content, options } = write(type, payload);
    try {
      channel?.publish('attune.executions', routingKey, content, options);
    } catch {}
  };
  const scheduleOne = async (id: number): Promise<void> => {
    const outcome = await sql.begin(async (one) => await schedule(one as unknown as postgres.Sql, id, turn++));
    if (outcome.kind !== 'later') pending.delete(id);
    if (outcome.kind === 'dispatched')
      send(`execution.dispatch.worker.${outcome.worker}`, 'ExecutionRequested', outcome.payload);
    if (outcome.kind === 'failed') ends.push({ messageId: `own ${id}`, execution: id, status: 'Failed' });
  };
  const sweep = async (): Promise<void> => {
    const rows = await sql<{ id: string }[]>`SELECT id FROM execution WHERE status = 'requested'`;
    for (const id of rows.map((one) => Number(one.id))) if (!announced.has(id)) announce(id);
    for (const id of await monitor(sql)) ends.push({ messageId: `own ${id}`, execution: id, status: 'Failed' });
  };
  const loop = async (everyMs: number, step: () => Promise<void>): Promise<void> => {
    while (!isOver) {
      await step().catch(() => {}); /* a server is away */
      await Bun.sleep(everyMs);
    }
  };
  const take = async (delivery: Parameters<typeof readStrictly>[0]): Promise<void> => {
    const { type, execution } = readStrictly(delivery);
    if (type === 'ExecutionRequested') announce(execution);
    if (type === 'ExecutionCompleted' && !(await isFinal(sql, execution)))
      rejected.push(`${execution}: its end is said before its row has one`);
  };
  const listen = async (): Promise<void> => {
    await using connection = await open(brokerUrl);
    const opened = await connection.channel();
    channel = opened;
    const deliver = async (delivery: Parameters<typeof readStrictly>[0]): Promise<void> =>
      await take(delivery).catch((error: unknown) => void rejected.push(String(error)));
    await opened.consume(QUEUE, (delivery) => {
      if (delivery) void deliver(delivery).then(() => ackIfOpen(opened, delivery));
    });
    while (!(isOver || connection.isClosed())) await Bun.sleep(PAUSE_MS);
  };
  const loops = [
    loop(PAUSE_MS, async () => {
      for (const id of [...pending]) await scheduleOne(id);
    }),
    loop(SWEEP_MS, sweep),
    loop(PAUSE_MS, listen),
  ];
  const request = async ({ action_ref: ref, ...columns }: Requested): Promise<number> => {
    const id = await sql.begin(async (one) => {
      const transaction = one as unknown as postgres.Sql;
      const made = await insertExecution(transaction, ref, columns);
      if (ref === 'life.keeps') await registerFile(transaction, keptArtifact, made);
      return made;
    });
    announce(id);
    return id;
  };
  const cancel = async (id: number): Promise<void> => {
    const [row] = await sql<{ status: string; worker: string | null }[]>`
      UPDATE execution SET status = CASE status WHEN 'running' THEN 'canceling' ELSE 'cancelled' END::execution_status_enum
      WHERE id = ${id} AND status IN ('requested', 'scheduled', 'running') RETURNING status, worker`;
    if (row?.status === 'cancelled') ends.push({ messageId: `own ${id}`, execution: id, status: 'Cancelled' });
    if (!row?.worker) return;
    const payload = { execution_id: id, worker_id: Number(row.worker) };
    send(`execution.cancel.worker.${row.worker}`, 'ExecutionCancelRequested', payload);
  };
  return {
    ends,
    rejected,
    api: async (path, init) => {
      const [, cancelled] = /^executions\/(\d+)\/cancel$/.exec(path) ?? [];
      if (cancelled !== undefined) {
        await cancel(Number(cancelled));
        return Response.json({});
      }
      return Response.json({ id: await request(JSON.parse(String(init?.body)) as Requested) }, { status: 201 });
    },
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
    },
  };
}

interface Requested {
  readonly action_ref: string;
  readonly [column: string]: unknown;
}

/** Makes the exchanges of that system, and the queue in which its executor finds what workers say. */
export async function declare(brokerUrl: string): Promise<void> {
  await using connection = await open(brokerUrl);
  const channel = await connection.channel();
  const types = { events: 'topic', executions: 'topic', notifications: 'fanout', dlx: 'direct' };
  for (const [name, type] of Object.entries(types))
    await channel.assertExchange(`attune.${name}`, type, { durable: true });
  await channel.assertQueue(QUEUE, { durable: true });
  for (const key of ['execution.requested', 'execution.completed', 'execution.status.changed'])
    await channel.bindQueue(QUEUE, 'attune.executions', key);
}

async function open(url: string) {
  const connection = await connect(url);
  let isClosed = false;
  connection.on('error', () => {});
  connection.on('close', () => {
    isClosed = true;
  });
  return {
    channel: async (): Promise<Channel> => {
      const channel = await connection.createChannel();
      channel.on('error', () => {});
      return channel;
    },
    isClosed: () => isClosed,
    [Symbol.asyncDispose]: async () => {
      if (!isClosed) await connection.close().catch(() => {});
    },
  };
}

function ackIfOpen(channel: Channel, delivery: Parameters<Channel['ack']>[0]): void {
  try {
    channel.ack(delivery);
  } catch {} /* it comes again */
}

/** Waits while the database is away. */
async function isFinal(sql: postgres.Sql, execution: number): Promise<boolean> {
  for (;;)
    try {
      const [row] = await sql<{ active: boolean }[]>`
        SELECT status IN ('requested', 'scheduling', 'scheduled', 'running', 'canceling') AS active FROM execution
        WHERE id = ${execution}`;
      return row?.active === false;
    } catch {
      await Bun.sleep(PAUSE_MS);
    }
}

/** As an action registers its file with the API; the action itself writes it. */
async function registerFile(sql: postgres.Sql, artifact: number, execution: number): Promise<void> {
  const path = `kept/${execution}.txt`;
  await insert(sql, 'artifact_version', {
    artifact,
    version: execution,
    execution,
    file_path: path,
    created_by: 'test',
  });
}
