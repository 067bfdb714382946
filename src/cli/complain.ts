import { asInvoked } from './invoked.ts';
import { printable } from './printable.ts';
import { paint, write } from './terminal.ts';
import { hideSecrets } from './wiring/hide-secrets.ts';

/** Between two flaws of a pack, each of which begins with FILE:LINE:COLUMN. */
const NEXT_FLAW = /; (?=[^\s;:]+\.ya?ml:\d+:\d+: )/;

/** The flaws of a pack that a message lists, or the message itself. */
export function flawsOf(message: string): readonly string[] {
  return message.split(NEXT_FLAW);
}

/**
 * Prints error messages on stderr without the secrets of the environment, one line for each; on a terminal the name of
 * the program is red.
 */
export async function complain(...messages: readonly string[]): Promise<void> {
  if (messages.length === 0) return;
  const shown = (message: string): string => printable(hideSecrets(asInvoked(message)));
  const name = paint('red', 'attune-agent:', process.stderr);
  const lines = messages.flatMap(flawsOf);
  await write(process.stderr, lines.map((message) => `${name} ${shown(message)}\n`).join(''));
}
