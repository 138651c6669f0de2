import type { Pair } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import type { Service } from '../../jobspec/job.ts';
import { proxyOnly } from '../network/port.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { isCredential } from '../secret/credential.ts';
import type { ServiceTarget } from '../service-index.ts';
import type { Tree } from '../sourced.ts';
import { isTraefik } from '../traefik/tag.ts';
import { filled } from './filled.ts';
import { annotate, targetsOf } from './service-rules.ts';

function each(scope: GroupScope, visit: (service: Service, target: ServiceTarget) => void): void {
  for (const target of targetsOf(scope)) for (const { service } of target.blocks) visit(service, target);
}

const provider: Rule<GroupScope> = {
  id: 'service.provider',
  nomad: 'service.provider, cluster, identity',
  kubernetes: 'the DNS of the cluster knows every Service',
  class: 'dropped',
  why: 'Consul and Nomad are both left; what a service proves to Consul with an identity has no reader.',
  apply: (scope, use) => {
    each(scope, ({ provider: field, cluster, identity }) => {
      if (field.written) use.leave(field);
      if (cluster) use.leave(cluster);
      if (identity) use.leave(itemsOf(identity));
    });
  },
};

const placement: Rule<GroupScope> = {
  id: 'service.address_mode',
  nomad: 'service.address_mode, tagged_addresses',
  kubernetes: "a Service leads to the pods' own addresses",
  class: 'dropped',
  why: 'Which of its addresses a client of Nomad advertised does not matter to a Service.',
  apply: (scope, use) => {
    each(scope, ({ address_mode: mode, tagged_addresses: tagged }) => {
      if (mode.written) use.leave(mode);
      if (tagged.length > 0) {
        use.leave(tagged, {
          class: 'manual',
          text: 'addresses by tag have no twin',
          todo: 'See who asked Consul for the tagged addresses.',
        });
      }
    });
  },
};

const task: Rule<GroupScope> = {
  id: 'service.task',
  nomad: 'service.task',
  kubernetes: 'the container that has the port and the probes',
  class: 'dropped',
  why: 'It says whose checks and whose port these are, and is followed there; it is nothing of its own.',
  apply: (scope, use) => {
    each(scope, ({ task: field }) => {
      if (field) use.leave(field);
    });
  },
};

const catalogue: Rule<GroupScope> = {
  id: 'service.catalogue',
  nomad: 'service.weights, enable_tag_override, on_update, kind, canary_tags, canary_meta',
  kubernetes: 'nothing',
  class: 'dropped',
  why: "They are about Consul's catalogue and about instances of a canary, which a Service has not.",
  apply: (scope, use) => {
    each(scope, (service) => {
      const {
        weights,
        enable_tag_override: override,
        on_update: update,
        kind,
        canary_tags: tags,
        canary_meta: meta,
      } = service;
      if (weights) use.leave(itemsOf(weights));
      if (override.written) use.leave(override);
      for (const field of [update, kind, tags]) if (field) use.leave(field);
      if (meta.length > 0) use.leave(meta);
    });
  },
};

const tags: Rule<GroupScope> = {
  id: 'service.tags',
  nomad: 'service.tags (but those of Traefik)',
  kubernetes: 'annotation consul-tags of the Service',
  class: 'approximate',
  why: 'Nothing in Kubernetes reads them by itself; `<tag>.<name>.service.consul` becomes the Service.',
  apply: (scope, use) => {
    each(scope, ({ tags: field }, target) => {
      if (!field || field.value.some(isTraefik)) return;
      if (field.value.length === 0) use.leave(field, { class: 'dropped', text: 'no tags' });
      else if (target.ports.length === 0)
        use.leave(field, { class: 'dropped', text: 'tags of a service without a Service' });
      else {
        const text = filled(field.value.join(','), scope);
        annotate(scope.module, target, { 'consul-tags': use.take(field, text.text, text.note) });
      }
    });
  },
};

const meta: Rule<GroupScope> = {
  id: 'service.meta',
  nomad: 'service.meta',
  kubernetes: 'annotations consul-meta/key of the Service',
  class: 'approximate',
  why: 'Meta that only tells the port of the proxy is dropped with the port.',
  apply: (scope, use) => {
    each(scope, ({ meta: pairs }, target) => {
      for (const pair of pairs) {
        const key = annotationKey(pair);
        if (isCredential(pair.key, pair.value)) {
          const todo = `See who reads the meta ${pair.key}, and give it to them as a Secret.`;
          use.leave(pair, { class: 'manual', text: 'a credential belongs into no manifest', todo });
        } else if (ofProxy(scope, pair))
          use.leave(pair, { class: 'dropped', text: 'it tells the port of the proxy, which is gone' });
        else if (target.ports.length === 0 || key === undefined) {
          use.leave(pair, {
            class: 'manual',
            text: 'no Service can carry it',
            todo: `See who reads the meta ${pair.key}.`,
          });
        } else {
          const { text, note } = filled(pair.value, scope);
          annotate(scope.module, target, { [key]: use.take<Tree>(pair, text, note) });
        }
      }
    });
  },
};

function annotationKey({ key }: Pair): string | undefined {
  return /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(key) ? `consul-meta/${key}` : undefined;
}

function ofProxy({ group }: GroupScope, { value }: Pair): boolean {
  const [, label] = /^\$\{NOMAD_(?:HOST_|ALLOC_)?(?:PORT|IP|ADDR)_(.+)\}$/.exec(value) ?? [];
  const labels = group.network.flatMap(({ port }) => port.map((block) => block.label.text));
  const meant = labels.find((each) => each === label || each.replaceAll(/[^A-Za-z0-9_]/g, '_') === label);
  return meant !== undefined && proxyOnly(group, meant);
}

export const serviceFieldRules: readonly Rule<GroupScope>[] = [provider, placement, task, catalogue, tags, meta];
