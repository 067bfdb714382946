import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ProcessEnv } from '#domain/runtime.ts';

const login = z.object({ api_url: z.string(), api_token: z.string().optional() });
const file = z.object({ current: z.string().optional(), contexts: z.record(z.string(), login) });

/** The address of a server and a token for it. */
export type Login = z.infer<typeof login>;

/** All logins of a user by their names, and which of them counts when nothing else is said. */
export type Logins = z.infer<typeof file>;

/** The name of a login that was given none. */
export const DEFAULT_CONTEXT = 'default';

/** The file in which `login` keeps addresses and tokens: ~/.config/attune-agent/client.yaml */
function loginsPath(env: ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'attune-agent/client.yaml');
}

/** Reads what `login` has kept; none if there is no such file, or it cannot be read. */
export function readLogins(env: ProcessEnv): Logins {
  try {
    const content: unknown = parse(readFileSync(loginsPath(env), 'utf8'));
    const one = login.safeParse(content); /* as version 0.1.0 has written it */
    return one.success ? { current: DEFAULT_CONTEXT, contexts: { [DEFAULT_CONTEXT]: one.data } } : file.parse(content);
  } catch {
    return { contexts: {} };
  }
}

/** The login that counts when nothing else is said. */
export function currentLogin({ current, contexts }: Logins): Login | undefined {
  return current === undefined ? undefined : contexts[current];
}

/**
 * Keeps logins in a file that only its owner can read, and returns its path. Without any login left the file is removed.
 * Throws the error of the file system.
 */
export function writeLogins(env: ProcessEnv, logins: Logins): string {
  const path = loginsPath(env);
  if (Object.keys(logins.contexts).length === 0) {
    if (existsSync(path)) rmSync(path);
    return path;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, stringify(logins), { mode: 0o600 });
  renameSync(unfinished, path);
  return path;
}

/** The logins without one of them. When it was the current one, none is. */
export function withoutLogin({ current, contexts }: Logins, name: string): Logins {
  const others = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name));
  return { contexts: others, ...(current === undefined || current === name ? {} : { current }) };
}
