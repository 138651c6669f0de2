import type { Constraint } from '../jobspec/job.ts';
import { dig, list, maps, texts, word } from './dig.ts';
import { type Finding, isItem } from './finding.ts';
import { type Check, type GroupSubject, groupsOf, type Subject } from './subject.ts';
import { labelOf, textMap, type Workload } from './workload.ts';

/** C10: each constraint is where the pods are selected for nodes, or reported. */
export const constraint: Check = {
  id: 'C10',
  title: 'constraints',
  run: (subject) => groupsOf(subject).flatMap((group) => groupFindings(subject, group)),
};

function groupFindings({ report, policy }: Subject, { of, group, workloads }: GroupSubject): readonly Finding[] {
  const all = [...of.job.constraint, ...group.constraint, ...group.task.flatMap((task) => task.constraint)];
  return all.flatMap((each) => {
    const parts = Object.values(each).filter(isItem);
    if (report.lost(each) || parts.some((item) => report.lost(item))) return [];
    return workloads
      .filter((workload) => !isPresent(each, workload, policy.nodeLabels))
      .map((workload): Finding => {
        const message = `the constraint ${describe(each)} of ${each.at.file}:${each.at.line} is neither here nor in the report`;
        const line = workload.manifest.lineOf(...workload.podPath);
        const todo = 'Add it as nodeSelector or node affinity; without it the pods run where they must not.';
        const where = { file: workload.manifest.file, line, object: labelOf(workload) };
        return { check: 'C10', severity: 'error', ...where, message, todo };
      });
  });
}

const shorthands = ['regexp', 'version', 'semver', 'set_contains', 'set_contains_any', 'set_contains_all'] as const;

function describe(each: Constraint): string {
  const short = shorthands.find((key) => each[key] !== undefined);
  const value = each.value?.value ?? (short && each[short]?.value) ?? '';
  return `${each.attribute?.value ?? ''} ${short ?? each.operator.value} ${value}`.trim();
}

/** Attributes of clients that Kubernetes has labels for. */
const labels: Readonly<Record<string, string>> = {
  'attr.cpu.arch': 'kubernetes.io/arch',
  'attr.kernel.name': 'kubernetes.io/os',
  'attr.unique.hostname': 'kubernetes.io/hostname',
  'node.unique.name': 'kubernetes.io/hostname',
  'node.datacenter': 'topology.kubernetes.io/zone',
};

function isPresent(each: Constraint, { pod }: Workload, nodeLabels: Readonly<Record<string, string>>): boolean {
  const operator = each.operator.value;
  const apart = each.distinct_hosts !== undefined || operator === 'distinct_hosts';
  const spread = each.distinct_property !== undefined || operator === 'distinct_property';
  if (apart || spread) {
    const kept = dig(pod, 'affinity', 'podAntiAffinity') !== undefined;
    return kept || (spread && list(pod['topologySpreadConstraints']).length > 0);
  }
  const attribute = (each.attribute?.value ?? '').replace(/^\$\{(.*)\}$/, '$1').trim();
  const label = nodeLabels[attribute] ?? labels[attribute];
  // a comparison or a pattern becomes other values of the same label
  const literal =
    ['=', '==', 'is', '!=', 'not'].includes(operator) && shorthands.every((key) => each[key] === undefined);
  const value = literal ? (each.value?.value ?? '').toLowerCase() : '';
  const found = [...selectors(pod), ...expressions(pod)].filter(({ key }) => label === undefined || key === label);
  if (value === '') return found.length > 0;
  return found.some(({ values }) => value.split(',').every((part) => values.includes(part.trim())));
}

interface Selected {
  readonly key: string;
  /** Lower case: names of nodes are. */
  readonly values: readonly string[];
}

function selectors(pod: Workload['pod']): readonly Selected[] {
  return Object.entries(textMap(pod['nodeSelector'])).map(([key, value]) => ({ key, values: [value.toLowerCase()] }));
}

function expressions(pod: Workload['pod']): readonly Selected[] {
  const terms = maps(
    dig(pod, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'),
  );
  return terms.flatMap(({ matchExpressions }) =>
    maps(matchExpressions).map(({ key, values }) => ({
      key: word(key),
      values: texts(values).map(({ text }) => text.toLowerCase()),
    })),
  );
}
