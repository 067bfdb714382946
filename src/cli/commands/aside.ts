import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { asideTasks } from '#cli/wiring/aside-tasks.ts';
import { messageOf } from '#domain/errors.ts';
import { ASIDE_FAILED } from '#execution/process/run-aside.ts';
import { parseStoredJson } from '#formats/json.ts';

/** Answers one request of another process of the agent (src/execution/process/run-aside.ts). */
export const verb = defineVerb({
  arguments: {},
  options: {},
  examples: [],
  action: async () => {
    const { task, input } = parseStoredJson(await Bun.stdin.text()) as { task: keyof typeof asideTasks; input: never };
    try {
      await write(process.stdout, JSON.stringify(asideTasks[task](input)));
    } catch (error) {
      if (error instanceof RangeError) throw error; /* it lacks memory: whoever asked knows the bound */
      await write(process.stdout, messageOf(error));
      return ASIDE_FAILED;
    }
    return EXIT.success;
  },
});
