import { HIDDEN_VALUE } from '#domain/masks.ts';

/** Names of parameters of URLs that hold secrets, such as `password` and `sslpassword`. */
const SECRET_PARAMETER = /pass|secret|token|api.?key/i;

/** The secrets in a URL, as they are written and decoded: its password, and the values of parameters named after secrets. */
export function secretsOfUrl(text: string): readonly string[] {
  const { password, searchParams } = new URL(text);
  const others = [...searchParams].flatMap(([name, value]) => (SECRET_PARAMETER.test(name) ? [value] : []));
  return [password, decoded(password), ...others];
}

/** A URL with its secrets hidden; one without stays as it is written. */
export function hideSecretsOfUrl(text: string): string {
  if (secretsOfUrl(text).every((secret) => secret === '')) return text;
  const url = new URL(text);
  if (url.password !== '') url.password = HIDDEN_VALUE;
  for (const name of new Set(url.searchParams.keys()))
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, HIDDEN_VALUE);
  return url.href;
}

/** Decodes what is percent-encoded; a text that cannot be decoded stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Tells whether something behind the host of a URL may be part of its password, because a character was not encoded that
 * ends the host: `postgres://user:12/34@host` leads to the port 12 of `user`.
 */
export function mayHidePassword(text: string): boolean {
  const isWeb = /^https?:/i.test(text);
  const [, host = '', behind = ''] =
    /^[^/]*\/\/([^/?#\\]*)(.*)$/s.exec(isWeb ? text : text.replaceAll('\\', '_')) ?? [];
  const at = behind.lastIndexOf('@');
  return at !== -1 && `${host}${behind.slice(0, at)}`.includes(':');
}
