import type { Note } from '../account.ts';
import { secret as hidden } from '../check/checked.ts';
import { rewriteHosts } from '../consul-name.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { worst } from '../service/filled.ts';
import { Sourced, type Tree } from '../sourced.ts';
import { middlewareOptions, type OptionTable, serversTransportOptions, tcpMiddlewareOptions } from './option-table.ts';
import { type OptionValue, place, put } from './options.ts';
import { nameOf, resolve } from './reference.ts';
import type { Declared, Option } from './tag.ts';
import { type Tagged, taggedOf } from './tagged.ts';

/** Options whose value is a secret, or the way to one: what takes their place, and what a person does. */
const secrets: Readonly<Record<string, string>> = {
  'basicauth.users': 'users',
  'basicauth.usersfile': 'users',
  'digestauth.users': 'users',
  'digestauth.usersfile': 'users',
};

interface Writing {
  readonly scope: GroupScope;
  readonly declared: Declared;
  readonly tagged: Tagged;
  readonly use: Use;
  readonly spec: Record<string, OptionValue>;
}

const middleware: Rule<GroupScope> = {
  id: 'traefik.middleware',
  nomad: 'tags traefik.http.middlewares.*, traefik.tcp.middlewares.*',
  kubernetes: 'Middleware, MiddlewareTCP: lists, numbers and truth values in the types of their schema',
  class: 'direct',
  why: 'Users and their hashes are never written: the Middleware names a Secret that a person makes.',
  apply: (scope, use) => {
    for (const tagged of taggedOf(scope)) {
      const { tags, state } = tagged;
      if (state !== 'on') continue;
      for (const declared of tags.declared.filter((each) => each.part === 'middlewares')) {
        const spec: Record<string, OptionValue> = {};
        for (const option of declared.options) writeOption({ scope, declared, tagged, use, spec }, option);
        if (Object.keys(spec).length > 0)
          write({ scope, declared, tagged, use, spec }, declared.protocol === 'tcp' ? 'MiddlewareTCP' : 'Middleware');
      }
    }
  },
};

function writeOption(writing: Writing, option: Option): void {
  const { declared, use, spec, scope } = writing;
  const [type = '', ...path] = option.path;
  const lower = option.path.join('.').toLowerCase();
  if (secrets[lower] !== undefined) {
    const secret = `${nameOfResource(scope, declared)}-users`;
    put(spec, [type.toLowerCase() === 'basicauth' ? 'basicAuth' : 'digestAuth', 'secret'], secret);
    const text = `Secret ${secret}; users and hashes are not written into manifests`;
    const todo = `Create the Secret ${secret} with the key ${secrets[lower]} (one user:hash a line).`;
    use.leave(option.item, { class: 'manual', text, todo });
    return;
  }
  if (lower === 'errors.service') {
    errorPages(writing, option);
    return;
  }
  if (lower === 'chain.middlewares') {
    chain(writing, option);
    return;
  }
  if (type.toLowerCase() === 'plugin') {
    put(spec, ['plugin', ...path], option.value);
    const text = 'the options of a plugin as text; the Traefik of the cluster must have the plugin';
    use.leave(option.item, { class: 'approximate', text });
    return;
  }
  typed(writing, option);
}

function typed({ scope, declared, use, spec }: Writing, option: Option): void {
  if (hidden(option.path.at(-1) ?? '', option.value)) {
    const todo = `Let the middleware ${declared.name} have ${option.path.join('.')} from somewhere else than a manifest.`;
    use.leave(option.item, { class: 'manual', text: 'a credential belongs into no manifest', todo });
    return;
  }
  const table: OptionTable = declared.protocol === 'tcp' ? tcpMiddlewareOptions : middlewareOptions;
  const { text, notes } = rewriteHosts(option.value, scope, 'traefik');
  const placed = place(table, { path: option.path, value: text });
  const shown = option.path.join('.');
  if (placed.kind === 'strange') {
    const todo = `Decide what ${shown} of the middleware ${declared.name} becomes.`;
    use.leave(option.item, { class: 'manual', text: `${shown}: ${placed.why}`, todo });
    return;
  }
  put(spec, placed.path, placed.value);
  const note: Note = /^forwardauth\.tls\./i.test(shown)
    ? {
        class: 'manual',
        text: `${shown} is a name or a file of the Traefik before`,
        todo: `Correct ${shown} of the middleware ${declared.name}.`,
      }
    : worst(notes);
  use.leave(option.item, note);
}

