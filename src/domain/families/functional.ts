/** Functional languages. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { ask, direct } from './shorthands.ts';

export const elixir: RuntimeFamily = {
  name: 'elixir',
  aliases: [],
  isSlowToStart: true,
  binaries: ['elixir'],
  probes: [{ args: ['--version'], version: /Elixir (\d+\.\d+(?:\.\d+)?)/ }],
  script: { extensions: ['.exs', '.ex'], command: direct },
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
  probes: ask('--version'),
  script: { extensions: ['.hs'], command: ['{sibling:runghc}', '{file}'] },
  smoke: 'main :: IO ()\nmain = putStrLn "attune-ok"\n',
};

export const ocaml: RuntimeFamily = {
  name: 'ocaml',
  aliases: [],
  binaries: ['ocaml'],
  probes: ask('-version'),
  script: { extensions: ['.ml'], command: direct },
  smoke: 'print_endline "attune-ok"\n',
};

export const racket: RuntimeFamily = {
  name: 'racket',
  aliases: [],
  binaries: ['racket'],
  probes: ask('--version'),
  homelessEnv: { PLTUSERHOME: '{cache}/racket' },
  script: { extensions: ['.rkt'], command: direct },
  smoke: '#lang racket/base\n(displayln "attune-ok")\n',
};

export const guile: RuntimeFamily = {
  name: 'guile',
  aliases: ['scheme'],
  binaries: ['guile'],
  versioned: /^guile-?\d+(\.\d+)*$/,
  probes: ask('--version'),
  script: { extensions: ['.scm'], command: ['{interpreter}', '--no-auto-compile', '-s', '{file}'] },
  smoke: '(display "attune-ok")(newline)\n',
};
