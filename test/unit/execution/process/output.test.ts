import { expect, test } from 'bun:test';
import { createOutputs, type Output } from '#execution/process/output.ts';

const part = (text: string): Uint8Array => Buffer.from(text);

/** Reads an output to its end, and notes each part when it has been taken, which takes some turns of the loop. */
async function note(output: Output, notes: string[]): Promise<void> {
  for (let one = await output.read(); one; one = await output.read()) {
    for (let turn = 0; turn < one.length; turn++) await Promise.resolve();
    notes.push(Buffer.from(one).toString());
  }
}

test('parts are taken in the order in which they were added, whichever stream they are of', async () => {
  const taken = { stdout: 0, stderr: 0 };
  const outputs = createOutputs((name, bytes) => {
    taken[name] += bytes;
  });
  const notes: string[] = [];
  const reading = Promise.all([note(outputs.stdout, notes), note(outputs.stderr, notes)]);
  outputs.add('stdout', part('a long first part'));
  outputs.add('stderr', part('2'));
  outputs.add('stderr', part('3'));
  outputs.add('stdout', part('4'));
  await Promise.resolve();
  outputs.add('stdout', part('and the fifth'));
  outputs.add('stderr', part('6'));
  outputs.end();
  await reading;
  expect(notes).toEqual(['a long first part', '2', '3', '4', 'and the fifth', '6']);
  expect(taken.stdout).toBeGreaterThan(0);
});

test('a stream whose reader is gone holds up no other', async () => {
  const outputs = createOutputs(() => {});
  outputs.add('stderr', part('unread'));
  outputs.add('stdout', part('first'));
  outputs.add('stdout', part('second'));
  const first = outputs.stdout.read();
  outputs.stderr.cancel();
  expect(await first).toEqual(part('first'));
  outputs.end();
  expect(await outputs.stderr.read()).toBeUndefined();
  expect(await outputs.stdout.read()).toEqual(part('second'));
  expect(await outputs.stdout.read()).toBeUndefined();
});

test('whoever waits when a stream is cancelled or over learns of its end', async () => {
  const outputs = createOutputs(() => {});
  const waiting = [outputs.stdout.read(), outputs.stderr.read()];
  outputs.stdout.cancel();
  outputs.end();
  expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
});
