/** Shorter passwords of URLs are words too often (guest, postgres) to be masked by themselves. */
const LEAST_PASSWORD = 8;

/** `scheme://user:password@` */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/([^\s/?#@:]*):([^\s/?#@]+)@/i;

/** The `user:password` of a secret that is a URL, and its password if it is long enough, as written and decoded. */
export function userInfoOf(value: string): readonly string[] {
  const match = URL_WITH_PASSWORD.exec(value);
  if (!match) return [];
  const [, user = '', password = ''] = match;
  const passwords = [password, decoded(password)].filter((one) => one.length >= LEAST_PASSWORD);
  return [`${user}:${password}`, `${decoded(user)}:${decoded(password)}`, ...passwords];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const ANY_URL = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#@"'<>]{1,512}@/gi;

/** Hides whatever stands before the `@` of each URL of a text. */
export function withoutUserInfo(text: string): string {
  return text.includes('@') ? text.replace(ANY_URL, '$1***@') : text;
}

/** A line without an end is passed on when it is as long as this. */
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
      const lineEnd = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
      const end = text.length - lineEnd > LONGEST_LINE ? text.length : lineEnd;
      held = text.slice(end);
      await show(text.slice(0, end));
    },
    close: async () => {
      await show(held);
      held = '';
    },
  };
}
