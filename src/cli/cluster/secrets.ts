import type { Command } from 'commander';
import { type CommandContext, group } from '../program.ts';
import { check } from './secrets/check.ts';
import { edit } from './secrets/edit.ts';
import { init } from './secrets/init.ts';
import { rotate } from './secrets/rotate.ts';
import { rotateToken } from './secrets/rotate-token.ts';
import { set } from './secrets/set.ts';
import { show } from './secrets/show.ts';
import { status } from './secrets/status.ts';

/** `larder cluster secrets`: files of SOPS and age, in the order in which an operator needs them. */
export function secrets(parent: Command, context: CommandContext): void {
  const command = group(parent, 'secrets', 'Encrypted files of the repository: make, edit, show, rotate, check.');
  init(command, context);
  edit(command, context);
  set(command, context);
  show(command, context);
  rotate(command, context);
  rotateToken(command, context);
  status(command, context);
  check(command, context);
}
