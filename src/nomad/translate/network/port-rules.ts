import type { Item } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import { selectorOf } from '../assemble.ts';
import type { ContainerDraft, PortDraft, WorkloadDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import { ask, type GroupScope } from '../scope.ts';
import { bare, type S, Sourced } from '../sourced.ts';
import { blocksOf, type GroupPort, nameOver, type PortBlock, portsOf, proxyOnly } from './port.ts';

/** How a port of a node becomes reachable from outside. */
const exposures = ['hostPort', 'NodePort', 'LoadBalancer', 'none'] as const;

function counted(block: PortBlock): readonly Item[] {
  return block.counted ? [block] : [];
}

const proxyPort: Rule<GroupScope> = {
  id: 'network.proxy-port',
  nomad: 'network.port of the mesh proxy (envoy_metrics)',
  kubernetes: 'nothing: there is no such proxy in the pod',
  class: 'dropped',
  why: 'The port is the listener of an exposed path, or only the meta of a service speaks of it.',
  apply: ({ group }, use) => {
    for (const { block } of blocksOf(group)) {
      if (!proxyOnly(group, block.label.text)) continue;
      use.leave([...counted(block), block.to ?? [], block.static ?? []].flat());
    }
  },
};

const port: Rule<GroupScope> = {
  id: 'network.port',
  nomad: 'network.port "label", to',
  kubernetes: 'containers[].ports: the number inside the container, the label as its name',
  class: 'direct',
  why: 'Nomad opens TCP and UDP for every port; UDP is written where the label or the number says so.',
  apply: (scope, use) => {
    for (const each of portsOf(scope.group)) {
      const { block } = each;
      if (each.chosen) continue;
      if (!block) {
        addPort(scope, each, each.number);
        continue;
      }
      const onNode = each.host === undefined ? block.static : undefined;
      const items = [...counted(block), block.to, onNode].filter((item) => item !== undefined);
      addPort(scope, each, items.length === 0 ? each.number : use.take(items, each.number, noteOf(scope, each, block)));
    }
  },
};

function noteOf({ workload }: GroupScope, port: GroupPort, { to }: PortBlock): Note {
  if (!containerOf(workload, port)) {
    return { class: 'manual', text: 'no container to listen on it', todo: `Decide what listens on ${port.label}.` };
  }
  return to?.value === -1 ? { text: 'to = -1: inside the container the number of the node' } : {};
}

const chosenPort: Rule<GroupScope> = {
  id: 'network.port-dynamic',
  nomad: 'network.port without `to` and `static`',
  kubernetes: 'a fixed port, told to the application in NOMAD_PORT_label',
  class: 'approximate',
  why: 'Nomad picks a number at each start; every pod has an address of its own, so the number may stay the same.',
  apply: (scope, use) => {
    for (const each of portsOf(scope.group)) {
      if (!each.chosen || !each.block) continue;
      const items = [...counted(each.block), ...(each.block.to ? [each.block.to] : [])];
      const note = { text: `port ${each.number}, told to the application in NOMAD_PORT_${each.label}` };
      addPort(scope, each, items.length === 0 ? each.number : use.take(items, each.number, note));
      tell(scope, each);
    }
  },
};

/** An application that listens on a port that Nomad picks finds it in its environment, whatever the job says of it. */
function tell({ workload }: GroupScope, { label, number }: GroupPort): void {
  const name = `NOMAD_PORT_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}`;
  for (const { task, env } of workload.pod.containers) {
    if (task && !env.some((each) => each.name === name)) env.push({ name, value: String(number) });
  }
}

function addPort({ workload }: GroupScope, port: GroupPort, number: S<number>): void {
  const container = containerOf(workload, port);
  if (!container) return;
  for (const protocol of port.protocols) {
    const udp = protocol === 'UDP' ? { protocol } : {};
    const twin = container.ports.find(
      (each) => bare(each.containerPort) === port.number && (each.protocol ?? 'TCP') === protocol,
    );
    if (!twin) container.ports.push({ name: nameOver(port, protocol), containerPort: number, ...udp });
    else container.ports.splice(container.ports.indexOf(twin), 1, { ...twin, containerPort: both(twin, number) });
  }
}

/** One port of a container that two labels stand for knows the lines of both. */
function both({ containerPort }: PortDraft, number: S<number>): S<number> {
  const from = [containerPort, number].flatMap((each) => (each instanceof Sourced ? each.from : []));
  return from.length === 0 ? number : new Sourced(bare(number), from);
}

function containerOf({ pod }: WorkloadDraft, { task }: GroupPort): ContainerDraft | undefined {
  return pod.containers.find((container) => container.task?.label.text === task);
}

const staticPort: Rule<GroupScope> = {
  id: 'network.port-static',
  nomad: 'network.port.static',
  kubernetes: 'hostPort, or a Service of type NodePort or LoadBalancer (asked)',
  class: 'approximate',
  why: 'One pod a node with hostPort, and under Cilium it needs its own support for it; NodePort takes 30000-32767.',
  apply: (scope, use) => {
    for (const each of portsOf(scope.group)) {
      const field = each.block?.static;
      // on the network of the node the container's port is the node's
      if (field && each.host !== undefined) expose({ ...scope, port: each, host: each.host, field }, use);
    }
  },
};

interface Exposing extends GroupScope {
  readonly port: GroupPort;
  readonly host: number;
  readonly field: Item;
}

function expose(scope: Exposing, use: Use): void {
  const { project, workload, port, host, field } = scope;
  const { value, answered } = ask(project, {
    id: `${workload.name}.port.${port.label}`,
    text: `Port ${host} of the nodes (${port.label} of ${workload.name}): how is it reached from outside?`,
    fallback: 'hostPort',
    accepts: { pattern: new RegExp(`^(${exposures.join('|')})$`), words: exposures.join(', ') },
  });
  switch (exposures.find((each) => each === value) ?? 'hostPort') {
    case 'hostPort':
      takeHostPort(scope, `hostPort ${host}: one pod a node${answered ? '' : '; the default'}`, use);
      return;
    case 'NodePort':
    case 'LoadBalancer':
      outside(scope, value, use);
      return;
    case 'none':
      use.leave(field, { class: 'dropped', text: `not reached by port ${host} of the nodes, as answered` });
      return;
  }
}

function takeHostPort({ workload, port, host, field }: Exposing, text: string, use: Use): void {
  const ports = workload.pod.containers.flatMap((container) => container.ports.map((each) => ({ container, each })));
  const own = ports.filter(({ each }) => bare(each.containerPort) === port.number);
  const before = own.map(({ each }) => each.hostPort).find((each) => each !== undefined);
  if (own.length === 0 || before !== undefined) {
    const why = before === undefined ? 'no container listens on it' : `its port is ${bare(before)} of the node already`;
    const todo = `Decide how port ${host} of the nodes leads to ${workload.name} (a Service of type LoadBalancer).`;
    use.leave(field, { class: 'manual', text: `no hostPort ${host}: ${why}`, todo });
    return;
  }
  const taken = use.take(field, host, { text });
  for (const { container, each } of own) {
    container.ports.splice(container.ports.indexOf(each), 1, { ...each, hostPort: taken });
  }
  workload.alone.push(`it takes port ${host} of its node`);
}

/** A Service of its own, so that the one that others in the cluster use stays as it is. */
function outside({ module, workload, port, host, field }: Exposing, type: string, use: Use): void {
  const inRange = host >= 30_000 && host <= 32_767;
  const name = fold(`${workload.name}-${port.name}-external`);
  const text = `${type} ${type === 'NodePort' && !inRange ? `with a port of its own: ${host} is not in 30000-32767` : host}`;
  const number = use.take(field, type === 'LoadBalancer' ? host : port.number, { text });
  const ports = port.protocols.map((protocol) => ({
    name: nameOver(port, protocol),
    port: number,
    targetPort: nameOver(port, protocol),
    protocol,
    ...(type === 'NodePort' && inRange ? { nodePort: host } : {}),
  }));
  const spec = { type, selector: selectorOf(module, workload), ports };
  module.manifests.push({
    kind: 'service',
    name,
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec },
  });
}

const placeOfPort: Rule<GroupScope> = {
  id: 'network.port-place',
  nomad: 'network.port.host_network, ignore_collision',
  kubernetes: 'nothing: a pod has one network, and the scheduler looks after hostPorts',
  class: 'dropped',
  why: 'A host network of the clients chose the address that a port was bound to.',
  apply: ({ group }, use) => {
    for (const { block } of blocksOf(group)) {
      if (block.host_network) {
        const { value } = block.host_network;
        use.leave(
          block.host_network,
          value === 'default' || !block.static
            ? {}
            : {
                class: 'manual',
                text: `port ${block.label.text} was bound on the host network ${value}; hostPort binds on every address`,
                todo: `See whether port ${block.label.text} must be kept from other networks than ${value}.`,
              },
        );
      }
      if (block.ignore_collision.written) use.leave(block.ignore_collision);
    }
  },
};

/** Before the tasks, which speak of ports. */
export const portRules: readonly Rule<GroupScope>[] = [proxyPort, port, chosenPort, staticPort, placeOfPort];
