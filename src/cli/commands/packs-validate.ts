import { basename, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { offering, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { notesOnPrograms } from '#cli/wiring/notes-on-programs.ts';
import { validatePack } from '#cli/wiring/validate-pack.ts';
import { notesOnUnknownNames } from '#packs/doubts.ts';
import { notesOnFirstLines } from '#packs/other-first-lines.ts';
import { notesOnUnusedKeys } from '#packs/unused-keys.ts';

export const verb = defineVerb({
  details:
    "Everything that is wrong is said at once, each with its file, line and column: keys, values, defaults, test cases, scripts that are not there, and the syntax of scripts in Python, shell, Node.js, Ruby, Perl, PHP and Lua, where their interpreter is here. Keys that Attune's Rust control plane reads and nothing here uses are noted, runtimes and formats that nothing here knows, and first lines of scripts that name another language than the action or an interpreter that is not here.",
  arguments: { directory: offering('packs-here', required('directory', 'Directory with a pack.yaml')) },
  options: {},
  examples: [['attune-agent packs validate packs/sample', 'Says what is wrong with the pack in that directory']],
  exitCodes: { [EXIT.success]: 'nothing is wrong', [EXIT.failure]: 'something is' },
  action: async ({ directory }, _, { env }) => {
    const { loaded, flaws } = validatePack(resolve(directory), env);
    if (flaws.length > 0) await complain(...flaws);
    if (!loaded || flaws.length > 0) return EXIT.failure;
    const { pack, actions } = loaded;
    const name = basename(pack.directory);
    const notes = [
      ...(name === pack.ref
        ? []
        : [
            `the pack is '${pack.ref}', its directory '${name}': --packs finds only packs that have the names of their directories`,
          ]),
      ...notesOnUnusedKeys(pack.directory),
      ...actions.flatMap(notesOnUnknownNames),
      ...notesOnFirstLines(pack.directory, actions),
      ...(await notesOnPrograms(pack.directory, actions, env)),
    ];
    for (const note of notes) await write(process.stderr, `note: ${note}\n`);
    await write(
      process.stdout,
      `pack ${pack.ref} ${pack.version}: ${actions.length} ${actions.length === 1 ? 'action' : 'actions'}\n`,
    );
    return EXIT.success;
  },
});
