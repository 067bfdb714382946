import type { Offer } from '#cli/parameter.ts';
import { packsHere } from '#cli/wiring/packs-here.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { SCOPES } from '#domain/admin-store.ts';
import { EXECUTION_STATUSES } from '#domain/execution-status.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { openApi } from './api-client.ts';
import { chooseServer } from './choose-server.ts';
import { readLogins } from './logins.ts';
import { namesOn } from './names-on.ts';

/** A shell waits for no server that is slower. */
const PATIENCE_MS = 2000;

/** The words that a shell can offer for a value: none where the server does not answer in time. */
export async function offersOf(offer: Offer, env: ProcessEnv): Promise<readonly string[]> {
  switch (offer) {
    case 'statuses':
      return EXECUTION_STATUSES;
    case 'scopes':
      return SCOPES;
    case 'contexts':
      return Object.keys(readLogins(env).contexts);
    case 'actions-here':
      return (await packsHere(env)).flatMap(({ actions }) => actions);
    case 'packs-here':
      return (await packsHere(env)).map(({ directory }) => directory);
    case 'actions':
    case 'packs':
    case 'workers':
      return await Promise.race([namesOnServer(offer, env), Bun.sleep(PATIENCE_MS).then(() => [])]);
  }
}

async function namesOnServer(offer: 'actions' | 'packs' | 'workers', env: ProcessEnv): Promise<readonly string[]> {
  const sources = { env, flags: {}, file: undefined };
  const config = await readConfig(sources);
  const server = config && chooseServer(config, sources);
  return server?.ok ? await namesOn(openApi(server.value), offer) : [];
}
