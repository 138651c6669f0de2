/** Exit codes of every command. */
export const exitCodes = { ok: 0, finding: 1, usage: 2, approval: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a message for stderr: what happened, then what to do next. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
