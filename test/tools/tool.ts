/** The real tools that tests run, as data. Each family is a Go module in a folder of go/; the pin is its requirement there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Family {
  /** The module whose required version is the version of the family's programs. */
  readonly module: string;
  /** Linker flags that tell the programs their version, where the source does not carry it. */
  readonly linker: (version: string) => readonly string[];
  readonly tags?: string;
  /** What a release makes before it builds, by path in the module: text that stands in for it. */
  readonly files?: Readonly<Record<string, string>>;
}

interface Tool {
  readonly family: FamilyName;
  /** One of the `tool` lines of the family's go.mod, or that module itself. */
  readonly package: string;
  /** Run once after the build. It must print the version, or `prints` where the program does not know its version. */
  readonly proof: readonly string[];
  readonly prints?: string;
}

const set = (name: string, value: string): string => `-X ${name}=${value}`;
const plain = (): readonly string[] => [];
const prometheus = (version: string): readonly string[] => [
  set('github.com/prometheus/common/version.Version', version.slice(1)),
];

export const families = {
  /** Feature emulation breaks in a program that does not know its version. */
  kubernetes: {
    module: 'k8s.io/kubernetes',
    linker(version) {
      const [major = '', minor = ''] = version.slice(1).split('.');
      const parts = { gitVersion: version, gitMajor: major, gitMinor: minor };
      return Object.entries(parts).map(([name, value]) => set(`k8s.io/component-base/version.${name}`, value));
    },
  },
  etcd: { module: 'go.etcd.io/etcd/server/v3', linker: plain },
  kwok: { module: 'sigs.k8s.io/kwok', linker: plain },
  helm: {
    module: 'helm.sh/helm/v4',
    linker: (version) => [set('helm.sh/helm/v4/internal/version.version', version)],
  },
  /** Without service discovery, which is most of its weight; files of targets need none. */
  prometheus: { module: 'github.com/prometheus/prometheus', linker: prometheus, tags: 'remove_all_sd' },
  /** Without its web interface, which a release builds with npm. */
  alertmanager: {
    module: 'github.com/prometheus/alertmanager',
    linker: prometheus,
    files: { 'ui/app/dist/index.html': '<!doctype html>' },
  },
  'node-exporter': { module: 'github.com/prometheus/node_exporter', linker: prometheus },
  tofu: {
    module: 'github.com/opentofu/opentofu',
    linker: () => [set('github.com/opentofu/opentofu/version.dev', 'no')],
  },
  'terraform-provider-kubernetes': { module: 'github.com/hashicorp/terraform-provider-kubernetes', linker: plain },
  /** Sends manifests as they are; the modules of a migration use it. */
  'terraform-provider-kubectl': { module: 'github.com/gavinbunney/terraform-provider-kubectl', linker: plain },
  /** The format of encrypted files is theirs. */
  sops: { module: 'github.com/getsops/sops/v3', linker: plain },
  age: { module: 'filippo.io/age', linker: (version) => [set('main.Version', version)] },
  /** Checks the workflow of an operators' repository, its shell parts aside. */
  actionlint: {
    module: 'github.com/rhysd/actionlint',
    linker: (version) => [set('github.com/rhysd/actionlint.version', version.slice(1))],
  },
  /** A peer for benches: nfs-subdir-external-provisioner is no module that can be required, its library is. */
  'library-provisioner': { module: 'sigs.k8s.io/sig-storage-lib-external-provisioner/v8', linker: plain },
} as const satisfies Readonly<Record<string, Family>>;

export type FamilyName = keyof typeof families;

function kubernetes(program: string): Tool {
  const proof = program === 'kubectl' ? ['version', '--client'] : ['--version'];
  return { family: 'kubernetes', package: `k8s.io/kubernetes/cmd/${program}`, proof };
}

export const tools = {
  etcd: { family: 'etcd', package: 'go.etcd.io/etcd/server/v3', proof: ['--version'] },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubectl: kubernetes('kubectl'),
  kwok: { family: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', proof: ['--version'] },
  helm: { family: 'helm', package: 'helm.sh/helm/v4/cmd/helm', proof: ['version', '--short'] },
  promtool: {
    family: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    proof: ['--version'],
  },
  prometheus: {
    family: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
    proof: ['--version'],
  },
  alertmanager: {
    family: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
    proof: ['--version'],
  },
  node_exporter: { family: 'node-exporter', package: 'github.com/prometheus/node_exporter', proof: ['--version'] },
  amtool: {
    family: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/amtool',
    proof: ['--version'],
  },
  tofu: { family: 'tofu', package: 'github.com/opentofu/opentofu/cmd/tofu', proof: ['version'] },
  'terraform-provider-kubernetes': {
    family: 'terraform-provider-kubernetes',
    package: 'github.com/hashicorp/terraform-provider-kubernetes',
    proof: [],
    prints: 'This binary is a plugin',
  },
  'terraform-provider-kubectl': {
    family: 'terraform-provider-kubectl',
    package: 'github.com/gavinbunney/terraform-provider-kubectl',
    proof: [],
    prints: 'This binary is a plugin',
  },
  sops: {
    family: 'sops',
    package: 'github.com/getsops/sops/v3/cmd/sops',
    proof: ['--disable-version-check', '--version'],
  },
  age: { family: 'age', package: 'filippo.io/age/cmd/age', proof: ['--version'] },
  'age-keygen': { family: 'age', package: 'filippo.io/age/cmd/age-keygen', proof: ['--version'] },
  actionlint: { family: 'actionlint', package: 'github.com/rhysd/actionlint/cmd/actionlint', proof: ['-version'] },
  'library-provisioner': {
    family: 'library-provisioner',
    package: 'larder.dev/test/tools/go/library-provisioner',
    proof: ['--version'],
  },
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof tools;

export const toolNames = Object.keys(tools).filter(isTool);

/** What tests run; the rest is for benches. */
export const testTools = toolNames.filter((name) => tools[name].family !== 'library-provisioner');

export function isTool(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}

/** Everything of a family, in one go. */
export function toolsOf(family: FamilyName): readonly ToolName[] {
  return toolNames.filter((name) => tools[name].family === family);
}

export function folderOf(family: FamilyName): string {
  return join(import.meta.dirname, 'go', family);
}

/** As the family's go.mod requires it. */
export function pinnedVersion(family: FamilyName): string {
  const { module } = families[family];
  const text = readFileSync(join(folderOf(family), 'go.mod'), 'utf8');
  const version = new RegExp(`^\\s*(?:require )?${module} (v\\S+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`go/${family}/go.mod does not require ${module}`);
  return version;
}
