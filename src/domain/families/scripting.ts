/** Shells and general scripting languages. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { asking, askingExactly, direct } from './shorthands.ts';

export const shell: RuntimeFamily = {
  name: 'shell',
  aliases: ['bash', 'sh'],
  binaries: ['bash', 'sh'],
  probes: [
    asking(
      '--version',
      /^GNU bash[^\d\n]*(?<version>\d+\.\d+(?:\.\d+)?(?:\(\d+\)-(?:alpha|beta|rc\d*|devel))?)/m,
      /^(?<implementation>zsh) (?<version>\d+\.\d+(?:\.\d+)?)/m,
      /^(?<implementation>Yet another shell), version (?<version>\d+\.\d+(?:\.\d+)?)/m,
      /^\s*version\s+sh \((?<implementation>AT&T Research)\) (?<version>\d+)/m,
    ),
    asking('--help', /^BusyBox v(?<version>\d+\.\d+\.\d+)/m),
    { args: ['-c', 'echo attune-ok'], version: /(attune-ok)/, isVersionless: true },
  ],
  script: { extensions: ['.sh', '.bash'], command: direct, takesNext: /^([-+][A-Za-z]*[coO]|--rcfile|--init-file)$/ },
  smoke: 'echo attune-ok\n',
};

export const python: RuntimeFamily = {
  name: 'python',
  aliases: ['python3'],
  binaries: ['python3', 'python'],
  versioned: /^python3\.\d+$/,
  probes: [
    asking(
      '--version',
      /^Python (?<version>\d+\.\d+\.\d+\w*)\+?[^\n]*\n\[(?<implementation>PyPy) (?<build>\d+\.\d+\.\d+)/m,
      /^(?<implementation>GraalPy) (?<version>\d+\.\d+\.\d+) \(GraalVM [A-Za-z ]*(?<build>\d+\.\d+\.\d+)/m,
      /^(?<implementation>Jython|IronPython) (?<version>\d+\.\d+\.\d+\w*)/m,
      /^Python (?<version>\d+\.\d+(?:\.\d+)?\w*)\+?/m,
    ),
    askingExactly('-c', "import platform; print('attune', platform.python_version())"),
  ],
  homes: ['VIRTUAL_ENV', 'CONDA_PREFIX'],
  script: {
    extensions: ['.py'],
    command: ['{interpreter}', '-u', '{file}'],
    always: ['-u'],
    takesNext: /^-[A-Za-z]*[cmWX]$/,
  },
  smoke: 'print("attune-ok")\n',
};

export const ruby: RuntimeFamily = {
  name: 'ruby',
  aliases: ['rb'],
  binaries: ['ruby'],
  versioned: /^ruby\d+(\.\d+)+$/,
  probes: [
    asking(
      '--version',
      /^(?<implementation>jruby) (?<build>\d[\w.-]*) \((?<version>\d+\.\d+\.\d+)\w*\)/m,
      /^(?<implementation>truffleruby) (?<build>\d[\w.-]*),? .*?\blike ruby (?<version>\d+\.\d+\.\d+)/m,
      /^(?<implementation>rubinius) (?<build>\d[\w.]*) \((?<version>\d+\.\d+\.\d+)/m,
      /^ruby (?<version>\d+\.\d+\.\d+(?:preview\d+|rc\d+|dev)?)/m,
    ),
    askingExactly('-e', "puts ['attune', RUBY_VERSION, *(RUBY_ENGINE == 'ruby' ? [] : [RUBY_ENGINE])].join(' ')"),
  ],
  inherits: ['GEM_HOME', 'BUNDLE_APP_CONFIG'],
  script: { extensions: ['.rb'], command: direct, takesNext: /^-[A-Za-z]*[eErIC]$/ },
  smoke: 'puts "attune-ok"\n',
};

export const perl: RuntimeFamily = {
  name: 'perl',
  aliases: ['perl5'],
  binaries: ['perl'],
  versioned: /^perl5\.\d+\.\d+$/,
  probes: [
    asking('--version', /^This is perl\b[^\n]*\bv(?<version>5\.\d+\.\d+(?:-RC\d+)?)/m),
    askingExactly('-e', 'printf("attune %vd\\n", $^V)'),
  ],
  inherits: ['PERL5LIB'],
  script: { extensions: ['.pl'], command: direct, takesNext: /^-[A-Za-z]*[eEI]$/ },
  smoke: 'print "attune-ok\\n";\n',
};

export const php: RuntimeFamily = {
  name: 'php',
  aliases: [],
  binaries: ['php'],
  versioned: /^php\d+(\.\d+)?$/,
  probes: [
    asking('--version', /^PHP (?<version>\d+\.\d+\.\d+(?:-dev|-?(?:alpha|beta|RC)\d+)?)/m),
    askingExactly('-r', 'echo "attune ", PHP_VERSION, "\\n";'),
  ],
  inherits: ['PHP_INI_DIR'],
  script: { extensions: ['.php'], command: direct, takesNext: /^-[BRErcdtz]$/ },
  smoke: '<?php echo "attune-ok\\n";\n',
};

export const lua: RuntimeFamily = {
  name: 'lua',
  aliases: [],
  binaries: ['lua', 'luajit'],
  versioned: /^lua5\.\d$/,
  probes: [
    asking('-v', /^Lua (?<version>5\.\d+(?:\.\d+)?(?: \((?:alpha|beta|work|rc)\d*\))?)/m),
    askingExactly('-e', 'print("attune " .. _VERSION:match("%d+%.%d+") .. (jit and " " .. jit.version or ""))'),
  ],
  inherits: ['LUA_PATH', 'LUA_CPATH'],
  script: { extensions: ['.lua'], command: direct, takesNext: /^-[el]$/ },
  smoke: 'print("attune-ok")\n',
};

export const powershell: RuntimeFamily = {
  name: 'powershell',
  aliases: ['pwsh'],
  isSlowToStart: true,
  binaries: ['pwsh'],
  probes: [asking('--version', /^PowerShell (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m)],
  script: {
    extensions: ['.ps1'],
    command: ['{interpreter}', '-NoLogo', '-NoProfile', '-NonInteractive', '-File', '{file}'],
    takesNext: /^-(c|command|encodedcommand|executionpolicy|workingdirectory)$/i,
  },
  smoke: 'Write-Output "attune-ok"\n',
};

export const tcl: RuntimeFamily = {
  name: 'tcl',
  aliases: ['tclsh'],
  binaries: ['tclsh'],
  versioned: /^tclsh\d+\.\d+$/,
  probes: [
    {
      ...asking('', /^attune (?<version>\d+\.\d+(?:\.\d+|[ab]\d+)?)$/m),
      stdin: 'puts "attune [info patchlevel]"\nexit\n',
    },
  ],
  script: { extensions: ['.tcl'], command: direct },
  smoke: 'puts "attune-ok"\n',
};

export const awk: RuntimeFamily = {
  name: 'awk',
  aliases: ['gawk', 'mawk'],
  binaries: ['gawk', 'mawk', 'awk'],
  probes: [
    asking(
      '--version',
      /^GNU Awk (?<version>\d+\.\d+(?:\.\d+)?)/m,
      /^(?<implementation>mawk) (?<version>\d+\.\d+(?:\.\d+)?)/m,
    ),
    asking('-W version', /^(?<implementation>mawk) (?<version>\d+\.\d+(?:\.\d+)?)/m),
    asking('--help', /^BusyBox v(?<version>\d+\.\d+\.\d+)/m),
    { args: ['BEGIN { print "attune-ok" }'], version: /(attune-ok)/, isVersionless: true },
  ],
  script: { extensions: ['.awk'], command: ['{interpreter}', '-f', '{file}'], takesNext: /^-[vFe]$/ },
  smoke: 'BEGIN { print "attune-ok" }\n',
};
