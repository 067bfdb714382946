/** Punctuation that encoders of URLs leave as it is in one part of a URL; letters and digits stay in all of them. */
const KEPT = [
  /* The URL of browsers, Node and Rust: user and password, path (older and newer), query, fragment, and opaque paths. */
  "!$%&'()*+,-._~",
  "!$%&'()*+,-./:;=@[\\]_|~",
  "!$%&'()*+,-./:;=@[\\]^_|~",
  '!$%&()*+,-./:;=?@[\\]^_`{|}~',
  "!$%&'()*+,-./:;=?@[\\]^_`{|}~",
  "!#$%&'()*+,-./:;=?@[\\]^_{|}~",
  ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  /* RFC 3986, as Java, Python's urllib3 and others follow it: user and password, path, query. */
  "-._~!$&'()*+,;=:",
  "-._~!$&'()*+,;=:@/",
  "-._~!$&'()*+,;=:@/?",
  /* Java's query, and whole URLs in Ruby; whole URLs in Python's requests. */
  "-._~!$&'()*+,;=:@/?[]",
  "-._~!$&'()*+,;=:@/?[]#%",
  /* Go: user and password, path, one segment of it, fragment. */
  '-._~$&+,;=',
  '-._~$&+,/:;=@',
  '-._~$&+:=@',
  '-._~$&+,/:;=?@!()*',
];

/** A text that a URL makes shorter than this, by resolving `..` or dropping line breaks, is part of too much else. */
const LEAST_READ = 4;

/**
 * The spellings of a text in the parts of URLs that libraries put together, also within a query, HTML and the JSON of
 * Go, and by JavaScript's `escape`.
 */
export function inUrlParts(text: string): readonly string[] {
  const kept = KEPT.map((punctuation) =>
    text.replace(/[^A-Za-z0-9]/gu, (one) => (punctuation.includes(one) ? one : percentEncoded(one))),
  );
  const parts = distinct([...kept, ...asUrlsRead(text)]);
  const within = parts.flatMap((one) => [
    encodeURIComponent(one.toWellFormed()),
    one.replaceAll('&', '&amp;'),
    one.replaceAll('&', '\\u0026'),
    one.replaceAll('&', '\\\\u0026') /* JSON within JSON */,
  ]);
  return distinct([...parts, ...within, escaped(text)]);
}

/** What a URL makes of a text that is set as a part of it, or that it is read with: `/` of backslashes, for one. */
function asUrlsRead(text: string): readonly string[] {
  const url = new URL('https://h/');
  url.pathname = text;
  url.search = text;
  url.hash = text;
  const set = [url.pathname, url.search, url.hash].map((part) => part.slice(1));
  const read = ['https://h/', 'https://h/?', 'x://h/?', 'https://h/#'].map((before) =>
    new URL(`${before}${text}`).href.slice(before.length),
  );
  return [...set, ...read].filter((one) => one.length >= LEAST_READ);
}

function percentEncoded(one: string): string {
  return [...Buffer.from(one)].map((byte) => `%${hex(byte, 2)}`).join('');
}

/** As JavaScript's deprecated `escape` writes it. */
function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9@*_+./-]/g, (one) => {
    const code = one.charCodeAt(0);
    return code < 0x100 ? `%${hex(code, 2)}` : `%u${hex(code, 4)}`;
  });
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
