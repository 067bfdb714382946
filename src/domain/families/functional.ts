/** Functional languages. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { asking, direct } from './shorthands.ts';

export const elixir: RuntimeFamily = {
  name: 'elixir',
  aliases: [],
  isSlowToStart: true,
  binaries: ['elixir'],
  probes: [asking('--version', /^Elixir (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m)],
  script: { extensions: ['.exs', '.ex'], command: direct, takesNext: /^(-[er]|--eval)$/ },
  smoke: 'IO.puts("attune-ok")\n',
};

export const erlang: RuntimeFamily = {
  name: 'erlang',
  aliases: ['erl', 'escript'],
  isSlowToStart: true,
  binaries: ['erl'],
  probes: [
    {
      args: ['-noshell', '-eval', 'io:format("OTP ~s~n", [erlang:system_info(otp_release)]), halt().'],
      version: /OTP (\d+(?:\.\d+)*)/,
    },
  ],
  script: { extensions: ['.escript', '.erl'], command: ['{sibling:escript}', '{file}'] },
  smoke: '#!/usr/bin/env escript\nmain(_) -> io:format("attune-ok~n").\n',
};

export const haskell: RuntimeFamily = {
  name: 'haskell',
  aliases: ['ghc', 'runghc'],
  binaries: ['ghc'],
  versioned: /^ghc-\d+(\.\d+)+$/,
  probes: [
    asking('--version', /Haskell Compilation System, version (?<version>\d+(?:\.\d+)+)/),
    asking('--numeric-version', /^(?<version>\d+(?:\.\d+)+)$/m),
  ],
  script: { extensions: ['.hs'], command: ['{sibling:runghc}', '{file}'] },
  smoke: 'main :: IO ()\nmain = putStrLn "attune-ok"\n',
};

export const ocaml: RuntimeFamily = {
  name: 'ocaml',
  aliases: [],
  binaries: ['ocaml'],
  probes: [
    asking('-version', /^The (?:OCaml|Objective Caml) toplevel, version (?<version>\d+\.\d+(?:\.\d+)?(?:[~+]\S+)?)/m),
    asking('-vnum', /^(?<version>\d+\.\d+\.\d+\S*)$/m),
  ],
  script: { extensions: ['.ml'], command: direct },
  smoke: 'print_endline "attune-ok"\n',
};

export const racket: RuntimeFamily = {
  name: 'racket',
  aliases: [],
  binaries: ['racket'],
  probes: [asking('--version', /\bRacket v(?<version>\d+(?:\.\d+){1,3})/)],
  homelessEnv: { PLTUSERHOME: '{cache}/racket' },
  script: { extensions: ['.rkt'], command: direct },
  smoke: '#lang racket/base\n(displayln "attune-ok")\n',
};

export const guile: RuntimeFamily = {
  name: 'guile',
  aliases: ['scheme'],
  binaries: ['guile'],
  versioned: /^guile-?\d+(\.\d+)*$/,
  probes: [asking('--version', /^guile \(GNU Guile\) (?<version>\d+\.\d+(?:\.\d+)?)/m)],
  script: { extensions: ['.scm'], command: ['{interpreter}', '--no-auto-compile', '-s', '{file}'] },
  smoke: '(display "attune-ok")(newline)\n',
};
