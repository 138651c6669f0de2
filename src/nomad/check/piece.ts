/** A consul-template text taken apart, as far as the checks need it. They read it on their own, without the translation. */

export interface Piece {
  /** Text between actions. */
  readonly text: string;
  /** Action that the text ends with, without braces and trim marks; absent at the end. */
  readonly action?: string;
  /** Openings (`with secret "x"`, `if …`, `range …`) around the text, outermost first. */
  readonly within: readonly string[];
}

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

/** Pieces in order; an action that never ends is text. */
export function piecesOf(text: string, { left, right }: Delimiters = { left: '{{', right: '}}' }): readonly Piece[] {
  const pieces: Piece[] = [];
  const within: string[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf(left, at);
    const end = begin < 0 ? -1 : text.indexOf(right, begin + left.length);
    if (end < 0) return [...pieces, { text: text.slice(at), within: [...within] }];
    const action = text
      .slice(begin + left.length, end)
      .replace(/^-\s/, '')
      .replace(/\s-$/, '')
      .trim();
    pieces.push({ text: text.slice(at, begin), action, within: [...within] });
    step(within, action);
    at = end + right.length;
  }
}

function step(within: string[], action: string): void {
  if (/^(?:if|with|range|define|block)\b/.test(action)) within.push(action);
  else if (/^else\b/.test(action)) within.push(`else of ${within.pop() ?? ''}`);
  else if (action === 'end') within.pop();
}

/** What is there whenever the template is rendered: a secret that is not there keeps it from being rendered. */
export function isCertain(within: readonly string[]): boolean {
  return within.every((opening) => /^with\s+(?:\$\w+\s*:?=\s*)?(?:secret|nomadVar)\b/.test(opening));
}

export interface SecretKey {
  readonly path: string;
  readonly key: string;
}

/** Every key of a secret or a Nomad variable that a template reads. */
export function secretKeysOf(text: string, delimiters?: Delimiters): readonly SecretKey[] {
  const found: SecretKey[] = [];
  const names = new Map<string, string>();
  for (const { action = '', within } of piecesOf(text, delimiters)) {
    const bound = /(\$\w+)\s*:?=\s*(?:secret|nomadVar)\s+"([^"]+)"/.exec(action);
    if (bound?.[1] && bound[2]) names.set(bound[1], bound[2]);
    found.push(...ofCall(action), ...ofName(action, names), ...ofDot(action, within));
  }
  const unique = new Map(found.map((each) => [`${each.path}\n${each.key}`, each]));
  return [...unique.values()];
}

/** The one key that an action writes out as it is; undefined for anything else. `names` learns what the action binds. */
export function secretKeyIn(
  action: string,
  { within, names }: { readonly within: readonly string[]; readonly names: Map<string, string> },
): SecretKey | undefined {
  const opening = within.at(-1) ?? '';
  const bound = /(\$\w+)\s*:?=\s*(?:secret|nomadVar)\s+"([^"]+)"/.exec(opening);
  if (bound?.[1] && bound[2]) names.set(bound[1], bound[2]);
  const isPlain =
    /^(?:\$\w+)?(?:\.\w+)+$/.test(action) ||
    /^index\s+\.[\w.]*\s*"[^"]+"$/.test(action) ||
    /^\(\s*(?:secret|nomadVar)\s+"[^"]+"\s*\)(?:\.\w+)+$/.test(action);
  if (!isPlain) return undefined;
  const found = [...ofCall(action), ...ofName(action, names), ...ofDot(action, within)];
  return found.length === 1 ? found[0] : undefined;
}

/** `(secret "p").Data.data.k`, `(nomadVar "p").k` */
function ofCall(action: string): readonly SecretKey[] {
  return [...action.matchAll(/\(\s*(?:secret|nomadVar)\s+"([^"]+)"\s*\)((?:\.\w+)+)/g)].flatMap(
    ([, path = '', fields = '']) => keyOf(path, fields),
  );
}

function ofName(action: string, names: ReadonlyMap<string, string>): readonly SecretKey[] {
  return [...action.matchAll(/(\$\w+)((?:\.\w+)+)/g)].flatMap(([, name = '', fields = '']) => {
    const path = names.get(name);
    return path === undefined ? [] : keyOf(path, fields);
  });
}

/** `.Data.data.k` and `index .Data.data "k"` within `with secret "p"`. */
function ofDot(action: string, within: readonly string[]): readonly SecretKey[] {
  const opening = within.findLast((each) => /^(?:with|range|else)\b/.test(each)) ?? '';
  const path = /^with\s+(?:\$\w+\s*:?=\s*)?(?:secret|nomadVar)\s+"([^"]+)"\s*$/.exec(opening)?.[1];
  if (path === undefined || /^(?:secret|nomadVar)\b/.test(action)) return [];
  const indexed = [...action.matchAll(/index\s+\.(?:Data(?:\.data)?)?\s*"([^"]+)"/g)].map(([, key = '']) => ({
    path,
    key,
  }));
  const dotted = [...action.matchAll(/(?<![\w)$])((?:\.\w+)+)/g)].flatMap(([, fields = '']) => keyOf(path, fields));
  return [...indexed, ...dotted];
}

/** `.Data.data.k` of version 2, `.Data.k` of version 1, `.k` of a Nomad variable. */
function keyOf(path: string, fields: string): readonly SecretKey[] {
  const parts = fields.split('.').slice(1);
  const rest = parts[0] === 'Data' ? parts.slice(parts[1] === 'data' && parts.length > 2 ? 2 : 1) : parts;
  const [key] = rest;
  if (key === undefined || (parts[0] === 'Data' && key === 'data' && rest.length === 1)) return [];
  return [{ path, key }];
}
