/** What a claim's group says about it: its settings, and the size that it should have. */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { PVCGroup } from '../api/pvc-group.ts';
import type { Claim } from '../claim.ts';
import type { Floor } from '../floor.ts';
import type { History } from '../history.ts';
import type { Broken, Layer } from '../policy/policy.ts';
import { type Belonging, GRANT, groupName } from './belonging.ts';
import type { Roster } from './roster.ts';
import { newcomerSize, ownBytesOf, type Shared, sharedSize } from './shared-size.ts';

/** The group as a place for settings. */
export function groupLayer(group: PVCGroup): Layer {
  return {
    source: { level: 'group', label: `group ${groupName(group)}` },
    fields: group.spec.template.fields,
    broken: brokenIn(group),
  };
}

/** Whatever of a group cannot be read, its template aside. */
export function brokenIn({ spec }: PVCGroup): readonly Broken[] {
  const { coordinationPolicy, members, selector } = spec;
  return [
    ...(coordinationPolicy.ok ? [] : [broken('coordinationPolicy', coordinationPolicy.reason)]),
    ...(members.ok ? [] : [broken('members', members.reason)]),
    ...(selector === undefined || selector.ok ? [] : [broken('selector', selector.reason)]),
  ];
}

function broken(member: string, reason: string): Broken {
  return { field: `spec.${member}`, value: '', reason };
}

/** What the members of a group should have at least; undefined: each goes by itself. */
export function sharedOf(group: PVCGroup, roster: Pick<Roster, 'peers'>): Shared | undefined {
  const { coordinationPolicy } = group.spec;
  return coordinationPolicy.ok ? sharedSize(coordinationPolicy.value, roster.peers(group)) : undefined;
}

export function groupFloor(
  group: PVCGroup,
  roster: Pick<Roster, 'peers'>,
  of: { readonly claim: Claim; readonly history: History },
): Floor | undefined {
  const shared = sharedOf(group, roster);
  if (!shared) return undefined;
  return {
    bytes: shared.bytes,
    trigger: 'group',
    source: sourceOf(group, shared),
    ownBytes: ownBytesOf(of.claim, of.history),
  };
}

/** What a new member is to have from the beginning; empty when no group wants anything for the claim. */
export function newcomerFloors(
  claim: PersistentVolumeClaim,
  roster: Roster,
): readonly Pick<Floor, 'bytes' | 'source'>[] {
  const { group } = roster.belonging(claim);
  if (!group?.spec.coordinationPolicy.ok) return [];
  const shared = newcomerSize(group.spec.coordinationPolicy.value, roster.peers(group));
  return shared ? [{ bytes: shared.bytes, source: sourceOf(group, shared) }] : [];
}

/** `group es-data (largest: elastic/data-es-master-0)`. */
function sourceOf(group: PVCGroup, { leader }: Shared): string {
  const { coordinationPolicy } = group.spec;
  const policy = coordinationPolicy.ok ? coordinationPolicy.value : 'unreadable';
  return `group ${groupName(group)} (${leader === undefined ? policy : `${policy}: ${leader}`})`;
}

/** For `explain`. */
export function groupNotes({ group, others, refused }: Belonging): readonly string[] {
  const names = (groups: readonly PVCGroup[]): string =>
    groups.map((each) => `${each.metadata.namespace}/${each.metadata.name}`).join(', ');
  return [
    ...(group && others.length > 0
      ? [`belongs to the group ${groupName(group)}; a claim has one group, so it is not in ${names(others)}`]
      : []),
    ...(refused.length > 0
      ? [`${names(refused)} would have it in the group, but its namespace does not grant that (${GRANT})`]
      : []),
  ];
}
