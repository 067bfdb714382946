import type { AnswerFormat } from '#cli/options.ts';
import { factLines } from '#cli/table.ts';
import { widthOf, write } from '#cli/terminal.ts';

/** Prints an answer for programs, or its text for people. */
export async function writeAnswer(format: AnswerFormat, answer: unknown, text: string): Promise<void> {
  await write(process.stdout, await answerIn(format, answer, text));
}

/** Prints an answer for programs, or its facts for people: names with their values beside them. */
export async function writeFacts(
  format: AnswerFormat,
  answer: unknown,
  facts: readonly (readonly [string, unknown])[],
): Promise<void> {
  await writeAnswer(format, answer, factLines(facts, widthOf(process.stdout)).join('\n'));
}

/** An answer in the format that was asked for; `text` is what people read. Every text ends in a newline. */
export async function answerIn(format: AnswerFormat, answer: unknown, text: string): Promise<string> {
  if (format === 'json') return `${JSON.stringify(answer, null, 2)}\n`;
  if (format === 'text') return text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const { stringify } = await import('yaml');
  return stringify(answer, { aliasDuplicateObjects: false });
}
