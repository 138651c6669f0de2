import type { Item } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import { type GroupPort, portsOf } from '../network/port.ts';
import type { Rule, Use } from '../rule.ts';
import type { ProjectScope } from '../scope.ts';
import type { ServiceTarget } from '../service-index.ts';
import { type Callers, callersOf, guarded, intentionsFor, type Ledger, ledgerOf, type Place } from './callers.ts';
import { ciliumDenyPolicy, ciliumPolicy } from './cilium-policy.ts';
import { type Admission, denyPolicy, networkPolicy } from './kubernetes-policy.ts';

interface Guard {
  readonly target: ServiceTarget;
  readonly callers: Callers;
}

/** The services of a workload whose callers are chosen, with those. */
function guardsOf(ledger: Ledger, { workload }: Place): readonly Guard[] {
  return (ledger.targets.get(workload.group) ?? [])
    .filter((target) => guarded(ledger, target))
    .map((target) => ({ target, callers: callersOf(ledger, target) }));
}

/** With no caller at all a policy would only be a denial, which is written on request. */
function worthwhile({ callers }: Guard): boolean {
  return callers.everybody || callers.traefik || callers.allowed.length > 0 || callers.intentions.length > 0;
}

/** What others reach in the same pods stays open: ports of services beside, and ports that the job opens on the node. */
function openPorts({ workload }: Place, guards: readonly Guard[]): readonly GroupPort[] {
  const guarded = new Set(guards.flatMap(({ target }) => target.ports.map(({ number }) => number)));
  return portsOf(workload.group).filter(({ number, host }) => host !== undefined || !guarded.has(number));
}

const edges: Rule<ProjectScope> = {
  id: 'policy.edges',
  nomad: 'calls between jobs: upstreams, names of Consul, routes of Traefik',
  kubernetes: 'NetworkPolicy or CiliumNetworkPolicy of the called workload',
  class: 'approximate',
  why: 'For services of the mesh, and those that intentions name. Names in secrets are not seen; scrapers and Traefik are let in by namespace (policy file). Denied by default only on request.',
  apply: (project, use) => {
    if (project.policy.policies === 'none') return;
    const ledger = ledgerOf(project);
    for (const place of ledger.places) {
      const guards = guardsOf(ledger, place).filter(worthwhile);
      if (guards.length === 0) continue;
      if (place.workload.pod.spec['hostNetwork'] !== undefined) {
        const text = 'pods on the network of their node are under no policy';
        const todo = `Guard ${place.workload.name} by the firewall of the nodes.`;
        for (const { target } of guards) use.leave(itemsOf(target), { class: 'manual', text, todo });
        continue;
      }
      const open = openPorts(place, guards);
      const admissions: readonly Admission[] = [
        ...guards
          .filter(({ callers }) => peopled(callers, project))
          .map(({ target, callers }) => ({ ports: target.ports, callers })),
        ...(open.length > 0 ? [{ ports: open }] : []),
      ];
      const write = project.policy.policies === 'cilium' ? ciliumPolicy : networkPolicy;
      place.module.manifests.push(write(place, admissions, project));
      for (const guard of guards) {
        const items = itemsOf(guard.target);
        if (items.length > 0) use.leave(items, noteOf(guard, project));
        tellUnseen(guard, project, use);
      }
    }
  },
};

/** A pod on the network of its node calls with the node's address, which no selector of pods matches: its side is told too. */
function tellUnseen({ target, callers }: Guard, { edges: all }: ProjectScope, use: Use): void {
  if (callers.everybody) return;
  for (const { workload } of unseen(callers)) {
    const edge = all.find(({ from, to }) => from === workload && to === target);
    const text = `${workload.name} is on the network of its node: the policy of ${target.name} does not let it in from other nodes`;
    const todo = `Take ${workload.name} off the network of its node, or let the addresses of the nodes into the policy of ${target.name}.`;
    use.leave(edge && edge.items.length > 0 ? edge.items : workload.group, { class: 'manual', text, todo });
  }
}

function unseen({ allowed }: Callers): readonly Place[] {
  return allowed.filter(({ workload }) => workload.pod.spec['hostNetwork'] !== undefined);
}

