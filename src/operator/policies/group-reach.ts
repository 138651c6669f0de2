/** Which claims are in a group, at present and as it is to be, and what becomes of them. Pure: all is in memory. */
import type { PVCGroup } from '../../expand/api/pvc-group.ts';
import { type Belonging, belongingOf, leads } from '../../expand/group/belonging.ts';
import { sharedOf } from '../../expand/group/group.ts';
import { peersIn } from '../../expand/group/peers-in.ts';
import { situatedOf } from '../../expand/group/situated.ts';
import { layersFor } from '../../expand/policy/layers.ts';
import { type Resolution, resolvePolicy } from '../../expand/policy/policy.ts';
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import type { ClusterView } from '../../expand/situation.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import type { GroupMemberRow, GroupPreview } from './group-api.ts';
import { changesBetween, growsText, problemText } from './policy-reach.ts';

export interface GroupReaching {
  /** As it is stored; undefined: it is new. */
  readonly stored: PVCGroup | undefined;
  /** As it is to be; undefined: deleted. */
  readonly draft: PVCGroup | undefined;
  /** All that are stored. */
  readonly groups: readonly PVCGroup[];
  /** All that it could concern; more do no harm. */
  readonly claims: readonly PersistentVolumeClaim[];
  readonly view: Pick<ClusterView, 'namespace' | 'storageClass' | 'policies'>;
  readonly configuration: ResolvedConfiguration;
}

/** A claim, and the groups that it is in. */
export interface Membership {
  readonly claim: PersistentVolumeClaim;
  readonly present: Belonging;
  readonly proposed: Belonging;
  /** Whether it is this group. */
  readonly was: boolean;
  readonly is: boolean;
}

/** So many are looked at in detail. */
const SHOWN = 200;

/** Those that are in it, at present or as proposed, or that it asks for in vain. */
export function memberships(reaching: GroupReaching): readonly Membership[] {
  const { stored, draft, groups, claims, view } = reaching;
  const key = keyIn(draft ?? stored);
  const others = groups.filter((group) => keyIn(group) !== key);
  const after = draft ? [...others, draft] : others;
  return claims.flatMap((claim) => {
    const { storageClassName = '' } = claim.spec;
    const storageClass = storageClassName === '' ? undefined : view.storageClass(storageClassName);
    const situated = situatedOf(claim, view.namespace(claim.metadata.namespace ?? ''), storageClass);
    const [present, proposed] = [belongingOf(situated, groups), belongingOf(situated, after)];
    const [was, is] = [keyIn(present.group) === key, keyIn(proposed.group) === key];
    const isRefused = proposed.refused.some((group) => keyIn(group) === key);
    return was || is || isRefused ? [{ claim, present, proposed, was, is }] : [];
  });
}

function keyIn(group: PVCGroup | undefined): string | undefined {
  return group && keyOf(group.metadata);
}

/** `sees`: whether whoever asks may see the volumes of a namespace. */
export function groupPreview(
  all: readonly Membership[],
  reaching: GroupReaching,
  sees: (namespace: string) => boolean,
): GroupPreview {
  const { stored, draft } = reaching;
  const isSeen = ({ claim }: Membership): boolean => sees(claim.metadata.namespace ?? '');
  const seen = all.filter(isSeen);
  const concerned = seen.filter(({ was, is }) => was || is);
  const turning = concerned.toSorted((one, other) => Number(one.was && one.is) - Number(other.was && other.is));
  return {
    problems: [],
    members: concerned.filter(({ is }) => is).length,
    joining: concerned.filter(({ was, is }) => is && !was).length,
    leaving: concerned.filter(({ was, is }) => was && !is).length,
    hidden: all.filter((each) => (each.was || each.is) && !isSeen(each)).length,
    refused: seen
      .filter(({ was, is }) => !was && !is)
      .map(({ claim }) => keyOf(claim.metadata))
      .slice(0, SHOWN),
    presentBytes: sizeText(
      stored,
      concerned.filter(({ was }) => was),
    ),
    proposedBytes: sizeText(
      draft,
      concerned.filter(({ is }) => is),
    ),
    rows: turning
      .slice(0, SHOWN)
      .map((each) => rowOf(each, reaching))
      .toSorted((one, other) => weight(other) - weight(one) || (nameOf(one) < nameOf(other) ? -1 : 1)),
  };
}

function sizeText(group: PVCGroup | undefined, members: readonly Membership[]): string {
  if (!group) return '';
  const claims = members.map(({ claim }) => claim);
  return sharedOf(group, { peers: () => peersIn(group, claims) })?.bytes.toString() ?? '';
}

const nameOf = ({ namespace, name }: GroupMemberRow): string => `${namespace}/${name}`;

/** What changes most is read first. */
function weight({ problem, change, settings }: GroupMemberRow): number {
  return (problem === '' ? 0 : 4) + (change === 'stays' ? 0 : 2) + (settings.length > 0 ? 1 : 0);
}

function rowOf({ claim, present, proposed, was, is }: Membership, reaching: GroupReaching): GroupMemberRow {
  const { draft, stored } = reaching;
  const [before, ahead] = [resolved(claim, present, reaching), resolved(claim, proposed, reaching)];
  const group = is ? draft : stored;
  const other = is ? present.group : proposed.group;
  return {
    namespace: claim.metadata.namespace ?? '',
    name: claim.metadata.name,
    request: claim.spec.resources.requests['storage'] ?? '',
    change: was && is ? 'stays' : is ? 'joins' : 'leaves',
    other: (was && is) || !other ? '' : keyOf(other.metadata),
    leads: group !== undefined && leads(claim, group),
    growsAtPresent: growsText(before),
    growsAsProposed: growsText(ahead),
    problem: problemText(ahead),
    settings: changesBetween(before.settings, ahead.settings),
  };
}

function resolved(claim: PersistentVolumeClaim, belonging: Belonging, reaching: GroupReaching): Resolution {
  const { view, configuration } = reaching;
  const { storageClassName = '' } = claim.spec;
  const { layers } = layersFor(claim, {
    belonging,
    policies: view.policies(claim.metadata.namespace ?? ''),
    namespace: view.namespace(claim.metadata.namespace ?? ''),
    storageClass: storageClassName === '' ? undefined : view.storageClass(storageClassName),
    configuration,
  });
  return resolvePolicy(layers);
}
