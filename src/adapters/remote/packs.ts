import type { PackSource } from '#domain/pack-source.ts';
import { openStream, type ServerAddress } from './http.ts';

/** The packs of a server. */
export function openRemotePacks(address: ServerAddress): PackSource {
  return {
    open: async (packRef, stop) => {
      const response = await openStream(address, `packs/${encodeURIComponent(packRef)}/archive`, stop);
      if (!response.body) throw new Error(`server ${address.url} sent nothing`);
      return response.body;
    },
  };
}
