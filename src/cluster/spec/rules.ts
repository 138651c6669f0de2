/**
 * What a cluster.yaml must keep that no single field shows. A rule is a row: it names itself, and lists what breaks it.
 * Source of the rows without another one: the page of the cluster, section 2.
 */

import type { ClusterSpec } from './cluster-spec.ts';
import type { SpecFinding } from './finding.ts';
import { networkRules } from './rules/network-rules.ts';
import { nodeRules } from './rules/node-rules.ts';
import { recordRules } from './rules/record-rules.ts';
import type { SpecRule } from './rules/rule.ts';

export const rules: readonly SpecRule[] = [
  ...nodeRules,
  ...networkRules,
  ...recordRules,
  {
    id: 'deviation-known',
    meaning: 'A deviation names a rule that knows deviations.',
    severity: 'error',
    broken: ({ deviations }) =>
      deviations.flatMap(({ rule }, index) =>
        rules.some(({ id, mayDeviate }) => id === rule && mayDeviate === true)
          ? []
          : [
              {
                path: ['deviations', index, 'rule'],
                message: `${rule} is no rule that one may deviate from: ${deviable().join(', ')}`,
              },
            ],
      ),
  },
];

/** Everything that is wrong, in the order of the rules; what a deviation allows is left out. */
export function brokenRules(spec: ClusterSpec, today: string): readonly SpecFinding[] {
  return rules.flatMap((rule) => {
    if (
      rule.mayDeviate === true &&
      spec.deviations.some(({ rule: id, until }) => id === rule.id && (until ?? today) >= today)
    )
      return [];
    return rule.broken(spec).map(({ path, message }) => ({ rule: rule.id, severity: rule.severity, path, message }));
  });
}

function deviable(): readonly string[] {
  return rules.filter(({ mayDeviate }) => mayDeviate === true).map(({ id }) => id);
}
