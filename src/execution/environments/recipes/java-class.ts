/** The first class stands so near to the beginning of any file that a person writes. */
const MOST_CHARACTERS = 256 * 1024;

/** Each match ends where the text does if nothing ends it before: none is tried again from the next character. */
const TOKEN =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[\p{L}\p{N}_$.]+|\S/gu;
const KINDS: ReadonlySet<string> = new Set(['class', 'record', 'enum', 'interface']);
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/** The first top-level class of a file in Java, with its package, as the source launcher takes it; `otherwise` stands for its name. */
export function mainClassOf(code: string, otherwise: string): string {
  let packageName: string | undefined;
  let before = '';
  for (const [token] of code.slice(0, MOST_CHARACTERS).matchAll(TOKEN)) {
    if (token.startsWith('/*') || token.startsWith('//')) continue;
    if (before === 'package') packageName ??= token;
    if (KINDS.has(before) && NAME.test(token)) return within(packageName, token);
    before = token;
  }
  return within(packageName, otherwise);
}

function within(packageName: string | undefined, name: string): string {
  return packageName === undefined ? name : `${packageName}.${name}`;
}
