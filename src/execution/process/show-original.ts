/** A directory of which there are copies, in one of which a program runs. */
export interface CopiedDirectory {
  readonly copies: readonly string[];
  readonly original: string;
}

type Take = (chunk: Uint8Array) => Promise<void>;

/** Only the copies have what was installed there. */
const INSTALLED = 'node_modules/';

/**
 * Writes the paths of files in copies of a directory as those of the original, where their authors look for them. A path
 * may come in several chunks: its beginning is held back until the next one, or the end.
 */
export function showOriginal(
  { copies, original }: CopiedDirectory,
  to: Take,
): { readonly take: Take; end(): Promise<void> } {
  const prefixes = copies.map((copy) => byteText(`${copy}/`));
  const pattern = new RegExp(`(?:${prefixes.map((one) => RegExp.escape(one)).join('|')})(?!${INSTALLED})`, 'g');
  const into = byteText(`${original}/`);
  let held = '';
  const put = async (text: string): Promise<void> => {
    if (text !== '')
      await to(
        Buffer.from(
          text.replace(pattern, () => into),
          'latin1',
        ),
      );
  };
  const take: Take = async (chunk) => {
    const text = held + Buffer.from(chunk).toString('latin1');
    const whole = text.length - Math.max(...prefixes.map((one) => beginningAtEnd(text, one + INSTALLED)));
    held = text.slice(whole);
    await put(text.slice(0, whole));
  };
  return { take, end: async () => await put(held) };
}

/** A text with a character for each byte of it, so that nothing of an output is changed that is no UTF-8. */
function byteText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The number of characters at the end that may be the beginning of `wanted`, and not all of it. */
function beginningAtEnd(text: string, wanted: string): number {
  for (let length = Math.min(text.length, wanted.length - 1); length > 0; length--)
    if (text.endsWith(wanted.slice(0, length))) return length;
  return 0;
}
