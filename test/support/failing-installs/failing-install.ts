/** A pack whose dependencies cannot be installed, for one reason that people meet. */
export interface FailingInstall {
  readonly tool: string;
  readonly why: string;
  readonly family: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** PATH with uv on it, in the root with installers. */
export const UV = '/usr/local/lib/uv:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin';
const scripts: Readonly<Record<string, readonly [string, string]>> = {
  python: ['a.py', 'print(1)\n'],
  node: ['a.mjs', 'console.log(1)\n'],
  ruby: ['a.rb', 'puts 1\n'],
  java: ['A.java', 'class A { public static void main(String[] a) { } }\n'],
  r: ['a.R', 'cat(1)\n'],
  perl: ['a.pl', 'print 1;\n'],
  php: ['a.php', '<?php echo 1;\n'],
  rust: ['a.rs', 'fn main() {}\n'],
  go: ['a.go', 'package main\n\nimport "example.com/tiny"\n\nfunc main() { tiny.Greet("x") }\n'],
};

/** All files of the pack. */
export function filesOf({ family, files }: FailingInstall): Readonly<Record<string, string | Uint8Array>> {
  const [name, text] = scripts[family] ?? ['', ''];
  return {
    'pack.yaml': 'ref: demo\nversion: 1.0.0\n',
    'actions/a.yaml': `runner_type: ${family}\nentry_point: ${name}\n`,
    [`actions/${name}`]: text,
    ...files,
  };
}

/** A port that nobody listens on. */
export const NOWHERE = 'http://127.0.0.1:1';
