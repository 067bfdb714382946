/** What any installer may say. */
import { COMPILER, type InstallRule } from './rule.ts';

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
  { line: /C compiler "[^"]+" not found|not found: make\b/, hint: COMPILER },
];
