/** Asks the API server what each manifest would change: server-side apply without storing it. */
import { messageOf } from '../../kube/error.ts';
import { type Client, defineResource, isKubeError, type KubeObject, type Resource } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import type { Catalog } from './catalog.ts';
import { type Comparison, type Conflict, FIELD_MANAGER, type LiveState, type Outcome } from './comparison.ts';
import { groupOf, type JsonObject, type Manifest, objectAt, subjectOf, textAt } from './manifest.ts';
import { isNamespace } from './order.ts';

/** An object of any kind, whole. */
export interface WholeObject extends KubeObject {
  readonly whole: JsonObject;
}

export interface CompareOptions {
  readonly client: Client;
  readonly catalog: Catalog;
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  /** Take over fields that others have set. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
}

/** In the order of the manifests. What cannot be told is `unknown`; rejects only when the caller aborted. */
export async function compare(manifests: readonly Manifest[], options: CompareOptions): Promise<readonly Comparison[]> {
  const placed = manifests.map((manifest) => place(manifest, options));
  const namespaces = await readNamespaces(placed, options);
  const result: Comparison[] = [];
  for (let start = 0; start < placed.length; start += AT_ONCE) {
    const some = placed.slice(start, start + AT_ONCE);
    result.push(...(await Promise.all(some.map((manifest) => compareOne(manifest, { ...options, namespaces })))));
  }
  return result;
}
const AT_ONCE = 8;

/** With the namespace that it goes to; a kind without namespaces keeps what was written, for the server to judge. */
function place(manifest: Manifest, { catalog, namespace }: Pick<CompareOptions, 'catalog' | 'namespace'>): Manifest {
  const served = catalog.of(manifest);
  const namespaced = served.kind !== 'unknown' && served.namespaced;
  return namespaced && manifest.namespace === undefined ? { ...manifest, namespace } : manifest;
}

export function resourceOf({ apiVersion, kind }: Manifest, plural: string, namespaced: boolean): Resource<WholeObject> {
  const [version = ''] = apiVersion.split('/').slice(-1);
  const address = { group: groupOf(apiVersion), version, plural, kind, namespaced };
  return defineResource<WholeObject>(address, (raw) => ({ whole: isObject(raw) ? raw : {} }));
}

type NamespaceState =
  | { readonly kind: 'there' }
  | { readonly kind: 'to-create' }
  | { readonly kind: 'missing'; readonly why: string };

interface Namespaces {
  readonly namespaces: ReadonlyMap<string, NamespaceState>;
}

async function readNamespaces(
  manifests: readonly Manifest[],
  { client, signal }: CompareOptions,
): Promise<ReadonlyMap<string, NamespaceState>> {
  const made = new Set(manifests.filter(isNamespace).map(({ name }) => name));
  const names = [...new Set(manifests.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace])))];
  const states = await Promise.all(names.map((name) => readNamespace(client, name, { made, signal })));
  return new Map(names.map((name, index) => [name, states[index] ?? { kind: 'there' }]));
}

const namespaces = defineResource<WholeObject>(
  { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false },
  (raw) => ({ whole: isObject(raw) ? raw : {} }),
);

async function readNamespace(
  client: Client,
  name: string,
  { made, signal }: { readonly made: ReadonlySet<string>; readonly signal: AbortSignal | undefined },
): Promise<NamespaceState> {
  try {
    const { metadata } = await client.get(namespaces, { name }, calling(signal));
    if (metadata.deletionTimestamp === undefined) return { kind: 'there' };
    return { kind: 'missing', why: `the namespace ${name} is being deleted; wait until it is gone` };
  } catch (cause) {
    signal?.throwIfAborted();
    // Who may not look at namespaces may still write in one: the dry run tells.
    if (!isKubeError(cause, 'KUBE_NOT_FOUND')) return { kind: 'there' };
    if (made.has(name)) return { kind: 'to-create' };
    return { kind: 'missing', why: `the namespace ${name} does not exist and is not among the manifests` };
  }
}

async function compareOne(manifest: Manifest, options: CompareOptions & Namespaces): Promise<Comparison> {
  const served = options.catalog.of(manifest);
  const state = options.namespaces.get(manifest.namespace ?? '');
  if (served.kind === 'unknown') return unknown(manifest, served.why);
  if (state?.kind === 'missing') return unknown(manifest, state.why);
  const because =
    served.kind === 'defined'
      ? `its kind is defined by ${served.by} of the same change`
      : `its namespace ${manifest.namespace} is made by the same change`;
  if (served.kind === 'defined' || state?.kind === 'to-create')
    return { manifest, outcome: { kind: 'to-create', because, after: written(manifest) } };
  return askServer(manifest, resourceOf(manifest, served.plural, served.namespaced), options);
}

function unknown(manifest: Manifest, why: string, live?: LiveState): Comparison {
  return { manifest, ...(live === undefined ? {} : { live }), outcome: { kind: 'unknown', why, conflicts: [] } };
}

/**
 * What is sent: the manifest with its namespace in it. `stringData` of a Secret becomes `data`: the server would store it
 * there, but under nobody's name, so that neither a conflict nor a value that is left out later would be seen.
 */
