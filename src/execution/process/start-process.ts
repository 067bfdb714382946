import { existsSync } from 'node:fs';
import { codeOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import { explainStartFailure } from './explain-start-failure.ts';
import { ownProgram } from './launcher.ts';
import type { NotStarted, ProcessRequest, RunningProcess } from './running-process.ts';
import { startBare } from './start-bare.ts';
import { startKept } from './start-kept.ts';

/** Starts a child with a keeper, which only the static file has: run from source, a child is on its own. */
export function startProcess(request: ProcessRequest): Result<RunningProcess, NotStarted> {
  try {
    return success(IS_STATIC_FILE ? startKept(request) : startBare(request));
  } catch (error) {
    return failure({ kind: 'not-started', reason: explain(request, codeOf(error) ?? 'UNKNOWN') });
  }
}

function explain(request: ProcessRequest, code: string): string {
  const own = ownProgram();
  if (code === 'ENOENT' && IS_STATIC_FILE && !existsSync(own))
    return `the agent's own file ${own} is gone, and without /proc no other way leads to it: restart the agent`;
  return explainStartFailure(request, code);
}
