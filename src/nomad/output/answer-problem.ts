import type { Question } from '../translate/scope.ts';

/** An answer that nothing asked for, or that does not fit. */
export interface AnswerProblem {
  readonly id: string;
  /** What is wrong with it, without its id. */
  readonly message: string;
}

export function answerProblems(
  answers: ReadonlyMap<string, string>,
  questions: readonly Question[],
): readonly AnswerProblem[] {
  const known = new Map(questions.map((question) => [question.id, question]));
  return [...answers].flatMap(([id, answer]) => {
    const question = known.get(id);
    if (!question) {
      const asked = [...known.keys()].join(', ') || 'no questions';
      return [{ id, message: `nothing asks this; asked are: ${asked}` }];
    }
    if (question.accepts.pattern.test(answer)) return [];
    return [{ id, message: `${JSON.stringify(answer)} is not ${question.accepts.words}` }];
  });
}
