import { whenAborted } from '#domain/abort.ts';
import type { Clock } from '#domain/clock.ts';
import { durationText } from '#domain/duration-text.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { type BuildContext, type BuildFailure, build } from './build.ts';
import { type BuildCaches, createBuildCaches } from './build-cache.ts';
import { describeUnwritable, findReady, unpublish } from './layout.ts';
import type { BuildPlan } from './plan.ts';
import { say } from './say.ts';
import { createVerification, type Verification, type VerificationTime } from './verification.ts';

const LEASE_MS = 10_000;
/** The milliseconds between two looks of a process that waits for another's build. */
const LOOK_MS = 300;

export type NotPrepared =
  | { readonly kind: 'cancelled' }
  /** `isFull` means that the volume of the environments had no room. */
  | { readonly kind: 'failed'; readonly message: string; readonly isFull?: boolean | undefined };

export type BuildIo = Pick<BuildContext, 'sink' | 'signals'>;

export type EnsureSettings = Pick<BuildContext, 'root' | 'env' | 'isOffline' | 'timeoutMs' | 'sandbox'> & {
  readonly clock: Clock;
  /** When environments are compared with what was built. */
  readonly verify: VerificationTime;
};

export function failed(message: string): Result<never, NotPrepared> {
  return failure({ kind: 'failed', message });
}

/** Rejects for defects only. */
type Ensure = (plan: BuildPlan, io: BuildIo) => Promise<Result<string, NotPrepared>>;

/**
 * Makes a function that ensures that what a plan describes is built, by this process, by another, or long ago, and
 * resolves with its directory.
 */
export function createEnsure(settings: EnsureSettings, ledger: PackEnvironmentLedger): Ensure {
  const mutex = createKeyedMutex();
  const verification = createVerification(settings.verify);
  const caches = createBuildCaches();
  return async (asked, io) => {
    const reportWaiting = once(() => say(io.sink, `waiting for ${nameOf(asked)}`));
    if (mutex.isTaken(verification.placeOf(asked.place))) await reportWaiting();
    for (;;) {
      const plan = { ...asked, place: verification.placeOf(asked.place) };
      const found = await findPrepared(plan, io, { ...settings, verification });
      if (found) return found;
      const work = () =>
        attempt(plan, io, { settings, ledger, verification, caches, reportWaiting }).catch(
          retryWhileUnavailable(settings.clock, io),
        );
      const tried = await mutex.take(plan.place, io.signals.cancel, work);
      if (tried && !tried.ok) return tried;
    }
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    isDone = true;
    await work();
  };
}

/** Finds an environment that is there, or why it cannot be; undefined if it is not there, and could be built. */
async function findPrepared(
  plan: BuildPlan,
  { sink, signals }: BuildIo,
  { root, verification }: Pick<EnsureSettings, 'root'> & { readonly verification: Verification },
): Promise<Result<string, NotPrepared> | undefined> {
  const ready = findReady(plan.place);
  const isWhole = ready !== undefined && (await verification.isWhole({ place: plan.place, directory: ready }));
  if (isWhole) return success(ready);
  if (signals.cancel.aborted) return failure({ kind: 'cancelled' });
  const unwritable = describeUnwritable(root);
  const state = ready === undefined ? 'is not there' : 'has been changed since it was built';
  if (unwritable !== undefined) return failed(`${nameOf(plan)} ${state}, and ${unwritable}`);
  if (ready === undefined) return undefined;
  await say(sink, `${nameOf(plan)} ${state}: it is built again`);
  unpublish(plan.place);
  return undefined;
}

function nameOf({ recipe, script }: BuildPlan): string {
  return `the ${recipe.name} environment of pack ${script.pack.ref}`;
}

interface KeyedMutex {
  isTaken(place: string): boolean;
  /**
   * Runs work alone at a place; undefined if another caller of this process was at it, and has ended, or `cancel`
   * aborted.
   */
  take<T>(place: string, cancel: AbortSignal, work: () => Promise<T>): Promise<T | undefined>;
}

