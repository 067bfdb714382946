import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { strangerOf } from '#cli/foreign-file.ts';
import { homeDirectory } from '#cli/home-directory.ts';
import { codeOf, fileErrorOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { SAID_OF_SECRETS } from '#domain/say-issue.ts';
import type { Place } from '#formats/decode-text.ts';
import { parseYamlDocument, valueOfYaml } from '#formats/yaml.ts';

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
  return join(env['XDG_CONFIG_HOME'] ?? join(homeDirectory(env), '.config'), 'attune-agent/client.yaml');
}

const ABSENT = ['ENOENT', 'ENOTDIR'];

/** Reads what `login` has kept; none if there is no such file. The error names the file and the place of what is wrong. */
export function readLogins(env: ProcessEnv): Result<Logins, string> {
  const path = loginsPath(env);
  try {
    const bytes = readOwn(path);
    return bytes.ok ? understand(path, bytes.value) : failure(`${path} is not read: ${bytes.error}`);
  } catch (error) {
    if (ABSENT.includes(codeOf(error) ?? '')) return success({ contexts: {} });
    return failure(`${path} cannot be read: ${fileErrorOf(error)}`);
  }
}

/**
 * Reads a file that nobody else may have written; the error says who may. What is looked at is what was opened: the name
 * may lead to another file a moment later. Nothing is waited for, since it may lead to a pipe.
 */
function readOwn(path: string): Result<Uint8Array, string> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stranger = strangerOf(fstatSync(descriptor));
    if (stranger === undefined) return success(readFileSync(descriptor));
    return failure(
      `${stranger}, and who wrote it chooses where your token goes: remove it and log in again, or chown or chmod it`,
    );
  } finally {
    closeSync(descriptor);
  }
}

function understand(path: string, bytes: Uint8Array): Result<Logins, string> {
  const wrong = (place: Place | undefined, message: string): Result<never, string> =>
    failure(
      `${path}${place ? `:${place.line}:${place.column}` : ''}: ${message}; mend it, or remove it and log in again`,
    );
  const parsed = parseYamlDocument(bytes);
  if (!parsed.ok) return wrong(parsed.error.place, parsed.error.message);
  const content = valueOfYaml(parsed.value.document);
  if (!content.ok) return wrong(undefined, content.error);
  const one = login.safeParse(content.value); /* as version 0.1.0 has written it */
  if (one.success) return success({ current: DEFAULT_CONTEXT, contexts: { [DEFAULT_CONTEXT]: one.data } });
  const several = file.safeParse(content.value ?? { contexts: {} }, SAID_OF_SECRETS);
  if (several.success) return success(several.data);
  const [{ path: at, message } = { path: [], message: '' }] = several.error.issues;
  return wrong(parsed.value.placeOf(at), `${at.length > 0 ? `${at.join('.')}: ` : ''}${message}`);
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
  /* A file that somebody has put there would be theirs to read: it is made here, and by a name that nobody knows before. */
  const unfinished = `${path}.${crypto.randomUUID()}`;
  writeFileSync(unfinished, stringify(logins), { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, path);
  return path;
}

/** The logins without one of them. When it was the current one, none is. */
export function withoutLogin({ current, contexts }: Logins, name: string): Logins {
  const others = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name));
  return { contexts: others, ...(current === undefined || current === name ? {} : { current }) };
}
