import type { Command } from 'commander';
import { type CommandContext, group } from '../program.ts';

/** Adds the verbs to the group; loading them loads the whole room. */
export type NomadVerbs = (command: Command, context: CommandContext) => void;

/** `larder nomad`: jobs of Nomad become modules of Kubernetes, and every line of them is accounted for. */
export function nomad(program: Command, context: CommandContext, verbs?: NomadVerbs): void {
  const command = group(
    program,
    'nomad',
    'Move Nomad jobs to Kubernetes: assess, convert, check, and account for every line.',
  );
  verbs?.(command, context);
}
