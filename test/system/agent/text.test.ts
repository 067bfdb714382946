/** Text beyond ASCII goes into every family and comes out of it, in containers that set no locale. */
import { expect } from 'bun:test';
import { call } from '#test/support/call.ts';
import { agentInRoot } from '#test/support/installers-root.ts';
import type { RootName } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const TEXT = 'Grüße, ŁÓDŹ, 日本, 🙂';
const PATH = '/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Each prints the first line of its stdin as people read and print text in that language. */
const echoes: Readonly<Record<string, readonly [string, string]>> = {
  shell: ['echo.sh', 'read -r line; printf "%s\\n" "$line"\n'],
  python: ['echo.py', 'print(input())\n'],
  node: ['echo.mjs', "import { readFileSync } from 'node:fs';\nconsole.log(readFileSync(0, 'utf8').trim())\n"],
  ruby: [
    'echo.rb',
    'line = gets.chomp\nraise line.encoding.to_s unless line.valid_encoding? && line.length < 60\nputs line\n',
  ],
  go: [
    'echo.go',
    'package main\n\nimport (\n\t"bufio"\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\tline, _ := bufio.NewReader(os.Stdin).ReadString(10)\n\tfmt.Print(line)\n}\n',
  ],
  java: [
    'Echo.java',
    'class Echo {\n    public static void main(String[] a) {\n        System.out.println(new java.util.Scanner(System.in).nextLine());\n    }\n}\n',
  ],
  r: [
    'echo.R',
    'line <- readLines(file("stdin"), n = 1)\nstopifnot(nchar(line) < 60)\ncat(toupper(""), line, "\\n", sep = "")\n',
  ],
  perl: ['echo.pl', 'my $line = <STDIN>; print $line;\n'],
  php: ['echo.php', '<?php echo fgets(STDIN);\n'],
  deno: ['echo.ts', 'console.log((await new Response(Deno.stdin.readable).text()).trim())\n'],
  rust: [
    'echo.rs',
    'fn main() {\n    let mut line = String::new();\n    std::io::stdin().read_line(&mut line).unwrap();\n    print!("{}", line);\n}\n',
  ],
  lua: ['echo.lua', 'print(io.read("l"))\n'],
  tcl: ['echo.tcl', 'puts [gets stdin]\n'],
  guile: ['echo.scm', '(use-modules (ice-9 rdelim))\n(display (read-line))\n(newline)\n'],
  ocaml: ['echo.ml', 'print_endline (read_line ())\n'],
  erlang: ['echo.escript', '#!/usr/bin/env escript\nmain(_) -> io:put_chars(io:get_line("")).\n'],
  elixir: ['echo.exs', 'IO.write(IO.gets(""))\n'],
  racket: ['echo.rkt', '#lang racket/base\n(displayln (read-line))\n'],
  awk: ['echo.awk', '{ print $0 }\n'],
};

const roots: readonly (readonly [RootName, readonly string[]])[] = [
  ['installers', ['shell', 'python', 'node', 'ruby', 'go', 'java', 'r', 'perl', 'php', 'deno', 'rust']],
  ['more', ['lua', 'tcl', 'guile', 'ocaml', 'erlang', 'elixir', 'racket', 'awk', 'php']],
];

for (const [root, names] of roots)
  for (const name of names)
    rootTest(`${name} in ${root}`, () => {
      using directory = temporaryDirectory();
      const [file, text] = echoes[name] ?? ['', ''];
      directory.file('demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
      directory.file('demo/actions/echo.yaml', `runner_type: ${name}\nentry_point: ${file}\noutput_format: json\n`);
      directory.file(`demo/actions/${file}`, text);
      const ran = call(
        agentInRoot(['run', 'demo.echo', '-p', `text=${TEXT}`, '--format', 'json'], { packs: directory.path, root }),
        { env: { PATH, ATTUNE_PACKS_DIR: '/mnt' } },
      );
      const result = JSON.parse(ran.stdout || '{}');
      expect({ name, ...result, log: ran.stderr }).toMatchObject({ data: { text: TEXT } });
    });
