/** Where a rollback goes: the manifests as they were before the change. */
import type { ApplyEvent, ConfigurationChange } from '../../ledger/entity.ts';
import { ChangeError } from '../registry.ts';
import { type GatherOptions, gather, type Sources } from './gather.ts';
import { groupOf, keyOfObject, type Manifest, type ObjectId } from './manifest.ts';
import { manifestHash } from './manifest-hash.ts';
import { type ChangeSession, sourcesOf } from './session.ts';
import { committedTree } from './tree.ts';

interface Earlier {
  readonly change: ConfigurationChange;
  readonly apply: ApplyEvent;
  /** What was checked out when it was recorded. */
  readonly commit: string;
}

/**
 * The commit that the rollback of a change goes to where nobody names one: that of the last apply before it that was about
 * the same paths. It must hold the very manifests that were applied then.
 * @throws ChangeError LARDER_CHANGE_NO_WAY_BACK
 */
export async function wayBack(
  session: ChangeSession,
  change: ConfigurationChange,
  options: GatherOptions,
): Promise<string> {
  const { earlier, later } = neighbours(session, change);
  if (later !== undefined)
    throw noWay(`${later.changeId} was applied to the same manifests after ${change.changeId}: roll that back first`);
  if (earlier === undefined) throw noWay(`no change with the same manifests was applied before ${change.changeId}`);
  const sources = sourcesOf(session, earlier.change);
  const tree = await committedTree(session.root, earlier.commit);
  const { manifests } = await gather(sources, tree, options);
  if (manifestHash(manifests, sources.namespace) === earlier.apply.manifestHash) return earlier.commit;
  throw noWay(
    `what ${earlier.change.changeId} applied is not what commit ${earlier.commit.slice(0, 12)} holds: it was applied before it was committed`,
  );
}

function noWay(message: string): ChangeError {
  return new ChangeError('LARDER_CHANGE_NO_WAY_BACK', `${message}; or name the commit with --to COMMIT`);
}

interface Neighbours {
  readonly earlier: Earlier | undefined;
  /** Was applied after it, so that going back would undo it, too. */
  readonly later: ConfigurationChange | undefined;
}

/** Applies of other changes about the same manifests. What was rolled back is neither a way back nor in the way. */
function neighbours(session: ChangeSession, change: ConfigurationChange): Neighbours {
  const { state } = session.ledger;
  const own = sourcesOf(session, change);
  const first = change.applies.find(({ rollback }) => rollback !== true);
  const applies = [...state.changes.values()]
    .filter((other) => other.changeId !== change.changeId && other.status === 'applied')
    .flatMap((other) => other.applies.map((apply) => ({ change: other, apply, sources: sourcesOf(session, other) })))
    .filter(({ apply }) => apply.exitCode === 0 && first !== undefined)
    .sort((one, other) => (one.apply.completedAt < other.apply.completedAt ? -1 : 1));
  const isBefore = ({ apply }: { readonly apply: ApplyEvent }): boolean =>
    apply.completedAt <= (first?.startedAt ?? '');
  const last = applies.findLast((each) => isBefore(each) && covers(each.sources, own));
  const commit = last && state.history.get(last.apply.record)?.record.gitCommit;
  return {
    earlier: last && commit ? { ...last, commit } : undefined,
    later: applies.findLast((each) => !isBefore(each) && overlaps(each.sources, own))?.change,
  };
}

const isWithin = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`);
const isSameRelease = (one: Sources['chart'], other: Sources['chart']): boolean =>
  one?.chart === other?.chart && one?.release === other?.release;

/** Each of the paths is one of the others, or below one; and the chart is the same release of the same chart. */
function covers(others: Sources, { paths, chart }: Sources): boolean {
  return (
    paths.every((path) => others.paths.some((other) => isWithin(path, other))) && isSameRelease(others.chart, chart)
  );
}

function overlaps(others: Sources, { paths, chart }: Sources): boolean {
  const shared = paths.some((path) => others.paths.some((other) => isWithin(path, other) || isWithin(other, path)));
  return shared || (chart !== undefined && isSameRelease(others.chart, chart));
}

/** Objects that the change made and that its earlier manifests do not have. */
export interface LeftBehind {
  /** May go with --prune: nothing is stored in them that is not in git. */
  readonly prunable: readonly ObjectId[];
  /** Hold data, or hold others that do. They stay, whatever is asked for. */
  readonly kept: readonly ObjectId[];
}

/** `namespace` is where manifests go that name none: the record of an apply names it, a manifest may not. */
export function leftBehind(change: ConfigurationChange, target: readonly Manifest[], namespace: string): LeftBehind {
  const wanted = new Set(target.flatMap((each) => [keyOfObject(each), keyOfObject({ namespace, ...each })]));
  const made = change.applies
    .filter(({ rollback }) => rollback !== true)
    .flatMap(({ objects }) => objects.filter(({ outcome }) => outcome === 'created'));
  const left = new Map(made.filter((each) => !wanted.has(keyOfObject(each))).map((each) => [keyOfObject(each), each]));
  const objects = [...left.values()];
  return { prunable: objects.filter(isPrunable), kept: objects.filter((each) => !isPrunable(each)) };
}

/**
 * Kinds that hold nothing but what their manifests say. A claim, a namespace, a definition takes data with it; of a custom
 * resource nobody knows; a StatefulSet may take its claims along.
 */
const PRUNABLE: readonly string[] = [
  '/ConfigMap',
  '/Secret',
  '/Service',
  '/ServiceAccount',
  '/LimitRange',
  '/ResourceQuota',
  'apps/Deployment',
  'apps/DaemonSet',
  'batch/Job',
  'batch/CronJob',
  'autoscaling/HorizontalPodAutoscaler',
  'networking.k8s.io/Ingress',
  'networking.k8s.io/NetworkPolicy',
  'policy/PodDisruptionBudget',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'scheduling.k8s.io/PriorityClass',
];

function isPrunable({ apiVersion, kind }: ObjectId): boolean {
  return PRUNABLE.includes(`${groupOf(apiVersion)}/${kind}`);
}

/** @throws ChangeError LARDER_CHANGE_STATUS for a change that was never applied, or was rolled back already. */
export function assertApplied(change: ConfigurationChange): void {
  const { changeId, status } = change;
  if (status === 'rolled-back')
    throw new ChangeError('LARDER_CHANGE_STATUS', `${changeId} was rolled back already; make a new change`);
  if (change.applies.some(({ rollback }) => rollback !== true)) return;
  throw new ChangeError('LARDER_CHANGE_STATUS', `${changeId} was never applied, so there is nothing to roll back`);
}
