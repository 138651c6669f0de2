/** Kubernetes objects as resources of the provider hashicorp/kubernetes (2.x or newer), as `terraform fmt` lays them out. */

export interface Block {
  readonly name: string;
  readonly labels?: readonly string[];
  readonly arguments: readonly (readonly [string, string])[];
  readonly blocks?: readonly Block[];
}

/** HCL of top-level blocks. */
export function terraform(blocks: readonly Block[]): string {
  return blocks.map((block) => linesOf(block, '').join('\n')).join('\n\n');
}

/** A string as HCL writes it: `${` and `%{` would begin a template. */
export const text = (value: string): string => JSON.stringify(value).replace(/([$%])\{/g, '$1$1{');

export const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** Keys are quoted, because annotations have dots in theirs. */
export function map(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([key, value]) => [text(key), text(value)] as const);
  return `{\n${aligned(pairs, '  ').join('\n')}\n}`;
}

function linesOf({ name, labels = [], arguments: given, blocks = [] }: Block, indent: string): readonly string[] {
  const head = [name, ...labels.map(text)].join(' ');
  const inner = `${indent}  `;
  const own = groups(given).flatMap((group) => aligned(group, inner));
  const nested = blocks.flatMap((block, index) => {
    const gap = index > 0 || own.length > 0 ? [''] : [];
    return [...gap, ...linesOf(block, inner)];
  });
  return [`${indent}${head} {`, ...own, ...nested, `${indent}}`];
}

/** Arguments of one line line up with their neighbours of one line. */
function groups(pairs: readonly (readonly [string, string])[]): readonly (readonly (readonly [string, string])[])[] {
  const found: (readonly [string, string])[][] = [];
  let before = '';
  for (const pair of pairs) {
    const last = found.at(-1);
    const joins = last && !pair[1].includes('\n') && !before.includes('\n');
    if (joins) last.push(pair);
    else found.push([pair]);
    before = pair[1];
  }
  return found;
}

function aligned(pairs: readonly (readonly [string, string])[], indent: string): readonly string[] {
  const width = Math.max(...pairs.map(([key]) => key.length));
  return pairs.map(([key, value]) => {
    const lines = value.split('\n').map((line, index) => (index === 0 ? line : `${indent}${line}`));
    return `${indent}${key.padEnd(width)} = ${lines.join('\n')}`;
  });
}
