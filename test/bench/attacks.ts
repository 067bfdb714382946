/** What the largest inputs of every kind are, as actions and as requests. */

/** An attack by an action. */
export interface ActionAttack {
  readonly yaml?: string;
  /** In Python. */
  readonly code?: string;
  readonly parameters?: object;
  /** Executions at once. */
  readonly count?: number;
}

const texts = (count: number, text: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${text} ${at}`);
const delivered = 'import sys; sys.stdin.read()';
const line = (index: number): string => `line ${index}`;

/** A schema of parameters about as large as a file of a pack may be. */
const wideSchema = JSON.stringify(
  Object.fromEntries(
    Array.from({ length: 4500 }, (_, at) => [`p${at}`, { type: 'string', default: 'x', pattern: '^(x|y)+$' }]),
  ),
);
const deepSchema = JSON.stringify({
  text: Array.from({ length: 28 }).reduce<object>((inner) => ({ anyOf: [inner, { type: 'integer' }] }), {
    type: 'string',
  }),
});

export const actionAttacks: Readonly<Record<string, ActionAttack>> = {
  'a script that does nothing': { code: 'pass' },
  'a result of 70,000 keys in YAML': {
    yaml: 'output_format: yaml',
    code: "print('\\n'.join(f'k{i}: v{i}' for i in range(70000)))",
  },
  'a result of 20,000 keys in YAML': {
    yaml: 'output_format: yaml',
    code: "print('\\n'.join(f'k{i}: {i}' for i in range(19900)))",
  },
  'a result of 20,000 keys in JSON': {
    yaml: 'output_format: json',
    code: "import json; print(json.dumps({f'k{i}': i for i in range(19900)}))",
  },
  'a result of 15,000 rows in JSON': {
    yaml: 'output_format: json',
    code: "import json; print(json.dumps([{'id': i, 'name': f'n{i}', 'size': i / 7} for i in range(15000)]))",
  },
  'a number of a million digits': { yaml: 'output_format: json', code: "print('1' + '0' * 1000000 + '1')" },
  'a result of 300,000 lists in YAML': { yaml: 'output_format: yaml', code: "print('[' + '[],' * 300000 + ']')" },
  'a result of 99,000 texts in JSON': {
    yaml: 'output_format: json',
    code: "print('[' + ','.join(['\"x\"'] * 99000) + ']')",
  },
  'a result that is one text of a megabyte': {
    yaml: 'output_format: json',
    code: "print('\"' + '\\\\u00e4x' * 140000 + '\"')",
  },
  'a result of 100,000 values in JSON, with secrets': {
    yaml: 'output_format: json\nparameters: {key: {type: string, secret: true}}',
    code: "print('[' + ','.join(['\"key-0123456789\", 7'] * 49000) + ']')",
    parameters: { key: 'key-0123456789' },
  },
  'a result of 300,000 lines of JSON': { yaml: 'output_format: jsonl', code: "print('{}\\n' * 300000)" },
  'hundreds of long masks that begin alike': {
    code: "for i in range(300): print('::add-mask::' + 'a' * 800 + str(i))\nfor i in range(100): print('a' * 20000)",
  },
  'a thousand different masks of 250 bytes': {
    code: "import hashlib\nfor i in range(1000): print('::add-mask::' + hashlib.sha512(str(i).encode()).hexdigest() * 2)\nfor i in range(100): print('a' * 20000)",
  },
  'a secret of 130,000 bytes and 12,000 lines': {
    yaml: 'parameters: {key: {type: string, secret: true}}',
    code: "import sys; print(sys.stdin.read()[:200000]); print('x' * 1000000)",
    parameters: { key: Array.from({ length: 12_000 }, (_, at) => line(at)).join('\n') },
  },
  'a secret of 130,000 bytes in one line': {
    yaml: 'parameters: {key: {type: string, secret: true}}',
    code: "import sys; print(sys.stdin.read()[:200000]); print('x' * 1000000)",
    parameters: { key: 'k3y'.repeat(43_500) },
  },
  'a thousand short masks': {
    code: "for i in range(1000): print(f'::add-mask::m{i:05}')\nfor i in range(100): print('a' * 20000)",
  },
  'a result of 200,000 keys in JSON (refused: 20,000)': {
    yaml: 'output_format: json',
    code: "print('{' + ','.join(f'\"{i:x}\":1' for i in range(100000)) + '}')",
  },
  '500 secrets': {
    yaml: 'parameters: {key: {type: object, secret: true}}',
    code: "import sys; print(sys.stdin.read()[:200000]); print('x' * 1000000)",
    parameters: { key: Object.fromEntries(texts(500, 'secret').map((text) => [text, `${text} is hidden`])) },
  },
  'base64 with line breaks': {
    yaml: 'parameters: {key: {type: string, secret: true}}',
    code: 'import base64, os\nfor i in range(20): print(base64.encodebytes(os.urandom(1000000)).decode())',
    parameters: { key: 'key-0123456789' },
  },
  'a million short lines': { code: "print('x\\n' * 1000000)" },
  'a million lines, written one by one': {
    code: 'import os\nfor i in range(200000): os.write(1, b"x\\n"); os.write(2, b"y\\n")',
  },
  'a line of 50 MB': { code: "import sys\nfor i in range(50): sys.stdout.write('x' * 1000000)" },
  'parameters of 19,000 texts, given as YAML': {
    yaml: 'parameter_format: yaml\nparameters: {list: {type: array, items: {type: string}}}',
    code: delivered,
    parameters: { list: texts(19_000, 'text') },
  },
  'parameters of 19,000 texts, given as dotenv': {
    yaml: 'parameter_format: dotenv\nparameters: {list: {type: array, items: {type: string}}}',
    code: delivered,
    parameters: { list: texts(19_000, 'text') },
  },
  'parameters of 99,000 numbers': {
    yaml: 'parameters: {list: {type: array, items: {type: integer}}}',
    code: delivered,
    parameters: { list: Array.from({ length: 99_000 }, (_, at) => at) },
  },
  'parameters of one text of 2 MB': {
    yaml: 'parameters: {text: {type: string}}',
    code: delivered,
    parameters: { text: 'ä'.repeat(1_000_000) },
  },
  'a pattern with many ways to match 100,000 letters': {
    yaml: "parameters: {text: {type: string, pattern: '^(a|b|ab){1,100}(a+)+$'}}",
    parameters: { text: 'a'.repeat(100_000) },
  },
  'a pattern with many ways to match 4,000 letters': {
    yaml: "parameters: {text: {type: string, pattern: '^(a|b|ab){1,100}(a+)+$'}}",
    parameters: { text: 'a'.repeat(4000) },
  },
  'a pattern that repeats repetitions': {
    yaml: "parameters: {text: {type: string, pattern: '^(a{1,30}){1,30}$'}}",
    parameters: { text: 'a'.repeat(1000) },
  },
  'a schema of 4,500 parameters': { yaml: `parameters: ${wideSchema}` },
  'a schema of 28 levels': { yaml: `parameters: ${deepSchema}`, parameters: { text: 'x' } },
  'a schema of an output with 4,500 parts': {
    yaml: `output_format: json\noutput: ${wideSchema}`,
    code: "import json; print(json.dumps({f'p{i}': 'x' for i in range(4500)}))",
  },
  '100,000 files to remove': {
    code: "import os, tempfile\nd = tempfile.mkdtemp()\nfor i in range(100000): open(os.path.join(d, str(i)), 'w').close()",
  },
  '1,000 artifacts': {
    code: "import os\nd = os.environ['ATTUNE_ARTIFACTS_DIR']\nfor i in range(1000): open(f'{d}/{i:0200}', 'w').close()",
  },
  'a sparse artifact of a gigabyte': {
    code: "import os\nopen(os.environ['ATTUNE_ARTIFACTS_DIR'] + '/hole', 'wb').truncate(1 << 30)",
  },
  '40 executions at once, each of 19,000 texts': {
    yaml: 'output_format: json\nparameters: {list: {type: array, items: {type: string}}}',
    code: 'import sys; print(sys.stdin.read())',
    parameters: { list: texts(19_000, 'text') },
    count: 40,
  },
};
