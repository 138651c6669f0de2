/** What an expression could do at most, read from its tree. */
import type { ASTNode } from '@marcbachmann/cel-js';

export interface Cost {
  /** How deep its loops are nested. */
  readonly loops: number;
  readonly names: ReadonlySet<string>;
}

/** Functions that run their last arguments once per item. */
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

export function costOf(ast: ASTNode): Cost {
  const names = new Set<string>();
  return { loops: depthOf(ast, names), names };
}

function depthOf(node: ASTNode, names: Set<string>): number {
  if (node.op === 'id') names.add(node.args);
  if (node.op === '.' || node.op === '.?') names.add(node.args[1]);
  const inner = partsOf(node).map((part) => depthOf(part, names));
  if (node.op === 'rcall' && LOOPS.has(node.args[0])) {
    const [receiver = 0, ...rest] = inner;
    return Math.max(receiver, 1 + Math.max(0, ...rest));
  }
  return Math.max(0, ...inner);
}

/** The expressions that an expression is made of, in the order in which they are written. */
export function partsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}
