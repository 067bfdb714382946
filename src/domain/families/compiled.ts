/** Compiled languages whose tools run a source file. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { asking, direct } from './shorthands.ts';

export const go: RuntimeFamily = {
  name: 'go',
  aliases: ['golang'],
  binaries: ['go'],
  probes: [
    asking(
      'version',
      /^go version go(?<version>\d+(?:\.\d+){0,2}(?:(?:rc|beta)\d+)?)(?: (?<implementation>gccgo) .*?(?<build>\d+\.\d+\.\d+))?/m,
      /^go version devel go(?<version>\d+\.\d+-\w+)/m,
    ),
    asking('env GOVERSION', /^go(?<version>\d+(?:\.\d+){0,2}(?:(?:rc|beta)\d+)?)/m),
  ],
  homes: ['GOROOT'],
  inherits: ['GOPATH', 'GOTOOLCHAIN', 'GOCACHE', 'GOFLAGS'],
  defaults: { GOTOOLCHAIN: 'local' },
  homelessEnv: { GOCACHE: '{cache}/go-build', GOPATH: '{cache}/go' },
  script: { extensions: ['.go'], command: ['{interpreter}', 'run', '{file}'] },
  smoke: 'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("attune-ok\\n") }\n',
};

export const dotnet: RuntimeFamily = {
  name: 'dotnet',
  aliases: ['.net', 'fsharp'],
  isSlowToStart: true,
  binaries: ['dotnet'],
  probes: [asking('--version', /^(?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/m)],
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
  probes: [asking('--version', /\bSwift version (?<version>\d+\.\d+(?:\.\d+)?(?:-dev)?)/)],
  script: { extensions: ['.swift'], command: direct },
  smoke: 'print("attune-ok")\n',
};

export const rust: RuntimeFamily = {
  name: 'rust',
  aliases: ['rustc', 'cargo'],
  isSlowToStart: true,
  binaries: ['rustc', 'cargo'],
  probes: [asking('--version', /^(?:rustc|cargo) (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m)],
  homes: ['CARGO_HOME'],
  inherits: ['RUSTUP_HOME', 'RUSTUP_TOOLCHAIN', 'RUSTUP_AUTO_INSTALL'],
  defaults: { RUSTUP_AUTO_INSTALL: '0' },
  script: {
    extensions: ['.rs'],
    command: ['/bin/sh', '-c', '"$1" -o "$3" "$2" && exec "$3"', 'sh', '{sibling:rustc}', '{file}', '{work}/program'],
  },
  smoke: 'fn main() { println!("attune-ok"); }\n',
};
