import { findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parseShebang, type Shebang } from '#domain/shebang.ts';
import { createFileMemory } from '#execution/process/file-memory.ts';
import { findCarriageReturn, readScriptStart } from '#execution/script/line-ends.ts';
import type { ScriptSource } from '#execution/script/open-script.ts';
import { readVersionFile, type VersionFile, versionFilesIn } from '#packs/version-file.ts';

/** The hints that a script and its pack give about the interpreter that their author meant. */
export interface ScriptHints {
  readonly shebang: Shebang | undefined;
  readonly versionFile: VersionFile | undefined;
}

/**
 * Reads the first line of a script and the version file of its pack. The error names a shell script with the line ends
 * of Windows, of which a shell would run only a part. `runtime` is the name or an alias of the family that the action
 * asks for.
 */
export function readScriptHints(script: ScriptSource, runtime: string): Result<ScriptHints, string> {
  const family = findFamily(runtime)?.name ?? runtime;
  if ('code' in script) return readHints(script, family);
  const { file, cwd } = script;
  const about = `${family} ${cwd}`;
  const versionFiles = versionFileMemory.recall(about, [cwd], () => versionFilesIn(cwd, family));
  return hintMemory.recall(`${about} ${file}`, [file, ...versionFiles], () => readHints(script, family));
}

const versionFileMemory = createFileMemory<readonly string[]>();
const hintMemory = createFileMemory<Result<ScriptHints, string>>();

function readHints(script: ScriptSource, family: string): Result<ScriptHints, string> {
  const text = textOf(script);
  const flaw = flawOfEncoding(text, family);
  if (flaw !== undefined) return failure(`${'file' in script ? script.file : 'its code'} ${flaw}`);
  const line = family === 'shell' ? findCarriageReturn(text) : undefined;
  if (line !== undefined) {
    const name = 'file' in script ? script.file : 'its code';
    return failure(
      `${name} has the line ends of Windows (CRLF) from line ${line} on, which shells read as a part of each command: save it with LF (dos2unix FILE, or text eol=lf in .gitattributes)`,
    );
  }
  return success({
    shebang: parseShebang(text),
    versionFile: 'cwd' in script ? readVersionFile(script.cwd, family) : undefined,
  });
}

/** How a file in UTF-16 begins, read as UTF-8: neither byte of its mark is any. */
const UTF_16 = /^\ufffd\ufffd/;
/** Languages whose programs take a byte order mark for a part of the program. */
const WITHOUT_MARK = new Set(['r', 'java', 'awk']);

/** What is wrong with the encoding of a script, which no program of its family says in a way that helps. */
function flawOfEncoding(text: string, family: string): string | undefined {
  if (UTF_16.test(text) && family !== 'powershell' && family !== 'native')
    return 'is no UTF-8; it begins as UTF-16 does: save it as UTF-8';
  if (text.startsWith('\ufeff') && WITHOUT_MARK.has(family))
    return `begins with a byte order mark, which ${family} reads as a part of the program: save it as UTF-8 without one`;
  return undefined;
}

/** The text of a script; empty for a file that cannot be read, since whoever runs it says why. */
function textOf(script: ScriptSource): string {
  if ('code' in script) return script.code;
  try {
    return readScriptStart(script.file);
  } catch {
    return '';
  }
}
