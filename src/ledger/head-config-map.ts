/** The head in the cluster, where nobody reaches it who can only rewrite the repository: one object, a field per ledger. */
import { type Client, type ConfigMap, isKubeError, KubeError, kinds } from '../kube/index.ts';
import { HEAD_NAME } from './head-name.ts';
import type { HeadSource, Remembered } from './head-source.ts';
import { headJson, readHead, type SignedHead } from './signed-head.ts';

export interface HeadPlace {
  readonly client: Client;
  readonly namespace: string;
  readonly ledgerId: string;
}

/** It is one of several places, and the others are local. */
const DEADLINE_MS = 5_000;
/** Of writers that meet; each time one of them is done. */
const ATTEMPTS = 5;

export function configMapSource(place: HeadPlace): HeadSource {
  return { name: 'the cluster', look: (signal) => look(place, signal) };
}

async function look(place: HeadPlace, signal?: AbortSignal): Promise<Remembered> {
  try {
    const found = await read(place, signal);
    const text = found?.data?.[place.ledgerId];
    if (text === undefined) return { kind: 'looked', heads: [], note: `${where(place)} says nothing of this ledger` };
    const head = readHead(text);
    // Who writes there has rights in the cluster, not only in the repository.
    return {
      kind: 'looked',
      heads: [{ where: where(place), ...(head && { head, counts: () => Promise.resolve(true) }) }],
    };
  } catch (cause) {
    if (cause instanceof KubeError) return { kind: 'not-looked', why: cause.message };
    throw cause;
  }
}

function where({ namespace }: HeadPlace): string {
  return `ConfigMap ${namespace}/${HEAD_NAME}`;
}

async function read({ client, namespace }: HeadPlace, signal?: AbortSignal): Promise<ConfigMap | undefined> {
  try {
    const options = { deadlineMs: DEADLINE_MS, ...(signal && { signal }) };
    return await client.get(kinds.ConfigMap, { namespace, name: HEAD_NAME }, options);
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_NOT_FOUND')) return undefined;
    throw cause;
  }
}

export type Compared =
  /** It says nothing of this ledger, or remembers a record that is here. */
  | { readonly kind: 'here' }
  | { readonly kind: 'elsewhere'; readonly where: string; readonly head: SignedHead }
  | { readonly kind: 'unreadable'; readonly where: string };

/**
 * What the cluster remembers against the records of a clone. `known` says whether a hash is that of one of them.
 * @throws KubeError as the API server says it.
 */
export async function compareHead(
  place: HeadPlace,
  known: (hash: string) => boolean,
  signal?: AbortSignal,
): Promise<Compared> {
  const text = (await read(place, signal))?.data?.[place.ledgerId];
  if (text === undefined) return { kind: 'here' };
  const head = readHead(text);
  if (head === undefined) return { kind: 'unreadable', where: where(place) };
  return known(head.hash) ? { kind: 'here' } : { kind: 'elsewhere', where: where(place), head };
}

export type Published =
  | { readonly kind: 'published' | 'unchanged'; readonly where: string }
  /** It remembers a record that is not here: to overwrite it would be to forget that records are gone. */
  | { readonly kind: 'ahead'; readonly where: string; readonly head: SignedHead }
  /** Something that is no head stands there. */
  | { readonly kind: 'unreadable'; readonly where: string };

/**
 * Never goes back. `known` says whether a hash is that of a record of this ledger.
 * @throws KubeError as the API server says it; the namespace is not made.
 */
export async function publishHead(
  place: HeadPlace,
  head: SignedHead,
  known: (hash: string) => boolean,
  signal?: AbortSignal,
): Promise<Published> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await publishOnce(place, head, known, signal);
    } catch (cause) {
      const met = isKubeError(cause, 'KUBE_CONFLICT') || isKubeError(cause, 'KUBE_ALREADY_EXISTS');
      if (!met || attempt === ATTEMPTS) throw cause;
    }
  }
}

async function publishOnce(
  place: HeadPlace,
  head: SignedHead,
  known: (hash: string) => boolean,
  signal?: AbortSignal,
): Promise<Published> {
  const { client, namespace, ledgerId } = place;
  const found = await read(place, signal);
  const data = { [ledgerId]: headJson(head) };
  const options = { deadlineMs: DEADLINE_MS, ...(signal && { signal }) };
  if (found === undefined) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: HEAD_NAME }, data };
    await client.create(kinds.ConfigMap, object, options);
    return { kind: 'published', where: where(place) };
  }
  const refusal = standing(place, found, head, known);
  if (refusal) return refusal;
  const value = { metadata: { resourceVersion: found.metadata.resourceVersion }, data };
  await client.patch(kinds.ConfigMap, { namespace, name: HEAD_NAME }, { kind: 'merge', value }, options);
  return { kind: 'published', where: where(place) };
}

function standing(
  place: HeadPlace,
  { data = {} }: ConfigMap,
  head: SignedHead,
  known: (hash: string) => boolean,
): Published | undefined {
  const text = data[place.ledgerId];
  if (text === undefined) return undefined;
  const before = readHead(text);
  if (before === undefined) return { kind: 'unreadable', where: where(place) };
  if (before.hash === head.hash) return { kind: 'unchanged', where: where(place) };
  if (before.seq >= head.seq || !known(before.hash)) return { kind: 'ahead', where: where(place), head: before };
  return undefined;
}
