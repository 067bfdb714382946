/**
 * One pack for each of twelve families, with a dependency that comes along: a tiny package in the form that the family's
 * real installer wants. Each has an action `greet` that answers {"greeting": "hello NAME from tiny VERSION"}.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { call } from './call.ts';
import { temporaryDirectory } from './temporary.ts';

export const familiesWithDependencies = [
  ...['shell', 'python', 'node', 'ruby', 'go', 'java', 'r', 'perl', 'php', 'deno', 'bun', 'rust'],
] as const;

interface PackFiles {
  /** Entry point and its text. */
  readonly script: readonly [string, string];
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** Writes the packs below `directory`, named as their families; `version` is that of the tiny package. */
export function writePacksWithDependencies(
  directory: string,
  { version = '1.0.0', families = familiesWithDependencies }: { version?: string; families?: readonly string[] } = {},
): void {
  for (const family of families) {
    const make = packs[family];
    if (!make) throw new Error(`no pack for ${family}`);
    const { script, files } = make(version);
    const [entryPoint, text] = script;
    const all = {
      'pack.yaml': `ref: ${family}\nversion: ${version}\n`,
      'actions/greet.yaml': `runner_type: ${family}\nentry_point: ${entryPoint}\noutput_format: json\nparameters: { name: { type: string, default: you } }\n`,
      [`actions/${entryPoint}`]: text,
      ...files,
    };
    for (const [path, content] of Object.entries(all)) {
      const file = join(directory, family, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      if (path.startsWith('bin/')) chmodSync(file, 0o755);
    }
  }
}

const packs: Readonly<Record<string, (version: string) => PackFiles>> = {
  shell: (version) => ({
    script: ['greet.sh', 'tiny "$(sed \'s/.*"name":"\\([^"]*\\)".*/\\1/\')"\n'],
    files: {
      'runtimes/shell.yaml':
        'name: shell\nexecution_config:\n  env_vars:\n    PATH: { value: "{pack_dir}/bin", operation: prepend }\n',
      'bin/tiny': `#!/bin/sh\nprintf '{"greeting":"hello %s from tiny ${version}"}\\n' "$1"\n`,
    },
  }),
  python: (version) => ({
    script: [
      'greet.py',
      'import json, sys, tiny\nprint(json.dumps({"greeting": tiny.greet(json.load(sys.stdin)["name"])}))\n',
    ],
    files: {
      'requirements.txt': `tiny==${version}\n`,
      [`vendor/tiny-${version}-py3-none-any.whl`]: wheel(version),
    },
  }),
  node: (version) => {
    const tgz = npmPackage(version);
    const integrity = `sha512-${createHash('sha512').update(tgz).digest('base64')}`;
    const dependencies = { tiny: `file:vendor/tiny-${version}.tgz` };
    const locked = { version, resolved: dependencies.tiny, integrity };
    return {
      script: ['greet.mjs', esm("import { readFileSync } from 'node:fs';\nconst text = readFileSync(0, 'utf8');\n")],
      files: {
        'package.json': JSON.stringify({ name: 'greet', version: '1.0.0', private: true, dependencies }),
        'package-lock.json': JSON.stringify({
          ...{ name: 'greet', version: '1.0.0', lockfileVersion: 3, requires: true },
          packages: { '': { name: 'greet', version: '1.0.0', dependencies }, 'node_modules/tiny': locked },
        }),
        [`vendor/tiny-${version}.tgz`]: tgz,
      },
    };
  },
  bun: (version) => ({
    script: ['greet.ts', esm('const text = await Bun.stdin.text();\n')],
    files: {
      'package.json': JSON.stringify({ name: 'greet', dependencies: { tiny: `file:vendor/tiny-${version}.tgz` } }),
      [`vendor/tiny-${version}.tgz`]: npmPackage(version),
    },
  }),
  deno: (version) => ({
    script: ['greet.ts', esm('const text = await new Response(Deno.stdin.readable).text();\n')],
    files: {
      'deno.json': JSON.stringify({ imports: { tiny: './vendor/tiny.ts' } }),
      'vendor/tiny.ts': `export const greet = (name: string): string => \`hello \${name} from tiny ${version}\`;\n`,
    },
  }),
  ruby: (version) => ({
    script: [
      'greet.rb',
      "require 'json'\nrequire 'tiny'\nputs JSON.generate(greeting: Tiny.greet(JSON.parse($stdin.read)['name']))\n",
    ],
    files: {
      Gemfile: "gem 'tiny', path: 'vendor/tiny'\n",
      'vendor/tiny/tiny.gemspec': `Gem::Specification.new do |s|\n  s.name = 'tiny'\n  s.version = '${version}'\n  s.summary = 'tiny'\n  s.authors = ['tiny']\n  s.files = ['lib/tiny.rb']\nend\n`,
      'vendor/tiny/lib/tiny.rb': `module Tiny\n  def self.greet(name) = "hello #{name} from tiny ${version}"\nend\n`,
    },
  }),
  go: (version) => ({
    script: [
      'greet.go',
      'package main\n\nimport (\n\t"encoding/json"\n\t"os"\n\n\t"example.com/tiny"\n)\n\nfunc main() {\n\tvar in struct{ Name string }\n\tjson.NewDecoder(os.Stdin).Decode(&in)\n\tjson.NewEncoder(os.Stdout).Encode(map[string]string{"greeting": tiny.Greet(in.Name)})\n}\n',
    ],
    files: {
      'go.mod': `module example.com/greet\n\ngo 1.17\n\nrequire example.com/tiny v${version}\n`,
      'vendor/modules.txt': `# example.com/tiny v${version}\n## explicit\nexample.com/tiny\n`,
      'vendor/example.com/tiny/tiny.go': `package tiny\n\nfunc Greet(name string) string { return "hello " + name + " from tiny ${version}" }\n`,
    },
  }),
  rust: (version) => ({
    script: [
      'greet.rs',
      'use std::io::Read;\n\nfn main() {\n    let mut text = String::new();\n    std::io::stdin().read_to_string(&mut text).unwrap();\n    let name = text.split(\'"\').nth(3).unwrap();\n    println!("{{\\"greeting\\":\\"{}\\"}}", tiny::greet(name));\n}\n',
    ],
    files: {
      'Cargo.toml':
        '[package]\nname = "greet"\nversion = "1.0.0"\nedition = "2021"\n\n[[bin]]\nname = "greet"\npath = "actions/greet.rs"\n\n[dependencies]\ntiny = { path = "vendor/tiny" }\n',
      'vendor/tiny/Cargo.toml': `[package]\nname = "tiny"\nversion = "${version}"\nedition = "2021"\n`,
      'vendor/tiny/src/lib.rs': `pub fn greet(name: &str) -> String {\n    format!("hello {} from tiny ${version}", name)\n}\n`,
    },
  }),
  java: (version) => ({
    script: [
      'Greet.java',
      'import tiny.Tiny;\n\n/** class Wrong {} */\npublic class Greet {\n    public static void main(String[] args) throws Exception {\n        String text = new String(System.in.readAllBytes(), "UTF-8");\n        String name = text.split("\\"")[3];\n        System.out.println("{\\"greeting\\":\\"" + Tiny.greet(name) + "\\"}");\n    }\n}\n',
    ],
    files: {
      'src/tiny/Tiny.java': `package tiny;\n\npublic class Tiny {\n    public static String greet(String name) {\n        return "hello " + name + " from tiny ${version}";\n    }\n}\n`,
    },
  }),
  r: (version) => ({
    script: [
      'greet.R',
      'text <- paste(readLines(file("stdin")), collapse = "")\nname <- sub(\'.*"name":"([^"]*)".*\', "\\\\1", text)\ncat(sprintf(\'{"greeting":"%s"}\\n\', tiny::greet(name)))\n',
    ],
    files: {
      'renv.lock': JSON.stringify({
        R: { Version: '4.2.2', Repositories: [{ Name: 'CRAN', URL: 'https://cloud.r-project.org' }] },
        Packages: { tiny: { Package: 'tiny', Version: version, Source: 'Repository', Repository: 'CRAN' } },
      }),
      'vendor/src/contrib/PACKAGES': `Package: tiny\nVersion: ${version}\nLicense: MIT\nNeedsCompilation: no\n`,
      [`vendor/src/contrib/tiny_${version}.tar.gz`]: tarball({
        'tiny/DESCRIPTION': `Package: tiny\nVersion: ${version}\nTitle: Tiny\nDescription: Greets.\nLicense: MIT\nAuthor: Tiny\nMaintainer: Tiny <tiny@example.com>\nNeedsCompilation: no\n`,
        'tiny/NAMESPACE': 'export(greet)\n',
        'tiny/R/tiny.R': `greet <- function(name) paste0("hello ", name, " from tiny ${version}")\n`,
      }),
    },
  }),
  perl: (version) => ({
    script: [
      'greet.pl',
      'use strict; use warnings; use JSON::PP; use Tiny;\nlocal $/; my $in = decode_json(<STDIN>);\nprint encode_json({ greeting => Tiny::greet($in->{name}) }), "\\n";\n',
    ],
    files: {
      cpanfile: `requires 'Tiny', '== ${version}';\n`,
      [`vendor/authors/id/T/TI/TINY/Tiny-${version}.tar.gz`]: tarball({
        [`Tiny-${version}/Makefile.PL`]:
          "use ExtUtils::MakeMaker;\nWriteMakefile(NAME => 'Tiny', VERSION_FROM => 'lib/Tiny.pm');\n",
        [`Tiny-${version}/lib/Tiny.pm`]: `package Tiny;\nour $VERSION = '${version}';\nsub greet { return "hello $_[0] from tiny ${version}" }\n1;\n`,
      }),
      'vendor/modules/02packages.details.txt.gz': gzipSync(
        `File: 02packages.details.txt\nColumns: package name, version, path\nLine-Count: 1\n\nTiny ${version} T/TI/TINY/Tiny-${version}.tar.gz\n`,
      ),
    },
  }),
  php: (version) => ({
    script: [
      'greet.php',
      "<?php\nrequire __DIR__ . '/../vendor/autoload.php';\n$in = json_decode(stream_get_contents(STDIN), true);\necho json_encode(['greeting' => Tiny\\Tiny::greet($in['name'])]), \"\\n\";\n",
    ],
    files: {
      'composer.json': JSON.stringify({
        repositories: [{ type: 'path', url: 'packages/tiny', options: { symlink: false } }, { packagist: false }],
        require: { 'tiny/tiny': version },
      }),
      'packages/tiny/composer.json': JSON.stringify({
        name: 'tiny/tiny',
        version,
        autoload: { 'psr-4': { 'Tiny\\': 'src/' } },
      }),
      'packages/tiny/src/Tiny.php': `<?php\nnamespace Tiny;\nclass Tiny { public static function greet(string $name): string { return "hello $name from tiny ${version}"; } }\n`,
    },
  }),
};

function esm(readText: string): string {
  return `import { greet } from 'tiny';\n${readText}console.log(JSON.stringify({ greeting: greet(JSON.parse(text).name) }));\n`;
}

export function npmPackage(version: string): Uint8Array {
  return tarball({
    'package/package.json': JSON.stringify({ name: 'tiny', version, type: 'module', exports: './index.js' }),
    'package/index.js': `export const greet = (name) => \`hello \${name} from tiny ${version}\`;\n`,
  });
}

/** A tar.gz that is the same each time. */
export function tarball(files: Readonly<Record<string, string>>): Uint8Array {
  return inTemporaryDirectory(files, (directory) => {
    const options = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    run(['tar', ...options, '-cf', 'made.tar', ...Object.keys(files)], directory);
    return gzipSync(readFileSync(join(directory, 'made.tar')));
  });
}

export function wheel(version: string): Uint8Array {
  const info = `tiny-${version}.dist-info`;
  const files = {
    'tiny.py': `def greet(name):\n    return f"hello {name} from tiny ${version}"\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: tiny\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  };
  return inTemporaryDirectory(files, (directory) => {
    const program =
      'import sys, zipfile\nwith zipfile.ZipFile("made.whl", "w") as z:\n  for name in sys.argv[1:]: z.write(name)';
    run(['python3', '-c', program, ...Object.keys(files)], directory);
    return readFileSync(join(directory, 'made.whl'));
  });
}

function inTemporaryDirectory(
  files: Readonly<Record<string, string>>,
  work: (directory: string) => Uint8Array,
): Uint8Array {
  using directory = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) directory.file(path, text);
  return work(directory.path);
}

function run(command: readonly string[], directory: string): void {
  const { exitCode, stderr } = call(['sh', '-c', 'cd "$1" && shift && "$@"', 'sh', directory, ...command]);
  if (exitCode !== 0) throw new Error(`${command[0]} failed: ${stderr}`);
}
