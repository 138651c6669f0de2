/** What cluster.yaml wants and k3s does not bring: told at the end of a run that went well, because it comes onto the cluster by its API. */
import { readFileSync } from 'node:fs';
import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { plain } from '../../cluster/spec/rules/rule.ts';
import { messageOf } from '../../kube/error.ts';

export interface Standing {
  /** Names of nodes. */
  readonly withoutNetwork: readonly string[];
  /** The file that the run has written. */
  readonly kubeconfig: string;
}

const GUIDE = 'docs/network.md of your repository';

/** A line each; empty: nothing. */
export function leftToInstall(
  { cni, api: { vip } }: Pick<ClusterSpec, 'cni' | 'api'>,
  { withoutNetwork, kubeconfig }: Standing,
): readonly string[] {
  const network =
    withoutNetwork.length === 0
      ? []
      : [
          `${withoutNetwork.join(', ')}: not Ready before ${cni} runs, which k3s does not bring. Install it as ${GUIDE} says; they become Ready by themselves`,
        ];
  const named = vip === undefined ? undefined : serverOf(kubeconfig);
  if (vip === undefined || named === undefined || plain(named) === plain(vip)) return network;
  return [
    ...network,
    `the cluster does not answer at api.vip ${vip}, so ${kubeconfig} names ${named}. Install kube-vip as ${GUIDE} says, then: larder cluster bootstrap`,
  ];
}

/** Without its port; undefined: the file does not say. */
function serverOf(kubeconfig: string): string | undefined {
  const url = /^\s*server: (https:\/\/\S+)$/m.exec(readText(kubeconfig))?.[1];
  return url === undefined ? undefined : URL.parse(url)?.hostname.replace(/^\[|\]$/g, '');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    return `# ${messageOf(cause)}`; // the run has just used it: where it is gone now, nothing is said of it
  }
}
