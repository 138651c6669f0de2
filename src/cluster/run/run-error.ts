/** What can go wrong with a run, as `larder cluster` says it. */
import { CodedError, type ErrorTable } from '../../telemetry/registry.ts';

export const runErrors = {
  LARDER_RUN_ANSIBLE: {
    meaning: 'Ansible is not there, or could not play a playbook at all. No host was touched by that play.',
    remedy: 'Do what the message says: `uv sync` in the repository, or install ansible-core 2.16 or newer.',
  },
  LARDER_RUN_LOCKED: {
    meaning: 'Another run works on this cluster from this repository.',
    remedy: 'Wait for it, or stop it where it runs. The lock ends with its process; there is no file to remove.',
  },
  LARDER_RUN_UNFINISHED: {
    meaning: 'An earlier run was begun and has not come to its end. A second one beside it is refused.',
    remedy: 'Continue it with `larder cluster resume RUN`, or give it up with `larder cluster runs abandon RUN`.',
  },
  LARDER_RUN_NOT_FOUND: {
    meaning: 'There is no journal of such a run in this repository, or more than one begins so.',
    remedy: 'Look at `larder cluster runs list`; journals stay on the machine that began the run.',
  },
  LARDER_RUN_OVER: {
    meaning: 'The run came to its end: there is nothing to be continued.',
    remedy: 'Begin another one.',
  },
  LARDER_RUN_CHANGED: {
    meaning: 'cluster.yaml is not what it was when the run began.',
    remedy: 'Put it back, or say `--accept-changes` when the rest of the run is to follow the new one.',
  },
  LARDER_RUN_JOURNAL: {
    meaning: 'The journal of a run cannot be written or read. What cannot be remembered is not begun.',
    remedy: 'The message says why: a full or read-only disk, rights. Mend it, then run the command again.',
  },
  LARDER_RUN_HOST_KEY: {
    meaning: 'A node shows another ssh host key than cluster.yaml has. The run stopped before it said anything to it.',
    remedy:
      'Compare the two fingerprints at the machine itself (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`). Where it was set up anew, write its key into `ssh.hostKey`; otherwise somebody else answers.',
  },
  LARDER_RUN_UNREACHABLE: {
    meaning: 'A node did not answer by ssh. Where that is safe, the others went on without it.',
    remedy: 'Bring it back, then continue with `larder cluster resume RUN`.',
  },
  LARDER_RUN_PREFLIGHT: {
    meaning: 'The preflight found what must not be so before a run. Nothing was changed.',
    remedy:
      'Mend each finding; docs/reference/errors.md has an entry for each. `--accept CODE` lets one pass, and is recorded.',
  },
  LARDER_RUN_LOOK_AHEAD: {
    meaning: 'The dry run failed on a host, so nobody can say what the run would do there. Nothing was changed.',
    remedy: 'The message names host and task. Mend what it says, then run the command again.',
  },
  LARDER_RUN_FAILED: {
    meaning: 'A task failed on a host. What was done before stays done; later phases were not begun there.',
    remedy:
      'The message names host, task and file. Mend the cause, write it into the incident that was opened, then `larder cluster resume RUN`.',
  },
  LARDER_RUN_INTERRUPTED: {
    meaning: 'The run was stopped in the middle.',
    remedy: 'Continue it with `larder cluster resume RUN`: phases that a host has completed are not repeated.',
  },
  LARDER_RUN_VERIFY: {
    meaning:
      'All tasks went well, and the cluster is not what it should be: a node is not Ready, or of another version.',
    remedy:
      'Look at the node that the message names: `journalctl -u k3s -u k3s-agent`. Then `larder cluster resume RUN`.',
  },
  LARDER_RUN_REFUSED: {
    meaning: 'The run would endanger the cluster, or lead nowhere: each reason is named. Nothing was changed.',
    remedy: 'Do what each reason says.',
  },
  LARDER_RUN_WINDOW: {
    meaning: 'A node would be taken out of work outside of its maintenance window, and nobody can be asked.',
    remedy: 'Begin it in the window, or say `--accept LARDER_RUN_WINDOW` when it cannot wait.',
  },
  LARDER_RUN_REBOOT: {
    meaning: 'The kernel of a node must be started anew, and `os.reboot` is `ask`.',
    remedy:
      'Answer the question at a terminal, or say `--accept LARDER_RUN_REBOOT`. Without that the run stops at this node until it was rebooted.',
  },
  LARDER_RUN_SLOW: {
    meaning: 'The run went well and took more than 60 minutes, which misses the objective. An incident was opened.',
    remedy: 'Find out what took so long; `larder cluster runs show RUN` has the time of each phase.',
  },
} as const satisfies ErrorTable;

export type RunCode = keyof typeof runErrors;

export class RunError extends CodedError<RunCode> {
  override readonly name = 'RunError';
}
