/** How a workload names its pods, and whether its own template carries the names. */
import { matchesSelector } from '../../kube/selector.ts';
import { type FieldProblem, invalidValue, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, stringsAt, textAt, textsAt } from '../json.ts';

const LABELS = 'spec.template.metadata.labels';

type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
const OPERATORS: readonly Operator[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function isEmptySelector(selector: Json | undefined): boolean {
  return Object.keys(objectAt(selector, 'matchLabels')).length + listAt(selector, 'matchExpressions').length === 0;
}

/** No selector selects nothing, an empty one everything. */
export function selects(selector: Json | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined) return false;
  const matchExpressions = listAt(selector, 'matchExpressions').flatMap((each) => {
    const operator = OPERATORS.find((known) => known === textAt(each, 'operator'));
    return operator ? [{ key: textAt(each, 'key') ?? '', operator, values: textsAt(each, 'values') }] : [];
  });
  return matchesSelector({ matchLabels: stringsAt(selector, 'matchLabels') ?? {}, matchExpressions }, labels);
}

/** Undefined when it was left out, which is stored as null. */
function selectorOf(workload: JsonObject): Json | undefined {
  return at(workload, 'spec', 'selector') ?? undefined;
}

/** As the server prints labels: in the order of their names. */
export function printedLabels(labels: Json | undefined): Json {
  if (!isObject(labels)) return null;
  return Object.fromEntries(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)));
}

export function printedSelector(selector: Json | undefined): Json {
  const labels = at(selector, 'matchLabels');
  if (!isObject(selector)) return null;
  return labels === undefined ? selector : { ...selector, matchLabels: printedLabels(labels) };
}

/** `noun`: what an empty selector is invalid for. */
export function selectorProblems(workload: JsonObject, noun: string): readonly FieldProblem[] {
  const selector = selectorOf(workload);
  if (selector === undefined) return [required('spec.selector')];
  if (!isEmptySelector(selector)) return [];
  return [invalidValue('spec.selector', printedSelector(selector), `empty selector is invalid for ${noun}`)];
}

export function templateLabelProblems(workload: JsonObject): readonly FieldProblem[] {
  const selector = selectorOf(workload);
  if (selector !== undefined && isEmptySelector(selector)) return [];
  const labels = at(workload, 'spec', 'template', 'metadata', 'labels');
  if (selects(selector, stringsAt(labels) ?? {})) return [];
  return [invalidValue(LABELS, printedLabels(labels), '`selector` does not match template `labels`')];
}
