import { addEdge } from '../edge.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { backendOf, udpPortOf } from './backend.ts';
import { names, type Routing } from './ingress.ts';
import { type Router, routerOf } from './router.ts';
import { taggedOf } from './tagged.ts';

const router: Rule<GroupScope> = {
  id: 'traefik.udp-router',
  nomad: 'tags traefik.udp.routers.*',
  kubernetes: 'IngressRouteUDP: all that comes to its entry points goes to the Service, whose port is one of UDP',
  class: 'direct',
  why: 'The entry point must exist in the Traefik of the cluster, end in /udp there, and be open on its Service. UDP has no rules, priorities, TLS or middlewares.',
  apply: (scope, use) => {
    for (const { target, tags, state } of taggedOf(scope)) {
      if (state !== 'on') continue;
      for (const declared of tags.declared) {
        if (declared.protocol !== 'udp' || declared.part !== 'routers') continue;
        write({ scope, target, use }, routerOf(declared, tags));
      }
    }
  },
};

function write({ scope, target, use }: Routing, { declared, entryPoints, service, behind }: Router): void {
  const refusal = refusalOf(target.port, { entryPoints, service, behind });
  if (refusal !== undefined || !entryPoints) {
    use.leave(
      declared.options.map(({ item }) => item),
      {
        class: 'manual',
        text: refusal ?? NO_ENTRY,
        todo: `Write the route ${declared.name} of ${target.known} by hand.`,
      },
    );
    return;
  }
  if (service) use.leave(service.item, { text: `the Service ${target.name}` });
  for (const option of declared.options) {
    if (option === entryPoints || option === service) continue;
    const shown = option.path.join('.');
    use.leave(option.item, {
      class: 'manual',
      text: `${shown} is no option of a router of UDP`,
      todo: `See what ${shown} of ${declared.name} was for.`,
    });
  }
  const services = [backendOf(scope, target, behind, { port: udpPortOf(scope, target, behind) })];
  const spec = { entryPoints: use.take(entryPoints.item, names(entryPoints)), routes: [{ services }] };
  const name = fold(`${target.name}-${declared.name}`);
  const object = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRouteUDP', metadata: { name }, spec };
  scope.module.manifests.push({ kind: 'ingressrouteudp', name, object });
  addEdge(scope.project.edges, { from: 'traefik', to: target, why: `the router ${declared.name}`, items: [] });
}

const NO_ENTRY = 'a router of UDP needs an entry point';

function refusalOf(
  port: number | undefined,
  { entryPoints, service, behind }: Pick<Router, 'entryPoints' | 'service' | 'behind'>,
): string | undefined {
  if (port === undefined) return 'the service has no port, so no Service';
  if (!entryPoints) return NO_ENTRY;
  if (service && !behind) return `it leads to ${service.value}, which no tag of this service declares`;
  const balanced = behind?.options.every(({ path }) => path[0]?.toLowerCase() === 'loadbalancer') ?? true;
  return balanced ? undefined : 'its service is weighted, which is made of several services';
}

export const udpRouterRules: readonly Rule<GroupScope>[] = [router];
