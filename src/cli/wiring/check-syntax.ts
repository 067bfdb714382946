import { extname } from 'node:path';
import { literalPattern } from '#domain/literal-pattern.ts';
import { readProgramName } from '#domain/named-program.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { Script } from '#packs/check-pack.ts';
import { firstLineOf } from '#packs/script-family.ts';

interface Check {
  /** The first of them that is on PATH. */
  readonly programs: readonly string[];
  readonly args: readonly string[];
  /** The extensions of files that it understands; all files if it is left out. */
  readonly extensions?: readonly string[];
  /** What it says of scripts whose dependencies are not installed here, or of another version. */
  readonly missing?: RegExp;
}

/** Says `FILE:LINE:COLUMN: SyntaxError: SENTENCE`; errors of other kinds, such as of zero bytes, as Python shows them. */
const PARSE_PYTHON = `import ast, sys
try: ast.parse(open(sys.argv[1], "rb").read(), sys.argv[1])
except SyntaxError as error: sys.exit(f"{sys.argv[1]}:{error.lineno}:{max(error.offset or 1, 1)}\\nSyntaxError: {error.msg}")`;
/** Perl loads the modules of a script to parse it, and ends at the first that it does not find. */
const PERL_LACKS =
  /^(Can't locate \S+ in @INC|Can't load '|Base class package .* is empty|.* required--this is only |.* object version .* does not match )/m;
const shells = ['bash', 'sh', 'dash', 'zsh', 'ksh'];

const checks: Readonly<Record<string, Check>> = {
  python: { programs: ['python3', 'python'], args: ['-c', PARSE_PYTHON] },
  node: { programs: ['node', 'nodejs'], args: ['--check'], extensions: ['.js', '.cjs', '.mjs'] },
  ruby: { programs: ['ruby'], args: ['-c'] },
  perl: { programs: ['perl'], args: ['-c'], missing: PERL_LACKS },
  php: { programs: ['php'], args: ['-l'] },
  lua: { programs: ['luac', 'luac5.4', 'luac5.3'], args: ['-p'] },
};

const TIME_MS = 20_000;

/**
 * Asks the interpreter of a script whether it can be parsed, where that is cheap and the interpreter is here. Undefined:
 * it can, or nobody knows; else `FILE:LINE:COLUMN: SENTENCE`, without what the interpreter does not say.
 */
export function syntaxFlaw({ entryPoint: file, family }: Script, env: ProcessEnv): string | undefined {
  const check = family === 'shell' ? checkOfShell(file) : checks[family];
  if (!check || (check.extensions && !check.extensions.includes(extname(file)))) return undefined;
  const path = env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const program = findChecker(check.programs, family, { file, path });
  if (program === undefined) return undefined;
  const own = family === 'perl' ? optionsOfPerl(file) : [];
  const { exitCode, stderr, stdout } = Bun.spawnSync([program, ...own, ...check.args, file], {
    env: { PATH: path, ...(env['HOME'] === undefined ? {} : { HOME: env['HOME'] }), LC_ALL: 'C.UTF-8' },
    stdin: 'ignore',
    timeout: TIME_MS,
  });
  if (exitCode === 0 || exitCode === null) return undefined;
  const said = `${stderr.toString()}\n${stdout.toString()}`;
  return check.missing?.test(said) && !/syntax error/i.test(said) ? undefined : describe(file, said);
}

/** What the first line of a script gives to Perl, which demands some of it, such as `-T`, from its command line too. */
function optionsOfPerl(file: string): readonly string[] {
  const { name, args = [] } = firstLineOf(file) ?? {};
  return name === 'perl' ? args.flatMap((arg) => arg.split(/\s+/)).filter((arg) => /^-[tTwWXC]/.test(arg)) : [];
}

/** The program that checks a script. One that demands a version may have a syntax that only that version knows. */
function findChecker(programs: readonly string[], runtime: string, { file, path }: Place): string | undefined {
  const name = firstLineOf(file)?.name ?? '';
  const { family, version, other } = readProgramName(name) ?? {};
  const isPlain = programs.includes(name) || (version ?? other) === undefined;
  if (isPlain || family?.name !== runtime || runtime === 'shell')
    return programs.flatMap((one) => Bun.which(one, { PATH: path }) ?? [])[0];
  if (other !== undefined || runtime === 'lua') return undefined; /* others have other options */
  const found = Bun.which(name, { PATH: path }) ?? undefined;
  return found?.includes('/shims/') ? undefined : found;
}

interface Place {
  readonly file: string;
  readonly path: string;
}

/** Undefined: what the first line names is no shell (`uv run --script`), so that no shell can parse the script. */
function checkOfShell(file: string): Check | undefined {
  const named = firstLineOf(file)?.name;
  if (named !== undefined && !shells.includes(named)) return undefined;
  return { programs: named === undefined ? ['bash', 'sh'] : [named], args: ['-n'] };
}

/** The sentence of an interpreter, without the name of the file, which stands before it. */
function describe(file: string, said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const sentence =
    lines.find((line) => /^(\w*Error\b|.*syntax error|.*parse error)/i.test(line)) ??
    lines.find((line) => line !== '') ??
    '';
  const inFile = new RegExp(`${literalPattern(file)}(?:: ?|"?,? line )(\\d+(?::\\d+)?)`);
  /* Warnings about other lines may stand before the sentence. */
  const places = [inFile.exec(sentence), inFile.exec(said), /\bline (\d+)/.exec(sentence), /\bline (\d+)/.exec(said)];
  const place = places.find((one) => one !== null)?.[1];
  /* Node.js and Ruby mark the place below the line. */
  const mark =
    said
      .split('\n')
      .find((line) => /^[\s~]*\^/.test(line))
      ?.indexOf('^') ?? -1;
  const column = mark < 0 || place?.includes(':') ? '' : `:${mark + 1}`;
  const bare = sentence
    .replaceAll(file, '')
    .replace(/^([\w./]+: )?:?\s*(line )?\d*:?\s*/, '')
    .replace(/ (at|in) +(on )?line \d+,?/, '');
  return `${file}${place === undefined ? '' : `:${place}${column}`}: ${bare || sentence}`;
}
