/** Compiled languages whose tools run a source file. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { ask, direct } from './shorthands.ts';

export const go: RuntimeFamily = {
  name: 'go',
  aliases: ['golang'],
  binaries: ['go'],
  probes: ask('version'),
  homes: ['GOROOT'],
  inherits: ['GOPATH', 'GOTOOLCHAIN', 'GOCACHE', 'GOFLAGS'],
  homelessEnv: { GOCACHE: '{cache}/go-build', GOPATH: '{cache}/go' },
  script: { extensions: ['.go'], command: ['{interpreter}', 'run', '{file}'] },
  smoke: 'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("attune-ok\\n") }\n',
};

export const dotnet: RuntimeFamily = {
  name: 'dotnet',
  aliases: ['.net', 'fsharp'],
  isSlowToStart: true,
  binaries: ['dotnet'],
  probes: ask('--version'),
  homes: ['DOTNET_ROOT'],
  homelessEnv: { DOTNET_CLI_HOME: '{cache}/dotnet' },
  script: { extensions: ['.fsx'], command: ['{interpreter}', 'fsi', '--quiet', '{file}'] },
  smoke: 'printfn "attune-ok"\n',
};

export const swift: RuntimeFamily = {
  name: 'swift',
  aliases: [],
  isSlowToStart: true,
  binaries: ['swift'],
  probes: ask('--version'),
  script: { extensions: ['.swift'], command: direct },
  smoke: 'print("attune-ok")\n',
};

export const rust: RuntimeFamily = {
  name: 'rust',
  aliases: ['rustc', 'cargo'],
  isSlowToStart: true,
  binaries: ['rustc', 'cargo'],
  probes: ask('--version'),
  homes: ['CARGO_HOME'],
  inherits: ['RUSTUP_HOME', 'RUSTUP_TOOLCHAIN'],
  script: {
    extensions: ['.rs'],
    command: ['/bin/sh', '-c', '"$1" -o "$3" "$2" && exec "$3"', 'sh', '{sibling:rustc}', '{file}', '{work}/program'],
  },
  smoke: 'fn main() { println!("attune-ok"); }\n',
};
