import { answerProblems } from '../../nomad/output/answer-problem.ts';
import type { Conversion } from '../../nomad/output/conversion.ts';
import { NomadError } from '../../nomad/registry.ts';
import type { Question } from '../../nomad/translate/scope.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';

/** Answers that nothing asked for, or that do not fit, are refused before anything is written. */
export function checkAnswers(answers: ReadonlyMap<string, string>, questions: readonly Question[]): void {
  const problems = answerProblems(answers, questions).map(({ id, message }) => `${id}: ${message}`);
  if (problems.length > 0)
    throw new NomadError('LARDER_NOMAD_POLICY', `answers that do not fit:\n${problems.join('\n')}`);
}

/**
 * Asks on a terminal what only a person can know, each question once; an empty answer takes the default. An answer may
 * raise further questions. Interrupted, nothing was written.
 */
export async function askQuestions(
  terminal: Terminal,
  given: ReadonlyMap<string, string>,
  convert: (answers: ReadonlyMap<string, string>) => Conversion,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map(given);
  const seen = new Set(given.keys());
  // nothing is asked in most runs, and they need not wait for it
  const { createInterface } = await import('node:readline/promises');
  const input = createInterface({ input: process.stdin, output: process.stderr });
  const stop = new AbortController();
  input.on('SIGINT', () => stop.abort());
  input.on('close', () => stop.abort());
  try {
    for (;;) {
      const open = convert(answers).questions.filter(({ id }) => !seen.has(id));
      if (open.length === 0) return answers;
      for (const question of open) {
        seen.add(question.id);
        const answer = await askOne(question, (text) => input.question(text, { signal: stop.signal }), terminal);
        if (answer !== '') answers.set(question.id, answer);
      }
    }
  } catch (cause) {
    if (stop.signal.aborted) throw new Exit(exitCodes.finding, 'interrupted; nothing was written', { cause });
    throw cause;
  } finally {
    input.close();
  }
}

async function askOne(
  { text, fallback, accepts }: Question,
  ask: (text: string) => Promise<string>,
  terminal: Terminal,
): Promise<string> {
  for (;;) {
    const answer = (await ask(`${text} [${fallback}] `)).trim();
    if (answer === '' || accepts.pattern.test(answer)) return answer;
    terminal.err(`That is not ${accepts.words}.\n`);
  }
}
