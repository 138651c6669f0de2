/**
 * How much an expression could cost at most, before it ever runs (github.com/google/cel-go/checker/cost.go, read in 0.26,
 * and k8s.io/apiserver/pkg/cel/library/cost.go, read in 0.36). The unit is one simple operation.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { callCost } from './call-cost.ts';

/** How large a value can be, as far as a schema says. */
export interface Bounds {
  readonly kind: 'text' | 'list' | 'map' | 'object' | 'scalar';
  /** Characters of a text, items of a list or a map. */
  readonly most: number;
  readonly items?: Bounds;
  readonly fields?: Readonly<Record<string, Bounds>>;
}

export interface Estimate {
  readonly cost: number;
  readonly kind: Bounds['kind'] | 'unknown';
  /** Infinite when nothing is known. */
  readonly size: number;
  readonly bounds?: Bounds | undefined;
  /** Of the items, where the list is made by the expression itself. */
  readonly items?: Estimate | undefined;
}

export type Scope = ReadonlyMap<string, Estimate>;

export function estimateCost(ast: ASTNode, variables: Readonly<Record<string, Bounds>>): number {
  const scope = new Map(Object.entries(variables).map(([name, bounds]) => [name, known(bounds, 1)]));
  return visit(ast, scope).cost;
}

const LIST_COST = 10;
const MAP_COST = 30;

function known(bounds: Bounds | undefined, cost: number): Estimate {
  if (!bounds) return { cost, kind: 'unknown', size: Number.POSITIVE_INFINITY };
  return { cost, kind: bounds.kind, size: bounds.most, bounds };
}

function scalar(cost: number): Estimate {
  return { cost, kind: 'scalar', size: 1 };
}

function share(size: number, factor: number): number {
  return Math.ceil(size * factor);
}

const PER_CHARACTER = 0.1;

function visit(node: ASTNode, scope: Scope): Estimate {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'string' ? { cost: 0, kind: 'text', size: [...node.args].length } : scalar(0);
    case 'id':
      return scope.get(node.args) ?? scalar(1);
    case '.':
    case '.?':
      return select(visit(node.args[0], scope), node.args[1], node.op);
    case '[]':
    case '[?]':
      return index(visit(node.args[0], scope), visit(node.args[1], scope));
    case 'call':
    case 'rcall':
      return callCost(node, scope, visit);
    case 'list':
      return listOf(node.args.map((item) => visit(item, scope)));
    case 'map': {
      const entries = node.args.map(([name, value]) => visit(name, scope).cost + visit(value, scope).cost);
      return { cost: MAP_COST + sum(entries), kind: 'map', size: entries.length };
    }
    case '?:':
      return choice(visit(node.args[0], scope), visit(node.args[1], scope), visit(node.args[2], scope));
    case '!_':
    case '-_':
      return scalar(1 + visit(node.args, scope).cost);
    default:
      return operator(node.op, visit(node.args[0], scope), visit(node.args[1], scope));
  }
}

function select(object: Estimate, name: string, op: '.' | '.?'): Estimate {
  const step = op === '.?' || object.kind === 'map' || object.kind === 'object' ? 1 : 0;
  const { fields, items } = object.bounds ?? {};
  return known(fields?.[name] ?? (object.kind === 'map' ? items : undefined), object.cost + step);
}

function index(object: Estimate, key: Estimate): Estimate {
  const cost = object.cost + key.cost + 1;
  return object.items ? { ...object.items, cost } : known(object.bounds?.items, cost);
}

function listOf(items: readonly Estimate[]): Estimate {
  const [first] = items;
  const size = Math.max(0, ...items.map((item) => item.size));
  const cost = LIST_COST + sum(items.map((item) => item.cost));
  return { cost, kind: 'list', size: items.length, items: first && { ...first, size } };
}

function choice(condition: Estimate, yes: Estimate, no: Estimate): Estimate {
  const larger = yes.size >= no.size ? yes : no;
  return { ...larger, cost: condition.cost + Math.max(yes.cost, no.cost) };
}

function operator(op: string, left: Estimate, right: Estimate): Estimate {
  const cost = left.cost + right.cost;
  const texts = left.kind === 'text' || right.kind === 'text';
  switch (op) {
    case '&&':
    case '||':
      return scalar(cost);
    case '==':
    case '!=':
      return scalar(cost + share(Math.min(left.size, right.size), PER_CHARACTER));
    case 'in':
      return scalar(cost + (right.kind === 'map' ? 1 : right.size));
    case '+': {
      const size = left.size + right.size;
      if (texts) return { cost: cost + share(size, PER_CHARACTER), kind: 'text', size };
      return left.kind === 'list' ? { ...left, cost: cost + 1, size, bounds: undefined } : scalar(cost + 1);
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return scalar(cost + (texts ? share(Math.min(left.size, right.size), PER_CHARACTER) : 1));
    default:
      return scalar(cost + 1);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
