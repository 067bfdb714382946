/** The version that an interpreter tells of itself. */
export interface ToldVersion {
  /** Version of the language, as semver when it has three numbers. */
  readonly version: string;
  /** What implements the language, with its own version; undefined: the usual implementation. */
  readonly implementation: string | undefined;
  /** Another line tells another version, and neither is the whole of its line. */
  readonly isDoubtful?: true;
}

const ANY_NUMBER = /(?:v|go)?(?<version>\d+\.\d+(?:\.\d+)?)/;

/**
 * Reads a banner by the patterns of a family, of which the first that fits counts; undefined if no line of the banner
 * tells the version. Of several lines that tell one, such as those of a wrapper, one that says nothing else counts.
 */
export function readVersion(text: string, patterns: RegExp | readonly RegExp[] = ANY_NUMBER): ToldVersion | undefined {
  const lines = text.replaceAll('\r\n', '\n');
  for (const pattern of [patterns].flat()) {
    const matches = [...lines.matchAll(new RegExp(pattern, `${pattern.flags.replace('g', '')}g`))];
    const [first] = matches;
    if (!first) continue;
    const whole = matches.find(isWholeLine);
    const told = toldBy(whole ?? first);
    const isSure = whole !== undefined || matches.every((match) => toldBy(match).version === told.version);
    return isSure ? told : { ...told, isDoubtful: true };
  }
  return undefined;
}

function isWholeLine({ 0: text, index, input }: RegExpExecArray): boolean {
  const [before, behind] = [input[index - 1] ?? '\n', input[index + text.length] ?? '\n'];
  return before === '\n' && behind === '\n';
}

function toldBy(match: RegExpExecArray): ToldVersion {
  const { version = match[1] ?? '', implementation, build } = match.groups ?? {};
  const own = build === undefined ? '' : ` ${canonicalVersion(build)}`;
  return {
    version: canonicalVersion(version),
    implementation: implementation === undefined ? undefined : `${implementation.toLowerCase()}${own}`,
  };
}

/** Short marks of pre-releases, and what semver calls them. */
const MARKS: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', pre: 'preview', c: 'rc' };

/**
 * Turns a version as its own language writes it into semver: `3.14.0rc2` is `3.14.0-rc.2`, `21-ea` is `21.0.0-ea`.
 * Build numbers (`1.8.0_412`, `4.14.1+flambda`, a fourth number) are dropped; without a mark, as many numbers stay as
 * were written.
 */
export function canonicalVersion(written: string): string {
  const match = /^v?(\d+(?:\.\d+){0,2})(?:\.\d+)*(.*)$/.exec(written);
  const [, numbers = written, rest = ''] = match ?? [];
  const mark = markOf(rest);
  if (mark === undefined) return numbers;
  const padded = [...numbers.split('.'), '0', '0'].slice(0, 3).join('.');
  return `${padded}-${mark}`;
}

function markOf(rest: string): string | undefined {
  const suffix = /^(?:\(\d+\))?[-~ ]?\(?([A-Za-z][0-9A-Za-z.-]*)/.exec(rest)?.[1];
  if (suffix === undefined) return undefined;
  const [, word = '', number = ''] = /^([A-Za-z]+)[.-]?(\d*)$/.exec(suffix) ?? [];
  if (word === '') return suffix;
  const name = MARKS[word.toLowerCase()] ?? word.toLowerCase();
  return number === '' ? name : `${name}.${number}`;
}
