/** Manifests, orphans, unlogged changes, nodes and releases: all that the API server can say. */
import { messageOf } from '../../kube/error.ts';
import { type Client, defineResource } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import type { State } from '../../ledger/state.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { readCatalog } from '../change/catalog.ts';
import { clusterIdentity } from '../change/cluster-identity.ts';
import { compare, type WholeObject } from '../change/compare.ts';
import type { Comparison } from '../change/comparison.ts';
import { keyOfObject, subjectOf, textAt } from '../change/manifest.ts';
import { shieldOf } from '../change/secret-shield.ts';
import type { Tree } from '../change/tree.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { type Desired, readDesired } from './desired.ts';
import { blind, type DriftKind, type Looked, nothing, together } from './finding.ts';
import { grown } from './grown.ts';
import { logged } from './logged.ts';
import { type Existing, manifestFindings } from './manifest-findings.ts';
import { nodeState } from './node-state.ts';
import { nodeFindings } from './nodes.ts';
import { orphans } from './orphans.ts';
import { type Survey, survey } from './survey.ts';
import { unlogged } from './unlogged.ts';
import { versionFindings } from './versions.ts';

export interface ObjectsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly spec: ClusterSpec;
  readonly tree: Tree;
  readonly ledger: SeenLedger;
  readonly kinds: readonly DriftKind[];
  readonly signal?: AbortSignal;
}

export type SeenLedger =
  | { readonly kind: 'open'; readonly state: State }
  /** Nobody keeps one here. */
  | { readonly kind: 'none'; readonly why: string }
  /** There is one that cannot be relied on. */
  | { readonly kind: 'unusable'; readonly why: string };

const KINDS = ['manifest', 'orphan', 'node', 'version', 'unlogged-change'] as const satisfies readonly DriftKind[];

/** Rejects only when the caller aborted. */
export async function lookAtObjects(options: ObjectsOptions): Promise<Looked> {
  try {
    const { version } = await clusterIdentity(options.client, options.signal);
    const [objects, nodes] = await Promise.all([manifests(options, version), nodesOf(options, version)]);
    return together([objects, nodes]);
  } catch (cause) {
    options.signal?.throwIfAborted();
    return together(KINDS.map((kind) => blind(kind, 'API server', messageOf(cause))));
  }
}

async function manifests(options: ObjectsOptions, kubeVersion: string): Promise<Looked> {
  const { client, clock, tree, ledger, kinds, signal } = options;
  const calling = signal === undefined ? {} : { signal };
  const state = ledger.kind === 'open' ? ledger.state : undefined;
  const desired = await readDesired({ tree, state, kubeVersion, ...calling });
  const found = await survey({ client, clock, ...calling });
  const { comparisons, notes } = await compared(desired, options);
  const objects = comparisons.flatMap(({ manifest, live }) => [manifest.object, ...(live ? [live.object] : [])]);
  const around = { existing: existingIn(found), shield: shieldOf(objects) };
  const wanted = new Set(comparisons.map(({ manifest }) => keyOfObject(manifest)));
  return together([
    desired.looked,
    { ...nothing, ...manifestFindings(comparisons, around), notes },
    orphansIn(found, wanted, desired),
    kinds.includes('unlogged-change') ? unloggedIn(found, wanted, ledger) : nothing,
  ]);
}

interface Compared {
  readonly comparisons: readonly Comparison[];
  readonly notes: readonly string[];
}

/** Objects without a namespace go to that of their part. */
async function compared({ parts }: Desired, { client, signal }: ObjectsOptions): Promise<Compared> {
  const calling = signal === undefined ? {} : { signal };
  const all = parts.flatMap((part) => part.manifests);
  const catalog = await readCatalog(client, all, signal);
  const how = { client, catalog, force: false, ...calling };
  const first: Comparison[] = [];
  for (const { namespace, manifests: own } of parts) first.push(...(await compare(own, { ...how, namespace })));
  const larger = first.map(grown);
  const again = await compare(
    larger.filter((manifest) => manifest !== undefined),
    { ...how, namespace: 'default' },
  );
  return {
    comparisons: [...first.filter((_, index) => larger[index] === undefined), ...again],
    notes: again.map(({ manifest }) => {
      const size = textAt(manifest.object, 'spec', 'resources', 'requests', 'storage');
      return `${subjectOf(manifest)} was grown to ${size} by Larder, which is no drift; larder gitops writes that into ${manifest.from}`;
    }),
  };
}

function existingIn({ objects, served, silent, unknown }: Survey): Existing {
  const isListed = !unknown.some(({ object }) => object === 'Namespace of v1' || object === 'v1');
  const namespaces = objects.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Namespace');
  return {
    namespaces: isListed ? new Set(namespaces.map(({ name }) => name)) : undefined,
    serves: ({ apiVersion, kind }) => (silent.has(apiVersion) ? undefined : served.has(`${apiVersion} ${kind}`)),
  };
}

/** Of manifests that could not be read nobody knows which objects they hold. */
function orphansIn(found: Survey, wanted: ReadonlySet<string>, { looked }: Desired): Looked {
  const [first] = looked.unknown;
  if (first !== undefined)
    return blind('orphan', 'all objects', `not all manifests could be read, beginning with ${first.object}`);
  return { ...nothing, findings: orphans(found.objects, wanted), unknown: found.unknown };
}

function unloggedIn(found: Survey, wanted: ReadonlySet<string>, ledger: SeenLedger): Looked {
  switch (ledger.kind) {
    case 'none':
      return { ...nothing, notes: [`unlogged changes were not looked for: ${ledger.why}`] };
    case 'unusable':
      return blind('unlogged-change', 'the ledger', ledger.why);
    case 'open': {
      const unknown = found.unknown.map((each) => ({ ...each, kind: 'unlogged-change' as const }));
      return { ...nothing, findings: unlogged(found.objects, { logged: logged(ledger.state), wanted }), unknown };
    }
    default:
      return ledger satisfies never;
  }
}

const nodes = defineResource<WholeObject>(
  { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false },
  (raw) => ({ whole: isObject(raw) ? raw : {} }),
);

async function nodesOf({ client, spec, signal }: ObjectsOptions, version: string): Promise<Looked> {
  try {
    const { items } = await client.list(nodes, signal === undefined ? {} : { signal });
    const states = items.map(({ whole }) => nodeState(whole));
    return { ...nothing, findings: [...nodeFindings(spec, states), ...versionFindings(spec, states, version)] };
  } catch (cause) {
    signal?.throwIfAborted();
    const why = messageOf(cause);
    return together([blind('node', 'nodes', why), blind('version', 'nodes', why)]);
  }
}
