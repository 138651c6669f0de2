import type { Item } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import type { ManifestDraft } from '../draft.ts';
import type { Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import type { ServiceTarget } from '../service-index.ts';
import { type Branch, bare, Sourced, type Tree } from '../sourced.ts';
import { backendOf, portOf, serverPort } from './backend.ts';
import { type Reference, referenceTree, resolve } from './reference.ts';
import type { Router } from './router.ts';
import type { Option } from './tag.ts';
import { waiting } from './timeouts.ts';

/** What writing the routes of a service needs. */
export interface Routing {
  readonly scope: GroupScope;
  readonly target: ServiceTarget;
  readonly use: Use;
}

/** An Ingress for one host, with Traefik's own annotations. */
export function ingressOf(routing: Routing, router: Router, host: string): ManifestDraft {
  const { scope, target, use } = routing;
  const { rule, entryPoints, tls, behind, service } = router;
  const key = 'traefik.ingress.kubernetes.io/router';
  const annotations: Record<string, Tree> = {};
  if (entryPoints)
    annotations[`${key}.entrypoints`] = use.take(entryPoints.item, names(entryPoints).join(','), atEntryPoints);
  for (const { path, value, item } of tls) {
    if (path.length > 1) annotations[`${key}.tls.certresolver`] = use.take(item, value, certificates(value));
    else if (/^true$/i.test(value)) annotations[`${key}.tls`] = use.take(item, 'true', { text: 'TLS of the Ingress' });
    else use.leave(item, { class: 'dropped', text: 'no TLS' });
  }
  if (service) use.leave(service.item, { text: `the Service ${target.name}` });
  const ruled = rule.kind === 'rule' ? use.take(rule.option.item, host, { text: `Ingress for ${host}` }) : host;
  const backend = { service: { name: target.name, port: { number: numberOf(routing, behind) } } };
  const metadata = { name: target.name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  const spec = {
    ingressClassName: scope.project.policy.ingress.class,
    rules: [{ host: ruled, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
  };
  return {
    kind: 'ingress',
    name: target.name,
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec },
  };
}

function numberOf({ scope, target }: Routing, behind: Router['behind']): Tree {
  const number = portOf(scope, target, behind);
  const option = behind && serverPort(behind);
  return option ? new Sourced(number, [option.item]) : number;
}

/** An IngressRoute for a router of HTTP. */
export function ingressRouteOf(routing: Routing, router: Router, name: string): ManifestDraft {
  const { scope, target, use } = routing;
  const { rule, entryPoints, service, behind } = router;
  if (service) use.leave(service.item, { text: `the Service ${target.name}` });
  const route: Branch = {
    kind: 'Rule',
    match: rule.kind === 'rule' ? use.take(rule.option.item, rule.text, modernized(rule.changed)) : undefined,
    ...priorityOf(routing, router),
    ...middlewaresOf(routing, router),
    services: [backendOf(scope, target, behind, waiting(scope.project, target))],
  };
  const spec = {
    ...(entryPoints ? { entryPoints: use.take(entryPoints.item, names(entryPoints), atEntryPoints) } : {}),
    routes: [route],
    ...tlsOf(routing, router),
  };
  const object = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: { name }, spec };
  return { kind: 'ingressroute', name, object };
}

const atEntryPoints: Note = { text: 'the entry points of the same names, which the Traefik of the cluster must have' };

/** Without a priority the length of the rule counts: where the rule is written anew, its old length is kept. */
function priorityOf({ use }: Routing, { priority, rule }: Router): Branch {
  if (priority) return { priority: use.take(priority.item, Number(priority.value), { text: 'priority of the route' }) };
  return rule.kind === 'rule' && rule.changed ? { priority: rule.option.value.length } : {};
}

export function modernized(changed: boolean): Note {
  return changed
    ? { class: 'approximate', text: 'the rule as Traefik 3 writes it' }
    : { text: 'the rule of the route' };
}

export function names({ value }: Option): readonly string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** A middleware that no tag defines stays as it is called: Traefik then serves nothing, rather than without it. */
export function middlewaresOf({ scope, use }: Routing, { middlewares }: Router): Branch {
  if (!middlewares) return {};
  const references = names(middlewares).map((each) => resolve(each, 'middlewares', scope));
  const outside = references.flatMap((each) => (each.kind === 'outside' ? each.written : []));
  const trees = references.map((each) => referenceTree(each, { namespace: bare(scope.module.namespace) }));
  if (outside.length === 0) return { middlewares: use.take(middlewares.item, trees, nearby(references, scope)) };
  const text = `${outside.join(', ')}: defined outside the jobs; until it exists Traefik does not serve the route`;
  const todo = `Write a Middleware for ${outside.join(', ')} and name it in the route, or take it out knowingly.`;
  return { middlewares: use.take(middlewares.item, trees, { class: 'manual', text, todo }) };
}

/** Traefik follows a name into another namespace only when it is told to. */
function nearby(references: readonly Reference[], { module }: GroupScope): Note {
  const far = references.flatMap((each) =>
    each.kind === 'own' && each.namespace !== bare(module.namespace) ? each : [],
  );
  if (far.length === 0) return { text: 'middlewares of the route' };
  const named = far.map(({ name, namespace }) => `${namespace}/${name}`).join(', ');
  const todo = `Set allowCrossNamespace for Traefik's provider kubernetesCRD, or copy ${named} into the namespace.`;
  return { class: 'approximate', text: `${named} is in another namespace`, todo };
}

function certificates(resolver: string): Note {
  const text = `certificate resolver ${resolver}, which the cluster's Traefik must have`;
  return { class: 'approximate', text };
}

export function tlsOf({ use }: Routing, { tls, name }: Router): Branch {
  const tree: Record<string, Tree> = {};
  const domains = new Map<string, Record<string, Tree>>();
  const items: Item[] = [];
  for (const { path, value, item } of tls) {
    const [, key = '', ...rest] = path.map((each) => each.toLowerCase());
    const domain = /^domains\[(\d+)\]$/.exec(key)?.[1];
    if (path.length === 1 && !/^true$/i.test(value)) {
      use.leave(item, { class: 'dropped', text: 'no TLS' });
      continue;
    }
    items.push(item);
    if (path.length === 1) use.leave(item, { text: 'tls of the route' });
    else if (key === 'certresolver') tree['certResolver'] = use.take(item, value, certificates(value));
    else if (key === 'passthrough') tree['passthrough'] = use.take(item, /^true$/i.test(value));
    else if (key === 'options') tree['options'] = use.take(item, { name: value }, options(value));
    else if (domain !== undefined && rest[0] === 'main') {
      domains.set(domain, { ...domains.get(domain), main: use.take(item, value) });
    } else if (domain !== undefined && rest[0] === 'sans') {
      domains.set(domain, {
        ...domains.get(domain),
        sans: use.take(
          item,
          value.split(',').map((each) => each.trim()),
        ),
      });
    } else {
      const todo = `See what ${path.join('.')} of ${name} was for.`;
      use.leave(item, { class: 'manual', text: 'no option of Traefik 3', todo });
    }
  }
  if (domains.size > 0) tree['domains'] = [...domains.values()];
  return items.length > 0 ? { tls: new Sourced(tree, items) } : {};
}

function options(value: string): Note {
  return {
    class: 'manual',
    text: `TLS options ${value} are defined outside the jobs`,
    todo: `Write a TLSOption with what ${value} said, and name it in the route.`,
  };
}
