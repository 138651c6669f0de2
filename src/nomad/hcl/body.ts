import type { Branch } from './branch.ts';
import { readExpression } from './expression.ts';
import { hasOnlyPlainSpaces } from './plain-spaces.ts';
import { endOf, newlineBetween, onOneLine, type Reading } from './reading.ts';
import type { Span } from './source.ts';
import { readQuoted } from './string-literal.ts';
import type { AttributeSyntax, BlockSyntax, BodySyntax, LabelSyntax } from './syntax.ts';

const EMPTY: BodySyntax = { attributes: [], blocks: [] };

/** A file's content. */
export function readBody(root: Branch, reading: Reading): BodySyntax {
  const [content] = root.children;
  if (!hasOnlyPlainSpaces(root, reading) || !content) return EMPTY;
  if (content.type === 'body') return readItems(content.children, reading);
  reading.refuse(content, 'the name of an argument or a block is expected: a file is no expression');
  return EMPTY;
}

/** What is refused is left out; the refusal is in the diagnostics. */
function readItems(items: readonly Branch[], reading: Reading): BodySyntax {
  const attributes = new Map<string, AttributeSyntax>();
  const blocks: BlockSyntax[] = [];
  for (const [index, item] of items.entries()) {
    const before = items[index - 1];
    if (before && !newlineBetween(reading.source, before, item)) {
      reading.refuse(item, 'each argument and each block starts on a line of its own');
    }
    if (item.type === 'attribute') keep(readAttribute(item, reading), attributes, reading);
    else blocks.push(...(readBlock(item, reading) ?? []));
  }
  return { attributes: [...attributes.values()], blocks };
}

function keep(
  attribute: AttributeSyntax | undefined,
  attributes: Map<string, AttributeSyntax>,
  reading: Reading,
): void {
  if (!attribute) return;
  const { name, nameSpan } = attribute;
  const before = attributes.get(name);
  if (!before) attributes.set(name, attribute);
  else {
    const { line } = reading.source.at(before);
    reading.refuse(nameSpan, `${name} is already set in line ${line}; an argument is set once`);
  }
}

function readAttribute(branch: Branch, reading: Reading): AttributeSyntax | undefined {
  const [nameBranch, , expression] = branch.children;
  if (!nameBranch || !expression || !onOneLine(branch.children, reading)) return undefined;
  const name = readIdentifier(nameBranch, reading);
  const value = readExpression(expression, reading, true);
  const nameSpan: Span = { start: nameBranch.start, end: nameBranch.end };
  return name === undefined || !value ? undefined : { name, nameSpan, value, start: branch.start, end: branch.end };
}

/** The grammar lets names hold `::`, which is for functions. */
function readIdentifier(branch: Branch, reading: Reading): string | undefined {
  const name = reading.text(branch);
  return name.includes('::') ? reading.refuse(branch, `${name} is no name: letters, digits, _ and - are`) : name;
}

function readBlock(branch: Branch, reading: Reading): readonly BlockSyntax[] | undefined {
  const opening = branch.children.findIndex(({ type }) => type === 'block_start');
  const header = branch.children.slice(0, opening + 1);
  const [typeBranch, ...labelBranches] = header.slice(0, -1);
  const [open, content] = branch.children.slice(opening);
  const close = branch.children.at(-1);
  if (!typeBranch || !open || !close || !headerOnOneLine(header, reading)) return undefined;
  const type = readIdentifier(typeBranch, reading);
  const labels = labelBranches.map((label) => readLabel(label, reading));
  const known = labels.filter((label) => label !== undefined);
  const items = content?.type === 'body' ? content.children : [];
  if (!linesOf(open, items, close, reading) || type === undefined || known.length !== labels.length) return undefined;
  const body = readItems(items, reading);
  const last = header.at(-2) ?? typeBranch;
  return [
    { type, labels: known, body, header: { start: branch.start, end: last.end }, start: branch.start, end: branch.end },
  ];
}

function headerOnOneLine(header: readonly Branch[], reading: Reading): boolean {
  const stray = header.find((child, index) => {
    const before = header[index - 1];
    return before !== undefined && newlineBetween(reading.source, before, child);
  });
  if (stray) reading.refuse(stray, 'a block opens with { on the line of its name and labels');
  return stray === undefined;
}

function readLabel(branch: Branch, reading: Reading): LabelSyntax | undefined {
  const { start, end } = branch;
  if (branch.type === 'identifier') {
    const text = readIdentifier(branch, reading);
    return text === undefined ? undefined : { text, start, end };
  }
  const inside = { start: start + 1, end: end - 1 };
  if (/[$%]\{/.test(reading.text(inside).replace(/([$%])\1\{/g, ''))) {
    return reading.refuse(branch, 'a label is a plain string: ${ and %{ are written $${ and %%{ in it');
  }
  const text = readQuoted(inside, reading);
  return text === undefined ? undefined : { text: text.normalize('NFC'), start, end };
}

/** `{ name = value }` on one line, or each item on lines of its own between the braces. */
function linesOf(open: Branch, items: readonly Branch[], close: Branch, reading: Reading): boolean {
  const [first] = items;
  const last = items.at(-1);
  if (!first || !last) return true;
  const closedByLine = newlineBetween(reading.source, last, close);
  if (newlineBetween(reading.source, open, first)) {
    if (!closedByLine) reading.refuse(endOf(last), 'the end of the line is expected before the } of the block');
    return closedByLine;
  }
  const single = items.length === 1 && first.type === 'attribute' && !closedByLine;
  if (!single) {
    reading.refuse(
      first,
      'a block on one line holds one argument and nothing else; put its content on lines of its own',
    );
  }
  return single;
}
