import type { Affinity, Constraint } from '../../jobspec/job.ts';
import type { Note } from '../account.ts';
import { selectorOf } from '../assemble.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { bare } from '../sourced.ts';
import { type Condition, conditionOf } from './condition.ts';
import { attributeOf, labelFor, type NodeLabel } from './node-label.ts';
import { expressionOf, inverted, type Requirement, requirementOf } from './requirement.ts';
import { spreadRules } from './spread.ts';

/** All that hold for the group's pod: the job's, the group's and those of its tasks. */
function all<B extends Constraint | Affinity>(
  { job, group }: GroupScope,
  of: (part: GroupScope['job'] | GroupScope['group'] | GroupScope['group']['task'][number]) => readonly B[],
): readonly B[] {
  return [...of(job), ...of(group), ...group.task.flatMap(of)];
}

const distinct = new Set(['distinct_hosts', 'distinct_property']);

type Label = Extract<NodeLabel, { kind: 'label' }>;

type Read =
  | { readonly kind: 'requirement'; readonly label: Label; readonly of: Requirement; readonly note: Note }
  | { readonly kind: 'left'; readonly note: Note };

/** A condition on a client of Nomad as one on a node. */
function readCondition({ project }: GroupScope, { attribute: written, operator, value }: Condition): Read {
  const attribute = attributeOf(written);
  const shown = `${written} ${operator} ${value}`.trim();
  const manual = (why: string): Read => ({
    kind: 'left',
    note: { class: 'manual', text: `not written: ${why}`, todo: `Decide how pods keep to "${shown}".` },
  });
  if (attribute === undefined) return manual(`${JSON.stringify(written)} is no attribute of a node`);
  if (value.includes('${')) return manual(`${value} is known to Nomad only`);
  const label = labelFor(attribute, project);
  if (label.kind === 'moot')
    return { kind: 'left', note: { class: 'dropped', text: `${attribute} says nothing about a node of Kubernetes` } };
  if (label.kind === 'none') return manual(`no label of nodes stands for ${attribute}`);
  const required = requirementOf(operator, value, label.value);
  if (required.kind === 'none') return manual(required.why);
  return { kind: 'requirement', label, of: required.of, note: noteFor(label, attribute, operator) };
}

function noteFor(label: Label, attribute: string, operator: string): Note {
  const text = `label ${label.key}`;
  if (label.unsure !== undefined) {
    const own = label.key.startsWith('nomad.larder.dev/');
    const todo = own
      ? `Label the nodes as ${attribute} was set on the Nomad clients: kubectl label node NAME ${label.key}=VALUE.`
      : `See that the nodes have the label ${label.key} with what was ${attribute}.`;
    return { class: 'approximate', text: `${text}: ${label.unsure}`, todo };
  }
  return { text, ...(operator.startsWith('set_contains') ? { class: 'approximate' as const } : {}) };
}

const constraint: Rule<GroupScope> = {
  id: 'placement.constraint',
  nomad: 'constraint (job, group, task)',
  kubernetes: 'nodeSelector, or required node affinity',
  class: 'direct',
  why: 'Labels that Kubernetes sets itself are used where it has them; others come from nodeLabels of the policy, or are asked for.',
  apply: (scope, use) => {
    for (const condition of all(scope, (part) => part.constraint).map(conditionOf)) {
      if (!distinct.has(condition.operator)) constrain(scope, condition, use);
    }
  },
};

function constrain(scope: GroupScope, condition: Condition, use: Use): void {
  const read = readCondition(scope, condition);
  if (read.kind === 'left') {
    use.leave(condition.items, read.note);
    return;
  }
  const { nodeSelector, nodeRequired } = scope.workload.pod;
  const { key } = read.label;
  const [only, ...others] = read.of.values ?? [];
  const before = nodeSelector[key];
  if (read.of.operator === 'In' && only !== undefined && others.length === 0 && (!before || bare(before) === only)) {
    nodeSelector[key] = use.take(condition.items, only, read.note);
    return;
  }
  const { values, ...expression } = expressionOf(key, read.of);
  const taken = use.take(condition.items, read.of.operator, read.note);
  nodeRequired.push({ ...expression, operator: taken, ...(values === undefined ? {} : { values }) });
}

