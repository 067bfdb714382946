/** What any installer may say. */
import { CERTIFICATES, COMPILER, CREDENTIALS, type InstallRule, NETWORK } from './rule.ts';

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
  { line: /command '[^']+' failed: No such file or directory|linker `[^`]+` not found/, hint: COMPILER },
  { line: /(?:\b(?:cc|gcc|g\+\+|c\+\+|clang|make|cmake|gfortran)\S*: (?:command )?not found)/, hint: COMPILER },
  {
    line: /Cannot find command 'git'|spawn git ENOENT|[Gg]it executable not found|exec: "git": executable file not found|git: (?:command )?not found/,
    hint: 'install git in the image',
  },
  { line: /(fatal: unable to access .*certificate.*)/, hint: CERTIFICATES },
  { line: /(fatal: unable to access .*)/, hint: NETWORK },
  { line: /(fatal: (?:could not read Username|Authentication failed).*)/, hint: CREDENTIALS },
  { line: /C compiler "[^"]+" not found|not found: make\b/, hint: COMPILER },
];
