/** What is wrong with an expression, in the words of cel-go (read in 0.26), as the API server passes them on. */
import {
  type ASTNode,
  type Environment,
  EvaluationError,
  TypeError as MistypedError,
  ParseError,
} from '@marcbachmann/cel-js';

type CelError = ParseError | MistypedError | EvaluationError;

/** `compilation failed: ERROR: <input>:1:5: undefined field 'x'` with the place marked below. */
export function compileMessage(expression: string, cause: CelError, environment: Environment): string {
  return markedMessage(expression, describe(expression, cause, environment));
}

export interface Mistake {
  readonly text: string;
  /** Index of the character that it is about. */
  readonly at: number;
}

/** With the place marked below. */
export function markedMessage(expression: string, { text, at }: Mistake): string {
  const before = expression.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const source = expression.split('\n')[line - 1] ?? '';
  const what = `ERROR: <input>:${line}:${column + 1}: ${text}`;
  return `compilation failed: ${what}\n | ${source}\n | ${'.'.repeat(column)}^`;
}

export function isCelError(cause: unknown): cause is CelError {
  return cause instanceof ParseError || cause instanceof MistypedError || cause instanceof EvaluationError;
}

function describe(expression: string, error: CelError, environment: Environment): Mistake {
  const { code, summary } = error;
  const start = error.range?.start ?? 0;
  const quoted = summary.slice(summary.indexOf(': ') + 2);
  if (error instanceof ParseError) return { text: `Syntax error: ${syntaxMessage(summary)}`, at: start };
  switch (code) {
    case 'unknown_variable':
      return { text: undeclared(quoted, environment), at: start };
    case 'invalid_macro_argument':
      return { text: summary.startsWith('has()') ? 'invalid argument to has() macro' : summary, at: start };
    case 'no_such_key':
      return { text: `undefined field '${quoted}'`, at: Math.max(0, expression.lastIndexOf('.', start)) };
    case 'no_such_overload':
      return { text: operatorMessage(quoted), at: operatorAt(expression, error) };
    case 'no_matching_overload':
      return callMessage(expression, error, environment);
    default:
      return { text: summary, at: start };
  }
}

const EXPECTED =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function syntaxMessage(summary: string): string {
  return summary === 'Unexpected token: EOF' ? `mismatched input '<EOF>' expecting ${EXPECTED}` : summary;
}

/** Where a request is at hand the API server also knows who sent it; that is not so here, and is said. */
function undeclared(name: string, environment: Environment): string {
  const hint =
    name === 'authorizer' && environment.hasVariable('request') ? ': authorizer is not supported by this server' : '';
  return `undeclared reference to '${name}' (in container '')${hint}`;
}

/** `int + string` becomes `found no matching overload for '_+_' applied to '(int, string)'`. */
function operatorMessage(written: string): string {
  const single = /^(!|-)([^ ]+)$/.exec(written);
  if (single) return `found no matching overload for '${single[1]}_' applied to '(${typeName(single[2] ?? '')})'`;
  const match = /^(.+) (==|!=|<=|>=|<|>|\+|-|\*|\/|%|in|&&|\|\|) (.+)$/.exec(written);
  if (!match) return `found no matching overload for '${written}'`;
  const [, left = '', operator = '', right = ''] = match;
  const name = operator === 'in' ? '@in' : `_${operator}_`;
  return `found no matching overload for '${name}' applied to '(${typeName(left)}, ${typeName(right)})'`;
}

/** Where the operator stands between its operands. */
function operatorAt(expression: string, error: CelError): number {
  const operands = operandsOf(error.node);
  const [left] = operands;
  if (!left || operands.length !== 2) return error.range?.start ?? 0;
  const gap = /^[\s)]*/.exec(expression.slice(left.range?.end ?? left.end))?.[0].length ?? 0;
  return (left.range?.end ?? left.end) + gap;
}

type Operand = Pick<ASTNode, 'range' | 'end'>;

function operandsOf(node: CelError['node']): readonly Operand[] {
  const parts: unknown = node?.args;
  return Array.isArray(parts) ? parts.filter(isOperand) : [];
}

function isOperand(part: unknown): part is Operand {
  return typeof part === 'object' && part !== null && 'range' in part && 'end' in part;
}

/** `found no matching overload for 'string.charAt(string)'`: of a function that is known, or of one that is not. */
function callMessage(expression: string, error: CelError, environment: Environment): Mistake {
  const match = /'(?:(.+)\.)?([A-Za-z_]\w*)\((.*)\)'$/.exec(error.summary);
  const start = error.range?.start ?? 0;
  if (!match) return { text: error.summary, at: start };
  const [, receiver, name = '', parameters = ''] = match;
  const end = error.range?.end ?? expression.length;
  const at = expression.slice(start, end).lastIndexOf(`${name}(`);
  const open = at < 0 ? start : start + at + name.length;
  const known = environment.getDefinitions().functions.some((definition) => definition.name === name);
  if (!known) return { text: undeclared(name, environment), at: open };
  const list = parameters === '' ? '' : parameters.split(', ').map(typeName).join(', ');
  const types = receiver === undefined ? `(${list})` : `${typeName(receiver)}.(${list})`;
  return { text: `found no matching overload for '${name}' applied to '${types}'`, at: open };
}

/** `list<int>` is `list(int)` in cel-go's words. */
function typeName(type: string): string {
  return type
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replace(/object\d+\.([\w.]+)\.t\d+/g, '$1');
}

/** What went wrong while an expression ran. */
export function evaluationMessage(cause: unknown): string {
  if (!isCelError(cause)) return cause instanceof Error ? cause.message : String(cause);
  const { code, summary } = cause;
  switch (code) {
    case 'no_such_key':
      return `no such key: ${summary.slice(summary.indexOf(': ') + 2)}`;
    case 'index_out_of_bounds':
      return `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? ''}`;
    case 'index_out_of_range':
      return 'index out of range';
    case 'modulo_by_zero':
      return 'modulus by zero';
    case 'numeric_overflow':
      return summary.includes('nsigned') ? 'unsigned integer overflow' : 'integer overflow';
    case 'no_matching_overload':
    case 'no_such_overload':
      return noOverload(summary);
    case 'optional_value_missing':
      return 'optional.none() dereference';
    case 'invalid_regular_expression':
      return `error parsing regexp: \`${summary.slice(summary.indexOf(': ') + 2)}\``;
    default:
      return CONVERSIONS[code] ?? summary;
  }
}

const CONVERSIONS: Readonly<Record<string, string>> = {
  int_conversion_error: conversion('int'),
  uint_conversion_error: 'unsigned integer overflow',
  double_conversion_error: conversion('double'),
  bool_conversion_error: conversion('bool'),
  invalid_timestamp: conversion('google.protobuf.Timestamp'),
  invalid_duration: conversion('google.protobuf.Duration'),
};

function conversion(type: string): string {
  return `type conversion error from 'string' to '${type}'`;
}

/** Functions without a receiver are named. */
function noOverload(summary: string): string {
  const name = /'([a-z_]\w*)\(/i.exec(summary)?.[1];
  return name === undefined || summary.includes(`.${name}(`) ? 'no such overload' : `no such overload: ${name}`;
}
