import { createBatchedCall } from './batched-call.ts';

const MOST_AT_ONCE = 100;
const MOST_WAITING = 10_000;

/**
 * Makes a call that many make with the same few words: while one round of questions is under way, the next gathers, and
 * asks each of them once. Nobody gets an answer from before his question.
 */
export function shareQuestions<Answer>(
  ask: (question: string) => Promise<Answer | undefined>,
): (question: string) => Promise<Answer | undefined> {
  return createBatchedCall<string, Answer>(
    async (questions) => {
      const distinct = [...new Set(questions)];
      const answers = await Promise.all(distinct.map(ask));
      const known = new Map(distinct.map((question, n) => [question, answers[n]]));
      return questions.map((question) => known.get(question));
    },
    { most: MOST_AT_ONCE, mostWaiting: MOST_WAITING },
  );
}
