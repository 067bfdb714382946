import type { AgentStore } from '#domain/agent-store.ts';
import type { Clock } from '#domain/clock.ts';
import { HOUR_MS } from '#domain/durations.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import type { Interpreter } from '#domain/runtime.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';

import type { PackSettings } from './execution-settings.ts';
import { prepareAhead } from './prepare-ahead.ts';

const PRUNE_MS = HOUR_MS;

/** The ledger of environments in the database, for one session. */
export function ledgerOf(store: AgentStore, session: WorkerSession): PackEnvironmentLedger {
  return {
    begin: (environment, leaseMs) => store.beginEnvironment(session, environment, leaseMs),
    renew: (key, leaseMs) => store.renewEnvironment(session, key, leaseMs),
    end: (key, end) => store.endEnvironment(session, key, end),
    forget: (keys) => store.forgetEnvironments(keys),
  };
}

interface KeepDependencies {
  readonly environments: PackEnvironments;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Removes environments that nobody uses any more, now and then, until `stop` aborts. */
export async function pruneNowAndThen(
  { environments, clock, logger }: KeepDependencies,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const removed = await environments.prune();
      if (removed.length > 0) logger.info('environments removed', { count: removed.length });
    } catch (error) {
      logger.warn('environments not removed', { why: messageOf(error) });
    }
    await clock.sleep(PRUNE_MS, stop);
  }
}

interface AheadSettings {
  /** Lazy: nothing is built ahead. */
  readonly prepares: 'lazy' | 'ahead';
  readonly interpreters: readonly Interpreter[];
  readonly packs: Pick<PackSettings, 'directories' | 'load'>;
}

/**
 * Opens a loop that builds the environments of packs ahead, one pack after the other: all packs at first, and then
 * those that change. A failure is reported, and the environment is built again at its first use.
 */
export function openAhead(
  deps: Pick<KeepDependencies, 'environments' | 'logger'>,
  { prepares, interpreters, packs }: AheadSettings,
  stop: AbortSignal,
): { add(packRef: string): void; idle(): Promise<void> } {
  if (prepares === 'lazy') return { add: () => {}, idle: async () => {} };
  const io = { sink: { write: () => {} }, signals: { cancel: stop } };
  const build = async (packRef: string | undefined): Promise<void> => {
    try {
      const loaded = await Promise.all(packs.directories.map((one) => packs.load(one)));
      const wanted = loaded
        .flatMap((one) => one.packs)
        .filter(({ pack }) => packRef === undefined || pack.ref === packRef);
      const actions = wanted.flatMap((one) => one.actions);
      for (const { action, problem } of await prepareAhead(actions, { ...deps, interpreters }, io))
        if (problem !== undefined && !stop.aborted) deps.logger.warn('environment not built', { action, why: problem });
    } catch (error) {
      deps.logger.warn('environments not built', { pack: packRef, why: messageOf(error) });
    }
  };
  let last = build(undefined);
  return {
    add: (packRef) => {
      last = last.then(() => build(packRef));
    },
    idle: () => last,
  };
}
