/** A unified diff as its reader sees it: by object, with what is added and taken away. Pure. */

export interface DiffLine {
  /** `cut`: lines between this and the one before are not in the diff. */
  readonly kind: 'added' | 'removed' | 'same' | 'cut' | 'note';
  /** Without the sign. */
  readonly text: string;
}

export interface DiffPart {
  /** As the diff calls it, without `LIVE/`, `MERGED/`, `a/` and `b/`. */
  readonly name: string;
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly DiffLine[];
}

export interface Diff {
  /** What is said before the first part, without `# `. */
  readonly notes: readonly string[];
  readonly parts: readonly DiffPart[];
}

interface Open {
  name: string;
  readonly lines: DiffLine[];
  /** Lines of the present hunk that are still to come, of each side. */
  before: number;
  after: number;
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@(.*)$/;

/** Undefined: it is no diff. The lengths of a hunk say what belongs to it, so that a line like `--- x` in it is content. */
export function diffOf(text: string): Diff | undefined {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const notes: string[] = [];
  const parts: Open[] = [];
  for (const line of lines) {
    const part = parts.at(-1);
    if (part && (part.before > 0 || part.after > 0 || line.startsWith('\\'))) take(part, line);
    else if (line.startsWith('diff '))
      parts.push({ name: nameOf(line.split(' ').at(-1) ?? ''), lines: [], before: 0, after: 0 });
    else if (line.startsWith('--- ') && (part === undefined || part.lines.length > 0)) {
      parts.push({ name: nameOf(line.slice(4)), lines: [], before: 0, after: 0 });
    } else if (part && HUNK.test(line)) begin(part, line);
    else if (part && /^(---|\+\+\+|index|old mode|new mode|new file|deleted file|similarity|rename) ?/.test(line))
      head(part, line);
    else if (part) part.lines.push({ kind: 'note', text: line });
    else notes.push(line.replace(/^# ?/, ''));
  }
  const isDiff = parts.some((part) => part.lines.some(({ kind }) => kind === 'added' || kind === 'removed'));
  return isDiff ? { notes, parts: parts.map(closed) } : undefined;
}

function begin(part: Open, line: string): void {
  const [, before = '1', after = '1', context = ''] = HUNK.exec(line) ?? [];
  part.before = Number(before);
  part.after = Number(after);
  if (part.lines.length > 0 || context.trim() !== '') part.lines.push({ kind: 'cut', text: context.trim() });
}

/** The name of what there is afterwards, but of what is deleted. */
function head(part: Open, line: string): void {
  if (line.startsWith('+++ ') && !line.startsWith('+++ /dev/null')) part.name = nameOf(line.slice(4));
}

function take(part: Open, line: string): void {
  const [sign, text] = [line.slice(0, 1), line.slice(1)];
  if (sign === '\\') {
    part.lines.push({ kind: 'note', text: text.trim() });
    return;
  }
  if (sign !== '+') part.before -= 1;
  if (sign !== '-') part.after -= 1;
  part.lines.push({ kind: sign === '+' ? 'added' : sign === '-' ? 'removed' : 'same', text });
}

/** Some tools put the time behind a tab. */
function nameOf(path: string): string {
  const name = (path.split('\t')[0] ?? '').trim();
  return name
    .replace(/^"|"$/g, '')
    .replace(/^(LIVE|MERGED|[ab])\//, '')
    .replace(/^\/tmp\/(LIVE|MERGED)-\d+\//, '');
}

function closed({ name, lines }: Open): DiffPart {
  const count = (kind: DiffLine['kind']): number => lines.filter((each) => each.kind === kind).length;
  return { name, lines, added: count('added'), removed: count('removed') };
}
