import { type CorePlan, cidrs } from './plan.ts';

/** cluster.yaml: the cluster as one file. What nobody said is not made up. */
export function clusterFile({ name, nodes, policy, coexist }: CorePlan): string {
  const servers = nodes.length >= 3 ? 3 : Math.min(nodes.length, 1);
  const rows = nodes.map(
    (node, index) => `  - name: ${node.name}
    address: ${node.address}
    role: ${index < servers ? 'server-agent' : 'worker'}
`,
  );
  return `name: ${name}
k3s:
  # write the version here after the first installation, so that a rebuild gets the same
  channel: stable
cni: ${policy.mesh === 'cilium' ? 'cilium' : 'flannel'}
ingress: traefik
loadBalancer: servicelb
${coexist ? '# k3s stands beside a running Nomad and leaves its ports, swap and bridge alone\ncoexist: nomad\n' : ''}cidrs:
  pods: ${cidrs.pods}
  services: ${cidrs.services}
# an odd number of servers: with three, one may be down
nodes:${rows.length === 0 ? ' []\n' : `\n${rows.join('')}`}`;
}

/** For /etc/rancher/k3s/config.yaml of the servers. */
export function k3sConfig({ policy, coexist }: CorePlan): string {
  const cilium =
    policy.mesh === 'cilium'
      ? '# Cilium takes both of these over\nflannel-backend: none\ndisable-network-policy: true\n'
      : '';
  const beside = coexist
    ? '# The ports of a Nomad client (4646 to 4648) and of k3s (6443, 10250, 2379, 2380, 8472/udp) do not meet; its bridge is 172.26.64.0/20.\n'
    : '';
  return `${beside}cluster-cidr: ${cidrs.pods}
service-cidr: ${cidrs.services}
# Secrets are encrypted where they are stored
secrets-encryption: true
write-kubeconfig-mode: "0600"
${cilium}`;
}