const affinity: Rule<GroupScope> = {
  id: 'placement.affinity',
  nomad: 'affinity (job, group, task)',
  kubernetes: 'preferred node affinity with its weight',
  class: 'approximate',
  why: 'A negative weight becomes the opposite condition. The schedulers weigh against other things.',
  apply: (scope, use) => {
    for (const block of all(scope, (part) => part.affinity)) {
      const condition = conditionOf(block);
      const weight = block.weight.value;
      const read = readCondition(scope, condition);
      if (read.kind === 'left') use.leave(condition.items, read.note);
      else if (weight === 0) use.leave(condition.items, { class: 'dropped', text: 'weight 0' });
      else {
        const of = weight < 0 ? inverted(read.of) : read.of;
        scope.workload.pod.nodePreferred.push({
          weight: use.take(condition.items, Math.min(100, Math.max(1, Math.abs(weight))), {
            ...read.note,
            class: 'approximate',
          }),
          preference: { matchExpressions: [expressionOf(read.label.key, of)] },
        });
      }
    }
  },
};

const distinctHosts: Rule<GroupScope> = {
  id: 'placement.distinct_hosts',
  nomad: 'distinct_hosts',
  kubernetes: 'required pod anti-affinity by host',
  class: 'direct',
  why: 'On the job no two pods of any of its groups share a node, on the group or a task no two of the group.',
  apply: ({ job, group, module, workload }, use) => {
    const scoped = [
      ...job.constraint.map((block) => ({ block, wide: true })),
      ...[...group.constraint, ...group.task.flatMap((task) => task.constraint)].map((block) => ({
        block,
        wide: false,
      })),
    ];
    for (const { block, wide } of scoped) {
      const { operator, value, items } = conditionOf(block);
      if (operator !== 'distinct_hosts') continue;
      if (value === 'false') {
        use.leave(items, { class: 'dropped', text: 'off' });
        continue;
      }
      const labels = wide ? { app: module.name } : selectorOf(module, workload);
      const topologyKey = use.take(items, 'kubernetes.io/hostname', {
        text: `no two pods of ${wide ? 'the job' : 'the group'} on a node`,
      });
      workload.pod.apart.push({ labelSelector: { matchLabels: labels }, topologyKey });
    }
  },
};

const distinctProperty: Rule<GroupScope> = {
  id: 'placement.distinct_property',
  nomad: 'distinct_property',
  kubernetes: 'required pod anti-affinity by the label; with a limit above 1 an even spread',
  class: 'direct',
  why: 'Kubernetes counts differences, not how many a value may have.',
  apply: (scope, use) => {
    const { module, workload, project } = scope;
    for (const { operator, attribute, value, items } of all(scope, (part) => part.constraint).map(conditionOf)) {
      if (operator !== 'distinct_property') continue;
      const label = labelFor(attributeOf(attribute) ?? attribute, project);
      const limit = value === '' ? 1 : Number(value);
      if (label.kind !== 'label' || !Number.isInteger(limit) || limit < 1) {
        const todo = `Decide how pods of ${workload.name} keep apart by ${attribute}.`;
        use.leave(items, { class: 'manual', text: `no label of nodes stands for ${attribute}`, todo });
        continue;
      }
      const labelSelector = { matchLabels: selectorOf(module, workload) };
      if (limit === 1) {
        const note = label.unsure === undefined ? {} : noteFor(label, attribute, operator);
        workload.pod.apart.push({ labelSelector, topologyKey: use.take(items, label.key, note) });
        continue;
      }
      const text = `spread over ${label.key} with a difference of at most 1: there is no limit of ${limit} a value`;
      const topologyKey = use.take(items, label.key, { class: 'approximate', text });
      workload.pod.spread.push({ maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector });
    }
  },
};

export const placementRules: readonly Rule<GroupScope>[] = [
  constraint,
  distinctHosts,
  distinctProperty,
  affinity,
  ...spreadRules,
];
