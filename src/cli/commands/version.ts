import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { describeVersion } from '#cli/version.ts';

export const verb = defineVerb({
  arguments: {},
  options: {},
  examples: [['attune-agent version', 'Prints version, commit, processor and Bun version']],
  action: async () => {
    await write(process.stdout, `${describeVersion()}\n`);
    return 0;
  },
});
