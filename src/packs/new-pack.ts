/** A file of a new pack, by its path in the pack. */
interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly isProgram: boolean;
}

interface Template {
  readonly extension: string;
  readonly code: string;
  /** Lines of the action's file besides those that all templates share. */
  readonly settings: readonly string[];
}

/** Prints the result as text: a shell has no reader of JSON, and takes its parameters as variables. */
const shell: Template = {
  extension: 'sh',
  settings: ['parameter_format: dotenv'],
  code: `#!/bin/sh
# The parameters arrive on standard input as NAME='VALUE' lines, quoted for a shell.
set -eu
eval "$(cat)"
echo "greeting $name" >&2
echo "Hello, $name!"
`,
};

const python: Template = {
  extension: 'py',
  settings: ['output_format: json'],
  code: `#!/usr/bin/env python3
"""Greets somebody. The parameters arrive as JSON on standard input."""
import json
import sys

parameters = json.load(sys.stdin)
print(f"greeting {parameters['name']}", file=sys.stderr)
print(json.dumps({"greeting": f"Hello, {parameters['name']}!"}))
`,
};

const node: Template = {
  extension: 'mjs',
  settings: ['output_format: json'],
  code: `#!/usr/bin/env node
// Greets somebody. The parameters arrive as JSON on standard input.
import { readFileSync } from 'node:fs';

const parameters = JSON.parse(readFileSync(0, 'utf8'));
console.error(\`greeting \${parameters.name}\`);
console.log(JSON.stringify({ greeting: \`Hello, \${parameters.name}!\` }));
`,
};

const ruby: Template = {
  extension: 'rb',
  settings: ['output_format: json'],
  code: `#!/usr/bin/env ruby
# Greets somebody. The parameters arrive as JSON on standard input.
require 'json'

parameters = JSON.parse($stdin.read)
warn "greeting #{parameters['name']}"
puts JSON.generate('greeting' => "Hello, #{parameters['name']}!")
`,
};

const perl: Template = {
  extension: 'pl',
  settings: ['output_format: json'],
  code: `#!/usr/bin/env perl
# Greets somebody. The parameters arrive as JSON on standard input.
use strict;
use warnings;
use JSON::PP;

my $parameters = decode_json(do { local $/; <STDIN> });
print STDERR "greeting $parameters->{name}\\n";
print encode_json({ greeting => "Hello, $parameters->{name}!" }), "\\n";
`,
};

const php: Template = {
  extension: 'php',
  settings: ['output_format: json'],
  code: `<?php
// Greets somebody. The parameters arrive as JSON on standard input.
$parameters = json_decode(file_get_contents('php://stdin'), true);
fwrite(STDERR, "greeting {$parameters['name']}\\n");
echo json_encode(['greeting' => "Hello, {$parameters['name']}!"]), "\\n";
`,
};

const templates = { shell, python, node, ruby, perl, php } as const;

/** The runtimes that a new pack can be made for. */
export const TEMPLATE_RUNTIMES = ['shell', 'python', 'node', 'ruby', 'perl', 'php'] as const;

/** Makes the files of a new pack: one action, its test cases and a README with `calls` to try it by. */
export function filesOfNewPack(
  ref: string,
  runtime: (typeof TEMPLATE_RUNTIMES)[number],
  calls: readonly string[],
): readonly NewFile[] {
  const { extension, code, settings } = templates[runtime];
  const script = `hello.${extension}`;
  const file = (path: string, lines: readonly string[]): NewFile => ({
    path,
    text: `${lines.join('\n')}\n`,
    isProgram: false,
  });
  return [
    file('pack.yaml', [`ref: ${ref}`, `label: ${ref}`, 'version: 0.1.0']),
    file('actions/hello.yaml', [
      'description: Greets somebody.',
      `runner_type: ${runtime}`,
      `entry_point: ${script}`,
      ...settings,
      'parameters:',
      '  name:',
      '    type: string',
      '    description: The name of whoever is greeted.',
      '    default: World',
    ]),
    { path: `actions/${script}`, text: code, isProgram: true },
    file('tests/hello.yaml', [
      'cases:',
      '  - name: greets by name',
      '    parameters: { name: Ann }',
      ...(runtime === 'shell' ? ["    log: 'Hello, Ann!'"] : ["    result: { greeting: 'Hello, Ann!' }"]),
      '  - name: greets the world by default',
      '    log: greeting World',
      '  - name: refuses what is no text',
      '    parameters: { name: [1, 2] }',
      '    status: refused',
      "    error: parameter 'name'",
    ]),
    file('README.md', [
      `# ${ref}`,
      '',
      'One directory holds all of the pack: `actions/NAME.yaml` describes an action, `tests/NAME.yaml` its test cases.',
      '',
      '```sh',
      ...calls,
      '```',
    ]),
  ];
}
