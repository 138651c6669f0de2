/**
 * What LimitRanges do to pods and claims of their namespace (plugin/pkg/admission/limitranger, read in 1.36): containers
 * get what they do not ask for, and who asks for too little or too much is refused. Ratios are not looked at.
 */
import { formatQuantity, nanosOf } from '../kube/quantity.ts';
import type { Admitted } from './admission.ts';
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt, withAt } from './json.ts';
import { CLAIMS, LIMIT_RANGES, PODS, shelfName } from './kinds.ts';
import { forbidden } from './refusal.ts';
import type { Reading } from './store.ts';

const NOTE = 'kubernetes.io/limit-ranger';
const MILLI = 1_000_000n;

function limitsOf(range: JsonObject, type: string): readonly Json[] {
  return listAt(range, 'spec', 'limits').filter((limit) => textAt(limit, 'type') === type);
}

/** A new pod with what the limits of its namespace fill in, and a note that says so. */
export function withContainerLimits(reading: Reading, { namespace, object }: Admitted): JsonObject {
  return reading.list(LIMIT_RANGES, namespace).reduce((pod, { object: range }) => filledIn(pod, range), object);
}

function filledIn(pod: JsonObject, range: JsonObject): JsonObject {
  const limits = limitsOf(range, 'Container');
  const merged = (name: string): JsonObject => Object.assign({}, ...limits.map((limit) => objectAt(limit, name)));
  const fallbacks = { requests: merged('defaultRequest'), limits: merged('default') };
  const notes: string[] = [];
  const lists = [
    ['containers', 'container'],
    ['initContainers', 'init container'],
  ] as const;
  const filled = lists.reduce<JsonObject>((changed, [list, noun]) => {
    if (listAt(changed, 'spec', list).length === 0) return changed;
    const containers = listAt(changed, 'spec', list).map((container) => fill(container, fallbacks, { noun, notes }));
    return withAt(changed, ['spec', list], containers);
  }, pod);
  if (notes.length === 0) return pod;
  return withAt(filled, ['metadata', 'annotations', NOTE], `LimitRanger plugin set: ${notes.join('; ')}`);
}

interface Noting {
  readonly noun: string;
  readonly notes: string[];
}

function fill(
  container: Json,
  fallbacks: Readonly<Record<'requests' | 'limits', JsonObject>>,
  { noun, notes }: Noting,
): Json {
  if (!isObject(container)) return container;
  const resources: Record<string, Json> = { ...objectAt(container, 'resources') };
  for (const [member, word] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const own = objectAt(container, 'resources', member);
    const added = Object.keys(fallbacks[member]).filter((name) => !Object.hasOwn(own, name));
    if (added.length === 0) continue;
    resources[member] = { ...fallbacks[member], ...own };
    notes.push(`${added.sort().join(', ')} ${word} for ${noun} ${textAt(container, 'name') ?? ''}`);
  }
  return { ...container, resources };
}

/** @throws Refusal 403 naming what is too little or too much, by the first LimitRange that says so. */
export function checkLimits(reading: Reading, { kind, namespace, name, object, current }: Admitted): void {
  const shelf = shelfName(kind);
  if (shelf !== CLAIMS && (shelf !== PODS || current)) return;
  for (const { object: range } of reading.list(LIMIT_RANGES, namespace)) {
    const problems = shelf === CLAIMS ? claimProblems(range, object) : podProblems(range, object);
    if (problems.length === 0) continue;
    throw forbidden(kind, name, problems.length === 1 ? `${problems[0]}` : `[${problems.join(', ')}]`);
  }
}

function claimProblems(range: JsonObject, claim: JsonObject): readonly string[] {
  const asked = { requests: objectAt(claim, 'spec', 'resources', 'requests'), limits: {} };
  return limitsOf(range, 'PersistentVolumeClaim').flatMap((limit) => [
    ...tooLittle('PersistentVolumeClaim', limit, asked),
    ...requestsTooMuch('PersistentVolumeClaim', limit, asked),
  ]);
}

