/** Everything that the cluster holds, by name and by who wrote to it. Neither values nor Secrets are asked for. */
import { messageOf } from '../../kube/error.ts';
import { type Client, errorOfResponse } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import { type Clock, withDeadline } from '../../telemetry/clock.ts';
import { listAt, textAt } from '../change/manifest.ts';
import type { Unknown } from './finding.ts';
import { type LiveObject, liveObject } from './live-object.ts';

export interface Survey {
  readonly objects: readonly LiveObject[];
  /** `apps/v1 Deployment`. */
  readonly served: ReadonlySet<string>;
  /** Versions of groups that did not say what they serve. */
  readonly silent: ReadonlySet<string>;
  /** Kinds that could not be listed. */
  readonly unknown: readonly Unknown[];
}

export interface SurveyOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

/** Kinds that nobody writes by hand, or that come and go by themselves. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'Event',
  'Lease',
  'Endpoints',
  'EndpointSlice',
  'ControllerRevision',
  'ReplicaSet',
  'ComponentStatus',
  'CSIStorageCapacity',
  'CSINode',
  'VolumeAttachment',
  'FlowSchema',
  'PriorityLevelConfiguration',
  'IPAddress',
  'ServiceCIDR',
  'APIService',
  'PodMetrics',
  'NodeMetrics',
  'ETCDSnapshotFile',
  'StorageVersion',
]);

const AT_ONCE = 6;

/** Rejects where the API server does not answer at all, or when the caller aborted. */
export async function survey(options: SurveyOptions): Promise<Survey> {
  const versions = await groupVersions(options);
  const kinds: Kind[] = [];
  const served = new Set<string>();
  const silent = new Set<string>();
  const unknown: Unknown[] = [];
  await inTurns(versions.all, async (version) => {
    const found = await servedBy(version, options);
    if (found.kind === 'failed') {
      silent.add(version);
      unknown.push({ kind: 'orphan', object: version, why: found.why });
      return;
    }
    for (const { kind } of found.kinds) served.add(`${version} ${kind}`);
    if (versions.preferred.has(version)) kinds.push(...found.kinds.filter(({ isListed }) => isListed));
  });
  const objects: LiveObject[] = [];
  await inTurns(kinds, async (kind) => {
    const listed = await listKind(kind, options);
    if (listed.kind === 'listed') objects.push(...listed.objects);
    else unknown.push({ kind: 'orphan', object: `${kind.kind} of ${kind.apiVersion}`, why: listed.why });
  });
  return { objects, served, silent, unknown };
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map(work));
  }
}

interface Versions {
  readonly all: readonly string[];
  readonly preferred: ReadonlySet<string>;
}

async function groupVersions(options: SurveyOptions): Promise<Versions> {
  const groups = listAt(await ask('/apis', options), 'groups');
  const all = groups.flatMap((group) => listAt(group, 'versions').map((version) => textAt(version, 'groupVersion')));
  const preferred = groups.map((group) => textAt(group, 'preferredVersion', 'groupVersion'));
  return { all: ['v1', ...all], preferred: new Set(['v1', ...preferred]) };
}

type Answer =
  | { readonly kind: 'served'; readonly kinds: readonly (Kind & { readonly isListed: boolean })[] }
  | { readonly kind: 'failed'; readonly why: string };

async function servedBy(apiVersion: string, options: SurveyOptions): Promise<Answer> {
  try {
    const answer = await ask(apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`, options);
    const kinds = listAt(answer, 'resources').flatMap((resource) => {
      const [plural, kind] = [textAt(resource, 'name'), textAt(resource, 'kind')];
      if (plural.includes('/')) return [];
      const verbs = listAt(resource, 'verbs');
      const isListed = verbs.includes('list') && verbs.includes('patch') && !PASSED_OVER.has(kind);
      return [{ apiVersion, kind, plural, isListed }];
    });
    return { kind: 'served', kinds };
  } catch (cause) {
    options.signal?.throwIfAborted();
    return { kind: 'failed', why: messageOf(cause) };
  }
}

type Listed =
  | { readonly kind: 'listed'; readonly objects: readonly LiveObject[] }
  | { readonly kind: 'failed'; readonly why: string };

/** Names and writers alone: values of Secrets never leave the server. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PAGE = 500;

async function listKind(kind: Kind, options: SurveyOptions): Promise<Listed> {
  const objects: LiveObject[] = [];
  const base = `${kind.apiVersion.includes('/') ? '/apis' : '/api'}/${kind.apiVersion}/${kind.plural}?limit=${PAGE}`;
  let next = '';
  try {
    do {
      const from = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const answer = await ask(`${base}${from}`, options, METADATA);
      const items = listAt(answer, 'items').map((item) => liveObject(item, kind));
      objects.push(...items.filter((item) => item !== undefined));
      next = textAt(answer, 'metadata', 'continue');
    } while (next !== '');
    return { kind: 'listed', objects };
  } catch (cause) {
    options.signal?.throwIfAborted();
    return { kind: 'failed', why: messageOf(cause) };
  }
}

const ANSWER_MS = 30_000;

async function ask(
  path: string,
  { client, clock, signal }: SurveyOptions,
  accept = 'application/json',
): Promise<unknown> {
  return withDeadline(
    clock,
    `the answer to ${path}`,
    ANSWER_MS,
    async (within) => {
      const response = await client.request({ method: 'GET', path, headers: { accept } }, { signal: within });
      const body = await response.text();
      if (response.status !== 200) throw errorOfResponse(`get ${path}`, { ...response, body });
      const parsed: unknown = JSON.parse(body);
      return isObject(parsed) ? parsed : {};
    },
    signal,
  );
}