function written({ object, namespace }: Pick<Manifest, 'object' | 'namespace'>): JsonObject {
  const { stringData, ...rest } = object;
  const isSecret = object['kind'] === 'Secret' && object['apiVersion'] === 'v1' && isObject(stringData);
  const data = isSecret ? { data: { ...objectAt(object, 'data'), ...encoded(stringData) } } : {};
  const metadata = { ...objectAt(object, 'metadata'), ...(namespace === undefined ? {} : { namespace }) };
  return { ...(isSecret ? rest : object), ...data, metadata };
}

function encoded(texts: JsonObject): JsonObject {
  const entries = Object.entries(texts).map(([name, value]) => [
    name,
    typeof value === 'string' ? Buffer.from(value).toString('base64') : value,
  ]);
  return Object.fromEntries(entries);
}

/** An object that somebody writes at this moment is looked at again a few times. */
const ATTEMPTS = 5;

async function askServer(
  manifest: Manifest,
  resource: Resource<WholeObject>,
  options: CompareOptions,
): Promise<Comparison> {
  for (let attempt = 1; ; attempt += 1) {
    const live = await readLive(manifest, resource, options);
    if (live.kind === 'unknown') return unknown(manifest, live.why);
    const state = live.state;
    if (textAt(state?.object, 'metadata', 'deletionTimestamp') !== '')
      return unknown(manifest, `${subjectOf(manifest)} is being deleted; wait until it is gone`, state);
    const outcome = await dryRun(manifest, resource, { ...options, state });
    if (outcome.kind === 'moved' && attempt < ATTEMPTS) continue;
    if (outcome.kind === 'moved')
      return unknown(manifest, `${subjectOf(manifest)} changes all the time: ${outcome.why}`, state);
    return { manifest, ...(state === undefined ? {} : { live: state }), outcome };
  }
}

type Read = { readonly kind: 'read'; readonly state?: LiveState } | { readonly kind: 'unknown'; readonly why: string };

export async function readLive(
  manifest: Pick<Manifest, 'name' | 'namespace'>,
  resource: Resource<WholeObject>,
  { client, signal }: Pick<CompareOptions, 'client' | 'signal'>,
): Promise<Read> {
  try {
    const { metadata, whole } = await client.get(resource, whereOf(manifest, resource), calling(signal));
    return { kind: 'read', state: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, object: whole } };
  } catch (cause) {
    signal?.throwIfAborted();
    if (isKubeError(cause, 'KUBE_NOT_FOUND')) return { kind: 'read' };
    return { kind: 'unknown', why: messageOf(cause) };
  }
}

export function whereOf(
  { name, namespace }: Pick<Manifest, 'name' | 'namespace'>,
  { namespaced }: { readonly namespaced: boolean },
): { readonly name: string; readonly namespace?: string } {
  return namespaced && namespace !== undefined ? { namespace, name } : { name };
}

type DryRun = Exclude<Outcome, { kind: 'to-create' | 'to-delete' }> | { readonly kind: 'moved'; readonly why: string };

async function dryRun(
  manifest: Manifest,
  resource: Resource<WholeObject>,
  options: CompareOptions & { readonly state: LiveState | undefined },
): Promise<DryRun> {
  const { force, signal } = options;
  try {
    return { kind: 'merged', after: await applyObject(manifest, resource, { ...options, dryRun: true }) };
  } catch (cause) {
    signal?.throwIfAborted();
    const why = messageOf(cause);
    const conflicts = conflictsOf(cause);
    if (isKubeError(cause, 'KUBE_CONFLICT') && conflicts.length === 0) return { kind: 'moved', why };
    if (conflicts.length === 0 || force) return { kind: 'unknown', why, conflicts };
    const forced = await dryRun(manifest, resource, { ...options, force: true });
    return { kind: 'unknown', why, conflicts, ...(forced.kind === 'merged' ? { after: forced.after } : {}) };
  }
}

export interface ApplyOptions {
  readonly client: Client;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** What was there: another state of it is refused by the server. Absent: nothing was there. */
  readonly state: Pick<LiveState, 'uid' | 'resourceVersion'> | undefined;
  readonly signal?: AbortSignal;
}

/** One server-side apply; resolves with the object as it is then. Throws KubeError. */
export async function applyObject(
  manifest: Manifest,
  resource: Resource<WholeObject>,
  { client, force, dryRun, state, signal }: ApplyOptions,
): Promise<JsonObject> {
  const object = written(manifest);
  const metadata = objectAt(object, 'metadata');
  const expected = state === undefined ? {} : { uid: state.uid, resourceVersion: state.resourceVersion };
  const value = { ...object, metadata: { ...metadata, ...expected } };
  const result = await client.patch(
    resource,
    whereOf(manifest, resource),
    { kind: 'apply', value },
    { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', force, dryRun, ...calling(signal) },
  );
  return result.whole;
}

function conflictsOf(cause: unknown): readonly Conflict[] {
  if (!isKubeError(cause)) return [];
  return (cause.details?.causes ?? [])
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({ field, owner: message }));
}

function calling(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
