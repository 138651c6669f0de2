import type { Item } from '../jobspec/field.ts';
import type { Constraint } from '../jobspec/job.ts';
import { dig, maps, word, words } from './dig.ts';
import { type Finding, isItem } from './finding.ts';
import { type Check, type GroupSubject, groupsOf, type Subject } from './subject.ts';
import { labelOf, selects, textMap, type Workload } from './workload.ts';
import type { WrittenReport } from './written-report.ts';

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
    const condition = conditionOf(
      each,
      (attribute) => policy.nodeLabels[attribute] ?? labels[attribute] ?? labelIn(report, parts),
    );
    return workloads
      .filter((workload) => !isPresent(condition, workload))
      .map((workload): Finding => {
        const { shown, wanted } = condition;
        const here = standing(condition, workload);
        const stands = here === '' ? 'neither here nor in the report' : `not what stands here: ${here}`;
        const message = `the constraint ${shown} of ${each.at.file}:${each.at.line} is ${stands}`;
        const line = workload.manifest.lineOf(...workload.podPath);
        const todo = `Write ${wanted} as nodeSelector or required node affinity; without it the pods run where they must not.`;
        const where = { file: workload.manifest.file, line, object: labelOf(workload) };
        return { check: 'C10', severity: 'error', ...where, message, todo };
      });
  });
}

interface Condition {
  /** As the job has it. */
  readonly shown: string;
  /** As a manifest would say it, for a person. */
  readonly wanted: string;
  readonly operator: string;
  readonly value: string;
  /** Absent: nobody says which, and any that Kubernetes does not set itself may be meant. */
  readonly label?: string;
}

const shorthands = ['regexp', 'version', 'semver', 'set_contains', 'set_contains_any', 'set_contains_all'] as const;

/** Attributes of clients that Kubernetes has labels for. */
const labels: Readonly<Record<string, string>> = {
  'attr.cpu.arch': 'kubernetes.io/arch',
  'attr.arch': 'kubernetes.io/arch',
  'attr.kernel.arch': 'kubernetes.io/arch',
  'attr.kernel.name': 'kubernetes.io/os',
  'attr.unique.hostname': 'kubernetes.io/hostname',
  'node.unique.name': 'kubernetes.io/hostname',
  'node.datacenter': 'topology.kubernetes.io/zone',
  'node.region': 'topology.kubernetes.io/region',
};
const ownLabels = new Set(Object.values(labels));

/** Which label a person was told to set, where it is one that Kubernetes does not set itself. */
function labelIn(report: WrittenReport, items: readonly Item[]): string | undefined {
  const texts = items.flatMap((item) => report.of(item).map(({ text }) => text));
  return texts.flatMap((text) => /^label ([\w./-]+)/.exec(text)?.[1] ?? [])[0];
}

function conditionOf(each: Constraint, labelFor: (attribute: string) => string | undefined): Condition {
  const { operator, value, subject = '' } = comparisonOf(each);
  const attribute = subject.replace(/^\$\{(.*)\}$/, '$1').trim();
  const label = labelFor(attribute);
  const shown = `${subject} ${operator} ${value}`.trim();
  const words = manifestWords[operator] ?? operator;
  const wanted = `${label ?? `the label for ${attribute}`} ${words} ${value}`.trim();
  return { shown, wanted, operator, value, ...(label === undefined ? {} : { label }) };
}

const manifestWords: Readonly<Record<string, string>> = {
  ...{ '=': 'In', '==': 'In', is: 'In', '!=': 'NotIn', not: 'NotIn', '>': 'Gt', '<': 'Lt' },
  ...{ is_set: 'Exists', is_not_set: 'DoesNotExist', regexp: 'In', set_contains_any: 'In' },
  ...{ set_contains: 'In', set_contains_all: 'In', distinct_hosts: 'in podAntiAffinity' },
};

/** Operator, value and attribute, whichever of its spellings a job has. */
function comparisonOf(each: Constraint): {
  readonly operator: string;
  readonly value: string;
  readonly subject?: string | undefined;
} {
  const { attribute, value, is_set: set, is_not_set: unset, distinct_property: property } = each;
  const subject = attribute?.value;
  const short = shorthands.find((key) => each[key] !== undefined);
  if (short) return { operator: short, value: each[short]?.value ?? '', subject };
  if (each.distinct_hosts) return { operator: 'distinct_hosts', value: '', subject };
  if (property) return { operator: 'distinct_property', value: value?.value ?? '', subject: property.value };
  const isSubject = (text: string): boolean => text !== 'true';
  if (set) return { operator: 'is_set', value: '', subject: isSubject(set.value) ? set.value : subject };
  if (unset) return { operator: 'is_not_set', value: '', subject: isSubject(unset.value) ? unset.value : subject };
  return { operator: each.operator.value, value: value?.value ?? '', subject };
}

