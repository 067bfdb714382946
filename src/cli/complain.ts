import { paint, write } from './terminal.ts';

/** Says on stderr, in red on a terminal, what is wrong: one line for each message. */
export async function complain(...messages: readonly string[]): Promise<void> {
  const name = paint('red', 'attune-agent:', process.stderr);
  await write(process.stderr, messages.map((message) => `${name} ${message}\n`).join(''));
}
