import { cilium } from './cilium.ts';
import { clusterFile, k3sConfig } from './cluster-file.ts';
import { ingress } from './ingress.ts';
import { linkerd } from './linkerd.ts';
import type { CorePlan } from './plan.ts';
import { HEAD, library } from './shell.ts';
import { storage } from './storage.ts';
import { vault } from './vault.ts';
import { vpa } from './vpa.ts';

export interface CoreFile {
  readonly text: string;
  readonly executable: boolean;
}

/** The shared parts of the cluster, by path. */
export function core(plan: CorePlan): ReadonlyMap<string, CoreFile> {
  const mesh = meshOf(plan);
  const parts: readonly (readonly [folder: string, files: ReadonlyMap<string, string>])[] = [
    ...(mesh ? [['k8s/core/service-mesh', mesh] as const] : []),
    ['k8s/storage', storage(plan)],
    ['k8s/core/vault-integration', vault(plan)],
    ['k8s/core/vpa', vpa],
    ['k8s/core/ingress', ingress(plan)],
  ];
  const folders = parts.map(([folder]) => folder.slice('k8s/'.length));
  const texts = new Map<string, string>([
    ['k8s/README.md', readme(plan, folders)],
    ['k8s/install.sh', installAll(folders)],
    ['k8s/smoke.sh', smokeAll(folders)],
    ['k8s/smoke-library.sh', library],
    ['k8s/cluster/cluster.yaml', clusterFile(plan)],
    ['k8s/cluster/k3s-config.yaml', k3sConfig(plan)],
    ...parts.flatMap(([folder, files]) => [...files].map(([name, text]) => [`${folder}/${name}`, text] as const)),
  ]);
  return new Map(
    [...texts].map(([path, text]) => [
      path,
      { text, executable: path.endsWith('.sh') && !path.endsWith('library.sh') },
    ]),
  );
}

function meshOf({ policy, linkerd: version = '' }: CorePlan): ReadonlyMap<string, string> | undefined {
  switch (policy.mesh) {
    case 'cilium':
      return cilium;
    case 'linkerd':
      return linkerd(version);
    case 'none':
      return undefined;
    default:
      return policy.mesh satisfies never;
  }
}

/** In this order: without the network nothing starts, and the rest waits for nothing. */
function installAll(folders: readonly string[]): string {
  const lines = folders.map((folder) => `echo "== ${folder}"\n./${folder}/install.sh`);
  return `${HEAD}\n${lines.join('\n')}\necho "installed; ./smoke.sh looks at it"\n`;
}

function smokeAll(folders: readonly string[]): string {
  const lines = folders.map((folder) => `echo "== ${folder}"\n./${folder}/smoke.sh || failed=1`);
  return `${HEAD}failed=0\n${lines.join('\n')}\nexit "$failed"\n`;
}

const meshes: Readonly<Record<CorePlan['policy']['mesh'], string>> = {
  cilium:
    'Cilium with WireGuard. Between nodes everything is encrypted, and what is not is dropped. It is **not** mTLS: pods have no certificates, and pods of one node talk in plain text. Network policies say who may talk.',
  linkerd:
    'Linkerd. Meshed pods prove who they are to each other (mTLS) and refuse peers that do not. Pods without its proxy are not encrypted. Which edge release is installed is in `core/service-mesh/install.sh`.',
  none: 'None. Pods talk in plain text, also between nodes; network policies alone say who may.',
};

function readme({ name, policy, nodes, coexist }: CorePlan, folders: readonly string[]): string {
  const missing = nodes.length === 0 ? ['1. Write your nodes into `cluster/cluster.yaml`.'] : [];
  const steps = [
    ...missing,
    '1. Copy `cluster/k3s-config.yaml` to `/etc/rancher/k3s/config.yaml` of each server, then install k3s.',
    `1. ${coexist ? 'Nomad goes on running. ' : ''}Run \`./install.sh\`. It installs, in this order: ${folders.map((each) => `\`${each}\``).join(', ')}.`,
    '1. Run `core/vault-integration/vault-setup.sh` once, with a token of Vault that may.',
    '1. Run `./smoke.sh`. Each line says PASS or FAIL, and what to do about a FAIL.',
  ];
  return `# The shared parts of ${name}

${steps.join('\n')}

Needed on the machine you run this from: kubectl, helm, and vault for that one step. Versions are pinned in each \`install.sh\`, with where they were read.

## Encryption between pods

${meshes[policy.mesh]}

## Storage

Claims of the class \`${policy.storage.class}\` get the directory \`${policy.storage.prefix}\` + their annotation \`${policy.storage.annotation}\`. Directories with data are taken only by claims of namespaces with the annotation \`larder.dev/adopt: "true"\`: set it while you move, take it off afterwards.
`;
}
