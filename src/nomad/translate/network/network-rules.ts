import type { Item } from '../../jobspec/field.ts';
import type { Network } from '../../jobspec/job.ts';
import { selectorOf } from '../assemble.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import type { Tree } from '../sourced.ts';

function networksOf({ group }: GroupScope): readonly Network[] {
  return [...group.network, ...group.task.flatMap(({ resources }) => resources?.network ?? [])];
}

const mode: Rule<GroupScope> = {
  id: 'network.mode',
  nomad: 'network.mode',
  kubernetes: 'bridge: what every pod has. host: hostNetwork. none: a policy that denies everything',
  class: 'dropped',
  why: 'A pod has an address of its own, also where the job has no network. cni/… is a network of the Nomad clients.',
  apply: (scope, use) => {
    for (const { mode: field } of networksOf(scope)) if (field) applyMode(scope, field, use);
  },
};

function applyMode(scope: GroupScope, field: Item & { readonly value: string }, use: Use): void {
  const { workload } = scope;
  switch (field.value) {
    case 'host':
      workload.pod.spec['hostNetwork'] = use.take(field, true, { class: 'direct', text: 'hostNetwork: true' });
      workload.pod.spec['dnsPolicy'] = 'ClusterFirstWithHostNet';
      workload.alone.push('it listens on the network of its node');
      return;
    case 'none':
      denyAll(scope, field, use);
      return;
    case 'bridge':
    case '':
      use.leave(field, { text: 'the network of a pod is what a bridge was' });
      return;
    default:
      use.leave(field, {
        class: 'manual',
        text: `${field.value} is a network of the Nomad clients`,
        todo: `Decide whether ${workload.name} needs a second network (Multus) in place of ${field.value}.`,
      });
  }
}

function denyAll({ module, workload }: GroupScope, field: Item, use: Use): void {
  const text = 'NetworkPolicy that denies everything; unlike in Nomad the pod still has an address';
  const spec = use.take(
    field,
    { podSelector: { matchLabels: selectorOf(module, workload) }, policyTypes: ['Ingress', 'Egress'] },
    { class: 'approximate', text },
  );
  const name = fold(`${workload.name}-no-network`);
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec };
  module.manifests.push({ kind: 'networkpolicy', name, object });
}

const hostname: Rule<GroupScope> = {
  id: 'network.hostname',
  nomad: 'network.hostname',
  kubernetes: 'hostname of the pod',
  class: 'direct',
  why: 'A name that is no DNS label is folded into one; one that Nomad fills in at run time cannot be kept.',
  apply: (scope, use) => {
    for (const { hostname: field } of networksOf(scope)) {
      if (!field) continue;
      if (field.value.includes('${')) {
        const todo = `Decide whether ${scope.workload.name} needs the host name ${field.value}.`;
        use.leave(field, { class: 'manual', text: 'the name of the pod is its host name', todo });
        continue;
      }
      const name = fold(field.value);
      const note = name === field.value ? {} : { class: 'approximate' as const, text: `hostname ${name}` };
      scope.workload.pod.spec['hostname'] = use.take(field, name, note);
    }
  },
};

const dns: Rule<GroupScope> = {
  id: 'network.dns',
  nomad: 'network.dns servers, searches, options',
  kubernetes: "dnsConfig, beside the cluster's own DNS",
  class: 'approximate',
  why: "Nomad's list replaces the resolvers. In a pod it is added to the cluster's, which must stay for Services to be found.",
  apply: (scope, use) => {
    for (const { dns: block } of networksOf(scope)) {
      if (!block) continue;
      if (block.counted) use.leave(block, { class: 'dropped', text: 'nothing in it' });
      const { servers, searches, options } = block;
      scope.workload.pod.spec['dnsConfig'] = {
        ...(servers ? { nameservers: use.take(servers, servers.value.slice(0, 3), fewer(servers.value)) } : {}),
        ...(searches ? { searches: use.take(searches, searches.value) } : {}),
        ...(options ? { options: use.take(options, options.value.map(optionOf)) } : {}),
      };
    }
  },
};

/** A pod takes three nameservers. */
function fewer(servers: readonly string[]): { class?: 'manual'; text?: string; todo?: string } {
  if (servers.length <= 3) return {};
  const left = servers.slice(3).join(', ');
  return { class: 'manual', text: `a pod takes three nameservers; left out: ${left}`, todo: `Do without ${left}.` };
}

function optionOf(option: string): Tree {
  const [name, value] = option.split(/:(.*)/s);
  return { name: name ?? option, ...(value === undefined ? {} : { value }) };
}

const legacy: Rule<GroupScope> = {
  id: 'network.other',
  nomad: 'network device, cidr, ip, mbits, cni.args',
  kubernetes: 'nothing',
  class: 'dropped',
  why: 'Nomad itself does not read device, cidr and ip of a job; it ignores mbits since 0.12.',
  apply: (scope, use) => {
    for (const network of networksOf(scope)) {
      for (const field of [network.device, network.cidr, network.ip, network.mbits]) if (field) use.leave(field);
      if (network.counted) use.leave(network, { text: 'an empty network: a pod has one' });
      const { cni } = network;
      if (!cni) continue;
      const items = [...(cni.counted ? [cni] : []), ...cni.args];
      if (items.length === 0) continue;
      const todo = `Decide what the arguments of the CNI plugin were for in ${scope.workload.name}.`;
      use.leave(items, { class: 'manual', text: 'arguments of a CNI plugin of the Nomad clients', todo });
    }
  },
};

export const networkRules: readonly Rule<GroupScope>[] = [mode, hostname, dns, legacy];
