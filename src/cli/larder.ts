import type { Command } from 'commander';
import { type ChangeLog, unrecorded } from './changes.ts';
import { claimActions } from './claim-actions.ts';
import { completion } from './completion/completion.ts';
import { config } from './config.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { gitops } from './gitops.ts';
import { importSettings } from './import.ts';
import { addGroups, type LoadedGroups, lazyGroups } from './lazy-groups.ts';
import { operator } from './operator.ts';
import type { Terminal } from './output.ts';
import { examples, rootCommand } from './program.ts';
import { recommend } from './recommend.ts';
import { record } from './record.ts';
import { simulate } from './simulate.ts';
import { statefulSet } from './stateful-set.ts';
import { takeover } from './takeover.ts';
import { up } from './up.ts';
import { version } from './version.ts';
import { volumes } from './volumes.ts';

/**
 * The whole command tree; verbs load what they need when they run, so that `--help` stays quick. Rooms that no operator
 * needs are given by who asks for them, so that it does not carry them.
 */
export function larder(terminal: Terminal, loaded: LoadedGroups, changes: ChangeLog = unrecorded): Command {
  const program = rootCommand(terminal);
  const context = { terminal, changes };
  up(program, context);
  operator(program, context);
  volumes(program, context);
  takeover(program, context);
  explain(program, context);
  claimActions(program, context);
  gitops(program, context);
  importSettings(program, context);
  recommend(program, context);
  record(program, context);
  simulate(program, context);
  statefulSet(program, context);
  addGroups({ program, context }, lazyGroups, loaded);
  doctor(program, context);
  config(program, context);
  completion(program, context);
  version(program, context);
  examples(program, ['larder up --demo', 'larder volumes list', 'larder explain pvc/myapp-data -n default']);
  return program;
}
