import { fold } from '../translate/fold.ts';
import { dig } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { middlewareFindings } from './middleware.ts';
import { type Router, routersOf } from './router.ts';
import { type Check, type JobSubject, type ServiceSubject, type Subject, servicesOf } from './subject.ts';
import type { WrittenTree } from './tree.ts';
import { hasLabels, textMap } from './workload.ts';
import { says } from './written-report.ts';
import { type WrittenRoute, writtenRoutes } from './written-route.ts';

/** C11: the routes are those of the tags, no more and no less: host, path rule, priority, entry points and middlewares. */
export const route: Check = {
  id: 'C11',
  title: 'routes',
  run: (subject) => {
    const services = Map.groupBy(servicesOf(subject), ({ of }) => of.of);
    return [
      ...subject.jobs.flatMap((job) => jobFindings(subject, job, services.get(job) ?? [])),
      ...servicesOf(subject).flatMap((service) => middlewareFindings(subject, service)),
    ];
  },
};

/** A router of the tags, with the service that they stand at. */
interface Placed {
  readonly router: Router;
  readonly of: ServiceSubject;
}

function jobFindings(subject: Subject, job: JobSubject, services: readonly ServiceSubject[]): readonly Finding[] {
  if (!job.module) return [];
  const routes = job.module.manifests.flatMap(writtenRoutes);
  const placed = services
    .filter(({ of }) => of.workloads.length > 0)
    .flatMap((of) => routersOf(of.service.tags?.value ?? []).map((router): Placed => ({ router, of })));
  const told = placed.filter((each) => isManual(subject, each));
  const judged = placed.filter((each) => !told.includes(each)).map((each) => judge(subject, each, routes));
  const taken = new Set(judged.flatMap(({ best }) => best ?? []));
  const strange = routes.filter(
    (each) => !taken.has(each) && !placed.some((router) => differences(subject, router, each).length === 0),
  );
  return [
    ...judged.flatMap(({ findings }) => findings),
    ...judged.flatMap(({ placed: each }) => external(subject, each)),
    ...strange.filter((each) => !isOfGateway(services, each)).map((each) => stranger(subject, each, placed)),
  ];
}

/** Whether the report says that the router was not written. */
function isManual({ report }: Subject, { router, of: { service } }: Placed): boolean {
  const told = service.tags ? report.of(service.tags) : [];
  return told.some((each) => each.class === 'manual' && says(each, router.name));
}

function external({ report }: Subject, { router, of: { service } }: Placed): readonly Finding[] {
  const { tags } = service;
  if (!tags) return [];
  const told = report.of(tags).filter(({ class: each }) => each !== 'direct');
  const words = told.map(({ text, todo = '' }) => `${text} ${todo}`).join('\n');
  return router.foreign
    .filter((name) => !words.includes(name))
    .map((name) => ({
      check: 'C11',
      severity: 'error',
      ...atItem(tags),
      message: `the router ${router.name} uses the middleware ${name}, which no tag defines, and the report does not say so`,
      todo: `Make a Middleware ${name.replace(/@.*/, '')} and name it in the route.`,
    }));
}

interface Judged {
  readonly placed: Placed;
  /** The route that was meant, as far as there is one. */
  readonly best?: WrittenRoute;
  readonly findings: readonly Finding[];
}

/** Of several routes of one rule the one that fits best is meant: two routers may differ in their entry points alone. */
function judge(subject: Subject, placed: Placed, routes: readonly WrittenRoute[]): Judged {
  const { router, of } = placed;
  const { tags } = of.service;
  const [best] = routes
    .filter((each) => isRuleOf(router, each))
    .map((each) => ({ route: each, wrong: differences(subject, placed, each) }))
    .toSorted((one, other) => one.wrong.length - other.wrong.length);
  if (!best) {
    const { message, todo } = absence(router);
    return { placed, findings: tags ? [{ check: 'C11', severity: 'error', ...atItem(tags), message, todo }] : [] };
  }
  const from = tags ? ` (${tags.at.file}:${tags.at.line})` : '';
  const findings = best.wrong.map(({ message, todo }): Finding => {
    return { check: 'C11', severity: 'error', ...whereOf(best.route), message: `${message}${from}`, todo };
  });
  return { placed, best: best.route, findings };
}

function absence({ protocol, name, rule, entryPoints = [] }: Router): Difference {
  if (protocol === 'udp') {
    const message = `no route of UDP is that of the router ${name}`;
    return { message, todo: `Add an IngressRouteUDP at ${entryPoints.join(', ') || 'its entry point'}.` };
  }
  const message = `no route has the rule ${rule} of the router ${name}`;
  return { message, todo: `Add an IngressRoute${protocol === 'tcp' ? 'TCP' : ''} with this rule as match.` };
}

function whereOf({ manifest, path }: WrittenRoute): Pick<Finding, 'file' | 'line' | 'object'> {
  const { file, kind, name } = manifest;
  return { file, line: manifest.lineOf(...path), object: `${kind}/${name}` };
}

interface Difference {
  readonly message: string;
  readonly todo: string;
}

