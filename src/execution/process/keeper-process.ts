import { createFrameReader, frameOf } from './frames.ts';
import { isProcessStopped } from './is-process-stopped.ts';
import { signalIfThere } from './signal-if-there.ts';

/** The process of a keeper (src/static-linker/keeper.c), which keeps one program at a time. */
export interface KeeperProcess {
  /** Sends a frame. What is sent in one turn of the loop leaves together. */
  send(letter: string, carried: Uint8Array): void;
  /** Whoever uses it hears its frames, and of its end. */
  listen(listener: KeeperListener): void;
  /** The number of the process, once it has said it. */
  pid(): number | undefined;
  isGone(): boolean;
  /** True if it may keep another program. */
  isReusable(): boolean;
  /** While it rests this process does not stay alive for it. */
  rest(): void;
  /** Lets it go on, also where somebody has stopped it. */
  wake(): void;
  /** Whether somebody has stopped it. False where /proc is not mounted. */
  isStopped(): boolean;
  kill(): void;
  /** Ends it, and whatever it keeps, also where somebody has stopped it. */
  close(): void;
}

interface KeeperListener {
  frame(letter: string, carried: Buffer): void;
  closed(): void;
}

/**
 * How a keeper was made: what kills it, where it has not said its number perhaps, what shall happen when it has ended, and
 * whether it is worth keeping.
 */
export interface KeeperMaking {
  readonly descriptor: number;
  kill(pid: number | undefined): void;
  gone?(): void;
  isReusable(): boolean;
}

const nobody: KeeperListener = { frame: () => {}, closed: () => {} };

/** Connects to a keeper by the descriptor of its control socket. */
export function connectToKeeper({ descriptor, kill, gone, isReusable }: KeeperMaking): KeeperProcess {
  let listener = nobody;
  let pid: number | undefined;
  let isGone = false;
  const end = (): void => {
    isGone = true;
    gone?.();
    listener.closed();
  };
  const read = createFrameReader((letter, carried) => {
    if (letter === 'k') pid = Number(carried.toString('latin1'));
    else listener.frame(letter, carried);
  });
  const writer = createWriter();
  const goOn = (): void => {
    if (!isGone && pid !== undefined) signalIfThere(pid, 'SIGCONT');
  };
  const handlers = {
    open: writer.open,
    data: (_: unknown, bytes: Buffer): void => read(bytes),
    drain: writer.flush,
    close: end,
    error: () => {},
  };
  /* Bun's own node:net connects so to a descriptor; the types do not know it. */
  const connected = Bun.connect({ fd: descriptor, socket: handlers } as unknown as Bun.UnixSocketOptions);
  connected.catch(end);
  return {
    send: (letter, carried) => writer.write(frameOf(letter, carried)),
    listen: (next) => {
      listener = next;
    },
    pid: () => pid,
    isGone: () => isGone,
    isReusable,
    rest: () => {
      listener = nobody;
      writer.socket()?.unref();
    },
    wake: () => {
      writer.socket()?.ref();
      goOn();
    },
    isStopped: () => !isGone && pid !== undefined && isProcessStopped(pid),
    kill: () => kill(pid),
    close: () => {
      goOn();
      void connected.then(
        (socket) => socket.terminate(),
        () => {},
      );
    },
  };
}

interface Writer {
  open(socket: Bun.Socket): void;
  /** Undefined: it is not open yet. */
  socket(): Bun.Socket | undefined;
  write(bytes: Uint8Array): void;
  flush(): void;
}

/** Gathers what is written in one turn, and keeps what a socket does not take at once. */
function createWriter(): Writer {
  let socket: Bun.Socket | undefined;
  let waiting: readonly Uint8Array[] = [];
  const flush = (): void => {
    if (!socket || waiting.length === 0) return;
    const bytes = Buffer.concat(waiting);
    const written = Math.max(0, socket.write(bytes));
    waiting = written < bytes.length ? [bytes.subarray(written)] : [];
  };
  return {
    open: (opened) => {
      socket = opened;
      flush();
    },
    socket: () => socket,
    write: (bytes) => {
      if (waiting.length === 0) queueMicrotask(flush);
      waiting = [...waiting, bytes];
    },
    flush,
  };
}
