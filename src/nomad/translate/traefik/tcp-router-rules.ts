import { addEdge } from '../edge.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import type { Branch } from '../sourced.ts';
import { backendOf } from './backend.ts';
import { middlewaresOf, modernized, names, type Routing, tlsOf } from './ingress.ts';
import { type Router, routerOf } from './router.ts';
import { taggedOf } from './tagged.ts';

const router: Rule<GroupScope> = {
  id: 'traefik.tcp-router',
  nomad: 'tags traefik.tcp.routers.*',
  kubernetes: 'IngressRouteTCP',
  class: 'direct',
  why: 'The entry point of the port must exist in the Traefik of the cluster, and be open on its Service.',
  apply: (scope, use) => {
    for (const { target, tags, state } of taggedOf(scope)) {
      if (state !== 'on') continue;
      for (const declared of tags.declared) {
        if (declared.protocol !== 'tcp' || declared.part !== 'routers') continue;
        write({ scope, target, use }, routerOf(declared, tags));
      }
    }
  },
};

function write(routing: Routing, router: Router): void {
  const { scope, target, use } = routing;
  const { declared, rule, entryPoints, service, behind, priority, strange } = router;
  if (target.port === undefined || rule.kind !== 'rule' || !entryPoints) {
    const text = entryPoints ? 'no Service, or no rule that can be read' : 'a router of TCP needs an entry point';
    const todo = `Write the route ${declared.name} of ${target.known} by hand.`;
    use.leave(
      declared.options.map(({ item }) => item),
      { class: 'manual', text, todo },
    );
    return;
  }
  if (service) use.leave(service.item, { text: `the Service ${target.name}` });
  for (const { item, path } of strange) {
    use.leave(item, {
      class: 'manual',
      text: `${path.join('.')} is no option of a router`,
      todo: `See what ${path.join('.')} was for.`,
    });
  }
  const route: Branch = {
    match: use.take(rule.option.item, rule.text, modernized(rule.changed)),
    ...(priority ? { priority: use.take(priority.item, Number(priority.value)) } : {}),
    ...middlewaresOf(routing, router),
    services: [backendOf(scope, target, behind)],
  };
  const spec = {
    entryPoints: use.take(entryPoints.item, names(entryPoints)),
    routes: [route],
    ...tlsOf(routing, router),
  };
  const name = fold(`${target.name}-${declared.name}`);
  const object = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRouteTCP', metadata: { name }, spec };
  scope.module.manifests.push({ kind: 'ingressroutetcp', name, object });
  addEdge(scope.project.edges, { from: 'traefik', to: target, why: `the router ${declared.name}`, items: [] });
}

export const tcpRouterRules: readonly Rule<GroupScope>[] = [router];
