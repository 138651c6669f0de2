/** Label and field selectors, as text in a query and as objects in a spec. */
import { KubeError } from './error.ts';
import type { LabelSelector } from './kinds.ts';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /** Empty for Exists and DoesNotExist, one integer for Gt and Lt. */
  readonly values: readonly string[];
}

export interface FieldRequirement {
  /** As the API names it, for example `metadata.name`. */
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

type Labels = Readonly<Record<string, string>>;

/** An empty selector matches every object. */
export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labelOf(labels, key) !== value) return false;
  }
  const expressions = selector.matchExpressions ?? [];
  return expressions.every(({ key, operator, values = [] }) => matches({ key, operator, values }, labels));
}

export function matchesRequirements(requirements: readonly LabelRequirement[], labels: Labels | undefined): boolean {
  return requirements.every((requirement) => matches(requirement, labels));
}

function matches({ key, operator, values }: LabelRequirement, labels: Labels | undefined): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn': // an absent label is not in any set
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return compares(operator, value, values[0]);
    default:
      operator satisfies never;
      return false;
  }
}

/** Labels that are not integers are neither greater nor less. */
function compares(operator: 'Gt' | 'Lt', value: string | undefined, bound: string | undefined): boolean {
  if (value === undefined || bound === undefined || !INTEGER.test(value) || !INTEGER.test(bound)) return false;
  return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

/** Own properties only: a label named `constructor` is absent unless it was set. */
function labelOf(labels: Labels | undefined, key: string): string | undefined {
  return labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

const INTEGER = /^[+-]?\d{1,19}$/;
const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const LABEL_VALUE = new RegExp(`^(?:${NAME})?$`);
const LABEL_KEY = new RegExp(
  `^(?:(?=.{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?${NAME}$`,
);

/** One requirement at the start of the rest of the text; the forms are tried in this order. */
const FORMS: readonly { readonly form: RegExp; readonly read: (match: RegExpExecArray) => LabelRequirement }[] = [
  {
    form: /^([^\s,!=<>()]+)\s+(in|notin)\s*\(([^()]*)\)/,
    read: ([, key = '', word, list = '']) => ({
      key,
      operator: word === 'in' ? 'In' : 'NotIn',
      values: list.split(',').map((value) => value.trim()),
    }),
  },
  {
    form: /^([^\s,!=<>()]+)\s*(==|=|!=)\s*([^\s,!=<>()]*)/,
    read: ([, key = '', sign, value = '']) => ({ key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] }),
  },
  {
    form: /^([^\s,!=<>()]+)\s*([<>])\s*([^\s,!=<>()]+)/,
    read: ([, key = '', sign, value = '']) => ({ key, operator: sign === '>' ? 'Gt' : 'Lt', values: [value] }),
  },
  { form: /^!\s*([^\s,!=<>()]+)/, read: ([, key = '']) => ({ key, operator: 'DoesNotExist', values: [] }) },
  { form: /^([^\s,!=<>()]+)/, read: ([, key = '']) => ({ key, operator: 'Exists', values: [] }) },
];

/**
 * Reads `a=b,c!=d,e in (f,g),!h` as `kubectl -l` takes it. Empty text is no requirement at all.
 * @throws KubeError KUBE_INVALID naming what could not be read.
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  const requirements: LabelRequirement[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const { requirement, length } = readRequirement(rest, text);
    requirements.push(checked(requirement, text));
    rest = rest.slice(length).trimStart();
    if (rest === '') break;
    if (!rest.startsWith(',')) throw invalid(`label selector "${text}": expected a comma before "${rest}"`);
    rest = rest.slice(1).trimStart();
    if (rest === '') throw invalid(`label selector "${text}" ends with a comma`);
  }
  return requirements;
}

function readRequirement(rest: string, text: string): { requirement: LabelRequirement; length: number } {
  for (const { form, read } of FORMS) {
    const match = form.exec(rest);
    if (match) return { requirement: read(match), length: match[0].length };
  }
  throw invalid(`label selector "${text}": cannot read "${rest}"`);
}

function checked(requirement: LabelRequirement, text: string): LabelRequirement {
  const { key, operator, values } = requirement;
  if (!LABEL_KEY.test(key)) throw invalid(`label selector "${text}": "${key}" is not a label key`);
  const ordered = operator === 'Gt' || operator === 'Lt';
  const bad = values.find((value) => (ordered ? !INTEGER.test(value) : !LABEL_VALUE.test(value)));
  if (bad !== undefined) {
    throw invalid(`label selector "${text}": "${bad}" is not ${ordered ? 'an integer' : 'a label value'}`);
  }
  return requirement;
}

/**
 * Reads `metadata.name=a,spec.nodeName!=b`. In values a backslash escapes a comma, an equals sign or itself.
 * Which fields exist is for the caller to say.
 * @throws KubeError KUBE_INVALID naming the term that could not be read.
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitTerms(text).map((term) => {
    const match = /^\s*([A-Za-z0-9_.[\]/-]+)(!=|==|=)((?:\\[\\,=]|[^\\,=])*)$/.exec(term);
    if (!match) throw invalid(`field selector "${text}": cannot read "${term}"`);
    const [, field = '', sign, value = ''] = match;
    return { field, equal: sign !== '!=', value: value.replace(/\\([\\,=])/g, '$1') };
  });
}

/** `fields` gives the value of a field; a field that is absent compares as the empty string, as the API does. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: (field: string) => string | undefined,
): boolean {
  return requirements.every(({ field, equal, value }) => ((fields(field) ?? '') === value) === equal);
}

/** At commas that no backslash escapes; empty terms are dropped, as the API drops them. */
function splitTerms(text: string): string[] {
  const terms = text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? [];
  return terms.filter((term) => term.trim() !== '');
}

function invalid(message: string): KubeError {
  return new KubeError('KUBE_INVALID', message, { status: 400, reason: 'BadRequest' });
}
