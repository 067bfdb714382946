/** Secrets as real programs write them, in any chunks: none of it may be shown. */
import { beforeAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { call } from '#test/support/call.ts';
import { expectHidden, masked, SEED, secrets } from '#test/support/spelled-secrets.ts';

/** Each command prints what it makes of the secret in $SECRET, and nothing else. */
const commands: Readonly<Record<string, readonly string[]>> = {
  'base64 without breaks': ['sh', '-c', 'printf %s "$SECRET" | base64 -w0'],
  'base64 with a newline at the end of the value': ['sh', '-c', 'printf "%s\\n" "$SECRET" | base64 -w0'],
  ...Object.fromEntries(
    [4, 5, 11, 19, 60, 64, 76].map((width) => [
      `base64 -w${width}`,
      ['sh', '-c', `printf 'user:%s@host' "$SECRET" | base64 -w${width}`],
    ]),
  ),
  'base64 within YAML': ['sh', '-c', 'printf %s "$SECRET" | base64 -w20 | sed "s/^/    /"'],
  'jq @json': ['jq', '-njr', 'env.SECRET | @json'],
  'jq @json twice': ['jq', '-njr', 'env.SECRET | @json | @json'],
  'jq of base64 with breaks': ['sh', '-c', 'printf %s "$SECRET" | base64 -w16 | jq -Rs .'],
  'jq @uri': ['jq', '-njr', 'env.SECRET | @uri'],
  'jq @html': ['jq', '-njr', 'env.SECRET | @html'],
  'jq @sh': ['jq', '-njr', 'env.SECRET | @sh'],
  'jq @sh within JSON': ['jq', '-njc', '{a: (env.SECRET | @sh)}'],
  'jq @html within JSON': ['jq', '-njc', '{a: (env.SECRET | @html)}'],
  'jq @sh of JSON': ['jq', '-njr', 'env.SECRET | @json | @sh'],
  'jq @html of JSON': ['jq', '-njr', 'env.SECRET | @json | @html'],
  'bash -x of JSON': ['bash', '-c', 'J=$(jq -nc "{a: env.SECRET}"); exec 2>&1; set -x; : "$J"'],
  'printf %q of JSON': ['bash', '-c', 'printf %q "$(jq -nc "{a: env.SECRET}")"'],
  'jq @base64': ['jq', '-njr', 'env.SECRET | @base64'],
  'bash -x': ['bash', '-c', 'exec 2>&1; set -x; : "$SECRET"'],
  'bash -x in the C locale': ['bash', '-c', 'exec 2>&1; LC_ALL=C; set -x; : "$SECRET"'],
  'sh -x': ['sh', '-c', 'exec 2>&1; set -x; : "$SECRET"'],
  'grep --color': ['sh', '-c', 'printf "%s\\n" "$SECRET" | grep --color=always "[a-c0-9]"; :'],
  'grep --color within JSON': ['sh', '-c', 'printf "%s\\n" "$SECRET" | grep --color=always "[X-Z]\\|$" | jq -Rs .'],
  'sed l': ['sh', '-c', 'printf %s "$SECRET" | sed -n "l 10000"'],
  'cat -v': ['sh', '-c', 'printf %s "$SECRET" | cat -v'],
  'cat -A': ['sh', '-c', 'printf %s "$SECRET" | cat -A'],
  'Data::Dumper': ['perl', '-MData::Dumper', '-CSAE', '-e', 'my $s = $ENV{SECRET}; utf8::decode($s); print Dumper($s)'],
  'a percent sign for all but letters': [
    'perl',
    '-e',
    '($_ = $ENV{SECRET}) =~ s/([^A-Za-z0-9])/sprintf("%%%02x", ord($1))/ge; print',
  ],
  'printf %q': ['bash', '-c', 'printf %q "$SECRET"'],
  'declare -p': ['bash', '-c', 'declare -p SECRET'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
  '@Q of bash': ['bash', '-c', 'echo "${SECRET@Q}"'],
};

/** Expressions of Python and Node with the secret as `s`. */
const pythonExpressions = [
  'json.dumps(s)',
  'json.dumps(s, ensure_ascii=False)',
  'json.dumps(json.dumps(s))',
  'json.dumps({"a": json.dumps({"b": s})})',
  'base64.b64encode(s.encode()).decode()',
  'base64.encodebytes(s.encode()).decode()',
  'repr(base64.encodebytes((s * 3).encode()))',
  'base64.urlsafe_b64encode(s.encode()).decode().rstrip("=")',
  'urllib.parse.quote(s)',
  'urllib.parse.quote(s, safe="")',
  'urllib.parse.quote_plus(s)',
  'html.escape(s)',
  're.escape(s)',
  's.encode("ascii", "backslashreplace").decode()',
  's.encode().decode("latin-1")',
  'xml.sax.saxutils.quoteattr(s)',
  's.encode("ascii", "xmlcharrefreplace").decode()',
  'shlex.quote(s)',
  'repr(s)',
  'repr(s.encode())',
  's.encode().hex()',
  's.encode().hex(":")',
  's.encode().hex(" ").upper()',
  'ascii(s)',
  'json.dumps(json.dumps(json.dumps([s])))',
  'json.dumps(json.dumps(json.dumps(s, ensure_ascii=False), ensure_ascii=False), ensure_ascii=False)',
  'base64.b64encode(json.dumps(s).encode()).decode()',
  'base64.b64encode(json.dumps({"auth": s}, ensure_ascii=False).encode()).decode()',
  'base64.b64encode(base64.b64encode(s.encode())).decode()',
  'urllib.parse.quote(urllib.parse.quote(s, safe=""), safe="")',
  '"".join(f"&#{ord(c)};" for c in s)',
  '"".join(f"&#x{ord(c):X};" for c in s)',
  '"".join(f"%{b:02X}" for b in s.encode())',
  'base64.b32encode(s.encode()).decode()',
  'base64.b32encode(("x" + s).encode()).decode().lower().rstrip("=")',
  's.encode("unicode_escape").decode()',
  '"".join(f"\\\\{b:03o}" for b in s.encode())',
  '"".join(f"\\\\x{b:02x}" for b in s.encode())',
  '"".join(f"\\\\U{ord(c):08x}" for c in s)',
  'json.dumps(list(s.encode()))',
  '" ".join(hex(b) if b > 15 else f"0x0{b:x}" for b in s.encode())',
  's.encode("utf-16-le").hex()',
  'base64.b64encode(("x" + s).encode("utf-16-le")).decode()',
  'repr(json.dumps({"password": s}))',
  'repr(json.dumps({"password": s}, ensure_ascii=False))',
  'repr(json.dumps({"password": s}, ensure_ascii=False).encode())',
  'repr({"body": json.dumps({"password": s})})',
  'repr({"body": json.dumps({"a": json.dumps({"b": s})})})',
  'json.dumps({"msg": repr(s)})',
  'json.dumps({"msg": repr(s)}, ensure_ascii=False)',
  'json.dumps({"msg": repr(s.encode())})',
  'json.dumps({"msg": shlex.quote(s)})',
  'json.dumps({"msg": html.escape(s)})',
  'html.escape(json.dumps({"a": s}))',
  'shlex.quote(json.dumps({"a": s}))',
  'repr([repr(s)])',
  'urllib.parse.quote("u:" + s, safe="-._~!$&\'()*+,;=:")',
  's[:3] + "\\x1b[31m" + s[3:] + "\\x1b[0m"',
  '"".join(f"\\x1b[38;5;{30 + n % 8}m{c}" for n, c in enumerate(s))',
  's[:4] + "\\x1b]8;;https://h/\\x1b\\\\" + s[4:] + "\\x1b]8;;\\x07"',
  'json.dumps(s[:3] + "\\x1b[31m" + s[3:])',
  'repr(s[:3] + "\\x1b[1;31m" + s[3:])',
  'base64.b64encode(s.encode()).decode()[:7] + "\\x1b(B\\x1b[m" + base64.b64encode(s.encode()).decode()[7:]',
  'quopri.encodestring(s.strip().encode()).decode().replace("=\\n", "")',
];
const nodeExpressions = [
  'JSON.stringify(s)',
  'JSON.stringify(JSON.stringify(s))',
  'encodeURIComponent(s)',
  'encodeURI(s)',
  'new URLSearchParams({ s }).toString()',
  'util.inspect(s)',
  'util.inspect({ body: JSON.stringify({ password: s }) })',
  'util.inspect({ body: JSON.stringify({ a: JSON.stringify({ b: s }) }) })',
  'JSON.stringify({ message: util.inspect({ s }) })',
  'Object.assign(new URL("https://h/"), { password: s }).href',
  'Object.assign(new URL("postgres://h/"), { password: s }).href',
  'encodeURIComponent(Object.assign(new URL("https://h/"), { password: s }).href)',
  'Object.assign(new URL("https://h/"), { pathname: s }).href',
  'Object.assign(new URL("https://h/"), { search: "?" + s }).href',
  'Object.assign(new URL("https://h/"), { hash: "#" + s }).href',
  'new URL("https://h/" + s).href',
  'new URL("https://h/?token=" + s).href',
  'new URL("x://h/?token=" + s).href',
  'new URL("https://h/#" + s).href',
  'escape(s)',
  'String(new RegExp(s.replace(/[.*+?^{}$()|[\\]\\\\]/g, "\\\\$&")))',
  '[...s].every((one) => one < "\\u0100") ? btoa(s) : JSON.stringify(s)',
  'util.inspect({ s })',
  'Buffer.from(s).toString("base64url")',
  'Buffer.from("x" + s).toString("hex")',
  'JSON.stringify(Buffer.from(s))',
  'Buffer.from(s, "utf16le").toString("base64")',
  '[...Array(s.length).keys()].map((at) => "\\\\u" + s.charCodeAt(at).toString(16).padStart(4, "0")).join("")',
];

beforeAll(() => {
  for (const program of ['jq', 'python3', 'node', 'bash', 'base64'])
    if (Bun.which(program) === null) throw new Error(`${program} is missing: make setup-test installs it`);
});

test.each(Object.entries(commands))('%s', async (_, command) => {
  for (const [index, value] of secrets.entries()) {
    const env = { PATH: process.env['PATH'] ?? '', SECRET: value, LANG: 'C.UTF-8' };
    await expectHidden(value, call([...command], { env }).stdout, index);
  }
});

/** A last row of three bytes, of which nothing is known, as octal numbers. */
const MOST_IN_LAST_ROW = 9;

const dumps = [
  'od -c',
  'od -x',
  'od -An -tx1',
  'od -tx1 -v',
  'xxd',
  'xxd -g1',
  'hexdump',
  'hexdump -C',
  'xxd -u',
  'xxd -i',
  'od -b',
  'od -An -tu1',
];
const isHere = (command: string): boolean => Bun.which(command.split(' ')[0] ?? '') !== null;

test.each(dumps.filter(isHere))('%s, of the secret alone', async (dump) => {
  for (const [index, value] of secrets.entries()) {
    const env = { PATH: process.env['PATH'] ?? '', SECRET: value, LANG: 'C.UTF-8' };
    const output = Buffer.from(
      call(['sh', '-c', `printf ${index % 2 ? '%s' : '%s\\\\n'} "$SECRET" | ${dump}`], { env }).stdout,
    );
    for (const cuts of [[], fc.sample(fc.nat(output.length), { numRuns: 6, seed: SEED + index })]) {
      const shown = await masked(value, output, cuts);
      const rest = shown
        .replaceAll(/^[0-9a-f]{7,8}:?/gm, '')
        .replaceAll('***', '')
        .replaceAll(/0x|,|\s/g, '');
      const what = `${JSON.stringify(value)} dumped as ${output} is shown as ${shown}`;
      expect(rest.length, what).toBeLessThanOrEqual(MOST_IN_LAST_ROW);
    }
  }
});

/** Secrets that programs fold, or escape in ways of their own. */
const folded = [
  'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title yellow',
  `${'Zx9-'.repeat(30)}+==`,
  "a'b\tcDeFgHiJ, here!Xyz12 (and) {more}",
  'pässwörd-漢字-Q1, pässwörd-漢字-Q2',
  'aB3$dE5!fG7&hI9 jK1(mN2)\\n$lash`tick"',
];
const printed = (filter: string): readonly string[] => ['sh', '-c', `printf "%s\\n" "$SECRET" | ${filter}`];
const folding: Readonly<Record<string, readonly string[]>> = {
  'sed l': printed('sed -n l'),
  'fold -w 17': printed('fold -w 17'),
  'fold -s': printed('fold -s -w 60'),
  fmt: printed('fmt -w 40'),
  expand: printed('expand'),
  'quoted-printable': printed('python3 -m quopri -t'),
  'xargs -t': ['sh', '-c', 'exec 2>&1; printf "%s\\0" "$SECRET" | xargs -0 -t true'],
  'a file that is missing': ['sh', '-c', 'exec 2>&1; cat "./$SECRET"'],
  'ls -b': ['bash', '-c', 'cd "$(mktemp -d)" && : > "$SECRET" && ls -b && rm -r "$PWD"'],
  'ls --quoting-style': [
    'bash',
    '-c',
    'cd "$(mktemp -d)" && : > "$SECRET" && ls --quoting-style=shell-escape && rm -r "$PWD"',
  ],
  'find -ls': [
    'bash',
    '-c',
    'cd "$(mktemp -d)" && : > "$SECRET" && find . -name "?*" -type f -ls | cut -c60-; rm -r "$PWD"',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh expands it
  'zsh q': ['zsh', '-c', 'print -r -- "${(q)SECRET}"'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh expands it
  'zsh qqqq': ['zsh', '-c', 'print -r -- "${(qqqq)SECRET}"'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh expands it
  'zsh in the C locale': ['zsh', '-c', 'LC_ALL=C; print -r -- "${(q)SECRET}"'],
  'Data::Dumper of bytes': ['perl', '-MData::Dumper', '-e', 'print Dumper($ENV{SECRET})'],
  quotemeta: ['perl', '-e', 'print quotemeta $ENV{SECRET}'],
  'xxd -i': printed('xxd -i'),
  'console.log of bytes': ['node', '-e', 'console.log(new TextEncoder().encode(process.env.SECRET))'],
  'console.log of code points': ['node', '-e', 'console.log([...process.env.SECRET].map((one) => one.codePointAt()))'],
  'jq explode': ['jq', '-n', 'env.SECRET | explode'],
};
/** Names, brackets, and the code of a newline behind the secret. */
const MOST_BESIDE = 60;

test.each(Object.entries(folding).filter(([, [program = '']]) => isHere(program)))(
  '%s, of long secrets',
  async (_, command) => {
    for (const [index, value] of folded.entries()) {
      const env = { PATH: process.env['PATH'] ?? '', SECRET: value.replaceAll('/', ''), LANG: 'C.UTF-8' };
      const output = Bun.spawnSync([...command], { env, stderr: 'pipe' }).stdout;
      const everywhere = index === 2 ? [...output.keys()] : [];
      for (const cuts of [[], fc.sample(fc.nat(output.length), { numRuns: 6, seed: SEED + index }), everywhere]) {
        const shown = await masked(value, output, cuts);
        const rest = shown.replaceAll('***', '').replaceAll(/\s+/g, ' ');
        const what = `${JSON.stringify(value)} written as ${output} is shown as ${shown}`;
        expect(shown, what).toContain('***');
        expect(rest.length, what).toBeLessThanOrEqual(MOST_BESIDE);
        for (const part of value.match(/[A-Za-z]{3,}/g) ?? []) expect(rest, what).not.toContain(part);
      }
    }
  },
);

const pythonProgram = `
import json, base64, quopri, urllib.parse, html, xml.sax.saxutils, shlex, sys, re
expression, secrets = json.load(sys.stdin)
json.dump([eval(expression) for s in secrets], sys.stdout)`;
const nodeProgram = `
const util = require("node:util");
const [expression, secrets] = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(secrets.map((s) => eval(expression))))`;

test.each([
  ...pythonExpressions.map((one) => ['python', one, ['python3', '-c', pythonProgram]] as const),
  ...nodeExpressions.map((one) => ['node', one, ['node', '-e', nodeProgram]] as const),
])('%s %s', async (_, expression, command) => {
  const { stdout, stderr } = Bun.spawnSync([...command], { stdin: Buffer.from(JSON.stringify([expression, secrets])) });
  expect(stderr.toString()).toBe('');
  const outputs = JSON.parse(stdout.toString()) as readonly string[];
  for (const [index, value] of secrets.entries()) await expectHidden(value, outputs[index] ?? '', index);
});
