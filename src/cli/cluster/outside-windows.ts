/** Nodes out of work outside of their hours are agreed to beside the run itself. */
import type { RunSession } from '../../cluster/run/carry-out.ts';
import { outsideWindow } from '../../cluster/run/maintenance-window.ts';
import { canAsk } from '../confirm.ts';
import { exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';
import type { Planned } from './run-cluster.ts';
import { failure } from './run-failure.ts';
import type { RunOptions } from './run-session.ts';

interface Asked {
  readonly session: RunSession;
  readonly options: RunOptions;
  readonly planned: Planned;
}

/** A line for each node that would be taken out of work now and has other hours for that. */
export function outsideWindows(
  { session: { spec, clock } }: Pick<Asked, 'session'>,
  planned: Planned,
): readonly string[] {
  const rebooted = spec.os.reboot === 'never' ? [] : planned.reboots;
  return [...new Set([...planned.disturbs, ...rebooted])].flatMap((node) => {
    const window = outsideWindow(node, clock.now(), spec.os.timeZone);
    return window === undefined ? [] : [`${node.name} is outside of its maintenance window, ${window}`];
  });
}

/** Throws Exit 3 where nobody can be asked and a node is outside of its window: `--yes` alone does not answer that. */
export function refuseOutside(terminal: Terminal, { session, options, planned }: Asked): void {
  const outside = outsideWindows({ session }, planned);
  if (outside.length === 0 || options.accept.includes('LARDER_RUN_WINDOW')) return;
  if (options.yes !== true && canAsk(terminal)) return; // it stands above the question
  throw failure('LARDER_RUN_WINDOW', `${outside.join('; ')}: nothing was changed`, exitCodes.approval);
}
