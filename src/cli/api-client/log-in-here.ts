import type { ProcessEnv } from '#domain/runtime.ts';
import { currentLogin, type Login, readLogins, writeLogins } from './logins.ts';

const CONTEXT = 'standalone';

/** What a client of the user still needs. */
export type Needed = 'nothing' | 'replaced' | 'context' | 'login';

/**
 * Logs the user who starts --standalone in to it, as the context `standalone`. It becomes the current one, unless the user
 * is logged in to another server. Without a home directory, as in a service, nothing is kept. The answer says what a client
 * needs: `nothing`, also where that login was one for another address (`replaced`), a `context`, or a `login`.
 */
export function logInHere(env: ProcessEnv, login: Login): Needed {
  if (env['HOME'] === undefined && env['XDG_CONFIG_HOME'] === undefined) return 'login';
  const kept = readLogins(env);
  if (!kept.ok) return 'login'; /* what cannot be understood is not replaced */
  const logins = kept.value;
  const { current = CONTEXT } = logins;
  const isElsewhere = current !== CONTEXT && (currentLogin(logins) ?? login).api_url !== login.api_url;
  try {
    writeLogins(env, {
      current: isElsewhere ? current : CONTEXT,
      contexts: { ...logins.contexts, [CONTEXT]: login },
    });
    if (isElsewhere) return 'context';
    return (logins.contexts[CONTEXT] ?? login).api_url === login.api_url ? 'nothing' : 'replaced';
  } catch {
    return 'login'; /* the home directory cannot be written: the user is told to log in */
  }
}