function podProblems(range: JsonObject, pod: JsonObject): readonly string[] {
  const containers = listAt(pod, 'spec', 'containers').map(askedBy);
  const first = listAt(pod, 'spec', 'initContainers').map(askedBy);
  const whole = { requests: wholeOf(containers, first, 'requests'), limits: wholeOf(containers, first, 'limits') };
  return listAt(range, 'spec', 'limits').flatMap((limit) => {
    switch (textAt(limit, 'type')) {
      case 'Container':
        return [...containers, ...first].flatMap((asked) => bothWays('Container', limit, asked));
      case 'Pod':
        return bothWays('Pod', limit, whole);
      default:
        return [];
    }
  });
}

interface Asked {
  readonly requests: JsonObject;
  readonly limits: JsonObject;
}

/** Who says how much it may have and not how much it wants wants all of it. */
function askedBy(container: Json): Asked {
  const limits = objectAt(container, 'resources', 'limits');
  return { requests: { ...limits, ...objectAt(container, 'resources', 'requests') }, limits };
}

/** Containers run at the same time, those that come first one after the other. */
function wholeOf(containers: readonly Asked[], first: readonly Asked[], member: keyof Asked): JsonObject {
  const names = new Set([...containers, ...first].flatMap((asked) => Object.keys(asked[member])));
  const size = (asked: Asked, name: string): bigint => nanosOf(textAt(asked[member], name) ?? '0') ?? 0n;
  const entries = [...names].map((name): [string, Json] => {
    const sum = containers.reduce((total, asked) => total + size(asked, name), 0n);
    const [most = 0n] = [sum, ...first.map((asked) => size(asked, name))].sort((a, b) => (a < b ? 1 : -1));
    return [name, shown(most, name)];
  });
  return Object.fromEntries(entries);
}

function shown(nanos: bigint, name: string): string {
  const whole = nanos / (MILLI * 1000n);
  if (whole * MILLI * 1000n === nanos) return formatQuantity(whole, name === 'cpu' ? 'decimal' : 'binary');
  return `${nanos / MILLI}m`;
}

function bothWays(type: string, limit: Json, asked: Asked): readonly string[] {
  return [...tooLittle(type, limit, asked), ...tooMuch(type, limit, asked)];
}

function isMore(left: string, right: string): boolean {
  return (nanosOf(left) ?? 0n) > (nanosOf(right) ?? 0n);
}

function tooLittle(type: string, limit: Json, { requests, limits }: Asked): readonly string[] {
  return Object.entries(objectAt(limit, 'min')).flatMap(([name, bound]) => {
    const least = String(bound);
    const text = `minimum ${name} usage per ${type} is ${least}`;
    const [request, most] = [textAt(requests, name), textAt(limits, name)];
    if (request === undefined) return [`${text}.  No request is specified`];
    if (isMore(least, request)) return [`${text}, but request is ${request}`];
    return most !== undefined && isMore(least, most) ? [`${text}, but limit is ${most}`] : [];
  });
}

function tooMuch(type: string, limit: Json, { requests, limits }: Asked): readonly string[] {
  return Object.entries(objectAt(limit, 'max')).flatMap(([name, bound]) => {
    const text = `maximum ${name} usage per ${type} is ${String(bound)}`;
    const [request, most] = [textAt(requests, name), textAt(limits, name)];
    if (most === undefined) return [`${text}.  No limit is specified`];
    if (isMore(most, String(bound))) return [`${text}, but limit is ${most}`];
    return request !== undefined && isMore(request, String(bound)) ? [`${text}, but request is ${request}`] : [];
  });
}

/** A claim has no limits that anybody looks at. */
function requestsTooMuch(type: string, limit: Json, { requests }: Asked): readonly string[] {
  return Object.entries(objectAt(limit, 'max')).flatMap(([name, bound]) => {
    const text = `maximum ${name} usage per ${type} is ${String(bound)}`;
    const request = textAt(requests, name);
    if (request === undefined) return [`${text}.  No request is specified`];
    return isMore(request, String(bound)) ? [`${text}, but request is ${request}`] : [];
  });
}
