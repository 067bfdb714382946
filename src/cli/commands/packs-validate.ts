import { resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { loadPackAt } from '#packs/load-action.ts';
import { notesOnUnusedKeys } from '#packs/unused-keys.ts';

export const verb = defineVerb({
  details:
    "Everything that is wrong is said, each with its file and line. Keys that Attune's Rust control plane reads and nothing here uses are noted.",
  arguments: { directory: required('directory', 'Directory with a pack.yaml') },
  options: {},
  examples: [['attune-agent packs validate packs/sample', 'Says what is wrong with the pack in that directory']],
  exitCodes: { [EXIT.success]: 'the pack can be loaded', [EXIT.failure]: 'it cannot' },
  action: async ({ directory }) => {
    const loaded = loadPackAt(resolve(directory));
    if (!loaded.ok) {
      await complain(...loaded.error.split(/; (?=\/)/));
      return EXIT.failure;
    }
    for (const note of notesOnUnusedKeys(resolve(directory))) await write(process.stderr, `note: ${note}\n`);
    const { pack, actions } = loaded.value;
    await write(process.stdout, `pack ${pack.ref} ${pack.version}: ${actions.length} actions\n`);
    return EXIT.success;
  },
});
