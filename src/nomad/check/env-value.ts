import type { Item } from '../jobspec/field.ts';
import { dig, maps, word } from './dig.ts';
import { linesOf, type Part, partsOf, sameParts, shownParts } from './part.ts';
import { isLiteral, type Placed, type Subject, type TaskSubject } from './subject.ts';
import { writtenKey } from './written-key.ts';

/** A variable of a task as the job gives it. */
interface Given {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly item: Item;
  /** `env`: where it stands as plain text, another check compares it. */
  readonly from: 'env' | 'template';
}

/** Where a variable of a container comes from, and what the job has instead, in words. */
interface Other {
  readonly given: Given;
  readonly wanted: string;
  readonly found: string;
}

/** Variables that are read from elsewhere than the job says, or hold text where the job has a secret. */
export function otherValues({ report }: Subject, task: TaskSubject, placed: Placed): readonly Other[] {
  const all = givenTo(task);
  const names = new Set(all.map(({ name }) => name));
  return all.flatMap((given): readonly Other[] => {
    const { name, item, parts } = given;
    // of two that are called the same the manifest has one
    if (all.filter((each) => each.name === name).length > 1 || report.lost(item)) return [];
    const found = foundParts(placed, name);
    if (!found) return [];
    const other = { given, wanted: shownParts(parts), found: shownParts(found) };
    if (parts.every(({ kind }) => kind === 'text')) {
      const isCompared = given.from === 'env' && (isPlain(placed, name) || report.tells(item));
      if (isCompared && found.every(({ kind }) => kind === 'text')) return [];
      return isOthers(found, given, names) ? [other] : [];
    }
    return sameParts(parts, found) === false ? [other] : [];
  });
}

function isPlain({ container }: Placed, name: string): boolean {
  return maps(container.spec['env']).some((each) => each['name'] === name && each['valueFrom'] === undefined);
}

/** Text of a job may have gone into the store; what is kept there under another variable's name is that one's. */
function isOthers(found: readonly Part[], { name, parts }: Given, names: ReadonlySet<string>): boolean {
  const [only, more] = found;
  if (only?.kind === 'secret' && more === undefined) return only.of.key !== name && names.has(only.of.key);
  if (!found.every(({ kind }) => kind === 'text')) return false;
  return textOf(found) !== textOf(parts);
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

function givenTo({ task, of }: TaskSubject): readonly Given[] {
  const secrets = [...task.secret, ...of.group.secret, ...of.of.job.secret];
  const pairs = task.env.flatMap((pair): readonly Given[] => {
    const parts = secretParts(pair.value, (label) => secrets.find((each) => each.label.text === label)?.path?.value);
    return parts.length === 0 ? [] : [{ name: pair.key, parts, item: pair, from: 'env' }];
  });
  const templates = task.template.flatMap(({ data, env, left_delimiter: left, right_delimiter: right }) =>
    data && env.value ? dotenvOf(partsOf(data.value, { left: left.value, right: right.value }), data) : [],
  );
  return [...pairs, ...templates];
}

/** `${secret.NAME.KEY}` within a text; nothing where the text holds anything else to be filled in. */
function secretParts(text: string, pathOf: (label: string) => string | undefined): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(/\$\{secret\.([^.}]+)\.([^}]+)\}/g)) {
    const [all, label = '', key = ''] = match;
    const path = pathOf(label);
    if (path === undefined) return [];
    parts.push({ kind: 'text', text: text.slice(at, match.index) }, { kind: 'secret', of: { path, key } });
    at = match.index + all.length;
  }
  parts.push({ kind: 'text', text: text.slice(at) });
  return parts.every((part) => part.kind !== 'text' || isLiteral(part.text)) ? parts : [];
}

/** Lines of `NAME=value` whose value can be told without rendering. */
function dotenvOf(parts: readonly Part[], item: Item): readonly Given[] {
  return linesOf(parts).flatMap((line): readonly Given[] => {
    const [first, ...rest] = line;
    const head = first?.kind === 'text' ? /^\s*(?:export\s+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$/.exec(first.text) : null;
    const name = head?.[1];
    if (name === undefined || line.some(({ kind }) => kind === 'unknown')) return [];
    const value = unquoted([{ kind: 'text', text: head?.[2] ?? '' }, ...rest]);
    return value ? [{ name, parts: value, item, from: 'template' }] : [];
  });
}

/** Without the quotes around it; undefined where escapes, comments or further lines would have to be read. */
function unquoted(parts: readonly Part[]): readonly Part[] | undefined {
  const texts = parts.map((part) => (part.kind === 'text' ? part.text : ''));
  if (texts.some((text) => /[\\#]/.test(text) || !isLiteral(text))) return undefined;
  const whole = texts.join('').trim();
  const quote = /^["'`]/.exec(texts.join('').trimStart())?.[0];
  if (quote === undefined) return trimmed(parts, '');
  const isWhole = whole.length > 1 && whole.endsWith(quote) && !whole.slice(1, -1).includes(quote);
  return isWhole ? trimmed(parts, quote) : undefined;
}

function trimmed(parts: readonly Part[], quote: string): readonly Part[] {
  return parts.map((part, index) => {
    if (part.kind !== 'text') return part;
    let { text } = part;
    if (index === 0) text = text.trimStart().slice(quote.length);
    if (index === parts.length - 1) text = text.trimEnd().slice(0, quote === '' ? undefined : -1);
    return { kind: 'text', text };
  });
}

const DEEPEST = 5;

/** What a variable of a container holds when it starts; undefined where the tree does not say. */
function foundParts(placed: Placed, name: string, depth = 0): readonly Part[] | undefined {
  const { container, workload } = placed;
  const entry = maps(container.spec['env']).find((each) => each['name'] === name);
  if (!entry) return depth === 0 ? throughParts(placed, name) : undefined;
  const { valueFrom } = entry;
  if (valueFrom === undefined) return expanded(placed, word(entry['value']), depth);
  const [kind, ref] =
    dig(valueFrom, 'secretKeyRef') === undefined
      ? (['ConfigMap', dig(valueFrom, 'configMapKeyRef')] as const)
      : (['Secret', dig(valueFrom, 'secretKeyRef')] as const);
  return ref === undefined
    ? undefined
    : writtenKey(workload.module, { kind, name: word(dig(ref, 'name')), key: word(dig(ref, 'key')) });
}

/** Kubernetes replaces `$(NAME)`, and makes one `$` of two. */
function expanded(placed: Placed, text: string, depth: number): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(/\$\$|\$\(([\w.-]+)\)/g)) {
    parts.push({ kind: 'text', text: text.slice(at, match.index) });
    const [all, name] = match;
    const inner = name === undefined || depth >= DEEPEST ? undefined : foundParts(placed, name, depth + 1);
    if (all === '$$') parts.push({ kind: 'text', text: '$' });
    else parts.push(...(inner ?? [{ kind: 'unknown' } as const]));
    at = match.index + all.length;
  }
  return [...parts, { kind: 'text', text: text.slice(at) }];
}

/** The later of several sources wins. */
function throughParts({ container, workload }: Placed, name: string): readonly Part[] | undefined {
  const sources = maps(container.spec['envFrom']).toReversed();
  for (const source of sources) {
    const prefix = word(source['prefix']);
    const [kind, ref] =
      source['secretRef'] === undefined
        ? (['ConfigMap', source['configMapRef']] as const)
        : (['Secret', source['secretRef']] as const);
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    const found = writtenKey(workload.module, { kind, name: word(dig(ref, 'name')), key });
    if (found) return found;
  }
  return undefined;
}
