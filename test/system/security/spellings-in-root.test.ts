/** Secrets as Ruby and PHP write them, which come from Debian's packages: none of it may be shown. */
import { beforeAll, expect } from 'bun:test';
import { rootEnv } from '#test/support/installers-root.ts';
import { rootFileSystem } from '#test/support/root-file-systems.ts';
import { isRoot, rootTest as test } from '#test/support/root-test.ts';
import { expectHidden, secrets } from '#test/support/spelled-secrets.ts';

const MINUTES = 60_000;

/** Expressions with the secret as `s`. */
const ruby = [
  's.inspect',
  's.dump',
  's.b.dump',
  's.b.inspect',
  '{ "a" => s }.inspect',
  'Struct.new(:password).new(s).inspect',
  's.to_sym.inspect',
  'Marshal.dump(s).inspect',
  's.to_json.to_json',
  'JSON.generate(s, ascii_only: true)',
  'JSON.generate(s, script_safe: true)',
  's.to_yaml',
  '{ "password" => s }.to_yaml',
  'Base64.encode64(s)',
  'CGI.escape(s)',
  'CGI.escapeHTML(s)',
  'ERB::Util.url_encode(s)',
  'URI.encode_www_form(a: s)',
  'URI::DEFAULT_PARSER.escape(s)',
  'Shellwords.escape(s)',
  'Regexp.escape(s)',
  's.bytes.inspect',
  's.codepoints.inspect',
  's.encode(xml: :attr)',
  '[s].pack("M")',
];
const php = [
  'var_export($s, true)',
  'print_r([$s], true)',
  'serialize($s)',
  'json_encode($s)',
  'json_encode($s, JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT)',
  'json_encode($s, JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES)',
  'json_encode(json_encode($s))',
  'chunk_split(base64_encode($s))',
  'urlencode($s)',
  'rawurlencode($s)',
  'http_build_query(["a" => $s])',
  'htmlspecialchars($s)',
  'htmlspecialchars($s, ENT_QUOTES | ENT_XML1)',
  'htmlentities($s)',
  'mb_convert_encoding($s, "HTML-ENTITIES", "UTF-8")',
  'mb_encode_numericentity($s, [0, 0x10ffff, 0, 0x1fffff], "UTF-8", true)',
  'addslashes($s)',
  'preg_quote($s, "/")',
  'quotemeta($s)',
  'escapeshellarg($s)',
  'escapeshellcmd($s)',
  'quoted_printable_encode($s)',
  'bin2hex($s)',
];
const rubyProgram = `
%w[json yaml base64 cgi erb uri shellwords].each { |one| require one }
expression, secrets = JSON.parse(STDIN.read)
print JSON.generate(secrets.map { |s| [eval(expression)].pack("m0") })`;
const phpProgram = `
[$expression, $secrets] = json_decode(file_get_contents("php://stdin"), true);
echo json_encode(array_map(fn($s) => base64_encode(eval("return $expression;")), $secrets));`;

let root = '';
beforeAll(() => {
  if (isRoot) root = rootFileSystem('installers');
}, 15 * MINUTES);

for (const [language, expressions, command] of [
  ['ruby', ruby, ['ruby', '-e', rubyProgram]],
  ['php', php, ['php', '-d', 'error_reporting=0', '-r', phpProgram]],
] as const)
  for (const expression of expressions)
    test(
      `${language} ${expression}`,
      async () => {
        const { stdout, stderr } = Bun.spawnSync(['chroot', root, ...command], {
          env: rootEnv,
          stdin: Buffer.from(JSON.stringify([expression, secrets])),
        });
        expect(stderr.toString()).toBe('');
        const outputs = JSON.parse(stdout.toString()) as readonly string[];
        for (const [index, value] of secrets.entries())
          await expectHidden(value, Buffer.from(outputs[index] ?? '', 'base64'), index);
      },
      2 * MINUTES,
    );
