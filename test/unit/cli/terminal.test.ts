import { expect, test } from 'bun:test';
import { write } from '#cli/terminal.ts';

/** Two streams of one terminal, and what it has been shown. */
function terminal(): { readonly streams: Readonly<Record<'out' | 'err', NodeJS.WriteStream>>; shown(): string } {
  let shown = '';
  const stream = (): NodeJS.WriteStream => {
    const one: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = {
      isTTY: true,
      write: (data: string | Uint8Array, ...rest: readonly unknown[]) => {
        shown += data.toString();
        const done = rest.at(-1);
        if (typeof done === 'function') done();
        return true;
      },
    };
    return one as NodeJS.WriteStream; /* no more of it is used */
  };
  return { streams: { out: stream(), err: stream() }, shown: () => shown };
}

test.each<[what: string, pieces: readonly (readonly ['out' | 'err', string])[], shown: string]>([
  [
    'the end of a line that comes late is not shown twice',
    [
      ['err', 'greeting'],
      ['out', '{}\n'],
      ['err', '\n'],
      ['err', 'bye\n'],
    ],
    'greeting\n{}\nbye\n',
  ],
  [
    'the rest of a line goes on in a line of its own',
    [
      ['err', '50 %'],
      ['out', 'a\n'],
      ['err', ' done\n\n'],
    ],
    '50 %\na\n done\n\n',
  ],
  [
    'colours that end behind the words of a line make no line',
    [
      ['out', '\u001b[31mred'],
      ['err', '\u001b[31mred'],
      ['out', '\u001b[0m\n'],
      ['err', '\u001b[0m\n'],
    ],
    '\u001b[31mred\n\u001b[31mred\u001b[0m\u001b[0m\n',
  ],
  [
    'pieces of one stream stay together',
    [
      ['out', 'a'],
      ['out', 'b'],
      ['out', '\n'],
      ['err', '\n'],
    ],
    'ab\n\n',
  ],
])('on a terminal both streams of an action have lines of their own: %s', async (_, pieces, shown) => {
  const at = terminal();
  for (const [stream, text] of pieces) await write(at.streams[stream], Buffer.from(text));
  expect(at.shown()).toBe(shown);
});
