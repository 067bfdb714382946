import { type Result, success } from '#domain/result.ts';
import { keyList } from '#wire/keys.ts';
import { actionList, packList } from '#wire/packs.ts';
import type { Api } from './api-client.ts';
import { askAll } from './client.ts';
import { readWorkers } from './workers.ts';

export type Named = 'actions' | 'packs' | 'workers' | 'keys';

/** The names of all that a server has of a kind; none where it cannot be asked. */
export async function namesOn(api: Api, kind: Named): Promise<readonly string[]> {
  const found = await readers[kind](api);
  return found.ok ? found.value : [];
}

type Names = Result<readonly string[], string>;

const readers = {
  actions: async (api: Api): Promise<Names> => {
    const found = await askAll(api, 'actions', { schema: actionList, members: 'actions' });
    return found.ok ? success(found.value.actions.map(({ ref }) => ref)) : found;
  },
  packs: async (api: Api): Promise<Names> => {
    const found = await askAll(api, 'packs', { schema: packList, members: 'packs' });
    return found.ok ? success(found.value.packs.map(({ ref }) => ref)) : found;
  },
  workers: async (api: Api): Promise<Names> => {
    const found = await readWorkers(api);
    return found.ok ? success(found.value.workers.map(({ name }) => name)) : found;
  },
  keys: async (api: Api): Promise<Names> => {
    const found = await askAll(api, 'keys', { schema: keyList, members: 'keys' });
    return found.ok ? success(found.value.keys.map(({ ref }) => ref)) : found;
  },
};
