import type { Rule } from '../rule.ts';
import type { ProjectScope } from '../scope.ts';
import { bare } from '../sourced.ts';

/** What every cluster has. */
const given = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** Written once, into the first module that is in it: two modules that make one namespace could not both be applied. */
const namespaceObject: Rule<ProjectScope> = {
  id: 'job.namespace-object',
  nomad: 'namespace of several jobs',
  kubernetes: 'the Namespace, in the first module that is in it',
  class: 'direct',
  why: 'The other modules need it before they are applied.',
  apply: ({ modules }, use) => {
    const made = new Set(given);
    for (const { namespace, manifests, job } of modules) {
      const name = bare(namespace);
      if (job.namespace.written) use.take(job.namespace, name, { text: `metadata.namespace ${name}` });
      if (made.has(name)) continue;
      made.add(name);
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      manifests.push({ kind: 'namespace', name, object });
    }
  },
};

export const namespaceEnds: readonly Rule<ProjectScope>[] = [namespaceObject];
