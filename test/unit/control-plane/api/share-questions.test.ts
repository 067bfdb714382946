import { expect, test } from 'bun:test';
import { shareQuestions } from '#control-plane/api/share-questions.ts';

test('questions that come while one is under way are asked once each, after they have come', async () => {
  const asked: string[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  let value = 'before';
  const find = shareQuestions(async (question) => {
    asked.push(question);
    const [seen, answer] = [value, Promise.withResolvers<void>()];
    answers.push(answer);
    await answer.promise;
    return question === 'none' ? undefined : `${question} ${seen}`;
  });
  const first = find('a');
  while (answers.length === 0) await Promise.resolve();
  value = 'after';
  const others = Promise.all([find('a'), find('b'), find('none'), find('a'), find('a')]);
  answers[0]?.resolve();
  expect(await first).toBe('a before');
  while (answers.length < 4) await Promise.resolve();
  for (const answer of answers) answer.resolve();
  expect(await others).toEqual(['a after', 'b after', undefined, 'a after', 'a after']);
  expect(asked).toEqual(['a', 'a', 'b', 'none']);
});

test('a question that fails takes none of the others with it', async () => {
  const find = shareQuestions(async (question) => {
    if (question === 'bad') throw new Error('bad');
    return question;
  });
  const answers = await Promise.allSettled([find('bad'), find('good'), find('bad')]);
  expect(answers.map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'rejected']);
});
