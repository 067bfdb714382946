import type { Verdict } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import type { ExecutionResult, Outcome } from '#domain/execution.ts';
import type { Trouble } from '#domain/trouble.ts';

/** The reason why the agent itself ended an execution. The first reason wins. */
export type Interruption = 'cancelled' | 'shutdown' | 'lost';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = MINUTE_MS;

interface Circumstances {
  readonly interruption: Interruption | undefined;
  /** The trouble of this worker that kept the execution from starting. */
  readonly lostPlace?: Trouble | undefined;
  /** 0 ≤ x < 1. */
  readonly random: number;
}

/** Milliseconds after which an execution that was handed back may be scheduled again: its worker says meanwhile that it is paused. */
const HAND_BACK_MS = 500;

type Retries = Pick<ClaimedExecution, 'retryCount' | 'maxRetries'>;

/**
 * Decides what becomes of an execution: final, or again. A failure is tried again while its retries last, with a
 * growing delay. A shutdown is no fault of the action: unless retries are limited and spent it goes back at once.
 * Undefined if the execution is somebody else's by now, and nothing may be reported.
 */
export function decideVerdict(
  { outcome, result }: { readonly outcome: Outcome; readonly result: ExecutionResult },
  retries: Retries,
  { interruption, lostPlace, random }: Circumstances,
): Verdict | undefined {
  if (interruption === 'lost') return undefined;
  if (lostPlace) return handedBack(lostPlace, result);
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'final', status: 'completed', result };
    case 'cancelled':
      return interruption === 'shutdown'
        ? afterShutdown(result, retries)
        : { kind: 'final', status: 'cancelled', result };
    case 'timed-out':
    case 'failed':
    case 'killed':
    case 'not-started': {
      const status = outcome.kind === 'timed-out' ? 'timeout' : 'failed';
      if (retries.retryCount >= (retries.maxRetries ?? 0)) return { kind: 'final', status, result };
      return {
        kind: 'again',
        reason: result.error ?? status,
        delayMs: retryDelayMs(retries.retryCount, random),
        result: cancelledInstead(result),
      };
    }
  }
}

/** The worker is to blame: another one may do better, or this one later. No retry is spent. */
function handedBack({ word, why }: Trouble, result: ExecutionResult): Verdict {
  const reason = `its worker could not start it: ${word}: ${why}`;
  return { kind: 'again', reason, delayMs: HAND_BACK_MS, result: cancelledInstead(result), isFree: true };
}

function afterShutdown(result: ExecutionResult, { retryCount, maxRetries }: Retries): Verdict {
  const reason = 'its worker was shut down before it had finished';
  if (maxRetries === undefined || retryCount < maxRetries)
    return { kind: 'again', reason, delayMs: 0, result: cancelledInstead(result) };
  return {
    kind: 'final',
    status: 'abandoned',
    result: { ...result, cancelled: undefined, error: `${reason} and no retry is left` },
  };
}

/** The result in case that a cancel was asked for in the meantime. */
function cancelledInstead(result: ExecutionResult): ExecutionResult {
  return { ...result, succeeded: false, cancelled: true };
}

/** 1, 2, 4 … 60 s, each shortened by up to a quarter. */
function retryDelayMs(retryCount: number, random: number): number {
  return Math.round(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retryCount, 10)) * (1 - random / 4));
}

/** The verdict about an execution that this worker claimed and never began. */
export const strayVerdict = {
  kind: 'again',
  reason: 'the answer to its claim was lost',
  delayMs: 0,
  isFree: true,
  result: { succeeded: false, cancelled: true, error: 'cancelled' },
} as const;
