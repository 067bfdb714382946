/** Requests that are made again and again, to see whether work is done. */
import { existsSync, readFileSync } from 'node:fs';
import type { Probe } from './judge.ts';

export interface Probes {
  /** All so far. */
  all(): readonly Probe[];
  /** The ids of the executions that were confirmed since this moment. */
  confirmedSince(ms: number): readonly number[];
  /** Whether every confirmed one has been done. */
  areAllDone(): boolean;
  stop(): void;
}

export interface ProbesOptions {
  /** The file to which their actions append the numbers that they were given. */
  readonly file: string;
  /** Requests an execution, and resolves with its id; rejects when it was not confirmed. */
  readonly request: (number: number, file: string) => Promise<number>;
}

interface MutableProbe {
  readonly begun: number;
  done: number | undefined;
  id: number | undefined;
}

const EVERY_MS = 500;
const LOOK_EVERY_MS = 50;

export function startProbes({ file, request }: ProbesOptions): Probes {
  const probes: MutableProbe[] = [];
  let read = 0;
  const asking = setInterval(() => {
    const probe: MutableProbe = { begun: performance.now(), done: undefined, id: undefined };
    probes.push(probe);
    void request(probes.length - 1, file).then(
      (id) => {
        probe.id = id;
      },
      () => {},
    );
  }, EVERY_MS);
  const looking = setInterval(() => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const lines = text.slice(read, text.lastIndexOf('\n') + 1);
    read += lines.length;
    for (const line of lines.split('\n')) {
      const probe = line === '' ? undefined : probes[Number(line)];
      if (probe) probe.done ??= performance.now();
    }
  }, LOOK_EVERY_MS);
  return {
    all: () => probes,
    confirmedSince: (ms) => probes.flatMap((one) => (one.begun >= ms ? (one.id ?? []) : [])),
    areAllDone: () => probes.every((one) => one.id === undefined || one.done !== undefined),
    stop: () => {
      clearInterval(asking);
      clearInterval(looking);
    },
  };
}
