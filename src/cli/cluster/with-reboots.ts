/** Machines that start anew are agreed to beside the run itself. */
import type { RunSession } from '../../cluster/run/carry-out.ts';
import type { Phase } from '../../cluster/run/phase.ts';
import { agrees, canAsk } from '../confirm.ts';
import type { Terminal } from '../output.ts';
import type { Planned } from './run-cluster.ts';
import type { RunOptions } from './run-session.ts';

interface Asked {
  readonly session: RunSession;
  readonly options: RunOptions;
  readonly planned: Planned;
}

/** The phases with the answer in them, so that it counts for a resume as well. */
export async function withReboots(terminal: Terminal, { session, options, planned }: Asked): Promise<readonly Phase[]> {
  const { phases, reboots } = planned;
  if (reboots.length === 0 || session.spec.os.reboot !== 'ask') return phases;
  if (!(await mayReboot(terminal, options, planned))) return phases;
  return phases.map((phase) =>
    phase.playbook === 'base-os.yml'
      ? { ...phase, variables: { ...phase.variables, larder_os_reboot: 'allowed' } }
      : phase,
  );
}

async function mayReboot(terminal: Terminal, { yes, accept }: RunOptions, { reboots }: Planned): Promise<boolean> {
  if (accept.includes('LARDER_RUN_REBOOT')) return true;
  if (yes === true || !canAsk(terminal)) return false;
  const names = reboots.map(({ name }) => name).join(', ');
  return agrees(`The kernel of ${names} has no memory controller. Reboot where that is needed?`);
}
