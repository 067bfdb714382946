import { basename, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { notesOnPrograms } from '#cli/wiring/notes-on-programs.ts';
import { validatePack } from '#cli/wiring/validate-pack.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { notesOnEnvironments, notesOnUnknownNames } from '#packs/doubts.ts';
import type { LoadedPack } from '#packs/load-action.ts';
import { notesOnFirstLines } from '#packs/other-first-lines.ts';
import { notesOnParts } from '#packs/pack-parts.ts';
import { notesOnUnusedKeys } from '#packs/unused-keys.ts';

export const verb = defineVerb({
  details:
    "Everything that is wrong is said at once, each with its file, line and column: keys, values, defaults, test cases, scripts that are not there, and the syntax of scripts in Python, shell, Node.js, Ruby, Perl, PHP and Lua, where their interpreter is here. Keys that Attune's Rust control plane reads and nothing here uses are noted, runtimes and formats that nothing here knows, and first lines of scripts that name another language than the action or an interpreter that is not here. With --format json or yaml, all of it is on stdout: flaws with file, line, column and message, and notes.",
  arguments: { directory: offering('packs-here', required('directory', 'Directory with a pack.yaml')) },
  options: { format: answerFormatOption() },
  examples: [
    ['attune-agent packs validate packs/sample', 'Says what is wrong with the pack in that directory'],
    ['attune-agent packs validate packs/sample -o json', 'Says the same to an editor or a CI system'],
  ],
  exitCodes: { [EXIT.success]: 'nothing is wrong', [EXIT.failure]: 'something is' },
  action: async ({ directory }, { format }, { env }) => {
    const { loaded, flaws } = validatePack(resolve(directory), env);
    const isWell = loaded !== undefined && flaws.length === 0;
    const notes = loaded ? await notesOn(loaded, env) : [];
    if (format === 'text') {
      await complain(...flaws);
      for (const note of notes) await write(process.stderr, `note: ${note}\n`);
    }
    const { pack, actions = [] } = loaded ?? {};
    const count = `${actions.length} ${actions.length === 1 ? 'action' : 'actions'}`;
    const answer = {
      ok: isWell,
      pack: pack?.ref ?? null,
      version: pack?.version ?? null,
      actions: actions.map(({ ref }) => ref),
      flaws: flaws.map(placeOf),
      notes,
    };
    await writeAnswer(format, answer, isWell ? `pack ${pack?.ref} ${pack?.version}: ${count}` : '');
    return isWell ? EXIT.success : EXIT.failure;
  },
});

/** What is not wrong with a pack, and may not be meant. */
async function notesOn({ pack, runtimes, actions }: LoadedPack, env: ProcessEnv): Promise<readonly string[]> {
  const name = basename(pack.directory);
  const otherName = `the pack is '${pack.ref}', its directory '${name}': --packs finds only packs that have the names of their directories`;
  return [
    ...(name === pack.ref ? [] : [otherName]),
    ...notesOnParts(pack.directory),
    ...notesOnUnusedKeys(pack.directory),
    ...actions.flatMap(notesOnUnknownNames),
    ...runtimes.flatMap(notesOnEnvironments),
    ...notesOnFirstLines(pack.directory, actions),
    ...(await notesOnPrograms(pack.directory, actions, env)),
  ];
}

/** A flaw for programs: where it is, as far as that is known, and what is wrong there. */
function placeOf(flaw: string): unknown {
  const [, file, line, column, message] = /^(.*?):(\d+):(\d+): (.*)$/s.exec(flaw) ?? [];
  return file === undefined
    ? { file: null, line: null, column: null, message: flaw }
    : { file, line: Number(line), column: Number(column), message };
}
