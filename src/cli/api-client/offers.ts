import { basename } from 'node:path';
import type { Named, Offer } from '#cli/parameter.ts';
import { packsHere } from '#cli/wiring/packs-here.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import type { ConfigSources } from '#config/load-config.ts';
import { SCOPES } from '#domain/admin-store.ts';
import { EXECUTION_STATUSES, FINAL_STATUSES } from '#domain/execution-status.ts';
import { families } from '#domain/families.ts';
import { openApi } from './api-client.ts';
import { chooseServer } from './choose-server.ts';
import { readLogins } from './logins.ts';
import { namesOn } from './names-on.ts';

/** A shell waits for no server that is slower. */
const PATIENCE_MS = 2000;

/** The words that a shell can offer for a value: none where the server does not answer in time. */
export async function offersOf(offer: Offer, sources: ConfigSources): Promise<readonly string[]> {
  switch (offer) {
    case 'statuses':
      return EXECUTION_STATUSES;
    case 'final-statuses':
      return FINAL_STATUSES;
    case 'runtimes':
      return families.map(({ name }) => name);
    case 'scopes':
      return SCOPES;
    case 'contexts':
      return contextsIn(sources);
    case 'actions-here':
      return (await packsHere(sources)).flatMap(({ actions }) => actions);
    case 'action-names-here':
      return (await packsHere(sources)).flatMap(({ actions }) => actions.map((ref) => ref.slice(ref.indexOf('.') + 1)));
    case 'packs-here':
      return (await packsHere(sources)).map(({ directory }) => directory);
    case 'pack-names-here':
      return (await packsHere(sources)).map(({ directory }) => basename(directory));
    case 'actions':
    case 'packs':
    case 'workers':
    case 'keys':
    case 'tokens':
    case 'artifacts':
    case 'executions':
    case 'schedules':
    case 'webhooks':
    case 'installed-packs':
    case 'packs-with-earlier':
      return await Promise.race([namesOnServer(offer, sources), Bun.sleep(PATIENCE_MS).then(() => [])]);
  }
}

function contextsIn({ env }: ConfigSources): readonly string[] {
  const kept = readLogins(env);
  return kept.ok ? Object.keys(kept.value.contexts) : [];
}

async function namesOnServer(offer: Named, sources: ConfigSources): Promise<readonly string[]> {
  const config = await readConfig(sources);
  const server = config && chooseServer(config, sources);
  return server?.ok ? await namesOn(openApi(server.value), offer) : [];
}
