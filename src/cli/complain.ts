import { asInvoked } from './invoked.ts';
import { printable } from './printable.ts';
import { paint, write } from './terminal.ts';

/** Prints error messages on stderr, one line for each; on a terminal the name of the program is red. */
export async function complain(...messages: readonly string[]): Promise<void> {
  const name = paint('red', 'attune-agent:', process.stderr);
  await write(process.stderr, messages.map((message) => `${name} ${printable(asInvoked(message))}\n`).join(''));
}
