/** What any installer may say. */
import { CERTIFICATES, COMPILER, CREDENTIALS, type InstallRule, NETWORK } from './rule.ts';

/** Languages whose compilers show file, line and column before an error. */
const SOURCE = String.raw`(?<!\S)\S{1,300}\.(?:c|cc|cpp|cxx|h|hh|hpp|m|f|f90|f95|xs|pyx)`;

/** The rules for all installers, which are tried before those of the tool. */
export const commonRules: readonly InstallRule[] = [
  {
    line: /no space left on device|ENOSPC|disk quota exceeded/i,
    hint: 'free some, or remove environments with attune-agent environments prune',
  },
  {
    line: /fatal error: \S+\.(?:h|hpp): No such file or directory/,
    hint: 'a header is missing: install the development package that has it in the image',
  },
  { line: new RegExp(String.raw`(${SOURCE}:\d+:(?:\d+:)? (?:fatal )?error: .*)`) },
  {
    line: /(\bld(?:\.\w+)?: cannot find -l[^\s:]+)/,
    hint: 'a library is missing: install the development package that has it in the image',
  },
  { line: /(\bundefined reference to .*)/ },
  { line: /command '[^']+' failed: No such file or directory|linker `[^`]+` not found/, hint: COMPILER },
  { line: /(?:\b(?:cc|gcc|g\+\+|c\+\+|clang|make|cmake|gfortran)\S*: (?:command )?not found)/, hint: COMPILER },
  {
    line: /Cannot find command 'git'|spawn git ENOENT|syscall (spawn git)$|ENOENT not found: git|Couldn't find the binary git|[Gg]it executable not found|exec: "git": executable file not found|git: (?:command )?not found/,
    hint: 'install git in the image',
  },
  { line: /(fatal: unable to access .*certificate.*)/, hint: CERTIFICATES },
  { line: /(fatal: unable to access .*)/, hint: NETWORK },
  { line: /(fatal: (?:could not read Username|Authentication failed).*)/, hint: CREDENTIALS },
  { line: /C compiler "[^"]+" not found|not found: make\b/, hint: COMPILER },
];
