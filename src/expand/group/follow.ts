/** Wakes claims when something of their group changes that their own size may depend on. */
import type { CacheChange } from '../../kube/cache.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import { sameJson } from '../../kube/patch.ts';
import type { PVCGroup } from '../api/pvc-group.ts';
import { GRANT } from './belonging.ts';
import type { Roster, RosterCaches } from './roster.ts';

/** Returns the way to end it. The roster must have been made before, so that it knows of a change first. */
export function followGroups(caches: RosterCaches, roster: Roster, wake: (key: string) => void): () => void {
  const wakeAll = (claims: Iterable<PersistentVolumeClaim>): void => {
    for (const { metadata } of claims) wake(keyOf(metadata));
  };
  const offs = [
    caches.groups?.onChange((change) => {
      const same =
        change.kind === 'updated' && change.previous.metadata.generation === change.object.metadata.generation;
      if (same) return;
      const near = roster.near(change.kind === 'updated' ? [change.previous, change.object] : [change.object]);
      wakeAll(near);
      // Whom it took from another group, or left to one, changes the size of those that stay there.
      const belongings = near.map((claim) => roster.belonging(claim));
      const rivals = new Set(belongings.flatMap(({ group, others }) => (group ? [group, ...others] : [])));
      for (const group of rivals) wakeAll(roster.members(group));
    }),
    caches.namespaces.onChange((change) => {
      const { metadata } = change.object;
      const before = change.kind === 'updated' ? change.previous.metadata.annotations?.[GRANT] : undefined;
      if (before === metadata.annotations?.[GRANT]) return;
      wakeAll([...caches.claims.list()].filter((claim) => claim.metadata.namespace === metadata.name));
    }),
    caches.claims.onChange((change) => {
      if (roster.isEmpty || !isResized(change)) return;
      for (const group of groupsAround(change, roster)) wakeAll(roster.members(group));
    }),
  ];
  return () => {
    for (const off of offs) off?.();
  };
}

/** Those that have the claim, had it, or may not have it. */
export function groupsAround(change: CacheChange<PersistentVolumeClaim>, roster: Roster): ReadonlySet<PVCGroup> {
  const states = change.kind === 'updated' ? [change.object, change.previous] : [change.object];
  const belongings = states.map((claim) => roster.belonging(claim));
  return new Set(belongings.flatMap(({ group, refused }) => (group ? [group, ...refused] : refused)));
}

/** Only what was granted leads others. */
function isResized(change: CacheChange<PersistentVolumeClaim>): boolean {
  if (change.kind !== 'updated') return true;
  const { object, previous } = change;
  return (
    object.status?.capacity?.['storage'] !== previous.status?.capacity?.['storage'] ||
    object.status?.phase !== previous.status?.phase ||
    !sameJson(object.metadata.labels, previous.metadata.labels)
  );
}
