import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import type { Terminal } from '../output.ts';

/** Of a verb after which somebody can do less. */
export interface AskedOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function asked(command: Command): Command {
  return command.option('--dry-run', 'say what would be recorded, record nothing').option('--yes', 'do not ask');
}

/** Whether it is to be done; throws Exit where somebody says no. */
export async function agreed(terminal: Terminal, what: string, { dryRun, yes }: AskedOptions): Promise<boolean> {
  if (dryRun) {
    terminal.err(`Would be recorded: ${what}\n`);
    return false;
  }
  await confirm(terminal, what, yes === true, '--dry-run');
  return true;
}
