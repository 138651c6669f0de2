import type { Branch } from './branch.ts';
import { parseDecimal } from './decimal.ts';
import { applySteps, type Postfix, readPostfix } from './postfix.ts';
import { newlineBetween, onOneLine, type Reading, wordsApart } from './reading.ts';
import type { Span } from './source.ts';
import { BINARY_OPERATORS, type BinaryOperator, type Expression, type ObjectItem } from './syntax.ts';
import { readHeredoc, readQuotedTemplate } from './template.ts';

/** `byLine`: whether the end of a line ends the expression, as everywhere but inside brackets. */
export function readExpression(branch: Branch, reading: Reading, byLine: boolean): Expression | undefined {
  const [only] = branch.children;
  if (branch.children.length === 1 && only?.type === 'conditional') return readConditional(only, reading, byLine);
  if (byLine && !onOneLine(outsideParentheses(branch.children), reading)) return undefined;
  return readTerm(branch.children, reading, byLine);
}

/** Inside brackets lines mean nothing. */
const readInside = (branch: Branch, reading: Reading): Expression | undefined => readExpression(branch, reading, false);

/** Between `(` and `)` lines may end: a parenthesis counts as one piece. */
function outsideParentheses(children: readonly Branch[]): readonly Branch[] {
  return children.flatMap((child, index): readonly Branch[] => {
    if (child.type === '(') return [{ ...child, end: children[index + 2]?.end ?? child.end }];
    return child.type === ')' || children[index - 1]?.type === '(' ? [] : [child];
  });
}

/** An operand and what follows it: `.name`, `[key]`, `.*`. */
function readTerm(children: readonly Branch[], reading: Reading, byLine: boolean): Expression | undefined {
  const [first, ...rest] = children;
  if (!first) return undefined;
  const inParentheses = first.type === '(';
  const base = inParentheses ? readParentheses(children, reading) : readOperand(first, reading, byLine);
  const postfixes = inParentheses ? children.slice(3) : rest;
  const steps: Postfix[] = [];
  for (const child of postfixes) {
    const read = readPostfix(child, { reading, read: readInside, byLine });
    if (!read) return undefined;
    steps.push(...read);
  }
  return base && applySteps(base, steps);
}

function readParentheses([open, inside, close]: readonly Branch[], reading: Reading): Expression | undefined {
  const inner = inside && readInside(inside, reading);
  return inner && open && close && { kind: 'parentheses', inner, start: open.start, end: close.end };
}

function readOperand(branch: Branch, reading: Reading, byLine: boolean): Expression | undefined {
  const [inner] = branch.children;
  switch (branch.type) {
    case 'expression':
      return readExpression(branch, reading, byLine);
    case 'literal_value':
      return inner && readLiteral(inner, reading);
    case 'template_expr':
      if (inner?.type === 'heredoc_template') return readHeredoc(inner, reading, readInside);
      return inner && readQuotedTemplate(inner, reading, readInside);
    case 'collection_value':
      if (inner?.type === 'tuple') return readTuple(inner, reading);
      return inner && readObject(inner, reading);
    case 'variable_expr':
      return readName(branch, reading);
    case 'function_call':
      return readCall(branch, reading, byLine);
    case 'for_expr':
      return inner && readFor(inner, reading);
    case 'operation':
      return inner && readOperation(inner, reading, byLine);
    default:
      return reading.refuse(branch, 'an expression is expected here');
  }
}

function readLiteral(branch: Branch, reading: Reading): Expression | undefined {
  const { start, end } = branch;
  const text = reading.text(branch);
  if (branch.type === 'string_lit') return readQuotedTemplate(branch, reading, readInside);
  const at = reading.source.at(branch);
  if (branch.type === 'null_lit') return { kind: 'literal', value: { kind: 'null', at }, start, end };
  if (branch.type === 'bool_lit') {
    return { kind: 'literal', value: { kind: 'bool', value: text === 'true', at }, start, end };
  }
  const glued = /^\.\d/.test(reading.source.text.slice(end, end + 2));
  const number = /^\d/.test(text) && !/^0x/i.test(text) && !glued ? parseDecimal(text) : undefined;
  if (!number) return reading.refuse(branch, `${text.slice(0, 40)} is no number: write it with decimal digits`);
  return { kind: 'literal', value: { kind: 'number', value: number, at }, start, end };
}

function readName(branch: Branch, reading: Reading): Expression | undefined {
  const name = reading.text(branch);
  if (name.includes('::')) return reading.refuse(branch, `${name} is the name of a function: ( is expected after it`);
  return { kind: 'reference', name, steps: [], start: branch.start, end: branch.end };
}

function readTuple(branch: Branch, reading: Reading): Expression | undefined {
  const items = branch.children.filter(({ type }) => type === 'expression');
  const read = readAll(items, reading);
  return read && { kind: 'tuple', items: read, start: branch.start, end: branch.end };
}

function readAll(branches: readonly Branch[], reading: Reading): readonly Expression[] | undefined {
  const read = branches.map((branch) => readInside(branch, reading));
  const known = read.filter((each) => each !== undefined);
  return known.length === read.length ? known : undefined;
}

