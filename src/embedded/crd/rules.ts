/** The rules that a schema states as expressions, compiled with it and evaluated on every write that they concern. */
import { sameJson } from '../../kube/patch.ts';
import { type CelProgram, type CelType, compileCel } from '../cel.ts';
import { duplicate, type FieldProblem, forbiddenField, required } from '../field.ts';
import { isList, isObject, type Json, member } from '../json.ts';
import { celTypeOf } from './cel-type.ts';
import { childPath, type Rule, type Structural } from './structural.ts';
import { counterpart } from './validate.ts';

/** A node with rules, or with rules below. */
interface Checker {
  readonly node: Structural;
  readonly rules: readonly Compiled[];
  readonly properties: ReadonlyMap<string, Checker>;
  readonly additional: Checker | undefined;
  readonly items: Checker | undefined;
}

interface Compiled {
  readonly rule: Rule;
  readonly program: CelProgram;
  readonly message: CelProgram | undefined;
  /** It compares with what was there before. */
  readonly transition: boolean;
}

export interface Rules {
  /** The schema states no rules at all. */
  readonly none: boolean;
  /** `old` is undefined for a new object. */
  check(value: Json, old: Json | undefined): readonly FieldProblem[];
}

export function compileRules(root: Structural): Rules {
  const checker = checkerOf(root, 'self', true);
  return {
    none: !checker,
    check: (value, old) => (checker ? problemsAt(checker, { path: '', value, old }) : []),
  };
}

function checkerOf(node: Structural, name: string, root = false): Checker | undefined {
  const properties = [...node.properties].flatMap(([field, below]): [string, Checker][] => {
    const inner = checkerOf(below, `${name}.${field}`);
    return inner ? [[field, inner]] : [];
  });
  const additional = node.additional && checkerOf(node.additional, `${name}.value`);
  const items = node.items && checkerOf(node.items, `${name}.item`);
  if (node.rules.length === 0 && properties.length === 0 && !additional && !items) return undefined;
  const type = node.rules.length === 0 ? undefined : celTypeOf(node, name, root);
  const rules = type ? node.rules.map((rule) => compileRule(rule, type)) : [];
  return { node, rules, properties: new Map(properties), additional, items };
}

export function compileRule(rule: Rule, self: CelType): Compiled {
  const declarations = { variables: variablesOf(self, rule.optionalOldSelf) };
  const program = compileCel(rule.rule, declarations);
  const message = rule.messageExpression === '' ? undefined : compileCel(rule.messageExpression, declarations);
  return { rule, program, message, transition: program.kind === 'ok' && program.names.has('oldSelf') };
}

type Variables = Readonly<Record<'self' | 'oldSelf', CelType>>;

const plain = new WeakMap<CelType, Variables>();
const optional = new WeakMap<CelType, Variables>();

/** The same for all rules of a schema, so that they are compiled in one place. */
function variablesOf(self: CelType, isOptional: boolean): Variables {
  const made = isOptional ? optional : plain;
  const known = made.get(self);
  if (known) return known;
  const variables: Variables = { self, oldSelf: isOptional ? { kind: 'optional', of: self } : self };
  made.set(self, variables);
  return variables;
}

interface Spot {
  readonly path: string;
  readonly value: Json;
  readonly old: Json | undefined;
}

function problemsAt(checker: Checker, spot: Spot): readonly FieldProblem[] {
  const { value } = spot;
  if (value === null) return [];
  const own = checker.rules.flatMap((compiled) => ruleProblems(checker.node, compiled, spot));
  if (isList(value)) return [...own, ...listProblems(checker, spot, value)];
  if (!isObject(value)) return own;
  const inner = Object.entries(value).flatMap(([name, below]) => {
    const known = checker.properties.get(name);
    const any = known ?? (checker.node.properties.has(name) ? undefined : checker.additional);
    if (!any) return [];
    const path = known ? childPath(spot.path, name) : `${spot.path}[${name}]`;
    return problemsAt(any, { path, value: below, old: member(spot.old, name) });
  });
  return [...own, ...inner];
}

function listProblems(checker: Checker, { path, old }: Spot, value: readonly Json[]): readonly FieldProblem[] {
  const { items, node } = checker;
  if (!items) return [];
  return value.flatMap((item, index) => {
    return problemsAt(items, { path: `${path}[${index}]`, value: item, old: counterpart(node.schema, item, old) });
  });
}

function ruleProblems(node: Structural, compiled: Compiled, spot: Spot): readonly FieldProblem[] {
  const { rule, program, transition } = compiled;
  const { path, value, old } = spot;
  const typed = JSON.stringify(node.type);
  if (program.kind === 'invalid') return [wrongly(path, typed, `rule compile error: ${program.message}`)];
  if (transition && old === undefined && !rule.optionalOldSelf) return [];
  const outcome = program.evaluate({ self: value, oldSelf: old });
  if (outcome.kind === 'error') return [wrongly(path, typed, evaluationText(outcome.message, rule))];
  if (outcome.value === true) return [];
  // what an update leaves as it was is not held against it
  if (!transition && old !== undefined && sameJson(value, old)) return [];
  return [failure(node, compiled, spot)];
}

function wrongly(path: string, value: string, text: string): FieldProblem {
  return { reason: 'FieldValueInvalid', field: placed(path), body: `Invalid value: ${value}: ${text}` };
}

/** The API server has no name for the object itself. */
function placed(path: string): string {
  return path === '' ? '<nil>' : path;
}

function evaluationText(message: string, rule: Rule): string {
  const said = (rule.message || rule.rule).trim();
  if (message.startsWith('no such overload')) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${said}`;
  }
  return message.startsWith('operation cancelled')
    ? `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${said}`
    : `${message} evaluating rule: ${said}`;
}

function failure(node: Structural, compiled: Compiled, spot: Spot): FieldProblem {
  const { rule } = compiled;
  const field = placed(`${spot.path}${rule.fieldPath === '' ? '' : normalized(rule.fieldPath, spot.path)}`);
  const detail = messageOf(compiled, spot);
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenField(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, spot.value);
    default: {
      const structured = node.type === 'object' || node.type === 'array';
      const value = structured ? '' : ` ${JSON.stringify(spot.value)}:`;
      return { reason: 'FieldValueInvalid', field, body: `Invalid value:${value} ${detail}` };
    }
  }
}

function normalized(fieldPath: string, path: string): string {
  return path === '' ? fieldPath.replace(/^\./, '') : fieldPath;
}

function messageOf({ rule, message }: Compiled, { value, old }: Spot): string {
  const outcome = message?.kind === 'ok' ? message.evaluate({ self: value, oldSelf: old }) : undefined;
  const text = outcome?.kind === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : '';
  if (text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= LONGEST_MESSAGE) return text;
  return rule.message === '' ? `failed rule: ${rule.rule.trim()}` : rule.message.trim();
}

/** k8s.io/apiserver/pkg/apis/cel MaxEvaluatedMessageExpressionSizeBytes */
const LONGEST_MESSAGE = 5 * 1024;
