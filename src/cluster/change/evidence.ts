/** Takes evidence: what the manifests of a change would do to the cluster at this moment. */
import { parse } from 'yaml';
import type { Client } from '../../kube/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { type ClusterIdentity, clusterIdentity } from './cluster-identity.ts';
import { type CompareOptions, compare, readLive, resourceOf } from './compare.ts';
import {
  type Comparison,
  changeOf,
  FIELD_MANAGER,
  type Observed,
  type Outcome,
  observed,
  sidesOf,
} from './comparison.ts';
import { diffText } from './diff-text.ts';
import type { ChangeFinding } from './finding.ts';
import { findingsOf } from './findings.ts';
import { gather, type Rendered, type Sources } from './gather.ts';
import { type JsonObject, keyOfObject, listAt, type Manifest, type ObjectId, subjectOf, textAt } from './manifest.ts';
import { manifestHash } from './manifest-hash.ts';
import { sequence } from './perform.ts';
import { imagesIn, platforms } from './platforms.ts';
import { type SecretShield, shieldOf } from './secret-shield.ts';
import { type Tree, uncommitted } from './tree.ts';

/** `unknown` wins over everything: what could not be compared is never clean. */
export type Verdict = 'none' | 'differences' | 'unknown';

export interface Bundle {
  readonly verdict: Verdict;
  readonly cluster: ClusterIdentity;
  readonly manifestHash: string;
  /** In the order in which they are applied. */
  readonly comparisons: readonly Comparison[];
  readonly objects: readonly Observed[];
  /** Why, by the key of an object that is unknown. */
  readonly whys: ReadonlyMap<string, string>;
  readonly findings: readonly ChangeFinding[];
  readonly rendered: readonly Rendered[];
  /** Unified diffs, without secrets; empty where nothing differs. */
  readonly diff: string;
  /** Which objects the API server has not checked, or could not compare, and why. */
  readonly notes: readonly string[];
  /** `2 to create, 1 to change, 5 unchanged`. */
  readonly summary: string;
  readonly catalog: Catalog;
  readonly shield: SecretShield;
}

export interface EvidenceOptions {
  readonly client: Client;
  readonly tree: Tree;
  /** Of the repository; findings look there for what is not committed. Undefined: the tree is a commit. */
  readonly root?: string;
  readonly sources: Sources;
  /** Take over fields that others have set. */
  readonly force: boolean;
  /** What is to go: objects that an earlier apply made. */
  readonly remove?: readonly ObjectId[];
  /** Paths that the tree does not have are no mistake: the change made them. */
  readonly passOver?: boolean;
  readonly signal?: AbortSignal;
}

/** Where the repository says what images are built for. */
const IMAGES_FILE = 'cluster/images.yaml';

/** Writes nothing, neither to the cluster nor to the disk. @throws ChangeError, KubeError where the cluster does not answer. */
export async function takeEvidence(options: EvidenceOptions): Promise<Bundle> {
  const { client, tree, sources, remove = [], signal } = options;
  const cluster = await clusterIdentity(client, signal);
  const calling = signal === undefined ? {} : { signal };
  const { manifests, hooks, rendered } = await gather(sources, tree, {
    kubeVersion: cluster.version,
    passOver: options.passOver === true,
    ...calling,
  });
  const gone = remove.map(asManifest);
  const catalog = await readCatalog(client, [...manifests, ...gone], signal);
  const how = { client, catalog, namespace: sources.namespace, force: options.force, ...calling };
  const comparisons = sequence([...(await compare(manifests, how)), ...(await compareGone(gone, how))]);
  const shield = shieldOf(
    comparisons.flatMap(({ manifest, live }) => [manifest.object, ...(live ? [live.object] : [])]),
  );
  const around = { platforms: await platforms(client, signal), images: await imagesOf(tree) };
  const findings = [
    ...findingsOf(comparisons, around),
    ...hooks.map((hook): ChangeFinding => ({ check: 'helm-hook', object: subjectOf(hook), message: 'is not applied' })),
    ...(await uncommittedFindings(options)),
  ];
  return {
    ...told(comparisons, shield),
    cluster,
    manifestHash: manifestHash(manifests, sources.namespace),
    comparisons,
    findings: findings.map((finding) => ({ ...finding, message: shield.mask(finding.message) })),
    rendered,
    catalog,
    shield,
  };
}

