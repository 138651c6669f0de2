import type { Branch } from '../sourced.ts';

/** A condition on a label, as node affinity says it. */
export interface Requirement {
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /** Absent for Exists and DoesNotExist. */
  readonly values?: readonly string[];
}

export type Required =
  | { readonly kind: 'requirement'; readonly of: Requirement }
  | { readonly kind: 'none'; readonly why: string };

/** What Nomad compares; the right side is the job's text. */
export function requirementOf(operator: string, text: string, value: (text: string) => string): Required {
  switch (operator) {
    case '=':
    case '==':
    case 'is':
      return oneOf('In', [text], value);
    case '!=':
    case 'not':
      return oneOf('NotIn', [text], value);
    case 'is_set':
      return { kind: 'requirement', of: { operator: 'Exists' } };
    case 'is_not_set':
      return { kind: 'requirement', of: { operator: 'DoesNotExist' } };
    case '>':
    case '>=':
    case '<':
    case '<=':
      return compared(operator, text);
    case 'regexp':
      return matched(text, value);
    case 'set_contains':
    case 'set_contains_all':
    case 'set_contains_any':
      return contained(operator, text, value);
    case 'version':
    case 'semver':
      return none('labels are not compared as versions');
    default:
      return none(`${operator} is unknown to Kubernetes`);
  }
}

function oneOf(operator: 'In' | 'NotIn', texts: readonly string[], value: (text: string) => string): Required {
  const values = texts.map(value);
  const wrong = values.find((each) => !/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(each));
  if (wrong !== undefined) return none(`${JSON.stringify(wrong)} cannot be the value of a label`);
  return { kind: 'requirement', of: { operator, values } };
}

/** Kubernetes compares whole numbers, and knows only more and less. */
function compared(operator: '>' | '>=' | '<' | '<=', text: string): Required {
  if (!/^-?\d{1,15}$/.test(text)) return none(`${text} is no whole number, and Kubernetes compares nothing else`);
  const bound = Number(text) + (operator === '>=' ? -1 : operator === '<=' ? 1 : 0);
  return { kind: 'requirement', of: { operator: operator.startsWith('>') ? 'Gt' : 'Lt', values: [String(bound)] } };
}

/** A regular expression that lists whole words is a list; any other is not asked. */
function matched(text: string, value: (text: string) => string): Required {
  const inner = /^\^(?:\((?:\?:)?([^()]*)\)|([^()|]*))\$$/.exec(text);
  const words = (inner?.[1] ?? inner?.[2] ?? '').split('|');
  if (!inner || words.some((word) => !/^(?:[A-Za-z0-9_-]|\\\.)+$/.test(word))) {
    return none(`labels are not matched by regular expressions (${text})`);
  }
  return oneOf(
    'In',
    words.map((word) => word.replaceAll('\\', '')),
    value,
  );
}

/** Nomad's attribute is a list with commas. A label is one value, so it stands for a list of one. */
function contained(operator: string, text: string, value: (text: string) => string): Required {
  const wanted = text.split(',').map((each) => each.trim());
  if (operator !== 'set_contains_any' && wanted.length > 1) {
    return none(`${operator} of several: a label is one value`);
  }
  return oneOf('In', wanted, value);
}

function none(why: string): Required {
  return { kind: 'none', why };
}

/** What a node must be to be left out: for affinities with a negative weight. */
export function inverted({ operator, values }: Requirement): Requirement {
  switch (operator) {
    case 'In':
      return { operator: 'NotIn', values: values ?? [] };
    case 'NotIn':
      return { operator: 'In', values: values ?? [] };
    case 'Exists':
      return { operator: 'DoesNotExist' };
    case 'DoesNotExist':
      return { operator: 'Exists' };
    case 'Gt':
      return { operator: 'Lt', values: (values ?? []).map((value) => String(Number(value) + 1)) };
    case 'Lt':
      return { operator: 'Gt', values: (values ?? []).map((value) => String(Number(value) - 1)) };
    default:
      return operator satisfies never;
  }
}

export function expressionOf(key: string, { operator, values }: Requirement): Branch {
  return { key, operator, ...(values ? { values: [...values] } : {}) };
}
