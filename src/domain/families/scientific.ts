/** Languages of statistics and numerical work. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { ask, direct } from './shorthands.ts';

export const r: RuntimeFamily = {
  name: 'r',
  aliases: ['rscript'],
  binaries: ['Rscript'],
  probes: ask('--version'),
  inherits: ['R_HOME', 'R_LIBS', 'R_LIBS_SITE', 'R_LIBS_USER'],
  script: { extensions: ['.R', '.r'], command: direct },
  smoke: 'cat("attune-ok\\n")\n',
};

export const julia: RuntimeFamily = {
  name: 'julia',
  aliases: [],
  isSlowToStart: true,
  binaries: ['julia'],
  probes: ask('--version'),
  inherits: ['JULIA_DEPOT_PATH'],
  homelessEnv: { JULIA_DEPOT_PATH: '{cache}/julia' },
  script: { extensions: ['.jl'], command: direct },
  smoke: 'println("attune-ok")\n',
};
