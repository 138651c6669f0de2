import { itemsOf } from '../../jobspec/items.ts';
import { selectorOf } from '../assemble.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';

/** How many may be gone at once while a node is emptied. */
export const migrate: Rule<GroupScope> = {
  id: 'group.migrate',
  nomad: 'migrate (job, group)',
  kubernetes: 'PodDisruptionBudget with maxUnavailable',
  class: 'approximate',
  why: 'Readiness decides what is healthy; a deadline for it does not exist.',
  apply: ({ job, group, module, workload }, use) => {
    const blocks = [group.migrate, job.migrate].filter((each) => each !== undefined);
    const items = blocks.flatMap((block) => itemsOf(block));
    if (items.length === 0) return;
    if (workload.kind !== 'Deployment' && workload.kind !== 'StatefulSet') {
      use.leave(items, { class: 'dropped', text: `a ${workload.kind} is not moved` });
      return;
    }
    const field = group.migrate?.max_parallel ?? job.migrate?.max_parallel;
    const budget = use.take(items, Math.max(1, field?.value ?? 1));
    const name = fold(workload.name);
    const spec = { maxUnavailable: budget, selector: { matchLabels: selectorOf(module, workload) } };
    const object = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec };
    module.manifests.push({ kind: 'poddisruptionbudget', name, object });
  },
};
