import type { Command } from 'commander';
import { type CommandContext, examples } from '../program.ts';
import { ack } from './alerts/ack.ts';
import { list } from './alerts/list.ts';
import { receive } from './alerts/receive.ts';
import { routes } from './alerts/routes.ts';
import { test } from './alerts/test.ts';

/** `larder cluster alerts`: without another word it lists them. */
export function alerts(parent: Command, context: CommandContext): void {
  const command = parent
    .command('alerts')
    .description('See what fires, take it, test the routes by which people are told, record how long that takes.');
  list(command, context);
  ack(command, context);
  routes(command, context);
  test(command, context);
  receive(command, context);
  examples(command, ['larder cluster alerts']);
}
