import { expect, test } from 'bun:test';
import { asInvoked, invokedName, VERB_NAMES } from '#cli/invoked.ts';
import { verbs } from '#cli/verbs.ts';

test('commands in a text are those that run here: by the path that the program was called by', () => {
  const text = "run attune-agent migrate, or 'attune-agent --standalone'; see attune-agent help logs";
  expect(asInvoked(text, './dist/attune-agent-x86_64')).toBe(
    "run ./dist/attune-agent-x86_64 migrate, or './dist/attune-agent-x86_64 --standalone'; see ./dist/attune-agent-x86_64 help logs",
  );
  expect(asInvoked(text, 'attune-agent')).toBe(text);
});

test('a text that only names the program stays as it is', () => {
  const text = 'attune-agent finds them; attune-agent: no token; github.com/attune-agent run; attune-agent running';
  expect(asInvoked(text, './attune-agent')).toBe(text);
});

test('an example of the name alone is a command, too', () => {
  const text = '  # Runs attune-agent\n  attune-agent\n  attune-agent logs 7';
  expect(asInvoked(text, './attune-agent')).toBe('  # Runs attune-agent\n  ./attune-agent\n  ./attune-agent logs 7');
});

test('a run from source, or by a name of somebody else, is shown by the usual name', () => {
  expect([invokedName('bun'), invokedName('/opt/tools/worker')]).toEqual(['attune-agent', 'attune-agent']);
});

test('a path with other characters is quoted for a shell', () => {
  expect(invokedName("/my dir/it's/attune-agent")).toBe(`'/my dir/it'\\''s/attune-agent'`);
});

test('every verb is known as the beginning of a command', () => {
  expect([...VERB_NAMES]).toEqual(Object.keys(verbs) as (typeof VERB_NAMES)[number][]);
});
