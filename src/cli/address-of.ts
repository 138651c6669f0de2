import type { AskOptions, CommandContext } from './program.ts';
import { namespaceOf, type OperatorAddress, operatorAddress } from './reach.ts';

/** Where the operator answers that a verb asks. */
export function addressOf(context: CommandContext, options: AskOptions): OperatorAddress {
  return operatorAddress({ ...options, env: context.terminal.env });
}

/** The namespace that a verb works in. */
export function namespaceOption(context: CommandContext, options: AskOptions): string {
  return namespaceOf({ ...options, env: context.terminal.env });
}
