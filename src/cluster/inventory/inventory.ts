/**
 * What Ansible asks an inventory script for, made from cluster.yaml. A host stands in it once, under its own name. Secrets are
 * in it only when the caller gives them, who asks for them in memory.
 */

import { allowedOn, LOOKING_USER } from '../access/principal.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';

/** Variables of a host or a group, as Ansible takes them: JSON. */
export type Variables = Readonly<Record<string, unknown>>;

/** The answer to `--list`, with all that `--host` would say in `_meta`, so that it is asked once. */
export interface Inventory {
  readonly _meta: { readonly hostvars: Readonly<Record<string, Variables>> };
  readonly all: { readonly children: readonly string[]; readonly vars: Variables };
  readonly k3s_cluster: { readonly children: readonly string[] };
  readonly k3s_server: { readonly hosts: readonly string[] };
  readonly k3s_agent: { readonly hosts: readonly string[] };
}

/** `secrets`: variables of all hosts. */
export function inventory(spec: ClusterSpec, secrets: Variables = {}): Inventory {
  const named = (role: NodeSpec['role']): readonly string[] =>
    spec.nodes.filter((node) => node.role === role).map(({ name }) => name);
  return {
    _meta: { hostvars: Object.fromEntries(spec.nodes.map((node) => [node.name, hostVariables(spec, node)])) },
    all: { children: ['k3s_cluster'], vars: { ...clusterVariables(spec), ...secrets } },
    k3s_cluster: { children: ['k3s_server', 'k3s_agent'] },
    k3s_server: { hosts: named('server-agent') },
    k3s_agent: { hosts: named('worker') },
  };
}

function hostVariables(spec: ClusterSpec, node: NodeSpec): Variables {
  return {
    ansible_host: node.address,
    ansible_port: node.ssh.port,
    ansible_user: node.ssh.user,
    // Debian 12 and its relatives; without it Ansible looks for one and says so for each host.
    ansible_python_interpreter: '/usr/bin/python3',
    larder_node_name: hostNameOf(node),
    larder_node_address: node.address,
    larder_node_labels: node.labels,
    larder_node_taints: node.taints.map(({ key, value, effect }) => ({ key, value: value ?? '', effect })),
    larder_node_arch: node.arch,
    larder_node_etcd_peer: node.role === 'server-agent' ? (node.etcdPeer ?? node.address) : '',
    larder_access_principals: allowedOn(node),
    larder_beside_nomad: (node.coexist ?? spec.coexist) === 'nomad',
  };
}

function clusterVariables(spec: ClusterSpec): Variables {
  return {
    larder_cluster_name: spec.name,
    larder_access_looking_user: LOOKING_USER,
    larder_hosts: spec.nodes.map((node) => ({
      name: node.name,
      address: node.address,
      aliases: [...new Set([hostNameOf(node), ...node.aliases])].filter((alias) => alias !== node.name),
    })),
    larder_k3s_channel: spec.k3s.channel,
    larder_k3s_version: spec.k3s.version ?? '',
    larder_k3s_secrets_encryption: spec.k3s.secretsEncryption,
    larder_cni: spec.cni,
    larder_ingress: spec.ingress,
    larder_load_balancer: spec.loadBalancer,
    larder_api_names: [...(spec.api.vip === undefined ? [] : [spec.api.vip]), ...spec.api.names],
    larder_api_vip: spec.api.vip ?? '',
    larder_api_port: spec.api.port,
    larder_cidr_pods: spec.cidrs.pods,
    larder_cidr_services: spec.cidrs.services,
    larder_os_time_zone: spec.os.timeZone,
    larder_os_ntp_servers: spec.os.ntpServers,
    larder_os_sysctl: spec.os.sysctl,
    larder_os_reboot: spec.os.reboot,
    larder_artifacts_folder: spec.artifacts?.folder ?? '',
    larder_artifacts_lock: spec.artifacts?.lock ?? '',
  };
}

/** What the machine calls itself, and Kubernetes its node: the first part of its name. */
export function hostNameOf({ name }: NodeSpec): string {
  return name.split('.', 1)[0] ?? name;
}
