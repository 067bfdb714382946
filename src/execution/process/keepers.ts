import type { NativeFunctions } from '#execution/native/native.ts';
import { type ForkServer, forkServerBy } from './fork-server.ts';
import { connectToKeeper, type KeeperProcess } from './keeper-process.ts';
import { KEEP, ownProgram } from './launcher.ts';
import { createRestingKeepers } from './resting-keepers.ts';

/** The keepers of this process. One that has nothing to do any more keeps the next program. */
export interface Keepers {
  /** A keeper that keeps nothing; a new one of another kind for a program that is started again. Throws errors of the system. */
  take(isAgain: boolean): KeeperProcess;
  giveBack(keeper: KeeperProcess): void;
  /** Ends all that keep nothing: somebody has killed one. */
  endResting(): void;
  /** Ends what makes them besides, and this one, which somebody has changed. */
  renew(changed: KeeperProcess): void;
}

/** Makes keepers by a fork server, and by executing this file where native functions cannot be called. */
export function createKeepers(native: NativeFunctions | undefined): Keepers {
  const resting = createRestingKeepers<KeeperProcess>();
  const forkServer = native && forkServerBy(native, resting.endAll);
  return {
    take: (isAgain) => {
      if (isAgain) return connectToKeeper(executed(false));
      const keeper = resting.take();
      keeper?.wake();
      return keeper ?? makeKeeper(forkServer);
    },
    giveBack: (keeper) => {
      if (keeper.isReusable() && resting.add(keeper)) keeper.rest();
      else keeper.close();
    },
    endResting: resting.endAll,
    renew: (changed) => {
      changed.close();
      forkServer?.kill();
      resting.endAll();
    },
  };
}

function makeKeeper(forkServer: ForkServer | undefined): KeeperProcess {
  return connectToKeeper(forkServer?.ask() ?? executed(forkServer === undefined));
}

/** A keeper that is a child of this process. It is used again where there will be no better one. */
function executed(isReusable: boolean): Parameters<typeof connectToKeeper>[0] {
  const child = Bun.spawn([ownProgram(), KEEP], {
    argv0: 'attune-keeper',
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'socket-fd'],
    detached: true,
  });
  child.unref();
  return {
    descriptor: Number(child.stdio.at(-1)),
    kill: () => child.kill('SIGKILL'),
    isReusable: () => isReusable,
  };
}
