/**
 * What policies, groups, namespaces and claims themselves said about the growth of each claim, and when: reckoned from the
 * stored objects by rules written down here once more, so that a slip of the product's own reckoning shows.
 */
import { larger } from '../../src/expand/portion.ts';
import { kinds, type PersistentVolumeClaim } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { type Texts, textAt, textsAt, valueAt } from './texts.ts';
import type { ClaimTruth, Ledger } from './truth.ts';

export interface Ruling {
  /** Milliseconds since the start of the history. */
  readonly sinceMs: number;
  /** Somebody asked for growth, nobody forbade it, and everything that was said can be read. */
  readonly managed: boolean;
  readonly paused: boolean;
  /** Undefined: nobody set one. */
  readonly maxBytes: bigint | undefined;
  readonly thresholdPercent: number;
  readonly cooldownMs: number;
  /** Undefined: nobody needs to approve anything. */
  readonly approvedBytes: bigint | undefined;
  /** What the group, or a first size, asks for at least. */
  readonly floorBytes: bigint;
  /** As it was written; undefined: always. */
  readonly window: string | undefined;
  /** Growth by more than this share needs a snapshot; undefined: none does. */
  readonly snapshotAbovePercent: number | undefined;
  /** 0: that it will be full is no reason. */
  readonly fullWithinMs: number;
  readonly inodesPercent: number;
}

const LARDER = 'larder.dev/';
const CHONKER = 'pvc-chonker.io/';
const POLICIES = 'pvcpolicies.pvc-chonker.io';
const GROUPS = 'pvcgroups.pvc-chonker.io';
const COOLDOWN_MINUTES = 15;
const MINUTE_MS = 60_000;
const THRESHOLD_PERCENT = 80;

/** A place that says something; `own`: of the claim, its namespace or its class. */
interface Place {
  readonly own: boolean;
  readonly says: Texts;
  /** When it was made; undefined: nobody can tell how old what it says is. */
  readonly madeAt: number | undefined;
}

interface Rule {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly madeAt: number;
  readonly spec: unknown;
  readonly place: Place;
}

export interface RulingsOptions {
  readonly ledger: Ledger;
  readonly kindOf: (resource: Resource<KubeObject>) => string;
}

/** Invariant: the last ruling of a claim is of the objects as `follow` last saw them. */
export class Rulings {
  readonly #options: RulingsOptions;
  readonly #known = new Map<string, Ruling[]>();
  /** What each claim has for itself, without what its group added. */
  readonly #own = new Map<string, bigint>();
  #changed = true;

