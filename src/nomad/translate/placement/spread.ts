import { itemsOf } from '../../jobspec/items.ts';
import { selectorOf } from '../assemble.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { attributeOf, labelFor } from './node-label.ts';

const spread: Rule<GroupScope> = {
  id: 'placement.spread',
  nomad: 'spread (job, group)',
  kubernetes: 'topologySpreadConstraints, ScheduleAnyway',
  class: 'approximate',
  why: 'Kubernetes spreads evenly: percentages of targets and weights are lost.',
  apply: ({ job, group, module, workload, project }, use) => {
    for (const block of [...job.spread, ...group.spread]) {
      const attribute = attributeOf(block.attribute?.value ?? '') ?? '';
      const label = labelFor(attribute, project);
      const items = itemsOf(block);
      if (label.kind !== 'label') {
        const todo = `Decide how pods of ${workload.name} spread over ${block.attribute?.value ?? 'the nodes'}.`;
        use.leave(items, { class: 'manual', text: 'no label of nodes stands for it', todo });
        continue;
      }
      const percents = block.target.map(({ label: target, percent }) => `${target.text} ${percent?.value ?? 0} %`);
      const lost = percents.length === 0 ? '' : `; lost: ${percents.join(', ')}`;
      const topologyKey = use.take(items, label.key, { text: `even over ${label.key}${lost}` });
      const labelSelector = { matchLabels: selectorOf(module, workload) };
      workload.pod.spread.push({ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector });
    }
  },
};

export const spreadRules: readonly Rule<GroupScope>[] = [spread];
