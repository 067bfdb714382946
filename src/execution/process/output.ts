import type { StreamName } from '#domain/execution.ts';

/** What a child writes to one of its streams, part by part. */
export interface Output {
  /** The next part, which belongs to the caller; undefined at the end of the stream. One waits for it at a time. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the stream for whoever reads it. */
  cancel(): void;
}

/** The parts of a stream that Bun has made. */
export function outputOf(stream: ReadableStream<Uint8Array>): Output {
  const reader = stream.getReader();
  return {
    read: async () => (await reader.read()).value,
    cancel: () => void reader.cancel().catch(() => {}) /* already closed: nothing left to cancel */,
  };
}

/** Two outputs to which their maker adds parts, which are read in the order in which they were added. */
export interface OrderedOutputs {
  readonly stdout: Output;
  readonly stderr: Output;
  add(name: StreamName, part: Uint8Array): void;
  /** Nothing more will be added. */
  end(): void;
}

interface Added {
  readonly name: StreamName;
  readonly part: Uint8Array;
}

interface Reader {
  isOpen: boolean;
  wake: ((part: Uint8Array | undefined) => void) | undefined;
}

/**
 * Makes two outputs, of which both must be read or cancelled: a part is given when the reader of the one before comes for
 * more. `taken` is told how many bytes a reader has got, until the end.
 */
export function createOutputs(taken: (name: StreamName, bytes: number) => void): OrderedOutputs {
  const queue: Added[] = [];
  const readers: Readonly<Record<StreamName, Reader>> = {
    stdout: { isOpen: true, wake: undefined },
    stderr: { isOpen: true, wake: undefined },
  };
  let busy: StreamName | undefined;
  let isOver = false;
  const wake = (name: StreamName, part?: Uint8Array): void => {
    readers[name].wake?.(part);
    readers[name].wake = undefined;
  };
  const give = ({ name, part }: Added): void => {
    queue.shift();
    busy = name;
    if (!isOver) taken(name, part.length);
    wake(name, part);
  };
  const giveNext = (): void => {
    while (queue[0] && !readers[queue[0].name].isOpen) queue.shift();
    const [next] = queue;
    if (next && !busy && readers[next.name].wake) give(next);
    if (queue.length > 0 || !isOver) return;
    wake('stdout');
    wake('stderr');
  };
  const letGo = (name: StreamName): void => {
    if (busy === name) busy = undefined;
  };
  const output = (name: StreamName): Output => ({
    read: async () => {
      letGo(name);
      if (!readers[name].isOpen) return undefined;
      const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
      readers[name].wake = resolve;
      giveNext();
      return await promise;
    },
    cancel: () => {
      letGo(name);
      readers[name].isOpen = false;
      wake(name);
      giveNext();
    },
  });
  return {
    stdout: output('stdout'),
    stderr: output('stderr'),
    add: (name, part) => {
      queue.push({ name, part });
      giveNext();
    },
    end: () => {
      isOver = true;
      giveNext();
    },
  };
}
