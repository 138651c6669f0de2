import type { Command } from 'commander';
import { type CommandContext, group } from '../program.ts';
import { alert } from './drill/alert.ts';
import { failover } from './drill/failover.ts';
import { quorum } from './drill/quorum.ts';
import { rebuild } from './drill/rebuild.ts';
import { restore } from './drill/restore.ts';
import { status } from './drill/status.ts';

/** `larder cluster drill`: what happens when something breaks, tried while everybody watches. */
export function drill(parent: Command, context: CommandContext): void {
  const command = group(parent, 'drill', 'Break something on purpose, watch it heal, record how long that took.');
  status(command, context);
  failover(command, context);
  quorum(command, context);
  restore(command, context);
  rebuild(command, context);
  alert(command, context);
}
