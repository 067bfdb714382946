import { fileProblemOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type Logins, readLogins, withoutLogin, writeLogins } from './logins.ts';

/** Removes a login that is kept, and says so in a sentence. */
export function dropLogin(env: ProcessEnv, name: string): Result<string, string> {
  const kept = readLogins(env);
  if (!kept.ok) return kept;
  const logins = kept.value;
  const left = withoutLogin(logins, name);
  try {
    const path = writeLogins(env, left);
    return success(`removed the login '${name}' for ${logins.contexts[name]?.api_url} from ${path}${hintAt(left)}`);
  } catch (error) {
    return failure(`the token cannot be removed: ${fileProblemOf(error)}`);
  }
}

/** How another login becomes the current one, where there are others and none is. */
export function hintAt({ current, contexts }: Logins): string {
  const [other] = Object.keys(contexts);
  if (current !== undefined || other === undefined) return '';
  return `; no other login is the current one: attune-agent contexts use ${other}`;
}
