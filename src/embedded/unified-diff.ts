/**
 * The differences of two texts as the API server shows them: a unified diff with three lines around each change, without
 * names of files. Lines are matched as Python's difflib does, whose port the server uses: the longest run of equal lines
 * first, then what lies before and behind it.
 */

const CONTEXT = 3;

interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

interface Span {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/** Of texts that do not end in a line's end; empty when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return groupsOf(changesOf(a, b))
    .map((changes) => hunk(a, b, changes))
    .join('');
}

function matches(a: readonly string[], b: readonly string[], span: Span): readonly Block[] {
  const longest = longestMatch(a, b, span);
  if (longest.size === 0) return [];
  const head: Span = { a: [span.a[0], longest.a], b: [span.b[0], longest.b] };
  const tail: Span = { a: [longest.a + longest.size, span.a[1]], b: [longest.b + longest.size, span.b[1]] };
  return [...matches(a, b, head), longest, ...matches(a, b, tail)];
}

/** The first of the longest runs. */
function longestMatch(a: readonly string[], b: readonly string[], span: Span): Block {
  let longest: Block = { a: span.a[0], b: span.b[0], size: 0 };
  let lengths = new Map<number, number>(); // of the run that ends in the line before, by its place in b
  for (let i = span.a[0]; i < span.a[1]; i += 1) {
    const next = new Map<number, number>();
    for (let j = span.b[0]; j < span.b[1]; j += 1) {
      if (a[i] !== b[j]) continue;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > longest.size) longest = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  return longest;
}

function changesOf(a: readonly string[], b: readonly string[]): readonly Span[] {
  const changes: Span[] = [];
  let [i, j] = [0, 0];
  const end: Block = { a: a.length, b: b.length, size: 0 };
  for (const block of [...matches(a, b, { a: [0, a.length], b: [0, b.length] }), end]) {
    if (i < block.a || j < block.b) changes.push({ a: [i, block.a], b: [j, block.b] });
    [i, j] = [block.a + block.size, block.b + block.size];
  }
  return changes;
}

/** Changes share a hunk when their surroundings meet. */
function groupsOf(changes: readonly Span[]): readonly (readonly Span[])[] {
  const groups: Span[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && change.a[0] - last.a[1] <= 2 * CONTEXT) group.push(change);
    else groups.push([change]);
  }
  return groups;
}

function hunk(a: readonly string[], b: readonly string[], changes: readonly Span[]): string {
  const [first, last] = [changes[0], changes.at(-1)];
  if (!first || !last) return '';
  const start = Math.min(CONTEXT, first.a[0]);
  const rest = Math.min(CONTEXT, a.length - last.a[1]);
  const [fromA, toA] = [first.a[0] - start, last.a[1] + rest];
  const [fromB, toB] = [first.b[0] - start, last.b[1] + rest];
  const lines = [`@@ -${range(fromA, toA)} +${range(fromB, toB)} @@`];
  let at = fromA;
  for (const change of changes) {
    lines.push(...a.slice(at, change.a[0]).map((line) => ` ${line}`));
    lines.push(...a.slice(...change.a).map((line) => `-${line}`));
    lines.push(...b.slice(...change.b).map((line) => `+${line}`));
    at = change.a[1];
  }
  lines.push(...a.slice(at, toA).map((line) => ` ${line}`));
  return `${lines.join('\n')}\n`;
}

/** Counted from one; a range without lines names the line before it. */
function range(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}
