import type { Named } from '#cli/parameter.ts';
import { nearest } from '#domain/nearest.ts';
import { type Result, success } from '#domain/result.ts';
import { artifactPage } from '#wire/artifacts.ts';
import { executionSummaries } from '#wire/executions.ts';
import { keyList } from '#wire/keys.ts';
import { actionList, packList } from '#wire/packs.ts';
import { scheduleList } from '#wire/schedules.ts';
import { tokenList } from '#wire/tokens.ts';
import { webhookList } from '#wire/webhooks.ts';
import type { Api } from './api-client.ts';
import { ask, askAll, MOST_OF_A_PAGE } from './client.ts';
import { readWorkers } from './workers.ts';

/** The names of all that a server has of a kind; none where it cannot be asked. */
export async function namesOn(api: Api, kind: Named): Promise<readonly string[]> {
  const found = await readers[kind](api);
  return found.ok ? found.value : [];
}

/** Says of a name that a server has nothing called so, with the nearest; undefined: it has, or it cannot be asked. */
export async function lackOf(api: Api, kind: Named, wanted: string): Promise<string | undefined> {
  const found = await readers[kind](api);
  if (!found.ok || found.value.includes(wanted)) return undefined;
  const near = nearest(wanted, found.value);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `the server has no ${kind.slice(0, -1)} '${wanted}' yet${hint}`;
}

type Names = Result<readonly string[], string>;

/** Executions that a shell offers. */
const NEWEST = 30;

/** The packs of which a server keeps so many versions at least; one of an older version does not say how many. */
async function packsWith(api: Api, versions: number): Promise<Names> {
  const found = await askAll(api, 'packs', { schema: packList, members: 'packs' });
  if (!found.ok) return found;
  const { packs } = found.value;
  return success(packs.filter((one) => (one.kept_versions ?? versions) >= versions).map(({ ref }) => ref));
}

const readers = {
  actions: async (api: Api): Promise<Names> => {
    const found = await askAll(api, 'actions', { schema: actionList, members: 'actions' });
    return found.ok ? success(found.value.actions.map(({ ref }) => ref)) : found;
  },
  packs: async (api: Api): Promise<Names> => await packsWith(api, 0),
  'installed-packs': async (api: Api): Promise<Names> => await packsWith(api, 1),
  'packs-with-earlier': async (api: Api): Promise<Names> => await packsWith(api, 2),
  workers: async (api: Api): Promise<Names> => {
    const found = await readWorkers(api);
    return found.ok ? success(found.value.workers.map(({ name }) => name)) : found;
  },
  keys: async (api: Api): Promise<Names> => {
    const found = await askAll(api, 'keys', { schema: keyList, members: 'keys' });
    return found.ok ? success(found.value.keys.map(({ ref }) => ref)) : found;
  },
  tokens: async (api: Api): Promise<Names> => {
    const found = await ask(api.call('GET', 'tokens'), tokenList);
    const valid = found.ok ? found.value.tokens.filter(({ revoked_at: revoked }) => revoked === null) : [];
    return found.ok ? success(valid.map(({ name }) => name)) : found;
  },
  schedules: async (api: Api): Promise<Names> => {
    const found = await askAll(api, 'schedules', { schema: scheduleList, members: 'schedules' });
    return found.ok ? success(found.value.schedules.map(({ id }) => String(id))) : found;
  },
  webhooks: async (api: Api): Promise<Names> => {
    const found = await ask(api.call('GET', 'webhooks'), webhookList);
    return found.ok ? success(found.value.webhooks.map(({ id }) => String(id))) : found;
  },
  /* The newest ones alone, as of artifacts: there may be very many. */
  executions: async (api: Api): Promise<Names> => {
    const found = await ask(api.call('GET', `executions?limit=${NEWEST}`), executionSummaries);
    return found.ok ? success(found.value.executions.map(({ id }) => String(id))) : found;
  },
  artifacts: async (api: Api): Promise<Names> => {
    const found = await ask(api.call('GET', `artifacts?limit=${MOST_OF_A_PAGE}`), artifactPage);
    return found.ok ? success([...new Set(found.value.artifacts.map(({ ref }) => ref))]) : found;
  },
};
