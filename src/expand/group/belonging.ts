/**
 * Which claims belong to which PVCGroup: those that name it, those that it lists, and those that its selector matches.
 * A claim belongs to one group at most. A group of another namespace has a say only where that namespace grants it.
 */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import { matchesSelector } from '../../kube/selector.ts';
import type { PVCGroup } from '../api/pvc-group.ts';

/** On the namespace of the members: the namespaces whose groups it lets in, separated by commas, or `*`. */
export const GRANT = 'larder.dev/allow-group-from';

/** How a group comes by a claim, strongest first. */
const ways = ['annotation', 'members', 'selector'] as const;
type Way = (typeof ways)[number];

/** A group that asks for a claim, or is asked for by it. */
export interface Bid {
  readonly group: PVCGroup;
  readonly way: Way;
}

export interface Belonging {
  /** Undefined: it belongs to none. */
  readonly group: PVCGroup | undefined;
  /** Other groups that want it and do not have it, because a claim belongs to one. */
  readonly others: readonly PVCGroup[];
  /** Groups that would have it, had its namespace granted that. */
  readonly refused: readonly PVCGroup[];
  /** Why the group that is named for the claim is not found; empty when it is, or none is named. */
  readonly problem: string;
}

/** Of a claim that no group wants. */
export const nobody: Belonging = { group: undefined, others: [], refused: [], problem: '' };

export interface Situated {
  readonly claim: PersistentVolumeClaim;
  /** The group that the claim, or its namespace for it, names. */
  readonly named: string | undefined;
  /** The grant as it is written; undefined = there is none. */
  readonly grant: string | undefined;
}

/** What claims call a group. */
export function groupName({ metadata, spec }: PVCGroup): string {
  return spec.groupName ?? metadata.name;
}

/** Whether claims of a namespace may be in groups of another one. */
export function isGranted(grant: string | undefined, groupNamespace: string): boolean {
  if (grant === undefined) return false;
  return grant.split(',').some((each) => each.trim() === '*' || each.trim() === groupNamespace);
}

/** `groups`: all that could concern the claim, in any order; more do no harm. */
export function belongingOf(situated: Situated, groups: readonly PVCGroup[]): Belonging {
  const { claim, named, grant } = situated;
  const home = claim.metadata.namespace ?? '';
  const bids = groups.flatMap((group) => bidOf(group, situated) ?? []).sort(order(home));
  const isAllowed = ({ metadata: { namespace: from = '' } }: PVCGroup): boolean =>
    from === home || isGranted(grant, from);
  const allowed = bids.map((bid) => bid.group).filter(isAllowed);
  const isServed = named !== undefined && allowed.some((each) => groupName(each) === named);
  // A group that only has the name of the one it is in was never meant, and is told nothing about the claim.
  const refused = bids
    .filter((bid) => !isAllowed(bid.group) && !(isServed && bid.way === 'annotation'))
    .map((bid) => bid.group);
  const [group, ...others] = allowed;
  return { group, others, refused, problem: named === undefined || isServed ? '' : missing(named, home, refused) };
}

/**
 * Whether others are sized after the claim. Whoever owns another namespace can put his claims into a group by its name, and
 * would then say how large all its members become: only who owns the group says that, by listing them.
 */
export function leads({ metadata }: PersistentVolumeClaim, group: PVCGroup): boolean {
  return metadata.namespace === group.metadata.namespace || isListed(metadata, group);
}

function isListed({ name, namespace }: PersistentVolumeClaim['metadata'], { spec: { members } }: PVCGroup): boolean {
  return members.ok && members.value.some((each) => each.name === name && each.namespace === namespace);
}

/** A selector or a list that cannot be read selects nobody: the group says so itself, and its claims grow by themselves. */
function bidOf(group: PVCGroup, { claim, named }: Situated): Bid | undefined {
  const { metadata } = claim;
  const { selector } = group.spec;
  if (named !== undefined && groupName(group) === named) return { group, way: 'annotation' };
  if (isListed(metadata, group)) return { group, way: 'members' };
  const near = group.metadata.namespace === metadata.namespace;
  return near && selector?.ok && matchesSelector(selector.value, metadata.labels)
    ? { group, way: 'selector' }
    : undefined;
}

/** Strongest first: the way, then the claim's own namespace, then the lesser name. */
function order(home: string): (one: Bid, other: Bid) => number {
  const rank = ({ group, way }: Bid): number => 2 * ways.indexOf(way) + (group.metadata.namespace === home ? 0 : 1);
  return (one, other) => rank(one) - rank(other) || (keyOf(one.group.metadata) < keyOf(other.group.metadata) ? -1 : 1);
}

function missing(named: string | undefined, home: string, refused: readonly PVCGroup[]): string {
  const held = refused.find((group) => groupName(group) === named);
  if (!held) return 'must name a PVCGroup (by its groupName, or its own name); there is none that may have this claim';
  const from = held.metadata.namespace ?? '';
  return `names a PVCGroup of the namespace ${from}; let it in with kubectl annotate namespace ${home} ${GRANT}=${from}`;
}
