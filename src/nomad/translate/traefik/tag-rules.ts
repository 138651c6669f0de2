import type { Note } from '../account.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { annotate } from '../service/service-rules.ts';
import { ofKubelet, tableOf, withoutServer } from './backend.ts';
import { place } from './options.ts';
import { resolve } from './reference.ts';
import type { Option } from './tag.ts';
import { taggedOf } from './tagged.ts';

const enable: Rule<GroupScope> = {
  id: 'traefik.enable',
  nomad: 'tag traefik.enable',
  kubernetes: 'nothing of its own: the routes are written, or not',
  class: 'dropped',
  why: 'Without the tag Traefik’s exposedByDefault decided, which no job says: nothing is opened unless a person answers so.',
  apply: (scope, use) => {
    for (const { target, tags, state } of taggedOf(scope)) {
      const options = tags.declared.flatMap((each) => each.options);
      const routed = tags.declared.some(({ part }) => part === 'routers');
      if (tags.enable && state === 'off') {
        use.leave(
          [tags.enable, ...options].map(({ item }) => item),
          { class: 'dropped', text: 'Traefik was told to leave it' },
        );
      } else if (state === 'unsaid') {
        const text = 'no tag traefik.enable: whether Traefik routed it is not known, and nothing is opened on a guess';
        const routers = tags.declared.flatMap(({ part, name }) => (part === 'routers' ? name : [])).join(', ');
        const todo = `Answer traefik.exposedByDefault if Traefik routed ${target.known}${routers === '' ? '' : ` (${routers})`}.`;
        use.leave(
          options.map(({ item }) => item),
          { class: 'manual', text, todo },
        );
      } else if (tags.enable) {
        const todo = `Write a route for ${target.known} if it had one.`;
        const text = 'no router in the tags: Traefik made one from its own configuration (defaultRule)';
        use.leave(tags.enable.item, routed ? { text: 'the routes are written' } : { class: 'manual', text, todo });
      }
    }
  },
};

const service: Rule<GroupScope> = {
  id: 'traefik.service',
  nomad: 'tags traefik.http.services.*, traefik.tcp.services.*, traefik.udp.services.*',
  kubernetes: 'the service of the route: port, scheme, sticky, serversTransport',
  class: 'direct',
  why: 'Health checks of Traefik are the readiness probes of the pods.',
  apply: (scope, use) => {
    for (const { tags, state } of taggedOf(scope)) {
      if (state !== 'on') continue;
      for (const declared of tags.declared.filter(({ part }) => part === 'services')) {
        for (const option of declared.options) use.leave(option.item, noteOf(scope, option, tableOf(declared)));
      }
    }
  },
};

function noteOf(scope: GroupScope, { path, value }: Option, table: ReturnType<typeof tableOf>): Note {
  const [first = '', ...rest] = path;
  const shown = path.join('.');
  if (first.toLowerCase() !== 'loadbalancer') {
    return { class: 'manual', text: `${shown}: a service made of several`, todo: 'Write a TraefikService by hand.' };
  }
  if (/^server\.port$/i.test(rest.join('.'))) return { text: `port ${value} of the route's service` };
  if (ofKubelet(rest)) return { class: 'dropped', text: 'the readiness probe of the pods does it' };
  const placed = place(table, { path: withoutServer(rest), value });
  if (placed.kind === 'strange') {
    return { class: 'manual', text: `${shown}: ${placed.why}`, todo: `Decide what ${shown} becomes.` };
  }
  if (/^serverstransport$/i.test(rest.join('.')) && resolve(value, 'serverstransports', scope).kind === 'outside') {
    return {
      class: 'manual',
      text: `${value}: defined outside the jobs`,
      todo: `Write a ServersTransport for ${value}.`,
    };
  }
  return {};
}

const other: Rule<GroupScope> = {
  id: 'traefik.other',
  nomad: 'tags traefik.consulcatalog.*, traefik.nomad.*, traefik.docker.*',
  kubernetes: 'nothing',
  class: 'dropped',
  why: 'They tell Traefik how to read the catalogue: through the mesh, with or without canaries. So is a tag that a later one says again.',
  apply: (scope, use) => {
    for (const { tags } of taggedOf(scope)) {
      for (const { item, path } of tags.repeated)
        use.leave(item, { text: `a later tag says ${path.join('.')} again, and the last one counts` });
      for (const { item, path } of tags.others) {
        const known = /^(consulcatalog|nomad|docker|swarm|tags)$/i.test(path[1] ?? '');
        const shown = path.join('.');
        use.leave(
          item,
          known ? {} : { class: 'manual', text: `${shown} is not known`, todo: `See what ${shown} was for.` },
        );
      }
    }
  },
};

const foreign: Rule<GroupScope> = {
  id: 'traefik.beside',
  nomad: 'tags beside those of Traefik',
  kubernetes: 'annotation consul-tags of the Service',
  class: 'approximate',
  why: 'Nothing in Kubernetes reads them by itself.',
  apply: (scope, use) => {
    for (const { target, tags } of taggedOf(scope)) {
      if (tags.foreign.length === 0) continue;
      const text = tags.foreign.map(({ path, value }) =>
        value === 'true' ? path.join('.') : `${path.join('.')}=${value}`,
      );
      const items = tags.foreign.map(({ item }) => item);
      if (target.ports.length === 0)
        use.leave(items, { class: 'dropped', text: 'tags of a service without a Service' });
      else annotate(scope.module, target, { 'consul-tags': use.take(items, text.join(',')) });
    }
  },
};

/** Beside the routes, in no order among themselves. */
export const tagRules: readonly Rule<GroupScope>[] = [enable, service, other, foreign];
