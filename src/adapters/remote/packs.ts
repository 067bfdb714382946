import type { Clock } from '#domain/clock.ts';
import type { PackSource } from '#domain/pack-source.ts';
import { openStream, type ServerAddress } from './http.ts';
import { withPatience } from './patience.ts';

/** The packs of a server. A server that is silent in the middle of one is given up. */
export function openRemotePacks(address: ServerAddress, clock: Clock): PackSource {
  return {
    open: async (packRef, stop) => {
      const path = `packs/${encodeURIComponent(packRef)}/archive`;
      const archive = await withPatience(
        (silence) => openStream(address, path, AbortSignal.any([stop, silence])),
        clock,
      );
      if (!archive) throw new Error(`server ${address.url} sent nothing`);
      return archive;
    },
  };
}
