/** The steps of a takeover and of the way back, in order, each with the command that does it. Pure. */
import type { Installation } from './installation.ts';

export interface Step {
  /** `larder`: carried out by `--yes`; `you`: yours, because it stops or starts something of yours. */
  readonly by: 'you' | 'larder';
  readonly what: string;
  readonly command: string;
}

export interface StepOptions {
  readonly peer: Installation;
  /** Where Larder's account is or will be. */
  readonly namespace: string;
  /** Volumes that do not say themselves what becomes of them. */
  readonly silent: number;
  /** Volumes with a finalizer that the peer could not take off. */
  readonly held: number;
}

export function stepsForward({ peer, namespace, silent }: StepOptions): readonly Step[] {
  const { provisioner, server, path } = peer;
  return [
    {
      by: 'you',
      what: 'Keep a copy of what there is',
      command: 'kubectl get sc,pv,pvc -A -o yaml > before-takeover.yaml',
    },
    ...(silent === 0
      ? []
      : [
          {
            by: 'larder' as const,
            what: `Note on ${volumes(silent)} what ${silent === 1 ? 'its' : 'their'} class says of ${silent === 1 ? 'its' : 'their'} end, so that a class deleted later strands none`,
            command: 'larder takeover --yes',
          },
        ]),
    { by: 'you', what: 'Stop the peer', command: scale(peer, 0) },
    { by: 'you', what: 'Wait until it is gone: the next command must print nothing', command: running(peer) },
    {
      by: 'you',
      what: 'Start Larder under the same provisioner name, on the same export',
      command:
        `helm install larder deploy/helm/larder -n ${namespace} --create-namespace` +
        ` --set image.repository=REGISTRY/larder --set nfs.server=${shell(server)} --set nfs.path=${shell(path)}` +
        ` --set storageClass.create=false --set storageClass.provisionerName=${shell(provisioner)}`,
    },
    { by: 'you', what: 'Look at what it found', command: 'larder doctor; larder volumes audit' },
  ];
}

/** Needs no copy: nothing that the peer wrote was changed. */
export function stepsBack({ peer, namespace, held }: StepOptions): readonly Step[] {
  return [
    {
      by: 'you',
      what: 'Stop Larder; its volumes and directories stay',
      command: `helm uninstall larder -n ${namespace}`,
    },
    ...(held === 0
      ? []
      : [
          {
            by: 'larder' as const,
            what: `Take the finalizer off ${volumes(held)}, which the peer would leave in Terminating`,
            command: 'larder takeover --undo --yes',
          },
        ]),
    { by: 'you', what: 'Start the peer', command: scale(peer, Math.max(1, peer.replicas)) },
  ];
}

export const volumes = (count: number): string => (count === 1 ? '1 volume' : `${count} volumes`);

const scale = ({ namespace, name }: Installation, replicas: number): string =>
  `kubectl -n ${namespace} scale deployment/${name} --replicas=${replicas}`;

const running = ({ namespace, name }: Installation): string =>
  `kubectl -n ${namespace} get pods -o name | grep ${name}`;

/** A word for a shell: what comes from a Deployment is pasted by a person with more rights than its author. */
const shell = (text: string): string => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
