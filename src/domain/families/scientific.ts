/** Languages of statistics and numerical work. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { asking, askingExactly, direct } from './shorthands.ts';

export const r: RuntimeFamily = {
  name: 'r',
  aliases: ['rscript'],
  binaries: ['Rscript'],
  probes: [
    asking(
      '--version',
      /^(?:Rscript \(R\)|R scripting front-end|R) version (?<version>\d+\.\d+\.\d+(?: (?:RC|beta|alpha)\b)?)/m,
    ),
    askingExactly('-e', 'cat(sprintf("attune %s.%s\\n", R.version$major, R.version$minor))'),
  ],
  inherits: ['R_HOME', 'R_LIBS', 'R_LIBS_SITE', 'R_LIBS_USER'],
  script: { extensions: ['.R', '.r'], command: direct, takesNext: /^-e$/ },
  smoke: 'cat("attune-ok\\n")\n',
};

export const julia: RuntimeFamily = {
  name: 'julia',
  aliases: [],
  isSlowToStart: true,
  binaries: ['julia'],
  probes: [
    asking('--version', /^julia version (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m),
    askingExactly('--startup-file=no', '-e', 'println("attune ", VERSION)'),
  ],
  inherits: ['JULIA_DEPOT_PATH'],
  homelessEnv: { JULIA_DEPOT_PATH: '{cache}/julia' },
  script: { extensions: ['.jl'], command: direct, takesNext: /^(-[eEL]|--(eval|print|load))$/ },
  smoke: 'println("attune-ok")\n',
};
