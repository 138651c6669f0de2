/**
 * `has(a[0].b)`: the library asks only after plain paths. What it does not understand is written as a question that it
 * does: `(a[0].?b.hasValue())`, which means the same.
 */
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { partsOf } from './cost.ts';
import type { Mistake } from './message.ts';

/**
 * The library does not look whether the last name of a `has` is a field of the type. Asked for its value it does, and a
 * value of any type fits where the answer stood.
 */
export function unknownPresence(expression: string, environment: Environment): Mistake | undefined {
  if (!expression.includes('has(')) return undefined;
  const checked = environment.check(expression.replace(/\bhas\(/g, 'dyn('));
  const { error } = checked;
  if (checked.valid || error?.code !== 'no_such_key') return undefined;
  const name = error.summary.slice(error.summary.indexOf(': ') + 2);
  const at = expression.lastIndexOf('has(', error.range?.start ?? 0);
  return { text: `undefined field '${name}'`, at: at + 'has'.length };
}

/** The expression in a form that the library understands. @throws its parse error. */
export function readablePresence(expression: string, environment: Environment): string {
  if (!expression.includes('has(')) return expression;
  const calls = asked(environment.parse(expression).ast);
  // from the back, so that positions before stay what they are
  return calls.toSorted((left, right) => right.range.start - left.range.start).reduce(rewrite, expression);
}

function rewrite(text: string, call: ASTNode): string {
  if (call.op !== 'call') return text;
  const [argument] = call.args[1];
  if (argument?.op !== '.') return text;
  const [object, name] = argument.args;
  const written = text.slice(object.range.start, object.range.end);
  return `${text.slice(0, call.range.start)}(${written}.?${name}.hasValue())${text.slice(call.range.end)}`;
}

/** The innermost calls of `has` whose argument is more than a path of names. */
function asked(node: ASTNode): readonly ASTNode[] {
  const inner = partsOf(node).flatMap(asked);
  if (node.op !== 'call' || node.args[0] !== 'has' || inner.length > 0) return inner;
  const [argument] = node.args[1];
  return argument?.op === '.' && !isPath(argument) ? [node] : [];
}

function isPath(node: ASTNode): boolean {
  if (node.op === 'id') return true;
  return (node.op === '.' || node.op === '.?') && isPath(node.args[0]);
}
