/** What calls in an expression can cost: loops, and functions whose work grows with their arguments. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Estimate, Scope } from './estimate.ts';

type Call = Extract<ASTNode, { op: 'call' | 'rcall' }>;
type Visit = (node: ASTNode, scope: Scope) => Estimate;

const PER_CHARACTER = 0.1;
const PER_PATTERN = 0.25;

export function callCost(node: Call, scope: Scope, visit: Visit): Estimate {
  if (node.op === 'call') return functionCost(node.args[0], node.args[1], (part) => visit(part, scope));
  const [name, receiver, parts] = node.args;
  const target = visit(receiver, scope);
  const [variable, ...rest] = parts;
  if (variable?.op === 'id' && LOOPS.has(name))
    return loopCost(name, target, { variable: variable.args, rest, scope, visit });
  const given = parts.map((part) => visit(part, scope));
  const { cost, ...result } = methodCost(name, target, given);
  return { ...result, cost: cost + target.cost + given.reduce((total, each) => total + each.cost, 0) };
}

function scalar(cost: number): Estimate {
  return { cost, kind: 'scalar', size: 1 };
}

function text(cost: number, size: number): Estimate {
  return { cost, kind: 'text', size };
}

const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

interface Loop {
  readonly variable: string;
  readonly rest: readonly ASTNode[];
  readonly scope: Scope;
  readonly visit: Visit;
}

function itemOf({ kind, bounds, items }: Estimate): Estimate {
  if (kind === 'map') return text(1, 0); // names count as empty
  if (items) return { ...items, cost: 1 };
  const inner = bounds?.items;
  if (!inner) return { cost: 1, kind: 'unknown', size: Number.POSITIVE_INFINITY };
  return { cost: 1, kind: inner.kind, size: inner.most, bounds: inner };
}

/** As functions see the items of a list: of a list that the expression made they know no sizes. */
function elementOf(list: Estimate): Estimate {
  const item = itemOf(list);
  const known = list.bounds !== undefined || item.kind === 'scalar';
  return known ? item : { ...item, size: Number.POSITIVE_INFINITY };
}

/** Each round costs what is done in it and what the loop itself does. */
function loopCost(name: string, range: Estimate, { variable, rest, scope, visit }: Loop): Estimate {
  const item = itemOf(range);
  const inner = new Map([...scope, [variable, item]]);
  const [first, second] = rest.map((part) => visit(part, inner));
  const predicate = first?.cost ?? 0;
  const times = (round: number): number => (range.size === 0 ? 0 : range.size * round);
  switch (name) {
    case 'all':
      return scalar(range.cost + 1 + times(predicate + 3));
    case 'exists':
      return scalar(range.cost + 1 + times(predicate + 4));
    case 'exists_one':
      return scalar(range.cost + 2 + times(predicate + 2));
    case 'filter':
      return { cost: range.cost + 11 + times(predicate + 13), kind: 'list', size: range.size, items: item };
    default: {
      const made = second ?? first ?? item;
      const round = second ? predicate + 12 + second.cost : 12 + made.cost;
      return { cost: range.cost + 11 + times(round), kind: 'list', size: range.size, items: { ...made, cost: 1 } };
    }
  }
}

const PARSED = new Set(['quantity', 'isQuantity', 'isIP', 'isCIDR', 'cidr', 'ip']);

function functionCost(name: string, parts: readonly ASTNode[], visit: (node: ASTNode) => Estimate): Estimate {
  const [argument] = parts;
  if (name === 'has' && argument?.op === '.') return scalar(visit(argument.args[0]).cost);
  const given = parts.map(visit);
  const cost = given.reduce((total, each) => total + each.cost, 0);
  const [first = scalar(0)] = given;
  if (name === 'dyn') return { ...first, cost: cost + 1 };
  if (name === 'url') return text(cost + grown(first.size, PER_CHARACTER), first.size);
  if (PARSED.has(name)) return scalar(cost + grown(first.size, PER_CHARACTER));
  return name === 'string' ? text(cost + 1, Number.POSITIVE_INFINITY) : scalar(cost + 1);
}

function grown(size: number, factor: number): number {
  return Math.ceil(size * factor);
}

/** Without the cost of the target and of the arguments. */
function methodCost(name: string, target: Estimate, given: readonly Estimate[]): Estimate {
  const [first = scalar(0)] = given;
  const { size } = target;
  switch (name) {
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf': {
      if (target.kind === 'text') return scalar(grown(size, PER_CHARACTER));
      const item = elementOf(target);
      const each = 1 + (item.kind === 'text' ? grown(item.size, PER_CHARACTER) : 0);
      return { ...item, cost: size === 0 ? 0 : size * each };
    }
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
      return text(grown(size, PER_CHARACTER), size);
    case 'replace':
      return text(grown(size, 2 * PER_CHARACTER), replacedSize(size, first, given[1] ?? scalar(0)));
    case 'split':
      return { cost: grown(size, 2 * PER_CHARACTER), kind: 'list', size };
    case 'join': {
      const whole = product(size, elementOf(target).size) + (given.length > 0 ? Math.max(0, size - 1) * first.size : 0);
      return text(grown(whole, PER_CHARACTER), whole);
    }
    case 'matches':
      return scalar(grown(size + 1, PER_CHARACTER) * grown(first.size, PER_PATTERN));
    case 'find':
    case 'findAll':
      return text(grown(size + 1, PER_CHARACTER) * grown(first.size, PER_PATTERN), size);
    case 'contains':
      return scalar(product(grown(size, PER_CHARACTER), grown(first.size, PER_CHARACTER)));
    case 'startsWith':
    case 'endsWith':
      return scalar(grown(first.size, PER_CHARACTER));
    case 'containsIP':
    case 'containsCIDR':
      return scalar(6 + (first.kind === 'text' ? grown(first.size, PER_CHARACTER) : 0));
    case 'format':
      return text(grown(size, PER_CHARACTER), Number.POSITIVE_INFINITY);
    case 'value':
    case 'orValue':
      return { ...target, cost: 1 };
    default:
      return scalar(1);
  }
}

/** Zero times without end is zero. */
function product(left: number, right: number): number {
  return left === 0 || right === 0 ? 0 : left * right;
}

function replacedSize(size: number, from: Estimate, to: Estimate): number {
  const smallest = from.bounds ? 0 : from.size; // a value of the object may be empty
  if (smallest === 0) return size + product(size + 1, to.size);
  return to.size <= smallest ? size : product(Math.ceil(size / smallest), to.size);
}
