import type { Policy } from '../policy.ts';

/** What a person says about the cluster that jobs move to. */
export interface CorePlan {
  readonly name: string;
  readonly policy: Policy;
  readonly nodes: readonly CoreNode[];
  readonly nfs: { readonly server: string; readonly path: string };
  /** URL of Vault. */
  readonly vault: string;
  /** Mounts of KV engines of version 1, which want a store of their own. */
  readonly kv1: readonly string[];
  /** Version of Linkerd's charts; absent with another mesh. */
  readonly linkerd?: string;
  readonly coexist: boolean;
}

export interface CoreNode {
  readonly name: string;
  readonly address: string;
}

/** Ranges of k3s; a cluster that has others says so in its own files. */
export const cidrs = { pods: '10.42.0.0/16', services: '10.43.0.0/16' } as const;

export type PlanProblem = string;

/** Everything that is wrong with a plan, all at once. */
export function problemsOf({ name, nodes, nfs, vault, kv1, policy, linkerd }: CorePlan): readonly PlanProblem[] {
  const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
  const twice = (values: readonly string[]): readonly string[] =>
    values.filter((each, index) => values.indexOf(each) !== index);
  return [
    ...(label.test(name) ? [] : [`--name ${name}: use a-z, 0-9 and -, at most 63 characters`]),
    ...nodes
      .filter((node) => !label.test(node.name))
      .map((node) => `--node ${node.name}: names of nodes are lower case, of a-z, 0-9 and -`),
    ...twice(nodes.map((node) => node.name)).map((each) => `--node ${each} is named twice`),
    ...twice(nodes.map(({ address }) => address)).map((each) => `two nodes have the address ${each}`),
    ...(nfs.server !== '' && nfs.path.startsWith('/') ? [] : ['--nfs is written SERVER:/PATH']),
    ...(/^https?:\/\/[^/\s]+$/.test(vault)
      ? []
      : [`--vault ${vault}: a URL without a path, such as https://vault.example.com:8200`]),
    ...kv1
      .filter((mount) => !/^[\w.-]+(\/[\w.-]+)*$/.test(mount))
      .map((mount) => `--kv1 ${mount}: the path of a mount, such as kv or team/kv`),
    ...(policy.mesh === 'linkerd' && linkerd === undefined
      ? [
          '--mesh linkerd needs --linkerd-version: its project publishes edge releases only, and which of them you trust is yours to say',
        ]
      : []),
  ];
}