/** Elements end with a comma or a line; a comma stands on the line of the element that it ends. */
function readObject(branch: Branch, reading: Reading): Expression | undefined {
  const items: ObjectItem[] = [];
  let before: Branch | undefined;
  for (const child of branch.children) {
    if (child.type === 'object_start' || child.type === 'object_end') continue;
    if (!separated(before, child, reading)) return undefined;
    before = child;
    if (child.type !== 'object_elem') continue;
    const item = readElement(child, reading);
    if (!item) return undefined;
    items.push(item);
  }
  return { kind: 'object', items, start: branch.start, end: branch.end };
}

function separated(before: Branch | undefined, child: Branch, reading: Reading): boolean {
  const newline = before !== undefined && newlineBetween(reading.source, before, child);
  if (child.type === ',' && newline) {
    reading.refuse(child, 'a comma stands on the line of the element that it ends');
    return false;
  }
  if (child.type !== 'object_elem' || before?.type !== 'object_elem' || newline) return true;
  reading.refuse(child, 'a comma or the end of the line is expected between two elements of an object');
  return false;
}

function readElement(branch: Branch, reading: Reading): ObjectItem | undefined {
  if (!onOneLine(branch.children, reading)) return undefined;
  const [keyBranch, , valueBranch] = branch.children;
  const key = keyBranch && readExpression(keyBranch, reading, true);
  const value = valueBranch && readExpression(valueBranch, reading, true);
  return key && value && { key, value };
}

function readCall(branch: Branch, reading: Reading, byLine: boolean): Expression | undefined {
  const [nameBranch, open] = branch.children;
  if (!nameBranch || !open) return undefined;
  if (byLine && !onOneLine([nameBranch, open], reading)) return undefined;
  const name = reading.text(nameBranch);
  if (name.includes('::') && !/^[^:]+(::[^:]+)*$/.test(name)) {
    return reading.refuse(nameBranch, `${name} is no name of a function`);
  }
  const list = branch.children.find(({ type }) => type === 'function_arguments')?.children ?? [];
  const args = readAll(
    list.filter(({ type }) => type === 'expression'),
    reading,
  );
  const expands = list.some(({ type }) => type === 'ellipsis');
  const nameSpan: Span = { start: nameBranch.start, end: nameBranch.end };
  return args && { kind: 'call', name, nameSpan, arguments: args, expands, start: branch.start, end: branch.end };
}

function readFor(branch: Branch, reading: Reading): Expression | undefined {
  const intro = branch.children.find(({ type }) => type === 'for_intro')?.children ?? [];
  const condition = branch.children.find(({ type }) => type === 'for_cond')?.children ?? [];
  if (!wordsApart([...intro, ...condition], reading)) return undefined;
  const isExpression = ({ type }: Branch): boolean => type === 'expression';
  const [collection] = readAll(intro.filter(isExpression), reading) ?? [];
  const results = readAll(branch.children.filter(isExpression), reading);
  const conditions = readAll(condition.filter(isExpression), reading);
  const [one = '', other] = intro.filter(({ type }) => type === 'identifier').map((name) => reading.text(name));
  const [first, second] = results ?? [];
  if (!collection || !first || !conditions) return undefined;
  const [only] = conditions;
  return {
    kind: 'for',
    ...(other !== undefined && { keyName: one }),
    valueName: other ?? one,
    collection,
    ...(second && { key: first }),
    value: second ?? first,
    ...(only && { condition: only }),
    groups: branch.children.some(({ type }) => type === 'ellipsis'),
    start: branch.start,
    end: branch.end,
  };
}

function isOperator(text: string): text is BinaryOperator {
  return BINARY_OPERATORS.some((operator) => operator === text);
}

function readOperation(branch: Branch, reading: Reading, byLine: boolean): Expression | undefined {
  const { children, start, end } = branch;
  if (byLine && !onOneLine(outsideParentheses(children), reading)) return undefined;
  if (branch.type === 'unary_operation') {
    const operand = readTerm(children.slice(1), reading, byLine);
    return operand && { kind: 'unary', operator: children[0]?.type === '-' ? '-' : '!', operand, start, end };
  }
  const index = children.findIndex(({ type }) => isOperator(type));
  const operator = children[index]?.type ?? '';
  const left = readTerm(children.slice(0, index), reading, byLine);
  const right = readTerm(children.slice(index + 1), reading, byLine);
  return left && right && isOperator(operator) ? { kind: 'binary', operator, left, right, start, end } : undefined;
}

/** The grammar reads `a ? b : c ? d : e` from the left, HCL from the right. */
function readConditional(branch: Branch, reading: Reading, byLine: boolean): Expression | undefined {
  const questions: Branch[] = [];
  for (let inner: Branch | undefined = branch; inner?.type === 'conditional'; inner = inner.children[0]?.children[0]) {
    questions.unshift(inner);
    if (byLine && !onOneLine(inner.children, reading)) return undefined;
  }
  const condition = questions[0]?.children[0];
  const read = (each: Branch | undefined): Expression | undefined => each && readExpression(each, reading, byLine);
  const branches = [condition, ...questions.flatMap(({ children }) => [children[2], children[4]])].map(read);
  let result = branches.at(-1);
  for (let index = branches.length - 3; index >= 0; index -= 2) {
    const [test, consequent] = [branches[index], branches[index + 1]];
    if (!test || !consequent || !result) return undefined;
    result = {
      kind: 'conditional',
      condition: test,
      consequent,
      alternative: result,
      start: test.start,
      end: branch.end,
    };
  }
  return result;
}
