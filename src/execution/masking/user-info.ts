/** Shorter passwords of URLs are words too often (guest, postgres) to be masked by themselves. */
const LEAST_PASSWORD = 8;
/** A user without a password is a token from this length on. */
const LEAST_TOKEN = 20;
/** Shorter pairs of user and password are part of too much else. */
const LEAST_PAIR = 4;

/**
 * What is secret by itself of a secret that holds URLs or settings: `user:password`, passwords that are long enough and
 * tokens that stand for a user, as written and decoded.
 */
export function userInfoOf(value: string): readonly string[] {
  const inUrls = userInfosIn(value).flatMap(({ from, to }) => {
    const info = value.slice(from, to);
    const [user = '', ...rest] = info.split(':');
    const password = rest.join(':');
    const pair = `${decoded(user)}:${decoded(password)}`;
    return [
      ...(password === '' ? [] : [info, pair].filter((one) => one.length >= LEAST_PAIR)),
      ...[password, decoded(password)].filter((one) => one.length >= LEAST_PASSWORD),
      ...[user, decoded(user)].filter((one) => one.length >= LEAST_TOKEN),
    ];
  });
  return [...inUrls, ...passwordsIn(value)];
}

/** `password=VALUE` or `password: VALUE`, as connection strings and files of settings have it. */
const PASSWORD = /(?:password|passwd|pwd)\s*[=:]\s*("[^"\n]*"|'[^'\n]*'|[^\s;&,]+)/gi;

function passwordsIn(value: string): readonly string[] {
  const given = [...value.matchAll(PASSWORD)].map(([, text = '']) => text.replace(/^(["'])(.*)\1$/s, '$2'));
  return given.flatMap((one) => [one, decoded(one)]).filter((one) => one.length >= LEAST_PASSWORD);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Hides whatever stands before the `@` of each URL of a text. */
export function withoutUserInfo(text: string): string {
  let shown = '';
  let at = 0;
  for (const { from, to } of userInfosIn(text)) {
    shown += `${text.slice(at, from)}***`;
    at = to;
  }
  return shown + text.slice(at);
}

/** The slashes of a URL, also within the JSON of PHP. */
const SLASHES = /:(?:\/|\\\/){2}/g;
const LONGEST_SCHEME = 32;
/** A quote or bracket before a URL, and what ends it then, if more than a part of a password follows. */
const ENDS: Readonly<Record<string, RegExp>> = {
  '"': /\\?"(?![^,:;)}\]>])/,
  "'": /'(?![^,:;)}\]>])/,
  '`': /`(?![^,:;)}\]>])/,
  '<': />/,
  '(': /\)(?![^,:;)}\]>.])/,
};

/** The places of what stands before the `@` of each URL of a text, in their order. */
function userInfosIn(text: string): readonly { readonly from: number; readonly to: number }[] {
  if (!text.includes('@')) return [];
  const found: { from: number; to: number }[] = [];
  let done = 0;
  for (const { 0: slashes, index } of text.matchAll(SLASHES)) {
    const [, before, scheme = ''] =
      /(^|[^a-z0-9+.-])([a-z0-9+.-]*)$/i.exec(text.slice(Math.max(0, index - LONGEST_SCHEME), index)) ?? [];
    if (index < done || scheme === '') continue;
    const from = index + slashes.length;
    const length = lengthOfUserInfo(wordAt(text, from, ENDS[before ?? '']));
    if (length <= 0) continue;
    done = from + length;
    found.push({ from, to: done });
  }
  return found;
}

/** What follows without a blank, up to the quote or bracket that ends it. */
function wordAt(text: string, from: number, end: RegExp | undefined): string {
  WORD.lastIndex = from;
  const word = WORD.exec(text)?.[0] ?? '';
  const at = end ? word.search(end) : -1;
  return at < 0 ? word : word.slice(0, at);
}
/** An authority, and so much behind it that many URLs in a line are found in linear time. Not \s: in bytes, letters are in it. */
const WORD = /[^\0-\x20/?#]*[^\0-\x20]{0,512}/y;

/** User and password end at the last `@` of the authority; with a bare slash in the password it is no authority. */
function lengthOfUserInfo(word: string): number {
  const end = word.search(/[/?#]/);
  const authority = end < 0 ? word : word.slice(0, end);
  const last = authority.lastIndexOf('@');
  if (last >= 0 || end < 0) return last;
  return /^[^:[]*:(?!\d*$)./.test(authority) ? word.indexOf('@') : -1;
}

/** A line without an end is passed on up to its last blank when it is as long as this; whole if it has none. */
const LONGEST_LINE = 64 * 1024;

/** Passes output on line by line, without what stands before the `@` of its URLs. The last line comes with `close`. */
export function hideUserInfo(pass: (bytes: Uint8Array) => void | Promise<void>): {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
} {
  let held = '';
  const show = async (text: string): Promise<void> => {
    if (text !== '') await pass(Buffer.from(withoutUserInfo(text), 'latin1'));
  };
  return {
    write: async (bytes) => {
      const text = held + Buffer.from(bytes).toString('latin1');
      const ends = [Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1, text.lastIndexOf(' ') + 1];
      const end = ends.find((one) => text.length - one <= LONGEST_LINE) ?? text.length;
      held = text.slice(end);
      await show(text.slice(0, end));
    },
    close: async () => {
      await show(held);
      held = '';
    },
  };
}
