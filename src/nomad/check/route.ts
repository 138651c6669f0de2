import type { Service } from '../jobspec/job.ts';
import { fold } from '../translate/fold.ts';
import { dig, maps, word } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { type Check, type ServiceSubject, type Subject, servicesOf } from './subject.ts';
import type { WrittenManifest, WrittenTree } from './tree.ts';
import { says } from './written-report.ts';

/** C11: the routes are those of the tags: host, path rule, priority and middlewares. */
export const route: Check = {
  id: 'C11',
  title: 'routes',
  run: (subject) => servicesOf(subject).flatMap((service) => serviceFindings(subject, service)),
};

interface Router {
  readonly name: string;
  readonly rule: string;
  readonly priority?: number;
  /** Without their provider. */
  readonly middlewares: readonly string[];
  /** `name@file` and the like: of other providers than the tags. */
  readonly foreign: readonly string[];
}

function serviceFindings({ report, tree }: Subject, { service, of }: ServiceSubject): readonly Finding[] {
  const { tags } = service;
  if (!tags || of.workloads.length === 0) return [];
  const told = report.of(tags).filter(({ class: each }) => each !== 'direct');
  const words = told.map(({ text, todo = '' }) => `${text} ${todo}`).join('\n');
  return routersOf(tags.value).flatMap((router): readonly Finding[] => {
    if (told.some((each) => each.class === 'manual' && says(each, router.name))) return [];
    const foreign = router.foreign.filter((name) => !words.includes(name));
    const error = { check: 'C11', severity: 'error', ...atItem(tags) } as const;
    const external = foreign.map((name) => ({
      ...error,
      message: `the router ${router.name} uses the middleware ${name}, which no tag defines, and the report does not say so`,
      todo: `Make a Middleware ${name.replace(/@.*/, '')} and name it in the route.`,
    }));
    return [...routeFindings(tree, router, error), ...external];
  });
}

/** Enabled HTTP routers of a service's tags; option names are case-insensitive. */
function routersOf(tags: NonNullable<Service['tags']>['value']): readonly Router[] {
  const options = new Map(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      return at < 0
        ? ([tag.toLowerCase(), ''] as const)
        : ([tag.slice(0, at).toLowerCase(), tag.slice(at + 1)] as const);
    }),
  );
  if (options.get('traefik.enable') === 'false') return [];
  const names = new Set(
    [...options.keys()].flatMap((key) => /^traefik\.http\.routers\.([^.]+)\.rule$/.exec(key)?.[1] ?? []),
  );
  return [...names].map((name) => {
    const option = (key: string): string | undefined => options.get(`traefik.http.routers.${name}.${key}`);
    const all = (option('middlewares') ?? '').split(',').flatMap((each) => each.trim() || []);
    const isOwn = (each: string): boolean =>
      !each.includes('@') || each.endsWith('@consulcatalog') || each.endsWith('@nomad');
    const priority = option('priority');
    return {
      name,
      rule: option('rule') ?? '',
      ...(priority === undefined ? {} : { priority: Number(priority) }),
      middlewares: all.filter(isOwn).map((each) => each.replace(/@.*/, '')),
      foreign: all.filter((each) => !isOwn(each)),
    };
  });
}

function routeFindings(
  tree: WrittenTree,
  router: Router,
  error: Pick<Finding, 'check' | 'severity' | 'file' | 'line' | 'object'>,
): readonly Finding[] {
  const manifests = tree.modules.flatMap((module) => module.manifests);
  const routes = manifests.filter(({ kind }) => kind === 'IngressRoute').flatMap(routesOf);
  const found = routes.find(({ match }) => normal(match) === normal(router.rule));
  if (!found) {
    if (router.priority === undefined && router.middlewares.length === 0 && inIngress(manifests, router.rule))
      return [];
    const message = `no route has the rule ${router.rule} of the router ${router.name}`;
    return [{ ...error, message, todo: 'Add an IngressRoute with this rule as match.' }];
  }
  const findings: Finding[] = [];
  if (router.priority !== undefined && found.priority !== router.priority) {
    const message = `the route ${router.rule} has another priority than the ${router.priority} of its tag`;
    findings.push({ ...error, message, todo: `Set priority: ${router.priority}.` });
  }
  const lacking = router.middlewares.filter(
    (name) => !found.middlewares.some((each) => each === fold(name) || each.endsWith(`-${fold(name)}`)),
  );
  if (lacking.length > 0) {
    const message = `the route ${router.rule} lacks the middleware ${lacking.join(', ')}`;
    findings.push({ ...error, message, todo: 'Name it under middlewares, in the order of the tag.' });
  }
  return findings;
}

interface Route {
  readonly match: string;
  readonly priority?: number;
  readonly middlewares: readonly string[];
}

function routesOf({ object }: WrittenManifest): readonly Route[] {
  return maps(dig(object, 'spec', 'routes')).map(({ match, priority, middlewares }) => ({
    match: word(match),
    ...(typeof priority === 'number' ? { priority } : {}),
    middlewares: maps(middlewares).map(({ name }) => word(name)),
  }));
}

/** The same rule in one spelling: without spaces, and the lists and patterns of Traefik 2 as version 3 writes them. */
function normal(rule: string): string {
  const single = rule.replaceAll(/\b(Host|Path|PathPrefix)\(([^()]*)\)/g, (_, name: string, values: string) => {
    const each = values.split(',').map((value) => `${name}(${value.trim()})`);
    return each.length === 1 ? (each[0] ?? '') : `(${each.join('||')})`;
  });
  const named = single.replaceAll(/\bHeaders(Regexp)?\(/g, 'Header$1(');
  const patterns = named.replaceAll(/\{[\w-]+:([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g, '$1').replaceAll(/[\^$\\]/g, '');
  const bare = patterns.replaceAll(/\s+/g, '').replaceAll("'", '`').replaceAll('"', '`');
  return /^\([^()]*\([^()]*\)(?:\|\|[^()]*\([^()]*\))*\)$/.test(bare) ? bare.slice(1, -1) : bare;
}

/** A plain host, or a host and one path prefix, may be an Ingress. */
function inIngress(manifests: readonly WrittenManifest[], rule: string): boolean {
  const parts = /^Host\(`([^`]+)`\)(?:&&PathPrefix\(`([^`]+)`\))?$/.exec(normal(rule));
  if (!parts) return false;
  const [, host, prefix = '/'] = parts;
  return manifests
    .filter(({ kind }) => kind === 'Ingress')
    .flatMap(({ object }) => maps(dig(object, 'spec', 'rules')))
    .some(
      (each) => each['host'] === host && maps(dig(each, 'http', 'paths')).some(({ path }) => (path ?? '/') === prefix),
    );
}