/** The service that shows the pages of errors: this one, or one of the jobs. */
function errorPages({ scope, declared, tagged, use, spec }: Writing, { value, item }: Option): void {
  const name = value.replace(/@.*/, '');
  const own = tagged.tags.declared.some((each) => each.part === 'services' && each.name === name);
  const target = own ? tagged.target : scope.project.services.get(name);
  if (target?.port === undefined) {
    const todo = `Name the Service of the error pages in the Middleware ${declared.name}.`;
    use.leave(item, { class: 'manual', text: `no converted job has a service ${name}`, todo });
    return;
  }
  put(spec, ['errors', 'service'], { name: target.name, port: target.port });
  use.leave(item, { text: `the Service ${target.name}` });
}

function chain({ scope, use, spec }: Writing, option: Option): void {
  const references = option.value.split(',').map((each) => resolve(each.trim(), 'middlewares', scope));
  spec['chain'] = { middlewares: references.map((each) => ({ name: each.kind === 'own' ? each.name : each.written })) };
  const outside = references.flatMap((each) => (each.kind === 'outside' ? each.written : []));
  const text = `${outside.join(', ')}: defined outside the jobs`;
  const todo = `Write a Middleware for ${outside.join(', ')}.`;
  use.leave(option.item, outside.length === 0 ? {} : { class: 'manual', text, todo });
}

function nameOfResource({ project, module }: GroupScope, { part, name }: Declared): string {
  return nameOf(name, module.name, project.services.declared.get(`${part}.${name}`)?.length ?? 1);
}

function write({ scope, declared, spec }: Writing, kind: 'Middleware' | 'MiddlewareTCP' | 'ServersTransport'): void {
  const name = nameOfResource(scope, declared);
  const body = new Sourced(
    treeOf(spec),
    declared.options.map(({ item }) => item),
  );
  const object = { apiVersion: 'traefik.io/v1alpha1', kind, metadata: { name }, spec: body };
  const known = scope.module.manifests.some((each) => each.kind === kind.toLowerCase() && each.name === name);
  if (!known) scope.module.manifests.push({ kind: kind.toLowerCase(), name, object });
}

function treeOf(value: OptionValue): Tree {
  if (typeof value !== 'object') return value;
  if (isList(value)) return value.map(treeOf);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, treeOf(each)]));
}

function isList(value: OptionValue): value is readonly OptionValue[] {
  return Array.isArray(value);
}

const transport: Rule<GroupScope> = {
  id: 'traefik.serverstransport',
  nomad: 'tags traefik.http.serversTransports.*',
  kubernetes: 'ServersTransport',
  class: 'direct',
  why: 'Certificates are files of the Traefik before; in a cluster they are Secrets.',
  apply: (scope, use) => {
    for (const tagged of taggedOf(scope)) {
      const { tags, state } = tagged;
      if (state !== 'on') continue;
      for (const declared of tags.declared.filter((each) => each.part === 'serverstransports')) {
        const spec: Record<string, OptionValue> = {};
        for (const option of declared.options) {
          const placed = place(serversTransportOptions, option);
          const shown = option.path.join('.');
          if (placed.kind === 'placed') {
            put(spec, placed.path, placed.value);
            use.leave(option.item);
          } else {
            const todo = `Give the ServersTransport ${declared.name} what ${shown} was.`;
            use.leave(option.item, { class: 'manual', text: `${shown}: ${placed.why}`, todo });
          }
        }
        write({ scope, declared, tagged, use, spec }, 'ServersTransport');
      }
    }
  },
};

export const middlewareRules: readonly Rule<GroupScope>[] = [middleware, transport];
