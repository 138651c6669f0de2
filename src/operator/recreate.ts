/** Deletes a StatefulSet so that its pods and claims stay, and makes it again from a manifest. */

import { type Raw, recordIn, type StatefulSet, statefulSets } from '../expand/stateful-set/stateful-set.ts';
import { ifThere } from '../kube/if-there.ts';
import {
  type Client,
  errorOfResponse,
  isKubeError,
  KubeError,
  type KubeObject,
  kinds,
  type ObjectName,
  type PersistentVolumeClaim,
  type Pod,
  pathOf,
} from '../kube/index.ts';
import { isObject } from '../kube/reader.ts';
import { type Clock, sleep, withDeadline } from '../telemetry/clock.ts';

export type SetName = Required<ObjectName>;

export interface Surveyed {
  readonly set: StatefulSet;
  /** All of the namespace. */
  readonly claims: readonly PersistentVolumeClaim[];
  /** Its own. */
  readonly pods: readonly Pod[];
}

export type Found =
  | { readonly kind: 'found'; readonly surveyed: Surveyed }
  | { readonly kind: 'absent' }
  /** The API server has no such kind. */
  | { readonly kind: 'not-served' };

export async function survey(client: Client, name: SetName, signal: AbortSignal): Promise<Found> {
  const { namespace } = name;
  let set: StatefulSet;
  try {
    set = await client.get(statefulSets, name, { signal });
  } catch (failure) {
    if (!isKubeError(failure, 'KUBE_NOT_FOUND')) throw failure;
    return { kind: failure.details?.name === undefined ? 'not-served' : 'absent' };
  }
  const claims = await client.list(kinds.PersistentVolumeClaim, { namespace, signal });
  const pods = await client.list(kinds.Pod, { namespace, signal });
  const own = pods.items.filter((pod) => isOwnedBy(pod, set.metadata.uid));
  return { kind: 'found', surveyed: { set, claims: claims.items, pods: own } };
}

function isOwnedBy({ metadata }: KubeObject, uid: string): boolean {
  return (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

export interface World {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Under another name, and stored nowhere: what would refuse it after the deletion refuses it now. @throws KubeError */
export async function tryOut(world: World, manifest: Raw): Promise<void> {
  const metadata = recordIn(manifest, 'metadata');
  const other = { ...manifest, metadata: { ...metadata, name: `${String(metadata['name'])}-larder-trial` } };
  await post(world, other, '&dryRun=All');
}

/** @throws KubeError; KUBE_UNAVAILABLE: it may have been made after all. */
export async function recreate(world: World, manifest: Raw): Promise<StatefulSet> {
  return statefulSets.project(await post(world, manifest, ''));
}

const WRITE_LIMIT_MS = 30_000;

async function post({ client, clock, signal }: World, manifest: Raw, query: string): Promise<unknown> {
  const { namespace, name } = recordIn(manifest, 'metadata');
  const what = `create statefulsets ${String(namespace)}/${String(name)}`;
  const request = {
    method: 'POST',
    path: `${pathOf(statefulSets, { namespace: String(namespace) })}?fieldManager=larder${query}`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(manifest),
  } as const;
  const answer = await withDeadline(
    clock,
    what,
    WRITE_LIMIT_MS,
    async (limited) => {
      const { status, headers, ...response } = await client.request(request, { signal: limited });
      return { status, headers, body: await response.text() };
    },
    signal,
  ).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubeError('KUBE_UNAVAILABLE', `${what}: ${why}`, { cause });
  });
  if (answer.status < 200 || answer.status > 299) throw errorOfResponse(what, answer);
  return JSON.parse(answer.body);
}

const POLL_MS = 200;

async function until<T>({ clock, signal }: World, limitMs: number, look: () => Promise<T | undefined>) {
  const limit = clock.monotonic() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || clock.monotonic() >= limit) return seen;
    await sleep(clock, POLL_MS, signal);
  }
}

const GONE_LIMIT_MS = 60_000;

/**
 * Only if it is still the one that was looked at. Resolves when it is gone; false: it is still there after a minute.
 * @throws KubeError KUBE_CONFLICT when somebody changed it.
 */
export async function removeAlone(world: World, { set: { metadata } }: Surveyed): Promise<boolean> {
  const { client, signal } = world;
  const { name, namespace = '', uid, resourceVersion } = metadata;
  await client.delete(
    statefulSets,
    { namespace, name },
    { propagationPolicy: 'Orphan', preconditions: { uid, resourceVersion }, signal },
  );
  return isGone(world, { namespace, name }, uid);
}

/** Also when another one has taken its place. */
export async function isGone(world: World, name: SetName, uid: string): Promise<boolean> {
  const gone = await until(world, GONE_LIMIT_MS, async () => {
    const there = await ifThere(world.client.get(statefulSets, name, { signal: world.signal }));
    return there?.metadata.uid === uid ? undefined : true;
  });
  return gone === true;
}

const ADOPTED_LIMIT_MS = 30_000;

export interface Aftermath {
  /** `pod NAME` or `claim NAME` that were there before and are not any more. */
  readonly lost: readonly string[];
  /** Pods that the new StatefulSet has taken as its own. */
  readonly adopted: number;
  readonly pods: number;
}

/** Waits until the new one has its pods, or half a minute. */
export async function aftermath(world: World, before: Surveyed, made: StatefulSet): Promise<Aftermath> {
  const { client, signal } = world;
  const namespace = made.metadata.namespace ?? '';
  const look = async (): Promise<Aftermath> => {
    const pods = await client.list(kinds.Pod, { namespace, signal });
    const claims = await client.list(kinds.PersistentVolumeClaim, { namespace, signal });
    return {
      lost: [...missing('pod', before.pods, pods.items), ...missing('claim', before.claims, claims.items)],
      adopted: pods.items.filter((pod) => isOwnedBy(pod, made.metadata.uid)).length,
      pods: before.pods.length,
    };
  };
  const settled = await until(world, ADOPTED_LIMIT_MS, async () => {
    const seen = await look();
    return seen.adopted >= seen.pods ? seen : undefined;
  });
  return settled ?? look();
}

function missing(word: string, before: readonly KubeObject[], now: readonly KubeObject[]): readonly string[] {
  const there = new Set(now.map(({ metadata }) => metadata.uid));
  return before.filter(({ metadata }) => !there.has(metadata.uid)).map(({ metadata }) => `${word} ${metadata.name}`);
}

/** A saved manifest; the reason where it is none. */
export function savedManifest(
  text: string,
): { readonly kind: 'manifest'; readonly manifest: Raw } | { readonly kind: 'invalid'; readonly reason: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return { kind: 'invalid', reason: cause instanceof Error ? cause.message : String(cause) };
  }
  if (!isObject(parsed) || parsed['kind'] !== 'StatefulSet' || parsed['apiVersion'] !== 'apps/v1') {
    return { kind: 'invalid', reason: 'it holds no StatefulSet of apps/v1' };
  }
  return { kind: 'manifest', manifest: parsed };
}
