/** Reads drift-ignore.yaml: every mistake at once, each at its line. */
import { isNode, LineCounter, parseDocument } from 'yaml';
import { IGNORE_FILE, type IgnoreRule, ignoreList } from './ignore.ts';

export type ReadIgnore =
  | { readonly kind: 'rules'; readonly rules: readonly IgnoreRule[] }
  /** `drift-ignore.yaml:3:5: …`. */
  | { readonly kind: 'malformed'; readonly problems: readonly string[] };

/** An empty file has no rules. `name` is for messages. */
export function readIgnore(text: string, name: string = IGNORE_FILE): ReadIgnore {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => `${place(pos[0])}: ${message.split('\n', 1)[0]}`);
    return { kind: 'malformed', problems };
  }
  const parsed = ignoreList.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {});
  if (parsed.success) return { kind: 'rules', rules: parsed.data.ignore };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const at = path.flatMap((step) => (typeof step === 'symbol' ? [] : [step]));
    return `${place(offsetOf(document, at))}: ${dotted(at)} ${message}`;
  });
  return { kind: 'malformed', problems };
}

/** A missing field is told at what should hold it. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const found = document.getIn(path.slice(0, length), true);
    if (isNode(found)) return found.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}

function dotted(path: readonly (string | number)[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
}
