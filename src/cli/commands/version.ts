import { answerFormatOption } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';
import { describeVersion, versionFacts } from '#cli/version.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  arguments: {},
  options: { format: answerFormatOption() },
  examples: [['attune-agent version', 'Prints version, commit, processor and Bun version']],
  action: async (_, { format }) => {
    await writeAnswer(format, versionFacts(), describeVersion());
    return 0;
  },
});
