/** What should be in the cluster: the manifests of the repository, and what applied changes hold beside them. */
import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isObject } from '../../kube/reader.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import { momentOf } from '../../ledger/moment.ts';
import type { State } from '../../ledger/state.ts';
import { gather, type Sources } from '../change/gather.ts';
import { keyOfObject, type Manifest, subjectOf } from '../change/manifest.ts';
import { isHook, readManifests } from '../change/read-manifests.ts';
import { sourcesOf } from '../change/session.ts';
import type { Tree } from '../change/tree.ts';
import { ChangeError } from '../registry.ts';
import { blind, type Looked, nothing, together } from './finding.ts';
import { manifestRoots } from './manifest-roots.ts';

export interface DesiredOptions {
  readonly tree: Tree;
  /** Undefined: there is no ledger to ask. */
  readonly state: State | undefined;
  /** Of the API server: charts may ask for it. */
  readonly kubeVersion: string;
  readonly signal?: AbortSignal;
}

/** Manifests that go to one namespace where they name none. */
export interface DesiredPart {
  readonly namespace: string;
  readonly manifests: readonly Manifest[];
}

export interface Desired {
  readonly parts: readonly DesiredPart[];
  readonly looked: Looked;
}

interface Read {
  readonly part?: DesiredPart;
  readonly looked: Looked;
}

export async function readDesired(options: DesiredOptions): Promise<Desired> {
  const roots = await manifestRoots(options.tree);
  const applied = appliedChanges(options);
  const namespaceOf = (path: string): string => coveringNamespace(path, applied);
  const reads: Read[] = [];
  for (const path of roots.files) reads.push(await readFile(path, namespaceOf(path), options.tree));
  for (const path of roots.kustomizations)
    reads.push(await readSources(path, { paths: [path], namespace: namespaceOf(path) }, options));
  for (const { name, sources } of beside(applied, roots.charts)) reads.push(await readSources(name, sources, options));
  const known = new Set(
    applied.flatMap(({ sources }) => (sources.chart === undefined ? [] : [plainPath(sources.chart.chart)])),
  );
  const unclear = roots.charts
    .filter((path) => !known.has(path))
    .map((path) =>
      blind('manifest', path, 'is a chart, and no applied change says with which values: larder change new --helm'),
    );
  const { parts, looked } = once(reads.flatMap(({ part }) => (part === undefined ? [] : [part])));
  return { parts, looked: together([roots.looked, ...reads.map((read) => read.looked), ...unclear, looked]) };
}

interface AppliedChange {
  readonly change: ConfigurationChange;
  readonly sources: Sources;
}

/** The newest first. */
function appliedChanges({ state }: DesiredOptions): readonly AppliedChange[] {
  if (state === undefined) return [];
  return [...state.changes.values()]
    .filter(({ status, appliedAt }) => status === 'applied' && appliedAt !== undefined)
    .toSorted((a, b) => momentOf(b.appliedAt ?? '') - momentOf(a.appliedAt ?? ''))
    .map((change) => ({ change, sources: sourcesOf({ ledger: { state } }, change) }));
}

/** Of the newest applied change that has the path or a folder above it. */
function coveringNamespace(path: string, applied: readonly AppliedChange[]): string {
  const covering = applied.find(({ sources }) => sources.paths.some((own) => isBelow(path, own)));
  return covering?.sources.namespace ?? 'default';
}

/** `./charts/app/` is `charts/app`. */
function plainPath(path: string): string {
  return posix.normalize(path).replace(/\/+$/, '');
}

function isBelow(path: string, folder: string): boolean {
  const plain = plainPath(folder);
  return path === plain || path.startsWith(`${plain}/`);
}

interface Named {
  readonly name: string;
  readonly sources: Sources;
}

/** Charts, each release as it was applied last, and paths outside of the folders. */
function beside(applied: readonly AppliedChange[], charts: readonly string[]): readonly Named[] {
  const seen = new Set<string>();
  const isNew = (key: string): boolean => !seen.has(key) && seen.add(key).has(key);
  return applied.flatMap(({ change, sources: { paths, chart, namespace } }): readonly Named[] => {
    const outside = paths.filter(
      (path) =>
        !/^cluster\/(base|apps|policies)(\/|$)/.test(plainPath(path)) &&
        !charts.includes(path) &&
        isNew(`path ${path}`),
    );
    const own =
      outside.length === 0 ? [] : [{ name: `change ${change.changeId}`, sources: { paths: outside, namespace } }];
    if (chart === undefined || !isNew(`chart ${namespace}/${chart.release}`)) return own;
    return [...own, { name: `release ${namespace}/${chart.release}`, sources: { paths: [], chart, namespace } }];
  });
}

async function readSources(name: string, sources: Sources, options: DesiredOptions): Promise<Read> {
  const { tree, kubeVersion, signal } = options;
  try {
    const { manifests } = await gather(sources, tree, { kubeVersion, ...(signal && { signal }) });
    return { part: { namespace: sources.namespace, manifests }, looked: nothing };
  } catch (cause) {
    if (!(cause instanceof ChangeError)) throw cause;
    return { looked: blind('manifest', name, cause.message) };
  }
}

async function readFile(path: string, namespace: string, tree: Tree): Promise<Read> {
  const text = await tree.text(path);
  const read = readManifests([{ path, text }]);
  if (read.kind === 'manifests')
    return { part: { namespace, manifests: read.manifests.filter((each) => !isHook(each)) }, looked: nothing };
  if (isNoManifest(text))
    return { looked: { ...nothing, notes: [`${path} holds no object of Kubernetes and was passed over`] } };
  return { looked: blind('manifest', path, read.problems.join('; ')) };
}

/** Values of a chart, a list of images: nothing in it says that it is an object. */
function isNoManifest(text: string): boolean {
  return parseAllDocuments(text).every((document) => {
    if (document.errors.length > 0) return false;
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return !isObject(value) || (!Object.hasOwn(value, 'apiVersion') && !Object.hasOwn(value, 'kind'));
  });
}

/** An object that is written in two places is compared with neither. */
function once(parts: readonly DesiredPart[]): { readonly parts: readonly DesiredPart[]; readonly looked: Looked } {
  const all = parts.flatMap(({ namespace, manifests }) =>
    manifests.map((manifest) => ({
      manifest,
      key: keyOfObject({ ...manifest, namespace: manifest.namespace ?? namespace }),
    })),
  );
  const twice = [...Map.groupBy(all, ({ key }) => key).values()].filter((group) => group.length > 1);
  const doubted = new Set(twice.flat().map(({ manifest }) => manifest));
  const unknown = twice.map((group) => {
    const places = group.map(({ manifest }) => manifest.from).join(' and ');
    const object = group[0] === undefined ? '' : subjectOf(group[0].manifest);
    return {
      kind: 'manifest' as const,
      object,
      why: `is written twice, in ${places}: which of them counts nobody can tell`,
    };
  });
  return {
    parts: parts.map((part) => ({ ...part, manifests: part.manifests.filter((manifest) => !doubted.has(manifest)) })),
    looked: { ...nothing, unknown },
  };
}
