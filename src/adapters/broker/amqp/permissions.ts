import type { WorkerId } from '#domain/ids.ts';
import { EXCHANGES } from '#domain/messages.ts';
import { sharedQueues } from '#domain/worker-queues.ts';

/**
 * The permissions that the user of one worker needs on RabbitMQ, and no others, as the regular expressions that
 * RabbitMQ takes.
 */
export interface WorkerPermissions {
  readonly user: string;
  readonly configure: string;
  readonly write: string;
  readonly read: string;
  readonly topics: readonly { readonly exchange: string; readonly write: string; readonly read: string }[];
}

/**
 * The permissions of one worker: to use its own queues, receive what is dispatched to it, and report the ends of
 * executions.
 */
export function workerPermissions(worker: WorkerId): WorkerPermissions {
  /* Of a worker of an earlier version too, which has three queues where one of now has one. */
  const queues = Object.values(sharedQueues(worker));
  const exactly = (...names: readonly string[]): string => `^(${names.map(escaped).join('|')})$`;
  const names = queues.map(({ name }) => name);
  const keysOf = (exchange: string): readonly string[] =>
    queues.flatMap(({ bindings }) => bindings.filter((one) => one.exchange === exchange).map((one) => one.routingKey));
  return {
    user: `worker.${worker}`,
    configure: exactly(...names),
    write: exactly(...names, EXCHANGES.executions, EXCHANGES.deadLetters),
    read: exactly(...names, EXCHANGES.executions, EXCHANGES.events),
    topics: [
      {
        exchange: EXCHANGES.executions,
        write: exactly('execution.status.changed', 'execution.completed'),
        read: exactly(...keysOf(EXCHANGES.executions)),
      },
      { exchange: EXCHANGES.events, write: '^$', read: exactly(...keysOf(EXCHANGES.events)) },
    ],
  };
}

function escaped(name: string): string {
  return name.replaceAll('.', '\\.');
}
