import { EXIT } from '#cli/exit-codes.ts';
import { optional } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';

const LIFE_MS = 200;

/** Leaves a child process without a parent and prints its pid, so that doctor can see whether somebody reaps it. */
export const verb = defineVerb({
  arguments: { child: optional('child', 'Given to the child, which outlives its parent for a moment') },
  options: {},
  examples: [],
  action: async ({ child }) => {
    if (child !== undefined) {
      await Bun.sleep(LIFE_MS);
      return EXIT.success;
    }
    const { pid } = leaveChild();
    await write(process.stdout, `${pid}\n`);
    return EXIT.success;
  },
});

function leaveChild(): Bun.Subprocess {
  const child = Bun.spawn([process.execPath, '_orphan', 'child'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {},
    detached: true,
  });
  child.unref();
  return child;
}
