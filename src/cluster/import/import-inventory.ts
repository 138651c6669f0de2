/** A cluster.yaml from an inventory of k3s-ansible, and an account of everything that was in it. */
import { parseAddress } from '../spec/address.ts';
import { type AnsibleInventory, hostsIn, type Vars, varsOf } from './ansible-inventory.ts';
import { type Argument, argumentsIn, meaningOf } from './arguments.ts';

export interface ImportFinding {
  /** `decide`: a person must; `told`: it is otherwise here, and that is all. */
  readonly kind: 'decide' | 'told';
  /** The variable or host that it is about. */
  readonly about: string;
  readonly message: string;
}

export type Imported =
  | { readonly kind: 'cluster'; readonly spec: ImportedSpec; readonly findings: readonly ImportFinding[] }
  | { readonly kind: 'empty'; readonly why: string };

/** What is written into cluster.yaml; whether it is sound is for the reader of that file to say. */
export interface ImportedSpec {
  name: string;
  k3s: { version?: string; channel?: string; secretsEncryption: boolean };
  ingress?: 'none';
  loadBalancer?: 'none' | 'kube-vip' | 'metallb';
  api?: { vip?: string; names?: string[]; port?: number };
  cidrs?: { pods?: string; services?: string };
  nodes: ImportedNode[];
  os?: { timeZone: string };
}

interface ImportedNode {
  name: string;
  address: string;
  role: 'server-agent' | 'worker';
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string }[];
  ssh: { user: string; port?: number };
}

/** Names of groups that people have used over the years. */
const SERVER_GROUPS = ['server', 'servers', 'master', 'masters', 'k3s_server', 'k3s_master'];
const AGENT_GROUPS = ['agent', 'agents', 'node', 'nodes', 'worker', 'workers', 'k3s_agent', 'k3s_node'];

interface Work {
  readonly spec: ImportedSpec;
  readonly findings: ImportFinding[];
}

export function importInventory(inventory: AnsibleInventory, name: string): Imported {
  const servers = SERVER_GROUPS.flatMap((group) => hostsIn(inventory, group));
  const workers = AGENT_GROUPS.flatMap((group) => hostsIn(inventory, group)).filter((host) => !servers.includes(host));
  const [first] = servers;
  if (first === undefined) return { kind: 'empty', why: 'it has no group server (or master) with a host in it' };
  const work: Work = { spec: { name, k3s: { secretsEncryption: false }, nodes: [] }, findings: [] };
  const hosts = [...new Set(servers), ...new Set(workers)];
  for (const [index, host] of hosts.entries())
    addNode(work, { host, index, server: servers.includes(host) }, inventory);
  const vars = varsOf(inventory, first);
  addVersion(work, vars);
  addArguments(work, vars, 'server');
  addArguments(work, varsOf(inventory, workers[0] ?? first), 'agent');
  addEndpoint(work, vars);
  addRest(work, vars);
  return { kind: 'cluster', ...work };
}

interface Place {
  readonly host: string;
  readonly index: number;
  readonly server: boolean;
}

function addNode({ spec, findings }: Work, { host, index, server }: Place, inventory: AnsibleInventory): void {
  const vars = varsOf(inventory, host);
  const address = textOf(vars, 'ansible_host') ?? host;
  const numbered = parseAddress(host) !== undefined;
  const name = numbered ? `${spec.name}-${index + 1}` : host.toLowerCase();
  if (numbered)
    findings.push({
      kind: 'decide',
      about: host,
      message: `it is known by its address alone, and is called ${name} here: write the name that kubectl get nodes shows`,
    });
  if (parseAddress(address) === undefined)
    findings.push({
      kind: 'decide',
      about: host,
      message: `its address is not known: ${address} is a name. Write it into address`,
    });
  const port = Number(textOf(vars, 'ansible_port') ?? 22);
  spec.nodes.push({
    name,
    address,
    role: server ? 'server-agent' : 'worker',
    ssh: { user: textOf(vars, 'ansible_user') ?? 'root', ...(port === 22 ? {} : { port }) },
  });
}

function addVersion({ spec, findings }: Work, vars: Vars): void {
  const version = textOf(vars, 'k3s_version');
  if (version === undefined || isExpression(version))
    findings.push({
      kind: 'decide',
      about: 'k3s_version',
      message: 'it is not said: write the release that runs into k3s.version',
    });
  else {
    spec.k3s.version = version;
    const minor = /^v\d+\.\d+/.exec(version)?.[0];
    if (minor !== undefined) spec.k3s.channel = minor;
  }
}

/** The lines and the inner YAML that k3s-ansible hands to servers or agents. */
function addArguments(work: Work, vars: Vars, who: 'server' | 'agent'): void {
  const line = textOf(vars, `extra_${who}_args`) ?? '';
  const common = textOf(vars, 'extra_args') ?? '';
  for (const argument of argumentsIn(`${line} ${who === 'server' ? common : ''}`)) addArgument(work, argument, who);
  const config = textOf(vars, `${who}_config_yaml`);
  for (const argument of config === undefined ? [] : configIn(config)) addArgument(work, argument, who);
}

/** Its own simple form: keys with a value, and lists below them. */
function configIn(text: string): readonly Argument[] {
  let key = '';
  return text.split('\n').flatMap((line): readonly Argument[] => {
    const [, name, rest = ''] = /^([a-z][a-z0-9-]*)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) key = name;
    const value = name === undefined ? (/^\s*-\s*(.+)$/.exec(line)?.[1] ?? '') : rest;
    return value.trim() === '' ? [] : argumentsIn(`--${key}=${value.trim()}`);
  });
}

