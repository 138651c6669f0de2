/** What a template works with: what is known when jobs are converted, and what only a store of secrets or the pod knows. */
export type Value =
  | { readonly kind: 'scalar'; readonly value: Scalar }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Value> }
  /** A secret of Vault or a variable of Nomad as a whole. */
  | { readonly kind: 'secret'; readonly of: SecretPath }
  /** `.Data` and `.Data.data` of a secret of Vault, `.Tuples` of a variable of Nomad. */
  | { readonly kind: 'data'; readonly of: SecretPath; readonly view: 'Data' | 'data' | 'Tuples' }
  /** One entry while all of a secret are walked: `.K` and `.V`. */
  | { readonly kind: 'tuple' }
  /** Text that is not known yet. */
  | { readonly kind: 'later'; readonly later: Later }
  /** A problem was told; nothing is made of the template. */
  | { readonly kind: 'unknown' };

export type Scalar = string | number | boolean | null;

export interface SecretPath {
  readonly source: 'vault' | 'nomad';
  /** As written, without `data/` behind the mount and without slashes around it. */
  readonly path: string;
}

/** One value of a store. */
export interface Leaf extends SecretPath {
  readonly property: string;
  /** Of the engine: `.Data.x` reads a key of version 1, `.Data.data.x` one of version 2. A variable of Nomad is put into version 2. */
  readonly engine: 1 | 2;
}

/** An expression that External Secrets or Kubernetes ends. */
export type Later =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  /** What the pod's environment holds: `$(NAME)`, alone or within text. */
  | { readonly kind: 'environment'; readonly text: string }
  /** Key or value of the entry that is walked. */
  | { readonly kind: 'entry'; readonly part: 'key' | 'value' }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Later[] }
  | { readonly kind: 'literal'; readonly value: Scalar };

/** What a template becomes: text with holes. */
export type Output =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'later'; readonly later: Later }
  | { readonly kind: 'if'; readonly test: Later; readonly body: readonly Output[]; readonly other: readonly Output[] }
  /** Once for each key of a secret. */
  | { readonly kind: 'each'; readonly of: SecretPath; readonly body: readonly Output[] };

export const unknown: Value = { kind: 'unknown' };

export function scalar(value: Scalar): Value {
  return { kind: 'scalar', value };
}

export function later(of: Later): Value {
  return { kind: 'later', later: of };
}

/** As Go's templates take a value for true: not zero, not empty. */
export function truth(value: Value): boolean | Later {
  switch (value.kind) {
    case 'scalar':
      return value.value !== null && value.value !== false && value.value !== 0 && value.value !== '';
    case 'list':
      return value.items.length > 0;
    case 'map':
      return value.entries.size > 0;
    case 'later':
      return value.later;
    case 'secret':
    case 'data':
    case 'tuple':
    case 'unknown':
      return true;
    default:
      return value satisfies never;
  }
}

/** As Go prints it; undefined for what nobody prints. */
export function printed(value: Value): string | undefined {
  if (value.kind === 'scalar') return value.value === null ? undefined : String(value.value);
  if (value.kind !== 'list') return undefined;
  const items = value.items.map((each) =>
    each.kind === 'scalar' && typeof each.value === 'string' ? each.value : undefined,
  );
  return items.includes(undefined) ? undefined : `[${items.join(' ')}]`;
}

/** All that is needed from stores. */
export function leavesOf(outputs: readonly Output[]): readonly Leaf[] {
  return outputs.flatMap((output): readonly Leaf[] => {
    switch (output.kind) {
      case 'text':
        return [];
      case 'later':
        return leavesOfLater(output.later);
      case 'if':
        return [...leavesOfLater(output.test), ...leavesOf(output.body), ...leavesOf(output.other)];
      case 'each':
        return leavesOf(output.body);
      default:
        return output satisfies never;
    }
  });
}

function leavesOfLater(of: Later): readonly Leaf[] {
  if (of.kind === 'leaf') return [of.leaf];
  return of.kind === 'call' ? of.args.flatMap(leavesOfLater) : [];
}

/** Neighbouring texts are one. */
export function joined(outputs: readonly Output[]): readonly Output[] {
  const result: Output[] = [];
  for (const output of outputs) {
    const last = result.at(-1);
    if (output.kind === 'text' && last?.kind === 'text')
      result[result.length - 1] = { kind: 'text', text: last.text + output.text };
    else if (output.kind === 'if') result.push({ ...output, body: joined(output.body), other: joined(output.other) });
    else result.push(output.kind === 'each' ? { ...output, body: joined(output.body) } : output);
  }
  return result;
}
