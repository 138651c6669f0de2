import { addEdge } from '../edge.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { ingressOf, ingressRouteOf, type Routing } from './ingress.ts';
import { type Router, routerOf, simpleHost } from './router.ts';
import { taggedOf } from './tagged.ts';
import { waiting } from './timeouts.ts';

const router: Rule<GroupScope> = {
  id: 'traefik.http-router',
  nomad: 'tags traefik.http.routers.*',
  kubernetes: 'Ingress for one plain host; IngressRoute where rules, middlewares, priorities or several routers matter',
  class: 'direct',
  why: 'The text of a rule is kept; what only Traefik 2 understands is written as Traefik 3 does. Entry points keep their names: the Traefik of the cluster must have them, with their TLS.',
  apply: (scope, use) => {
    for (const { target, tags, state } of taggedOf(scope)) {
      if (state !== 'on') continue;
      const routing = { scope, target, use };
      const declared = tags.declared.filter((each) => each.protocol === 'http' && each.part === 'routers');
      const routers = declared.map((each) => routerOf(each, tags)).filter((each) => writable(routing, each));
      for (const each of routers) {
        scope.module.manifests.push(manifestOf(routing, each, routers));
        addEdge(scope.project.edges, { from: 'traefik', to: target, why: `the router ${each.name}`, items: [] });
      }
    }
  },
};

function manifestOf(routing: Routing, router: Router, all: readonly Router[]): ReturnType<typeof ingressOf> {
  const { scope, target } = routing;
  // an Ingress names no transport
  const host = all.length === 1 && !waiting(scope.project, target) ? simpleHost(router) : undefined;
  if (host !== undefined && scope.project.policy.ingress.kind !== 'IngressRoute')
    return ingressOf(routing, router, host);
  const own = fold(router.name);
  const only = all.length === 1 || own === target.name;
  return ingressRouteOf(routing, router, only ? target.name : fold(`${target.name}-${own}`));
}

/** What cannot be read is not written: a route that is wider than the one before would open something. */
function writable(routing: Routing, router: Router): boolean {
  const { target, use } = routing;
  const { declared, strange } = router;
  const why = refusalOf(routing, router);
  if (why !== undefined) {
    const todo = `Write the route ${declared.name} of ${target.known} by hand.`;
    use.leave(
      declared.options.map(({ item }) => item),
      { class: 'manual', text: why, todo },
    );
    return false;
  }
  for (const { item, path } of strange) {
    const option = path.join('.');
    use.leave(item, {
      class: 'manual',
      text: `${option} is no option of a router`,
      todo: `See what ${option} was for.`,
    });
  }
  for (const { item, path } of declared.options) {
    if (/^(observability|rulesyntax)$/i.test(path[0] ?? ''))
      use.leave(item, { class: 'dropped', text: 'about Traefik itself' });
  }
  return true;
}

function refusalOf({ target }: Routing, { rule, service, behind, priority }: Router): string | undefined {
  if (target.port === undefined) return 'the service has no port, so no Service';
  if (rule.kind === 'none') return 'the router has no rule: Traefik made it from its own configuration (defaultRule)';
  if (rule.kind === 'refused') return `the rule was not understood: ${rule.why}`;
  if (service && !behind) return `it leads to ${service.value}, which no tag of this service declares`;
  if (priority && !/^-?\d+$/.test(priority.value)) return `its priority ${priority.value} is no number`;
  const balanced = behind?.options.every(({ path }) => path[0]?.toLowerCase() === 'loadbalancer') ?? true;
  return balanced ? undefined : 'its service is weighted, mirrored or a failover, which is made of several services';
}

export const httpRouterRules: readonly Rule<GroupScope>[] = [router];
