import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ProcessEnv } from '#domain/runtime.ts';

const schema = z.object({ api_url: z.string(), api_token: z.string().optional() });
export type Profile = z.infer<typeof schema>;

/** The file in which `login` keeps the address of an API and its token: ~/.config/attune-agent/client.yaml */
function profilePath(env: ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'attune-agent/client.yaml');
}

/** Reads the address and token that `login` has kept; undefined if there is no such file, or it cannot be read. */
export function readProfile(env: ProcessEnv): Profile | undefined {
  try {
    return schema.parse(parse(readFileSync(profilePath(env), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Keeps an address and a token in a file that only its owner can read, and returns its path. Throws the error of the
 * file system.
 */
export function writeProfile(env: ProcessEnv, profile: Profile): string {
  const path = profilePath(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, stringify(profile), { mode: 0o600 });
  return path;
}

/** Removes what `login` has kept and returns its path; undefined if nothing was kept. Throws the error of the file system. */
export function removeProfile(env: ProcessEnv): string | undefined {
  const path = profilePath(env);
  if (!existsSync(path)) return undefined;
  rmSync(path);
  return path;
}
