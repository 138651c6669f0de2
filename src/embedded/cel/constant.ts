/** Texts in an expression that can never be what they are used as: times, durations and patterns. */
import { type ASTNode, evaluate } from '@marcbachmann/cel-js';
import { partsOf } from './cost.ts';
import type { Mistake } from './message.ts';

const CONVERSIONS = new Set(['timestamp', 'duration']);

export function wrongConstant(node: ASTNode): Mistake | undefined {
  if (node.op === 'call' && CONVERSIONS.has(node.args[0])) {
    const wrong = check(node.args[0], `${node.args[0]}(text)`, node.args[1][0]);
    if (wrong) return wrong;
  }
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    const wrong = check('matches', '"".matches(text)', node.args[2][0]);
    if (wrong) return wrong;
  }
  for (const part of partsOf(node)) {
    const wrong = wrongConstant(part);
    if (wrong) return wrong;
  }
  return undefined;
}

function check(name: string, use: string, argument: ASTNode | undefined): Mistake | undefined {
  if (argument?.op !== 'value' || typeof argument.args !== 'string') return undefined;
  try {
    evaluate(use, { text: argument.args });
    return undefined;
  } catch {
    return { text: `invalid ${name} argument`, at: argument.range.start };
  }
}
