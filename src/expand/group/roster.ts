/** Which claims belong to which group at present, kept as claims, groups and namespaces change. */
import type { Cache, CacheChange } from '../../kube/cache.ts';
import type { Namespace, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import type { PVCGroup } from '../api/pvc-group.ts';
import { claimOf } from '../claim.ts';
import { type Belonging, belongingOf, GRANT, groupName, nobody, type Situated } from './belonging.ts';
import { peersIn } from './peers-in.ts';
import type { Peer } from './shared-size.ts';
import { GROUP_NAME, situatedOf } from './situated.ts';

export interface RosterCaches {
  readonly claims: Cache<PersistentVolumeClaim>;
  readonly classes: Cache<StorageClass>;
  readonly namespaces: Cache<Namespace>;
  /** Absent: this account may not look for groups, and there are none. */
  readonly groups?: Cache<PVCGroup> | undefined;
}

export interface Roster {
  /** Of any claim, also of one that is not stored yet. */
  belonging(claim: PersistentVolumeClaim): Belonging;
  /** By name. */
  members(group: PVCGroup): readonly PersistentVolumeClaim[];
  /** Claims that the group asks for and that their namespace does not let it have, by name. */
  refused(group: PVCGroup): readonly PersistentVolumeClaim[];
  /** The members that others can go by. */
  peers(group: PVCGroup): readonly Peer[];
  /** Claims that any of these groups could concern: of their namespaces, listed by them, or told to be in one of that name. */
  near(groups: readonly PVCGroup[]): readonly PersistentVolumeClaim[];
  readonly isEmpty: boolean;
}

export function createRoster(caches: RosterCaches): Roster {
  return new Register(caches);
}

interface Standing {
  readonly members: Map<string, PersistentVolumeClaim>;
  readonly refused: Map<string, PersistentVolumeClaim>;
  /** Undefined: to be gathered again. */
  peers: readonly Peer[] | undefined;
}

/**
 * Invariant: unless `#stale`, every claim of the cache is in `#belongings`, and in the standing of each group that has it
 * or was refused it. Handlers only note what changed, so that a burst of changes costs one look.
 */
class Register implements Roster {
  readonly #caches: RosterCaches;
  readonly #belongings = new Map<string, Belonging>();
  readonly #standings = new Map<string, Standing>();
  #candidates: Candidates = new Candidates([]);
  #stale = true;

  constructor(caches: RosterCaches) {
    this.#caches = caches;
    const { groups, namespaces, classes, claims } = caches;
    groups?.onChange((change) => {
      this.#stale ||= change.kind !== 'updated' || isRewritten(change);
      if (!this.#stale && change.kind === 'updated') this.#renew(change.object);
    });
    namespaces.onChange((change) => {
      this.#stale ||= change.kind !== 'updated' || isChanged(change, GRANT) || isChanged(change, GROUP_NAME);
    });
    classes.onChange((change) => {
      this.#stale ||= change.kind !== 'updated' || isChanged(change, GROUP_NAME);
    });
    claims.onChange(({ kind, key, object }) => {
      if (this.#stale) return;
      this.#remove(key);
      if (kind !== 'deleted') this.#place(key, object);
    });
  }

  get isEmpty(): boolean {
    return (this.#caches.groups?.size ?? 0) === 0;
  }

  belonging(claim: PersistentVolumeClaim): Belonging {
    this.#freshen();
    const known = this.#belongings.get(keyOf(claim.metadata));
    return known && this.#caches.claims.get(keyOf(claim.metadata)) === claim ? known : this.#judge(claim);
  }

  members(group: PVCGroup): readonly PersistentVolumeClaim[] {
    return byKey(this.#standing(group)?.members);
  }

  refused(group: PVCGroup): readonly PersistentVolumeClaim[] {
    return byKey(this.#standing(group)?.refused);
  }

  peers(group: PVCGroup): readonly Peer[] {
    const standing = this.#standing(group);
    if (!standing) return [];
    standing.peers ??= peersIn(group, byKey(standing.members));
    return standing.peers;
  }

  near(groups: readonly PVCGroup[]): readonly PersistentVolumeClaim[] {
    const names = new Set<string | undefined>(groups.map(groupName));
    const namespaces = new Set(groups.map(({ metadata }) => metadata.namespace));
    const listed = new Set(groups.flatMap(({ spec: { members } }) => (members.ok ? members.value.map(keyOf) : [])));
    return [...this.#caches.claims.list()].filter(
      (claim) =>
        namespaces.has(claim.metadata.namespace) ||
        listed.has(keyOf(claim.metadata)) ||
        names.has(this.#situated(claim).named),
    );
  }

  #standing(group: PVCGroup): Standing | undefined {
    this.#freshen();
    return this.#standings.get(keyOf(group.metadata));
  }

  #freshen(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#belongings.clear();
    this.#standings.clear();
    this.#candidates = new Candidates([...(this.#caches.groups?.list() ?? [])]);
    for (const claim of this.#caches.claims.list()) this.#place(keyOf(claim.metadata), claim);
  }

  /** Only its status changed: the same claims are for the new object. */
  #renew(group: PVCGroup): void {
    this.#candidates.renew(group);
    for (const [key, claim] of this.#standings.get(keyOf(group.metadata))?.members ?? []) {
      this.#belongings.set(key, this.#judge(claim));
    }
  }

  #place(key: string, claim: PersistentVolumeClaim): void {
    const belonging = this.#judge(claim);
    this.#belongings.set(key, belonging);
    const { group, refused } = belonging;
    if (group) {
      const standing = this.#open(group);
      standing.members.set(key, claim);
      standing.peers = undefined;
    }
    for (const each of refused) this.#open(each).refused.set(key, claim);
  }

  #remove(key: string): void {
    const known = this.#belongings.get(key);
    if (!known) return;
    this.#belongings.delete(key);
    const standing = known.group && this.#standings.get(keyOf(known.group.metadata));
    if (standing) {
      standing.members.delete(key);
      standing.peers = undefined;
    }
    for (const each of known.refused) this.#standings.get(keyOf(each.metadata))?.refused.delete(key);
  }

  #open(group: PVCGroup): Standing {
    const key = keyOf(group.metadata);
    const standing = this.#standings.get(key) ?? { members: new Map(), refused: new Map(), peers: undefined };
    this.#standings.set(key, standing);
    return standing;
  }

  #situated(claim: PersistentVolumeClaim): Situated {
    const { namespaces, classes } = this.#caches;
    const { namespace, className } = claimOf(claim);
    return situatedOf(claim, namespaces.get(namespace), className === '' ? undefined : classes.get(className));
  }

  #judge(claim: PersistentVolumeClaim): Belonging {
    const situated = this.#situated(claim);
    if (this.isEmpty && situated.named === undefined) return nobody;
    return belongingOf(situated, this.#candidates.of(claim, situated.named));
  }
}

/** Finds the groups that could concern a claim without looking at all of them. */
class Candidates {
  readonly #byName: Map<string, PVCGroup[]>;
  readonly #bySelector: Map<string, PVCGroup[]>;
  readonly #byMember: Map<string, PVCGroup[]>;

  constructor(groups: readonly PVCGroup[]) {
    this.#byName = index(groups, (group) => [groupName(group)]);
    this.#bySelector = index(groups, ({ metadata, spec }) => (spec.selector ? [metadata.namespace ?? ''] : []));
    this.#byMember = index(groups, ({ spec }) => (spec.members.ok ? spec.members.value.map(keyOf) : []));
  }

  of({ metadata }: PersistentVolumeClaim, named: string | undefined): readonly PVCGroup[] {
    const found = new Set([
      ...(named === undefined ? [] : (this.#byName.get(named) ?? [])),
      ...(this.#byMember.get(keyOf(metadata)) ?? []),
      ...(this.#bySelector.get(metadata.namespace ?? '') ?? []),
    ]);
    return [...found];
  }

  renew(group: PVCGroup): void {
    const same = ({ metadata }: PVCGroup): boolean => keyOf(metadata) === keyOf(group.metadata);
    for (const each of [this.#byName, this.#bySelector, this.#byMember]) {
      for (const [key, groups] of each) {
        if (groups.some(same))
          each.set(
            key,
            groups.map((one) => (same(one) ? group : one)),
          );
      }
    }
  }
}

function index(groups: readonly PVCGroup[], keysOf: (group: PVCGroup) => readonly string[]): Map<string, PVCGroup[]> {
  const found = new Map<string, PVCGroup[]>();
  for (const group of groups) {
    for (const key of new Set(keysOf(group))) found.set(key, [...(found.get(key) ?? []), group]);
  }
  return found;
}

function isRewritten(change: Extract<CacheChange<PVCGroup>, { readonly kind: 'updated' }>): boolean {
  return change.object.metadata.generation !== change.previous.metadata.generation;
}

function isChanged(change: CacheChange<KubeObject>, annotation: string): boolean {
  if (change.kind !== 'updated') return true;
  return change.object.metadata.annotations?.[annotation] !== change.previous.metadata.annotations?.[annotation];
}

function byKey(claims: ReadonlyMap<string, PersistentVolumeClaim> | undefined): readonly PersistentVolumeClaim[] {
  return [...(claims ?? [])].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, claim]) => claim);
}