function told(
  comparisons: readonly Comparison[],
  shield: SecretShield,
): Pick<Bundle, 'verdict' | 'objects' | 'whys' | 'diff' | 'notes' | 'summary'> {
  const changes = comparisons.map(changeOf);
  return {
    verdict: verdictOf(changes),
    objects: comparisons.map(observed),
    whys: new Map(
      comparisons.flatMap(({ manifest, outcome }) =>
        outcome.kind === 'unknown' ? [[keyOfObject(manifest), shield.mask(outcome.why)] as const] : [],
      ),
    ),
    diff: comparisons
      .filter((each) => changeOf(each) !== 'unchanged')
      .map((each) => diffText(each.manifest, sidesOf(each), shield))
      .join(''),
    notes: comparisons.flatMap((each) => notesOf(each, shield)),
    summary: summaryOf(changes),
  };
}

/** What a reader of the diff must know about an object beside it. */
function notesOf({ manifest, outcome }: Comparison, shield: SecretShield): readonly string[] {
  const subject = subjectOf(manifest);
  switch (outcome.kind) {
    case 'merged':
    case 'to-delete':
      return [];
    case 'to-create':
      return [`${subject}: to be created; ${outcome.because}, so the API server has not checked it`];
    case 'unknown':
      return [`${subject}: unknown: ${shield.mask(outcome.why.replaceAll('\n', ' '))}`];
    default:
      return outcome satisfies never;
  }
}

function verdictOf(changes: readonly Observed['change'][]): Verdict {
  if (changes.includes('unknown')) return 'unknown';
  return changes.every((change) => change === 'unchanged') ? 'none' : 'differences';
}

const words = {
  created: 'to create',
  changed: 'to change',
  deleted: 'to delete',
  unchanged: 'unchanged',
  unknown: 'unknown',
} as const;

function summaryOf(changes: readonly Observed['change'][]): string {
  const counts = Object.entries(words).map(([change, word]) => {
    const count = changes.filter((each) => each === change).length;
    return count === 0 ? '' : `${count} ${word}`;
  });
  return counts.filter((text) => text !== '').join(', ');
}

async function imagesOf(tree: Tree): Promise<ReadonlyMap<string, readonly string[]>> {
  if ((await tree.kindOf(IMAGES_FILE)) !== 'file') return new Map();
  return imagesIn(parse(await tree.text(IMAGES_FILE)));
}

async function uncommittedFindings({ root, sources }: EvidenceOptions): Promise<readonly ChangeFinding[]> {
  if (root === undefined) return [];
  const local = [...sources.paths, ...(sources.chart?.values ?? [])];
  const found = await uncommitted(root, local);
  return found.map((path) => ({ check: 'not-committed', object: path, message: 'is not as it is committed' }));
}

function asManifest(id: ObjectId): Manifest {
  return {
    ...id,
    object: { apiVersion: id.apiVersion, kind: id.kind, metadata: { name: id.name } },
    from: 'the record of the apply',
  };
}

/** Objects that are gone already have nothing to compare. */
async function compareGone(gone: readonly Manifest[], options: CompareOptions): Promise<readonly Comparison[]> {
  const found = await Promise.all(
    gone.map(async (manifest): Promise<readonly Comparison[]> => {
      const served = options.catalog.of(manifest);
      if (served.kind !== 'served') return [];
      const live = await readLive(manifest, resourceOf(manifest, served.plural, served.namespaced), options);
      if (live.kind === 'unknown') return [{ manifest, outcome: { kind: 'unknown', why: live.why, conflicts: [] } }];
      if (live.state !== undefined && !isOurs(live.state.object)) return [{ manifest, outcome: NOT_OURS }];
      return live.state === undefined ? [] : [{ manifest, live: live.state, outcome: { kind: 'to-delete' } }];
    }),
  );
  return found.flat();
}

/** Made again by somebody else under the name that it had. */
const NOT_OURS: Outcome = {
  kind: 'unknown',
  why: 'no field of it is of a change any more, so that somebody else made it: leave out --prune, or delete it by hand',
  conflicts: [],
};

function isOurs(object: JsonObject): boolean {
  return listAt(object, 'metadata', 'managedFields').some((entry) => textAt(entry, 'manager') === FIELD_MANAGER);
}