function addArgument({ spec, findings }: Work, { name, value }: Argument, who: 'server' | 'agent'): void {
  const about = `--${name}`;
  const meaning = meaningOf(name);
  if (isExpression(value) && !['done', 'secret', 'left'].includes(meaning.kind)) {
    findings.push({ kind: 'decide', about, message: `its value is an expression of Ansible: ${value}` });
    return;
  }
  switch (meaning.kind) {
    case 'pods':
      spec.cidrs = { ...spec.cidrs, pods: value };
      return;
    case 'services':
      spec.cidrs = { ...spec.cidrs, services: value };
      return;
    case 'port':
      spec.api = { ...spec.api, port: Number(value) };
      return;
    case 'san':
      addName(spec, value);
      return;
    case 'disable':
      addDisabled({ spec, findings }, value);
      return;
    case 'encryption':
      spec.k3s.secretsEncryption = value === 'true';
      return;
    case 'label':
    case 'taint':
      addToNodes({ spec, findings }, { name, value }, who);
      return;
    case 'done':
      findings.push({ kind: 'told', about, message: `not needed: ${meaning.how}` });
      return;
    case 'secret':
      findings.push(secretFinding(about));
      return;
    case 'left':
      findings.push({ kind: 'decide', about, message: `not carried over: ${meaning.why}` });
      return;
    default:
      meaning satisfies never;
  }
}

function addName(spec: ImportedSpec, value: string): void {
  if (spec.nodes.some(({ address, name }) => address === value || name === value)) return;
  if (parseAddress(value) === undefined) spec.api = { ...spec.api, names: [...(spec.api?.names ?? []), value] };
}

function addDisabled({ spec, findings }: Work, value: string): void {
  if (value === 'traefik') spec.ingress = 'none';
  else if (value === 'servicelb') spec.loadBalancer = 'none';
  else
    findings.push({
      kind: 'decide',
      about: '--disable',
      message: `${value} stays on: cluster.yaml has no word for that`,
    });
}

function addToNodes({ spec, findings }: Work, { name, value }: Argument, who: 'server' | 'agent'): void {
  const role = who === 'server' ? 'server-agent' : 'worker';
  const [, key = '', said, effect] = /^([^=:]+)(?:=([^:]*))?(?::(\w+))?$/.exec(value) ?? [];
  for (const node of spec.nodes.filter((each) => each.role === role)) {
    if (name === 'node-label') node.labels = { ...node.labels, [key]: said ?? '' };
    else if (effect !== undefined)
      node.taints = [...(node.taints ?? []), { key, ...(said === undefined ? {} : { value: said }), effect }];
    else findings.push({ kind: 'decide', about: '--node-taint', message: `${value} names no effect` });
  }
}

/** The old one's default is the first server; an address of nobody is one that something moves. */
function addEndpoint({ spec, findings }: Work, vars: Vars): void {
  const port = textOf(vars, 'api_port');
  if (port !== undefined && port !== '6443') spec.api = { ...spec.api, port: Number(port) };
  const endpoint = textOf(vars, 'api_endpoint') ?? textOf(vars, 'apiserver_endpoint');
  if (endpoint === undefined || isExpression(endpoint)) return;
  if (spec.nodes.some(({ address, name }) => address === endpoint || name === endpoint)) return;
  if (parseAddress(endpoint) === undefined) {
    addName(spec, endpoint);
    return;
  }
  spec.api = { ...spec.api, vip: endpoint };
  spec.loadBalancer = 'kube-vip';
  findings.push({
    kind: 'decide',
    about: 'api_endpoint',
    message: `${endpoint} is no node: it is the virtual address here, moved by kube-vip. Is that what moves it today?`,
  });
}

/** Variables with a meaning of their own, and those that are told. */
function addRest({ spec, findings }: Work, vars: Vars): void {
  const zone = textOf(vars, 'system_timezone');
  if (zone !== undefined && zone !== 'Your/Timezone') spec.os = { timeZone: zone };
  for (const about of ['token', 'k3s_token']) if (about in vars) findings.push(secretFinding(about));
  for (const [about, message] of Object.entries(told))
    if (about in vars) findings.push({ kind: 'decide', about, message });
}

function secretFinding(about: string): ImportFinding {
  const message =
    'a secret, and not copied: larder cluster secrets set secrets/k3s.sops.yaml token, and name it in secrets.token. Then take it out of the inventory and its history';
  return { kind: 'decide', about, message };
}

const told: Readonly<Record<string, string>> = {
  metal_lb_ip_range:
    'a range of addresses from-to: write it as a network (192.168.1.240/28) into loadBalancerRange, with loadBalancer: metallb',
  flannel_iface: 'flannel takes the interface that has the address of the node',
  airgap_dir:
    'the files of an installation without internet: artifacts.folder, with a list of their sums in artifacts.lock',
  registries_config_yaml: 'registries are not in cluster.yaml: keep /etc/rancher/k3s/registries.yaml on the nodes',
  extra_manifests: 'manifests are applied with larder change: put them into cluster/',
  extra_service_envs: 'variables of the service are not in cluster.yaml',
  extra_install_envs: 'k3s is installed from its release, not by its install script',
  k3s_server_location: 'k3s keeps its data in /var/lib/rancher/k3s',
  proxmox_lxc_configure: 'containers of Proxmox are not prepared',
  custom_registries_yaml: 'registries are not in cluster.yaml: keep /etc/rancher/k3s/registries.yaml on the nodes',
};

const isExpression = (value: string): boolean => value.includes('{{');

function textOf(vars: Vars, name: string): string | undefined {
  const value = vars[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
