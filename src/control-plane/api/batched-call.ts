import { type BatcherOptions, createBatcher } from '#domain/batcher.ts';
import { Unavailable } from '#domain/unavailable.ts';

interface BatchedCallOptions<Question> extends Omit<BatcherOptions, 'sizeOf'> {
  readonly mostWaiting: number;
  sizeOf?(question: Question): number;
}

interface Pending<Question, Answer> extends PromiseWithResolvers<Answer | undefined> {
  readonly question: Question;
}

/**
 * Makes a call whose many callers share the round trips of `ask`, which answers questions in their order, with
 * undefined where it has no answer. A question that is refused does not take the others of its batch with it: they are
 * asked again one by one.
 */
export function createBatchedCall<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly (Answer | undefined)[]>,
  { sizeOf = () => 0, ...options }: BatchedCallOptions<Question>,
): (question: Question) => Promise<Answer | undefined> {
  const answer = async (batch: readonly Pending<Question, Answer>[]): Promise<void> => {
    const answers = await ask(batch.map((one) => one.question));
    for (const [n, { resolve }] of batch.entries()) resolve(answers[n]);
  };
  const batcher = createBatcher<Pending<Question, Answer>>(
    async (batch) => {
      try {
        await answer(batch);
      } catch (error) {
        /* What was on its way when the database went may have taken effect: nothing is asked for twice. */
        const isHopeless = batch.length === 1 || error instanceof Unavailable;
        for (const one of batch)
          if (isHopeless) one.reject(error);
          else await answer([one]).catch(one.reject);
      }
    },
    { ...options, sizeOf: ({ question }) => sizeOf(question) },
  );
  return (question) => {
    const pending = { question, ...Promise.withResolvers<Answer | undefined>() };
    if (!batcher.add(pending))
      pending.reject(new Unavailable(`${options.mostWaiting} requests wait for the database already: try again later`));
    return pending.promise;
  };
}
