import { type RunCode, runErrors } from '../../cluster/run/run-error.ts';
import { Exit, type ExitCode, exitCodes } from '../exit.ts';

/** What happened, the code that has an entry, and what to do next. */
export function failure(code: RunCode, message: string, exitCode: ExitCode = exitCodes.finding): Exit {
  return new Exit(exitCode, `${message} (${code})\nNext: ${runErrors[code].remedy}`);
}