  constructor(options: RulingsOptions) {
    this.#options = options;
    const { ledger, kindOf } = options;
    const names = [kindOf(kinds.PersistentVolumeClaim), kindOf(kinds.Namespace), POLICIES, GROUPS];
    for (const name of names) ledger.onChange(name, () => (this.#changed = true));
  }

  /** `living`: all claims that are there now. */
  follow(living: Iterable<ClaimTruth>, nowMs: number): void {
    if (!this.#changed) return;
    this.#changed = false;
    const claims = [...living];
    const setting = this.#setting(claims);
    for (const claim of claims) {
      const ruling = rule(claim, setting, { sinceMs: nowMs, own: (each) => this.#ownOf(each) });
      const list = this.#known.get(claim.uid) ?? [];
      const last = list.at(-1);
      if (last && sameButTime(last, ruling)) continue;
      this.#known.set(claim.uid, [...list, ruling]);
    }
  }

  /** Those that held at some time since then, oldest first; whoever acts may not have heard of the last one yet. */
  since(uid: string, ms: number): readonly Ruling[] {
    const list = this.#known.get(uid) ?? [];
    return list.filter((_, index) => (list[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY) > ms);
  }

  now(uid: string): Ruling | undefined {
    return this.#known.get(uid)?.at(-1);
  }

  /** It grew for a reason of its own, or somebody asked for it: others go by that. */
  grewByItself({ uid }: ClaimTruth, bytes: bigint): void {
    this.#own.set(uid, bytes);
    this.#changed = true;
  }

  #ownOf(claim: ClaimTruth): bigint {
    const capacity = capacityOf(claim);
    const asked = claim.edited.has(claim.request); // by a person: no group added any of it
    const own = asked ? undefined : this.#own.get(claim.uid);
    if (own === undefined && capacity > 0n) this.#own.set(claim.uid, capacity);
    return own === undefined || own > capacity ? capacity : own;
  }

  #setting(claims: readonly ClaimTruth[]): Setting {
    const { ledger, kindOf } = this.#options;
    const namespaces = new Map<string, Texts>();
    for (const { object } of ledger.list(kindOf(kinds.Namespace))) {
      namespaces.set(textAt(object, 'metadata', 'name'), textsAt(object, 'metadata', 'annotations'));
    }
    const groups = ledger.list(GROUPS).map(({ object }) => ruleOf(object));
    return { claims, namespaces, groups, policies: ledger.list(POLICIES).map(({ object }) => ruleOf(object)) };
  }
}

interface Setting {
  readonly claims: readonly ClaimTruth[];
  readonly namespaces: ReadonlyMap<string, Texts>;
  readonly policies: readonly Rule[];
  readonly groups: readonly Rule[];
}

interface Moment {
  readonly sinceMs: number;
  readonly own: (claim: ClaimTruth) => bigint;
}

function rule(claim: ClaimTruth, setting: Setting, { sinceMs, own: ownSize }: Moment): Ruling {
  const notes = claim.object.metadata.annotations ?? {};
  const around = setting.namespaces.get(claim.namespace) ?? {};
  const group = groupOf(claim, setting);
  const named = notes[`${CHONKER}policy`] ?? around[`${CHONKER}policy`];
  const near = setting.policies.filter(({ namespace }) => namespace === claim.namespace);
  const byName = near.find(({ name }) => name === named);
  const places: readonly Place[] = [
    { own: true, says: annotated(notes), madeAt: Number.NEGATIVE_INFINITY },
    ...(group ? [group.place] : []),
    ...(byName ? [byName.place] : []),
    ...near
      .filter((each) => each !== byName && selects(each, claim.object))
      .sort(byRank)
      .map(({ place }) => place),
    { own: true, says: annotated(around), madeAt: undefined },
  ];
  const lost = (named !== undefined && !byName) || (groupNameOf(claim, around) !== undefined && !group);
  const find = (key: string): string | undefined => places.find(({ says }) => says[key] !== undefined)?.says[key];
  const own = places.filter(({ own: mine, says }) => mine && says['enabled'] !== undefined);
  // A "false" around a claim beats rules, and not what the claim says itself.
  const forbidden = own.some(({ says }) => says['enabled'] !== 'true') && own[0]?.says['enabled'] !== 'true';
  const bytes = (key: string): bigint | undefined => bytesOf(find(key));
  const percent = (key: string): number | undefined => numberOf(find(key), '%');
  const minutes = (key: string): number | undefined => numberOf(find(key), 'm');
  const unread = ['maxSize', 'approvalAbove', 'initialSize'].some(
    (key) => find(key) !== undefined && bytes(key) === undefined,
  );
  const maxBytes = bytes('maxSize');
  const approval = bytes('approvalAbove');
  const approved = bytesOf(notes[`${LARDER}approved-up-to`]) ?? 0n;
  const first = places.find(({ says }) => says['initialSize'] !== undefined);
  const grown = notes[`${CHONKER}last-expansion`] !== undefined;
  const bornMs = Date.parse(claim.object.metadata.creationTimestamp ?? '');
  const initial = first?.madeAt !== undefined && first.madeAt <= bornMs && !grown ? (bytes('initialSize') ?? 0n) : 0n;
  const shared = group ? sharedOf(group, setting, ownSize) : 0n;
  return {
    sinceMs,
    managed: find('enabled') === 'true' && !forbidden && !lost && !unread,
    paused: [notes, around].some((each) => (each[`${LARDER}paused`] ?? 'false') !== 'false'),
    maxBytes,
    thresholdPercent: percent('threshold') ?? THRESHOLD_PERCENT,
    cooldownMs: MINUTE_MS * (minutes('cooldown') ?? COOLDOWN_MINUTES),
    approvedBytes: approval === undefined ? undefined : approved > approval ? approved : approval,
    floorBytes: larger(shared, initial),
    window: find('window'),
    snapshotAbovePercent: find('snapshotAbove') === 'never' ? undefined : percent('snapshotAbove'),
    fullWithinMs: MINUTE_MS * (minutes('expandWhenFullWithin') ?? 0),
    inodesPercent: percent('inodesThreshold') ?? THRESHOLD_PERCENT,
  };
}

const numberOf = (text: string | undefined, unit: string): number | undefined =>
  text === undefined ? undefined : Number(text.replace(unit, ''));

/** The names of the annotations, as those of a template. */
const spellings: Texts = {
  'max-size': 'maxSize',
  'initial-size': 'initialSize',
  'approval-above': 'approvalAbove',
  'inodes-threshold': 'inodesThreshold',
  'snapshot-above': 'snapshotAbove',
  'full-within': 'expandWhenFullWithin',
};

function annotated(notes: Texts): Texts {
  const said: Record<string, string> = {};
  for (const [key, value] of Object.entries(notes)) {
    if (!key.startsWith(CHONKER)) continue;
    const name = key.slice(CHONKER.length);
    said[spellings[name] ?? name] = value;
  }
  return said;
}

function ruleOf(object: unknown): Rule {
  const [namespace, name] = [textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name')];
  const madeAt = Date.parse(textAt(object, 'metadata', 'creationTimestamp'));
  const spec = valueAt(object, 'spec');
  const template = valueAt(spec, 'template');
  const says = { ...textsAt(spec, 'template'), enabled: String(valueAt(template, 'enabled') ?? true) };
  return { key: `${namespace}/${name}`, namespace, name, madeAt, spec, place: { own: false, says, madeAt } };
}

function byRank(one: Rule, other: Rule): number {
  const [first, second] = [one, other].map(({ spec }) => Number(valueAt(spec, 'priority') ?? 0));
  return (second ?? 0) - (first ?? 0) || (one.name < other.name ? -1 : 1);
}

/** Only by one label here. */
function selects({ spec }: Rule, { metadata }: PersistentVolumeClaim): boolean {
  const selector = valueAt(spec, 'selector');
  if (selector === undefined) return false;
  const app = textAt(selector, 'matchLabels', 'app');
  return app === '' || metadata.labels?.['app'] === app;
}

function groupNameOf(claim: ClaimTruth, around: Texts): string | undefined {
  return claim.object.metadata.annotations?.[`${CHONKER}group`] ?? around[`${CHONKER}group`];
}

/** The one that it names, else one that lists it, else one that selects it; of another namespace only where that is granted. */
function groupOf(claim: ClaimTruth, { groups, namespaces }: Setting): Rule | undefined {
  const around = namespaces.get(claim.namespace) ?? {};
  const named = groupNameOf(claim, around);
  const lists = ({ spec, namespace }: Rule): boolean => {
    const members = valueAt(spec, 'members');
    const keys = Array.isArray(members)
      ? members.map((each) => `${textAt(each, 'namespace') || namespace}/${textAt(each, 'name')}`)
      : [];
    return keys.includes(claim.key);
  };
  const ways = [
    ({ name }: Rule) => name === named,
    lists,
    (each: Rule) => each.namespace === claim.namespace && selects(each, claim.object),
  ];
  const granted = (around[`${LARDER}allow-group-from`] ?? '').split(',');
  const allowed = groups.filter(({ namespace }) => namespace === claim.namespace || granted.includes(namespace));
  for (const way of ways) {
    const [first] = allowed
      .filter(way)
      .sort((one, other) => rankOf(one, claim) - rankOf(other, claim) || (one.key < other.key ? -1 : 1));
    if (first) return first;
  }
  return undefined;
}

const rankOf = ({ namespace }: Rule, claim: ClaimTruth): number => (namespace === claim.namespace ? 0 : 1);

/** What its members should have, by what they were granted, never by what they only ask for. */
function sharedOf(group: Rule, setting: Setting, own: Moment['own']): bigint {
  const members = setting.claims.filter((claim) => {
    const { status, metadata } = claim.object;
    const there = status?.phase === 'Bound' && metadata.deletionTimestamp === undefined && capacityOf(claim) > 0n;
    return there && groupOf(claim, setting) === group;
  });
  const coordination = textAt(group.spec, 'coordinationPolicy') || 'largest';
  if (members.length === 0 || coordination === 'independent') return 0n;
  if (coordination === 'largest') {
    return members.map(capacityOf).reduce(larger, 0n);
  }
  const count = BigInt(members.length);
  return (members.reduce((sum, each) => sum + own(each), 0n) + count - 1n) / count;
}

function capacityOf({ object }: ClaimTruth): bigint {
  return bytesOf(object.status?.capacity?.['storage']) ?? 0n;
}

function sameButTime({ sinceMs: _, ...one }: Ruling, { sinceMs: __, ...other }: Ruling): boolean {
  const text = (ruling: object): string => Object.values(ruling).join(' ');
  return text(one) === text(other);
}