function isPresent(condition: Condition, { pod, labels: own }: Workload): boolean {
  const { operator, label } = condition;
  if (operator === 'distinct_hosts' || operator === 'distinct_property') {
    const key = operator === 'distinct_hosts' ? 'kubernetes.io/hostname' : label;
    const apart = maps(dig(pod, 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'));
    const spread = operator === 'distinct_property' ? maps(pod['topologySpreadConstraints']) : [];
    return [...apart, ...spread].some(
      (each) =>
        (key === undefined || each['topologyKey'] === key) &&
        each['whenUnsatisfiable'] !== 'ScheduleAnyway' &&
        selects(each['labelSelector'], own),
    );
  }
  const keeps = (each: Expression): boolean => isAbout(condition, each) && implies(each, condition);
  // one of several terms is enough for a node: what must be so has to stand in each
  const terms = termsOf(pod);
  return selectorsOf(pod).some(keeps) || (terms.length > 0 && terms.every((term) => term.some(keeps)));
}

function isAbout({ label }: Condition, { key }: Expression): boolean {
  return label === undefined ? !ownLabels.has(key) : key === label;
}

/** What is said of the label of a condition, as a person reads it. */
function standing(condition: Condition, { pod }: Workload): string {
  const said = [...selectorsOf(pod), ...termsOf(pod).flat()].filter(
    (each) => condition.label !== undefined && isAbout(condition, each),
  );
  return said.map(({ key, operator, values }) => `${key} ${operator} ${values.join(', ')}`.trim()).join('; ');
}

/** Lower case: names of nodes are. */
interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

function selectorsOf(pod: Workload['pod']): readonly Expression[] {
  return Object.entries(textMap(pod['nodeSelector'])).map(([key, value]) => {
    return { key, operator: 'In', values: [value.toLowerCase()] };
  });
}

function termsOf(pod: Workload['pod']): readonly (readonly Expression[])[] {
  const terms = maps(
    dig(pod, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'),
  );
  return terms.map(({ matchExpressions }) =>
    maps(matchExpressions).map(({ key, operator, values }) => ({
      key: word(key),
      operator: word(operator),
      values: words(values).map((text) => text.toLowerCase()),
    })),
  );
}

/** Whether every node that the expression lets through keeps the condition. A narrower one does. */
function implies(expression: Expression, { operator, value: written }: Condition): boolean {
  const { values } = expression;
  const value = aliased(written.toLowerCase());
  const listed = expression.operator === 'In' && values.length > 0;
  switch (operator) {
    case '=':
    case '==':
    case 'is':
      return listed && values.every((each) => each === value);
    case '!=':
    case 'not':
      return expression.operator === 'NotIn' ? values.includes(value) : listed && !values.includes(value);
    case 'set_contains':
    case 'set_contains_all':
    case 'set_contains_any': {
      const parts = value.split(',').map((each) => each.trim());
      return listed && values.every((each) => parts.includes(each));
    }
    case 'regexp':
      return listed && values.every((each) => matches(written, each));
    case '>':
    case '>=':
    case '<':
    case '<=':
      return compares(expression, operator, Number(value));
    case 'is_set':
      return ['In', 'Exists', 'Gt', 'Lt'].includes(expression.operator);
    case 'is_not_set':
      return expression.operator === 'DoesNotExist';
    default:
      // versions are compared by nobody: whoever wrote something has decided
      return true;
  }
}

function compares({ operator, values }: Expression, than: '>' | '>=' | '<' | '<=', bound: number): boolean {
  const [limit = Number.NaN] = values.map(Number);
  const holds = (each: number): boolean => {
    if (than === '>') return each > bound;
    if (than === '>=') return each >= bound;
    return than === '<' ? each < bound : each <= bound;
  };
  if (operator === 'In') return values.length > 0 && values.map(Number).every(holds);
  // labels are whole numbers: the first that is let through has to hold
  if (than.startsWith('>')) return operator === 'Gt' && holds(limit + 1);
  return operator === 'Lt' && holds(limit - 1);
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(value);
  } catch {
    // Go's patterns know forms that these do not: nothing is said against it
    return true;
  }
}

/** As uname calls machines, and as labels do. */
const machines: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
  i386: '386',
};

function aliased(value: string): string {
  return machines[value] ?? value;
}
