import { extname } from 'node:path';
import { families } from '#domain/families.ts';
import { familyOfProgram } from '#domain/named-program.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import { parseShebang, type Shebang } from '#domain/shebang.ts';
import { readStart } from '#formats/read-file.ts';

/** A first line that names an interpreter is not longer. */
const MOST_BYTES = 256;

/** The runtime family of a script, by its first line, else by its extension. */
export function familyOfScript(file: string): RuntimeFamily | undefined {
  const shebang = firstLineOf(file);
  const named = shebang && familyOfProgram(shebang.name);
  return named ?? families.find((one) => one.script.extensions.includes(extname(file)));
}

/** The first line of a script, if it names an interpreter. What is no file, or cannot be read, has none. */
export function firstLineOf(file: string): Shebang | undefined {
  try {
    return parseShebang(readStart(file, MOST_BYTES).toString('utf8'));
  } catch {
    return undefined;
  }
}
