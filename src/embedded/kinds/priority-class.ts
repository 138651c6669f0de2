/** PriorityClass (pkg/printers, read in 1.36). */
import { type FieldProblem, forbiddenField, IMMUTABLE, invalidValue, notAmong } from '../field.ts';
import { at, type JsonObject, numberAt, textAt } from '../json.ts';
import type { Kind, Rules } from '../kind.ts';
import { row } from '../row.ts';

const LARGEST = 1_000_000_000;
const POLICIES = ['PreemptLowerPriority', 'Never'];
const SYSTEM = 'system-';
const SYSTEM_VALUES = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);

const priorityRules: Rules = {
  defaults: (priorityClass) => ({ preemptionPolicy: 'PreemptLowerPriority', ...priorityClass }),
  problems: (priorityClass) => {
    const policy = textAt(priorityClass, 'preemptionPolicy') ?? '';
    return [
      ...valueProblems(priorityClass),
      ...(POLICIES.includes(policy) ? [] : [notAmong('preemptionPolicy', policy, POLICIES)]),
    ];
  },
  updateProblems: (priorityClass, current) => {
    const policy = at(priorityClass, 'preemptionPolicy') ?? null;
    const sameValue = numberAt(priorityClass, 'value') === numberAt(current, 'value');
    return [
      ...(sameValue ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
      ...(policy === at(current, 'preemptionPolicy') ? [] : [invalidValue('preemptionPolicy', policy, IMMUTABLE)]),
    ];
  },
};

function valueProblems(priorityClass: JsonObject): readonly FieldProblem[] {
  const name = textAt(priorityClass, 'metadata', 'name') ?? '';
  const value = numberAt(priorityClass, 'value') ?? 0;
  if (!name.startsWith(SYSTEM)) {
    const text = `maximum allowed value of a user defined priority is ${LARGEST}`;
    return value > LARGEST ? [forbiddenField('value', text)] : [];
  }
  const known = SYSTEM_VALUES.get(name);
  if (known === value) return [];
  const why =
    known === undefined
      ? `${name} is not a known system priority class`
      : `value of ${name} PriorityClass must be ${known}`;
  const text = `priority class names with '${SYSTEM}' prefix are reserved for system use only. error: ${why}`;
  return [forbiddenField('metadata.name', text)];
}

export const priorityClassKinds: readonly Kind[] = [
  row('scheduling.k8s.io/v1', 'priorityclasses', {
    counted: true,
    counting: 'once',
    rules: priorityRules,
    cells: {
      Value: (priorityClass) => numberAt(priorityClass, 'value') ?? 0,
      'Global-Default': (priorityClass) => at(priorityClass, 'globalDefault') === true,
      PreemptionPolicy: (priorityClass) => textAt(priorityClass, 'preemptionPolicy') ?? '',
    },
  }),
];
