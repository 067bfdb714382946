/** Shells and general scripting languages. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { ask, direct } from './shorthands.ts';

export const shell: RuntimeFamily = {
  name: 'shell',
  aliases: ['bash', 'sh'],
  binaries: ['bash', 'sh'],
  probes: [
    { args: ['--version'] },
    { args: ['--help'], version: /BusyBox v(\d+\.\d+\.\d+)/ },
    { args: ['-c', 'echo attune-ok'], version: /(attune-ok)/, isVersionless: true },
  ],
  script: { extensions: ['.sh', '.bash'], command: direct },
  smoke: 'echo attune-ok\n',
};

export const python: RuntimeFamily = {
  name: 'python',
  aliases: ['python3'],
  binaries: ['python3', 'python'],
  versioned: /^python3\.\d+$/,
  probes: ask('--version'),
  homes: ['VIRTUAL_ENV', 'CONDA_PREFIX'],
  script: { extensions: ['.py'], command: ['{interpreter}', '-u', '{file}'] },
  smoke: 'print("attune-ok")\n',
};

export const ruby: RuntimeFamily = {
  name: 'ruby',
  aliases: ['rb'],
  binaries: ['ruby'],
  versioned: /^ruby\d+(\.\d+)+$/,
  probes: ask('--version'),
  inherits: ['GEM_HOME', 'BUNDLE_APP_CONFIG'],
  script: { extensions: ['.rb'], command: direct },
  smoke: 'puts "attune-ok"\n',
};

export const perl: RuntimeFamily = {
  name: 'perl',
  aliases: ['perl5'],
  binaries: ['perl'],
  versioned: /^perl5\.\d+\.\d+$/,
  probes: ask('--version'),
  inherits: ['PERL5LIB'],
  script: { extensions: ['.pl'], command: direct },
  smoke: 'print "attune-ok\\n";\n',
};

export const php: RuntimeFamily = {
  name: 'php',
  aliases: [],
  binaries: ['php'],
  versioned: /^php\d+(\.\d+)?$/,
  probes: ask('--version'),
  inherits: ['PHP_INI_DIR'],
  script: { extensions: ['.php'], command: direct },
  smoke: '<?php echo "attune-ok\\n";\n',
};

export const lua: RuntimeFamily = {
  name: 'lua',
  aliases: [],
  binaries: ['lua', 'luajit'],
  versioned: /^lua5\.\d$/,
  probes: ask('-v'),
  inherits: ['LUA_PATH', 'LUA_CPATH'],
  script: { extensions: ['.lua'], command: direct },
  smoke: 'print("attune-ok")\n',
};

export const powershell: RuntimeFamily = {
  name: 'powershell',
  aliases: ['pwsh'],
  isSlowToStart: true,
  binaries: ['pwsh'],
  probes: ask('--version'),
  script: {
    extensions: ['.ps1'],
    command: ['{interpreter}', '-NoLogo', '-NoProfile', '-NonInteractive', '-File', '{file}'],
  },
  smoke: 'Write-Output "attune-ok"\n',
};

export const tcl: RuntimeFamily = {
  name: 'tcl',
  aliases: ['tclsh'],
  binaries: ['tclsh'],
  versioned: /^tclsh\d+\.\d+$/,
  probes: [{ args: [], stdin: 'puts [info patchlevel]\nexit\n' }],
  script: { extensions: ['.tcl'], command: direct },
  smoke: 'puts "attune-ok"\n',
};

export const awk: RuntimeFamily = {
  name: 'awk',
  aliases: ['gawk', 'mawk'],
  binaries: ['gawk', 'mawk', 'awk'],
  probes: [
    { args: ['--version'] },
    { args: ['-W', 'version'] },
    { args: ['--help'], version: /BusyBox v(\d+\.\d+\.\d+)/ },
    { args: ['BEGIN { print "attune-ok" }'], version: /(attune-ok)/, isVersionless: true },
  ],
  script: { extensions: ['.awk'], command: ['{interpreter}', '-f', '{file}'] },
  smoke: 'BEGIN { print "attune-ok" }\n',
};