function createKeyedMutex(): KeyedMutex {
  const taken = new Map<string, Promise<unknown>>();
  return {
    isTaken: (place) => taken.has(place),
    take: async (place, cancel, work) => {
      const other = taken.get(place);
      if (other !== undefined) {
        await Promise.race([other, whenAborted(cancel)]);
        return undefined;
      }
      const own = work().finally(() => taken.delete(place));
      taken.set(place, own);
      return await own;
    },
  };
}

/** Builds it, waits a little because somebody else does, or says why it cannot be had now. */
async function attempt(plan: BuildPlan, io: BuildIo, deps: BuildDependencies): Promise<Result<'again', NotPrepared>> {
  const { clock } = deps.settings;
  const right = await deps.ledger.begin(plan.identity, LEASE_MS);
  switch (right.kind) {
    case 'failed': {
      const wait = Math.ceil(right.retryInMs / 1000);
      return failed(`${right.error} (tried not long ago; it is tried again in ${wait} s, or when the pack changes)`);
    }
    case 'taken':
      await deps.reportWaiting();
      await clock.sleep(LOOK_MS * (0.5 + clock.random()), io.signals.cancel);
      return success('again');
    case 'mine': {
      const built = await buildWithRight(plan, io, deps);
      if (built.ok || !built.error.isFinal) return success('again');
      return failure({ kind: 'failed', message: built.error.message, isFull: built.error.isFull });
    }
  }
}

/** The database may be away: then it is asked again, for as long as the execution is wanted. */
function retryWhileUnavailable(
  clock: Clock,
  { sink, signals }: BuildIo,
): (error: unknown) => Promise<Result<'again', NotPrepared>> {
  return async (error) => {
    if (!(error instanceof Unavailable)) return failed(messageOf(error));
    await say(sink, `waiting: ${error.message}`);
    await clock.sleep(1000, signals.cancel);
    return success('again');
  };
}

interface BuildDependencies {
  readonly settings: EnsureSettings;
  readonly ledger: PackEnvironmentLedger;
  readonly verification: Verification;
  readonly caches: BuildCaches;
  /** Somebody else builds it. */
  reportWaiting(): Promise<void>;
}

async function buildWithRight(
  plan: BuildPlan,
  io: BuildIo,
  { settings, ledger, verification, caches }: BuildDependencies,
): Promise<Result<undefined, BuildFailure>> {
  const { clock } = settings;
  const { key } = plan.identity;
  const lost = new AbortController();
  const ended = new AbortController();
  const renew = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LEASE_MS / 3, ended.signal);
      if (ended.signal.aborted) return;
      /* A ledger that cannot be reached may be reached by the next try. */
      if (!(await ledger.renew(key, LEASE_MS).catch(() => true))) lost.abort();
    }
  };
  const renewing = renew();
  const started = clock.monotonic();
  await say(io.sink, `making ${nameOf(plan)} (${plan.manifest})`);
  try {
    const signals = { ...io.signals, cancel: AbortSignal.any([io.signals.cancel, lost.signal]) };
    const built = await build(plan, { ...settings, caches, sink: io.sink, signals });
    const ready = built.ok ? findReady(plan.place) : undefined;
    if (ready !== undefined) await verification.trust({ place: plan.place, directory: ready });
    if (built.ok) await say(io.sink, `made in ${durationText(clock.monotonic() - started)}`);
    await ledger.end(key, endOf(built));
    return built;
  } finally {
    ended.abort();
    await renewing;
  }
}

function endOf(built: Result<undefined, BuildFailure>): Parameters<PackEnvironmentLedger['end']>[1] {
  if (built.ok) return { kind: 'ready' };
  /* Room may be made at any moment: nobody should wait to try again. */
  return built.error.isFinal && !built.error.isFull
    ? { kind: 'failed', error: built.error.message }
    : { kind: 'released' };
}
