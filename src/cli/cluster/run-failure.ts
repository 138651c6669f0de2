import { type RunCode, RunError, runErrors } from '../../cluster/run/run-error.ts';
import { Exit, type ExitCode, exitCodes } from '../exit.ts';

/** What happened, the code that has an entry, and what to do next. */
export function failure(code: RunCode, message: string, exitCode: ExitCode = exitCodes.finding): Exit {
  return new Exit(exitCode, `${message} (${code})\nNext: ${runErrors[code].remedy}`);
}

/** A run that is not there is wrong usage; one beside another is refused; a journal that fails ends its run. */
const ENDS: Partial<Readonly<Record<RunCode, ExitCode>>> = {
  LARDER_RUN_NOT_FOUND: exitCodes.usage,
  LARDER_RUN_LOCKED: exitCodes.approval,
};

/** An error of a run as the end of a command; everything else as it is. */
export function ended(cause: unknown): unknown {
  return cause instanceof RunError ? failure(cause.code, cause.message, ENDS[cause.code]) : cause;
}
