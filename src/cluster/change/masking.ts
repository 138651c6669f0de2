/**
 * Values that nobody is to read in evidence. Which they are shows in what stays: equal ones are `***` on both sides,
 * different ones say that they are, as kubectl diff writes them.
 */
import { isObject } from '../../kube/reader.ts';
import { type JsonObject, textAt } from './manifest.ts';

/** Two states of one object; a side is absent where it does not exist. */
export interface Sides {
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** Whether a line of text gives a secret away: `name: value`. */
export type GivesAway = (line: string) => boolean;

const EQUAL = '***';
const BEFORE = '*** (before)';
const AFTER = '*** (after)';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
}

/** The same objects without the values of Secrets, wherever a Secret stands, and without what `givesAway` knows. */
export function masked({ before, after }: Sides, givesAway: GivesAway): Sides {
  const pair = maskedPair({ before, after }, { givesAway, line: (value) => value });
  return {
    ...(isObject(pair.before) ? { before: pair.before } : {}),
    ...(isObject(pair.after) ? { after: pair.after } : {}),
  };
}

interface Surroundings {
  readonly givesAway: GivesAway;
  /** How a value reads with its name before it. */
  readonly line: (value: string) => string;
}

function maskedPair(pair: Pair, around: Surroundings): Pair {
  const { before, after } = pair;
  if (typeof before === 'string' || typeof after === 'string') return maskedText(pair, around);
  if (Array.isArray(before) || Array.isArray(after)) return maskedList(pair, around);
  if (isObject(before) || isObject(after)) return maskedObject(pair, around);
  return pair;
}

/** A value whose type changed is masked, too, when one of its sides gives something away. */
function maskedText(pair: Pair, { givesAway, line }: Surroundings): Pair {
  const texts = [pair.before, pair.after].flatMap((side) => (typeof side === 'string' ? [side] : []));
  return texts.some((text) => givesAway(line(text))) ? hidden(pair) : pair;
}

function hidden({ before, after }: Pair): Pair {
  if (before === undefined) return { before, after: EQUAL };
  if (after === undefined) return { before: EQUAL, after };
  const equal = JSON.stringify(before) === JSON.stringify(after);
  return equal ? { before: EQUAL, after: EQUAL } : { before: BEFORE, after: AFTER };
}

function maskedList({ before, after }: Pair, around: Surroundings): Pair {
  const others = Array.isArray(after) ? after : [];
  const items = Array.isArray(before) ? before : [];
  const left = items.map((item, index) => maskedPair({ before: item, after: partner(item, others, index) }, around));
  const right = others.map((item, index) => maskedPair({ before: partner(item, items, index), after: item }, around));
  return {
    before: Array.isArray(before) ? left.map((pair) => pair.before) : before,
    after: Array.isArray(after) ? right.map((pair) => pair.after) : after,
  };
}

/** The same item on the other side: by its name, or by its place where it has none. */
function partner(item: unknown, others: readonly unknown[], index: number): unknown {
  const name = textAt(item, 'name');
  return name === '' ? others[index] : others.find((other) => textAt(other, 'name') === name);
}

function maskedObject({ before, after }: Pair, around: Surroundings): Pair {
  const sides = [before, after].filter(isObject);
  const secret = sides.some(isSecret);
  const variable = sides.map((side) => textAt(side, 'name')).find((name) => name !== '');
  const names = new Set(sides.flatMap((side) => Object.keys(side)));
  const [left, right]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const name of names) {
    const pair = { before: own(before, name), after: own(after, name) };
    const label = name === 'value' && variable !== undefined ? variable : name;
    const found = secret ? inSecret(name, pair, around) : maskedPair(pair, { ...around, line: lineOf(label) });
    if (found.before !== undefined) put(left, name, found.before);
    if (found.after !== undefined) put(right, name, found.after);
  }
  return { before: isObject(before) ? left : before, after: isObject(after) ? right : after };
}

const lineOf = (name: string) => (value: string) => `${name}: ${value}`;

/** A reference to a Secret has its kind and version, too, and nothing of what it holds. */
export function isSecret(side: JsonObject): boolean {
  const isWhole = ['metadata', 'data', 'stringData'].some((name) => Object.hasOwn(side, name));
  return side['kind'] === 'Secret' && side['apiVersion'] === 'v1' && isWhole;
}

/** What a Secret says of itself. */
const ofItself: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'type', 'immutable']);

/** Whether a field of a Secret holds values: also one that is spelt wrongly (`stringdata`) was meant to. */
export function holdsValues(field: string): boolean {
  return !ofItself.has(field);
}

function inSecret(name: string, pair: Pair, around: Surroundings): Pair {
  if (holdsValues(name)) return maskedMap(pair);
  if (name !== 'metadata') return maskedPair(pair, { ...around, line: lineOf(name) });
  const { before, after } = maskedPair(pair, { ...around, line: lineOf(name) });
  const annotations = maskedMap({
    before: own(own(pair.before, 'annotations'), LAST_APPLIED),
    after: own(own(pair.after, 'annotations'), LAST_APPLIED),
  });
  return { before: withLastApplied(before, annotations.before), after: withLastApplied(after, annotations.after) };
}

/** What client-side apply left there is the whole Secret. */
function withLastApplied(metadata: unknown, value: unknown): unknown {
  const annotations = own(metadata, 'annotations');
  if (value === undefined || !isObject(metadata) || !isObject(annotations)) return metadata;
  return { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: value } };
}

/** Every value of a map; something that is no map is hidden whole. */
function maskedMap(pair: Pair): Pair {
  if (!isMapOrNothing(pair.before) || !isMapOrNothing(pair.after)) return hidden(pair);
  const names = new Set([pair.before, pair.after].filter(isObject).flatMap((side) => Object.keys(side)));
  const [left, right]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const name of names) {
    const found = hidden({ before: own(pair.before, name), after: own(pair.after, name) });
    if (own(pair.before, name) !== undefined) put(left, name, found.before);
    if (own(pair.after, name) !== undefined) put(right, name, found.after);
  }
  return { before: isObject(pair.before) ? left : pair.before, after: isObject(pair.after) ? right : pair.after };
}

function isMapOrNothing(value: unknown): boolean {
  return value === undefined || value === null || isObject(value);
}

function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Also a member that is called `__proto__` becomes a member. */
function put(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