function differences(subject: Subject, { router, of }: Placed, found: WrittenRoute): readonly Difference[] {
  if (!isRuleOf(router, found)) return [{ message: 'another rule', todo: '' }];
  const all: Difference[] = [];
  const { priority, entryPoints: wanted = [] } = router;
  const rule = router.protocol === 'udp' ? `${router.name} of UDP` : router.rule;
  if (priority !== undefined && found.priority !== priority)
    all.push({
      message: `the route ${rule} has another priority than the ${priority} of its tag`,
      todo: `Set priority: ${priority}.`,
    });
  const lacking = router.middlewares.filter((name) => placeOf(found, name) < 0);
  const order = router.middlewares.map((name) => placeOf(found, name)).filter((at) => at >= 0);
  const todo = 'Name it under middlewares, in the order of the tag.';
  if (lacking.length > 0) all.push({ message: `the route ${rule} lacks the middleware ${lacking.join(', ')}`, todo });
  else if (order.some((at, index) => index > 0 && at < (order[index - 1] ?? 0)))
    all.push({ message: `the route ${rule} has its middlewares in another order than its tag`, todo });
  if (wanted.length > 0 && !isSameSet(wanted, found.entryPoints)) {
    const has = found.entryPoints.join(', ') || 'none of its own, so all';
    const message = `the route ${rule} is at the entry points ${has}, and at ${wanted.join(', ')} in its tag`;
    all.push({ message, todo: `Set entryPoints to ${wanted.join(', ')}.` });
  }
  if (router.tls && !found.tls)
    all.push({ message: `the route ${rule} has no TLS, which its tag has`, todo: 'Add tls.' });
  if (!found.services.some((each) => reaches(subject.tree, each, of))) {
    const names = found.services.map(({ name }) => name).join(', ') || 'no Service';
    const message = `the route ${rule} leads to ${names}, which is not the Service of ${of.service.name?.value ?? of.service.path}`;
    all.push({ message, todo: 'Name the Service of the tags.' });
  }
  return all;
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.every((each) => other.includes(each)) && other.every((each) => one.includes(each));
}

function placeOf({ middlewares }: WrittenRoute, name: string): number {
  return middlewares.findIndex((each) => each === fold(name) || each.endsWith(`-${fold(name)}`));
}

/** Whether the Service has the pods of the group behind it; one without a selector is somebody's own. */
function reaches(
  { modules }: WrittenTree,
  { name, namespace }: WrittenRoute['services'][number],
  { of }: ServiceSubject,
): boolean {
  const services = modules
    .flatMap(({ manifests }) => manifests)
    .filter((each) => each.kind === 'Service' && each.name === name && each.namespace === namespace);
  // what is not written is another check's
  if (services.length === 0) return true;
  return services.some(({ object }) => {
    const selector = textMap(dig(object, 'spec', 'selector'));
    if (Object.keys(selector).length === 0) return true;
    return of.workloads.some(({ labels, manifest }) => manifest.namespace === namespace && hasLabels(labels, selector));
  });
}

/** Routes of an ingress gateway come from its listeners. */
function isOfGateway(services: readonly ServiceSubject[], { rule, services: behind }: WrittenRoute): boolean {
  const listened = services.flatMap(({ service }) =>
    (service.connect?.gateway?.ingress?.listener ?? []).flatMap((listener) => listener.service),
  );
  return behind.some(({ name }) =>
    listened.some(({ name: own, hosts }) => {
      if (own !== undefined && own.value !== '*' && fold(own.value) !== name) return false;
      const named = hosts?.value ?? [];
      return (
        named.length === 0 ||
        named.some((host) => host === '*' || rule.includes(`\`${host}\``)) ||
        rule.startsWith('HostSNI')
      );
    }),
  );
}

/** A route that no tag asks for. Past the middlewares that guard its Service it is a way round them. */
function stranger({ tree }: Subject, found: WrittenRoute, placed: readonly Placed[]): Finding {
  const guards = placed
    .filter(({ of }) => found.services.some((each) => reaches(tree, each, of)))
    .flatMap(({ router }) => [...router.middlewares, ...router.foreign.map((name) => name.replace(/@.*/, ''))]);
  const passed = [...new Set(guards)].filter((name) => placeOf(found, name) < 0 && !found.middlewares.includes(name));
  const rule = found.protocol === 'udp' ? 'of UDP' : found.rule === '' ? 'for everything else' : found.rule;
  const leads = found.services.map(({ name }) => name).join(', ') || 'nothing';
  const message = `no tag asks for the route ${rule}, which leads to ${leads}`;
  if (passed.length === 0)
    return {
      check: 'C11',
      severity: 'warning',
      ...whereOf(found),
      message,
      todo: 'Keep it if you added it on purpose: it opens what Nomad did not.',
    };
  return {
    check: 'C11',
    severity: 'error',
    ...whereOf(found),
    message: `${message} without ${passed.join(', ')}, which its tags put before it`,
    todo: `Remove it, or name ${passed.join(', ')} under its middlewares.`,
  };
}

/** What Nomad fills into a tag is any text here. */
function isRuleOf({ rule, protocol }: Router, found: WrittenRoute): boolean {
  if (protocol !== found.protocol) return false;
  const [wanted, written] = [normal(rule), normal(found.rule)];
  if (!/\$\{|\$\(/.test(rule)) return wanted === written;
  const pattern = normal(rule.replaceAll(/\$\{[^}]*\}/g, '\0'))
    .split('\0')
    .map((each) => each.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^`]*');
  return new RegExp(`^${pattern}$`).test(written);
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
