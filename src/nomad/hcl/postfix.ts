import type { Branch } from './branch.ts';
import { parseDecimal } from './decimal.ts';
import { onOneLine, type Reading } from './reading.ts';
import type { Span } from './source.ts';
import type { Expression, Step } from './syntax.ts';
import type { ReadExpression } from './template.ts';

/** What may follow an operand: `.name`, `.0`, `[key]`, `.*` and `[*]`. */
export type Postfix = Span &
  (
    | { readonly kind: 'attribute'; readonly name: string }
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'key'; readonly key: Expression }
    | { readonly kind: 'attribute-splat' }
    | { readonly kind: 'full-splat' }
  );

export interface PostfixReading {
  readonly reading: Reading;
  /** Of what stands in brackets. */
  readonly read: ReadExpression;
  /** Whether the end of a line ends the expression. */
  readonly byLine: boolean;
}

/** A splat holds what follows it, so one branch may be several postfixes. */
export function readPostfix(branch: Branch, how: PostfixReading): readonly Postfix[] | undefined {
  const { reading, read, byLine } = how;
  const { start, end, children } = branch;
  switch (branch.type) {
    case 'index':
    case 'splat':
      return readEach(children, how);
    case 'get_attr': {
      if (byLine && !onOneLine(children, reading)) return undefined;
      const name = children[1];
      return name && !reading.text(name).includes('::')
        ? [{ kind: 'attribute', name: reading.text(name), start, end }]
        : reading.refuse(branch, 'the name of an attribute is expected after the dot');
    }
    case 'legacy_index':
      if (byLine && reading.text(branch).includes('\n')) {
        return reading.refuse(branch, 'a name or a number is expected after the dot, on its line');
      }
      return readLegacyIndex(branch, reading);
    case 'new_index': {
      const expression = children[1];
      const key = expression && read(expression, reading);
      return key && [{ kind: 'key', key, start, end }];
    }
    case 'attr_splat':
    case 'full_splat': {
      const [mark, ...rest] = children;
      if (branch.type === 'attr_splat' && /^\s*\.\*/.test(reading.source.text.slice(branch.end, branch.end + 9))) {
        return reading.refuse(branch, 'after .* come names and numbers; [*] takes another splat');
      }
      const steps = mark && (!byLine || onOneLine(children, reading)) ? readEach(rest, how) : undefined;
      const kind = branch.type === 'attr_splat' ? 'attribute-splat' : 'full-splat';
      return mark && steps && [{ kind, start: mark.start, end: mark.end }, ...steps];
    }
    default:
      return reading.refuse(branch, 'an operator is expected here');
  }
}

function readEach(branches: readonly Branch[], how: PostfixReading): readonly Postfix[] | undefined {
  const all = branches.map((branch) => readPostfix(branch, how));
  const known = all.filter((each) => each !== undefined);
  return known.length === all.length ? known.flat() : undefined;
}

/** `a.0.1` would be the number 0.1. */
function readLegacyIndex(branch: Branch, reading: Reading): readonly Postfix[] | undefined {
  const text = reading.text(branch).slice(1).trim();
  const next = reading.source.text.slice(branch.end);
  if (/^\.\d/.test(next)) {
    return reading.refuse(branch, `two numbers in a row are written in brackets: [${text}][…]`);
  }
  return [{ kind: 'number', text, start: branch.start, end: branch.end }];
}

/** `[*]` takes all that follows for each element; `.*` takes only names and numbers, and the rest is of the whole list. */
export function applySteps(base: Expression, steps: readonly Postfix[]): Expression {
  let made = base;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index];
    if (!step) continue;
    if (step.kind === 'full-splat') return splat(made, step, steps.slice(index + 1));
    if (step.kind === 'attribute-splat') {
      const rest = steps.slice(index + 1);
      const taken = rest.findIndex(({ kind }) => kind !== 'attribute' && kind !== 'number');
      const names = taken < 0 ? rest : rest.slice(0, taken);
      made = splat(made, step, names);
      index += names.length;
    } else made = extended(made, step);
  }
  return made;
}

function splat(source: Expression, mark: Span, steps: readonly Postfix[]): Expression {
  const element: Expression = { kind: 'element', start: mark.start, end: mark.end };
  const each = applySteps(element, steps);
  return { kind: 'splat', source, each, start: source.start, end: each.end };
}

function extended(base: Expression, postfix: Exclude<Postfix, { kind: 'attribute-splat' | 'full-splat' }>): Expression {
  const { end } = postfix;
  const step = staticStep(postfix);
  if (!step) {
    return postfix.kind === 'key'
      ? { kind: 'index', collection: base, key: postfix.key, start: base.start, end }
      : base;
  }
  if (base.kind === 'reference' || base.kind === 'relative') return { ...base, steps: [...base.steps, step], end };
  return { kind: 'relative', source: base, steps: [step], start: base.start, end };
}

/** A key that is a literal needs no evaluation, and keeps a reference a reference. */
function staticStep(postfix: Exclude<Postfix, { kind: 'attribute-splat' | 'full-splat' }>): Step | undefined {
  const { start, end } = postfix;
  if (postfix.kind === 'attribute') return { kind: 'attribute', name: postfix.name, start, end };
  if (postfix.kind === 'number') {
    const value = parseDecimal(postfix.text);
    return value && { kind: 'key', key: { kind: 'number', value }, start, end };
  }
  return postfix.key.kind === 'literal' ? { kind: 'key', key: postfix.key.value, start, end } : undefined;
}
