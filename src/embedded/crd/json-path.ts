/** The paths by which columns and selectable fields are found: `.spec.a`, `.a['b.c'][0]`, `.conditions[?(@.type=="Ready")].status`. */
import { at, isList, isObject, type Json, member } from '../json.ts';

type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly operator: string; readonly value: Json };

export type JsonPath = (value: Json) => readonly Json[];

/** Undefined when the text is no path, or one with more than this knows. */
export function readJsonPath(text: string): JsonPath | undefined {
  const steps = readSteps(text);
  if (!steps) return undefined;
  return (value) => steps.reduce<readonly Json[]>((found, step) => found.flatMap((each) => take(step, each)), [value]);
}

const STEP =
  /^(?:\.?\[(?<bracket>(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]'"])*)\]|\.(?<name>(?:[^.[\]\\]|\\.)+)|(?<all>\.\*))/;

function readSteps(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const match = STEP.exec(rest);
    if (!match) return undefined;
    const step = readStep(match.groups ?? {});
    if (!step) return undefined;
    steps.push(step);
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function readStep({ name, bracket }: Readonly<Record<string, string | undefined>>): Step | undefined {
  if (name === '*' || bracket === '*') return { kind: 'all' };
  if (name !== undefined) return { kind: 'member', name: name.replace(/\\(.)/g, '$1') };
  if (bracket === undefined) return { kind: 'all' };
  const quoted = /^'(.*)'$|^"(.*)"$/s.exec(bracket);
  if (quoted) return { kind: 'member', name: (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1') };
  if (/^-?\d+$/.test(bracket)) return { kind: 'index', index: Number(bracket) };
  const slice = /^(-?\d*):(-?\d*)$/.exec(bracket);
  if (slice) return { kind: 'slice', from: Number(slice[1] ?? 0), to: slice[2] ? Number(slice[2]) : undefined };
  return readFilter(bracket);
}

function readFilter(text: string): Step | undefined {
  const match = /^\?\(\s*@((?:\.[\w-]+)+)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*\)$/.exec(text);
  if (!match) return undefined;
  const [, path = '', operator = '', literal = 'null'] = match;
  return { kind: 'filter', path: path.slice(1).split('.'), operator, value: readLiteral(literal) };
}

function readLiteral(text: string): Json {
  const quoted = /^'(.*)'$|^"(.*)"$/s.exec(text);
  if (quoted) return quoted[1] ?? quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function take(step: Step, value: Json): readonly Json[] {
  switch (step.kind) {
    case 'member': {
      const found = member(value, step.name);
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = isList(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'slice':
      return isList(value) ? value.slice(step.from, step.to) : [];
    case 'all':
      return isList(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'filter':
      return isList(value) ? value.filter((item) => fits(step, item)) : [];
    default:
      return step satisfies never;
  }
}

function fits({ path, operator, value }: Extract<Step, { kind: 'filter' }>, item: Json): boolean {
  const found = at(item, ...path);
  if (found === undefined) return false;
  switch (operator) {
    case '':
      return true;
    case '==':
      return found === value;
    case '!=':
      return found !== value;
    default:
      return compare(found, value, operator);
  }
}

function compare(left: Json, right: Json, operator: string): boolean {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return false;
  if (left === right) return operator.length === 2;
  return operator.startsWith('<') ? left < right : left > right;
}
