import type { Interpreter } from '#domain/runtime.ts';

function interpreter(family: string, version: string | undefined, problem?: string): Interpreter {
  const path = `/usr/bin/${family}${version ?? ''}`;
  return { family, path, realPath: path, version, problem, probeMs: 1 };
}

/** Interpreters of a machine: three of Python, and a Node that does not answer. */
export const here: readonly Interpreter[] = [
  interpreter('shell', undefined),
  interpreter('python', '3.11.2'),
  interpreter('python', '3.12.1'),
  interpreter('python', '3.9.18'),
  interpreter('node', undefined, 'did not answer within 2 s'),
];
