/** Arguments of k3s, as they stand on a command line or in a config.yaml, and what each is in cluster.yaml. */

export interface Argument {
  readonly name: string;
  readonly value: string;
}

/** `--disable servicelb --tls-san=a --tls-san b`; a switch has the value `true`. */
export function argumentsIn(line: string): readonly Argument[] {
  const words = line.match(/\{\{.*?\}\}|"[^"]*"|'[^']*'|[^\s"']+(?:"[^"]*"|'[^']*'|\{\{.*?\}\})*/g) ?? [];
  const found: Argument[] = [];
  for (const [index, word] of words.entries()) {
    const [, name, inline] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) continue;
    const next = words[index + 1];
    const value = inline ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    for (const each of unquoted(value).split(SEVERAL.includes(name) ? ',' : '\n')) found.push({ name, value: each });
  }
  return found;
}

/** k3s takes several of these with commas between them. */
const SEVERAL = ['disable', 'tls-san', 'node-label', 'node-taint', 'cluster-cidr', 'service-cidr'];

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2');
}

/** What becomes of an argument. */
export type Meaning =
  | { readonly kind: 'pods' | 'services' | 'san' | 'port' | 'label' | 'taint' | 'disable' | 'encryption' }
  /** Larder does that by itself. */
  | { readonly kind: 'done'; readonly how: string }
  /** A secret: it is named, and never repeated. */
  | { readonly kind: 'secret' }
  | { readonly kind: 'left'; readonly why: string };

const meanings: Readonly<Record<string, Meaning>> = {
  'cluster-cidr': { kind: 'pods' },
  'service-cidr': { kind: 'services' },
  'tls-san': { kind: 'san' },
  'https-listen-port': { kind: 'port' },
  'node-label': { kind: 'label' },
  'node-taint': { kind: 'taint' },
  disable: { kind: 'disable' },
  'secrets-encryption': { kind: 'encryption' },
  'cluster-init': { kind: 'done', how: 'the first server does it' },
  server: { kind: 'done', how: 'nodes join through a server that answers' },
  'node-ip': { kind: 'done', how: 'the address of each node is used' },
  'advertise-address': { kind: 'done', how: 'the address of each node is used' },
  'node-name': { kind: 'done', how: 'the name of each node is used' },
  'write-kubeconfig-mode': { kind: 'done', how: 'it is 0600; people get a certificate of their own' },
  'etcd-expose-metrics': { kind: 'done', how: 'servers do it' },
  token: { kind: 'secret' },
  'agent-token': { kind: 'secret' },
  'datastore-endpoint': { kind: 'left', why: 'another datastore than the embedded etcd is not supported' },
  'flannel-backend': { kind: 'left', why: 'flannel is used with vxlan; `cni: cilium` is the other choice' },
};

export function meaningOf(name: string): Meaning {
  return meanings[name] ?? { kind: 'left', why: 'cluster.yaml has no word for it' };
}
