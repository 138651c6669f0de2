import type { Command } from 'commander';
import { type CommandContext, group } from '../program.ts';
import { deploy } from './access/deploy.ts';
import { init } from './access/init.ts';
import { issue } from './access/issue.ts';
import { revoke } from './access/revoke.ts';
import { status } from './access/status.ts';

/** `larder cluster access`: who gets in, and for how long. */
export function access(parent: Command, context: CommandContext): void {
  const command = group(
    parent,
    'access',
    'Certificates of some hours for ssh and the API: issue, revoke, deploy, status.',
  );
  init(command, context);
  deploy(command, context);
  issue(command, context);
  revoke(command, context);
  status(command, context);
}