/** A rule without anybody in it would let in everybody. */
function peopled({ everybody, traefik, allowed }: Callers, { policy }: ProjectScope): boolean {
  return everybody || traefik || allowed.length > 0 || policy.scrapers.length > 0;
}

/** The lines of a service that stand for it: its name, else its port. */
function itemsOf({ blocks }: ServiceTarget): readonly Item[] {
  return blocks.flatMap(({ service }) => service.name ?? service.port ?? []);
}

function noteOf({ target, callers }: Guard, { policy }: ProjectScope): Note {
  const { allowed, everybody, traefik, refused } = callers;
  const named = allowed.map(({ workload, why }) => `${workload.name} (${why})`);
  const who = everybody ? ['every pod'] : [...named, ...(traefik ? ['Traefik'] : []), ...policy.scrapers];
  const text = `policy: ${target.name} is called by ${who.length > 0 ? who.join(', ') : 'nobody'}`;
  const apart = everybody ? [] : unseen(callers);
  if (refused.length + apart.length === 0) return { text };
  const out = [
    ...refused.map(({ place, why }) => `${place.workload.name}: ${why}`),
    ...apart.map(({ workload }) => `${workload.name}: it is on the network of its node, whose address no rule names`),
  ].join('; ');
  return {
    class: 'manual',
    text: `${text}; not let in: ${out}`,
    todo: `Decide whether ${target.name} lets in ${out}.`,
  };
}

const intentions: Rule<ProjectScope> = {
  id: 'policy.intentions',
  nomad: 'service-intentions of Consul beside the jobs',
  kubernetes: 'the rules of the destination’s policy; permissions as rules of HTTP with Cilium',
  class: 'direct',
  why: 'Exact names before `*`. A policy has no order: what only an order said is told. Sources that no converted job is are told too.',
  apply: (project, use) => {
    if (project.surroundings.intentions.length === 0) return;
    const ledger = ledgerOf(project);
    for (const target of project.services.targets) {
      const items = itemsOf(target);
      if (target.ports.length === 0 || items.length === 0) continue;
      if (intentionsFor(ledger, target).length === 0) continue;
      const { intentions: own, strangers } = callersOf(ledger, target);
      const files = [...new Set(own.map(({ file, line }) => `${file}:${line}`))].join(', ');
      const unknown = strangers.join(', ');
      const todo = `Add ${unknown} to the policy of ${target.name} if it still calls it.`;
      const none = project.policy.policies === 'none';
      if (none)
        use.leave(items, {
          class: 'manual',
          text: `intentions at ${files}: no policies, as the policy file says`,
          todo: `Decide who may call ${target.name}.`,
        });
      else if (strangers.length > 0)
        use.leave(items, { class: 'manual', text: `intentions at ${files}; no converted job is ${unknown}`, todo });
      else use.leave(items, { text: `intentions at ${files}` });
    }
  },
};

const deny: Rule<ProjectScope> = {
  id: 'policy.default-deny',
  nomad: 'Consul denying what no intention allows (policy defaultDeny)',
  kubernetes: 'a policy for each workload that denies the rest, in and out; DNS stays allowed',
  class: 'approximate',
  why: 'Only on request. What is outside of the cluster is not known from the jobs and must be added.',
  apply: (project, use) => {
    const { policies, defaultDeny } = project.policy;
    if (policies === 'none' || !defaultDeny) return;
    const { places } = ledgerOf(project);
    const byGroup = new Map(places.map((place) => [place.workload.group, place]));
    for (const place of places) {
      const { module, workload } = place;
      const ways = project.edges.flatMap(({ from, to }) => {
        const there = byGroup.get(to.group);
        return from === workload && there && to.ports.length > 0 ? [{ place: there, ports: to.ports }] : [];
      });
      module.manifests.push(policies === 'cilium' ? ciliumDenyPolicy(place, ways) : denyPolicy(place, ways));
      const todo = `Allow what ${workload.name} calls outside of the cluster, beside the policy ${workload.name}-default-deny.`;
      use.leave(workload.group, { text: `denied but for DNS${ways.length > 0 ? ' and its known calls' : ''}`, todo });
    }
  },
};

/** When all jobs are translated: every call is known then. */
export const policyRules: readonly Rule<ProjectScope>[] = [edges, intentions, deny];
