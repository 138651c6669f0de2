/** Invariants 4 to 6: what holds when nothing has happened and nothing has failed for a long time. */
import { bytesOf } from '../../src/kube/quantity.ts';
import type { ExportFs } from './export-fs.ts';
import type { History } from './history.ts';
import type { Violation } from './invariants.ts';
import type { Exchange } from './transport.ts';
import type { ClaimTruth, Truth } from './truth.ts';

/** A write that reached the API. */
export interface Written {
  readonly atMs: number;
  readonly exchange: Exchange;
}

export interface EventSeen {
  readonly uid: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  /** Epoch ms. */
  readonly lastMs: number;
}

export interface Calm {
  readonly history: History;
  readonly truth: Truth;
  readonly fs: ExportFs;
  /** Since silence had to begin. */
  readonly written: readonly Written[];
  readonly events: readonly EventSeen[];
  /** Wall time now. */
  readonly nowMs: number;
}

/** Events that still hold are said again after half an hour, and a little jitter. */
const REPEAT_MS = 30 * 60_000;

export function judgeCalm(calm: Calm): Violation | undefined {
  return judgeSilence(calm) ?? judgeClaims(calm);
}

/** Invariant 4. */
function judgeSilence({ written, truth, history }: Calm): Violation | undefined {
  const told = new Map<string, number>();
  for (const { atMs, exchange } of written) {
    const { request, host } = exchange;
    const path = request.path.split('?', 1)[0] ?? '';
    const forgotten = path.includes('/events') && exchange.status === 404; // made anew in the next request
    if (path.includes('/leases') || forgotten) continue;
    const uid = uidOf(exchange.body);
    const claim = truth.claims.get(uid);
    if (claim && isGrowing(claim, history)) continue;
    const what = `${host.name} wrote ${request.method} ${path} ${Math.round((atMs - history.calmMs) / 60_000)} min after the last trouble`;
    const wrong: Violation = { invariant: 4, message: `${what}: ${String(request.body).slice(0, 300)}` };
    const subject = request.method === 'POST' ? `${path} ${uid}` : path;
    const before = told.get(subject);
    const repeats = path.includes('/events') && (before === undefined || atMs - before > REPEAT_MS * 0.9);
    const waits = claim !== undefined && claim.object.status?.phase !== 'Bound';
    if (!repeats || !waits) return wrong;
    told.set(subject, atMs);
  }
  return undefined;
}

/** Those that grow in small steps go on for days. */
function isGrowing(claim: ClaimTruth, history: History): boolean {
  return history.acts.some(
    (act) =>
      act.kind === 'create' && `${act.namespace}/${act.name}` === claim.key && act.growth?.increase === SMALL_STEPS,
  );
}
const SMALL_STEPS = '1%';

function uidOf(body: string): string {
  const parsed: unknown = JSON.parse(body || '{}');
  const text = (path: readonly string[]): string => {
    let value: unknown = parsed;
    for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return text(['involvedObject', 'uid']) || text(['spec', 'claimRef', 'uid']) || text(['metadata', 'uid']);
}

/** Invariant 5. */
function judgeClaims(calm: Calm): Violation | undefined {
  for (const claim of calm.truth.living()) {
    const wrong = wrongAboutClaim(calm, claim);
    if (wrong) return { invariant: 5, message: `${claim.key} (${claim.uid}): ${wrong}` };
  }
  return undefined;
}

function wrongAboutClaim(calm: Calm, claim: ClaimTruth): string | undefined {
  const { status, metadata, spec } = claim.object;
  if (status?.phase === 'Bound') return wrongAboutSize(calm, claim);
  if (metadata.deletionTimestamp !== undefined) return 'it is still being deleted';
  if (status?.phase === 'Lost') return 'it is Lost';
  if (spec.storageClassName === 'late') return undefined; // waits for a pod
  const cause = causeOf(calm, claim);
  if (cause && calm.history.acts.some(({ kind }) => kind === 'clock')) return undefined; // events carry the wall clock
  if (!cause) return `it is ${status?.phase ?? 'without a phase'}, and nothing stands in its way`;
  const current = calm.events.filter(
    ({ uid, type, reason, lastMs, component }) =>
      uid === claim.uid &&
      type === 'Warning' &&
      reason === 'ProvisioningFailed' &&
      component !== 'persistentvolume-controller' &&
      calm.nowMs - lastMs < 1.2 * REPEAT_MS,
  );
  const [event] = current;
  if (!event) return `it is Pending because ${cause.why}, and no current event says so`;
  if (current.length > 1)
    return `it has ${current.length} current events: ${current.map(({ message }) => message).join(' | ')}`;
  return cause.says.test(event.message)
    ? undefined
    : `it is Pending because ${cause.why}, its event says: ${event.message}`;
}

/** A request that was raised is granted: by the volume, and then on the claim. */
function wrongAboutSize({ truth, history }: Calm, claim: ClaimTruth): string | undefined {
  if (metadataIsLeaving(claim) || isGrowing(claim, history)) return undefined;
  const volume = bytesOf(truth.volumeOf(claim)?.spec.capacity['storage']) ?? 0n;
  const shown = bytesOf(claim.object.status?.capacity?.['storage']) ?? 0n;
  if (volume === claim.request && shown === claim.request) return undefined;
  return `it asks for ${claim.request}, its volume has ${volume} and it shows ${shown}`;
}

const metadataIsLeaving = ({ object }: ClaimTruth): boolean => object.metadata.deletionTimestamp !== undefined;

interface Cause {
  readonly why: string;
  readonly says: RegExp;
}

function causeOf({ truth, fs }: Calm, claim: ClaimTruth): Cause | undefined {
  const { spec, metadata } = claim.object;
  if (spec.storageClassName === 'broken')
    return { why: 'its class is malformed', says: /parameter "?oops"? is not known/ };
  const name = metadata.annotations?.['volume-name'];
  const named = spec.storageClassName !== 'larder';
  if (named && name === undefined) return { why: 'it lacks its annotation', says: /annotation "volume-name"/ };
  const slashes = spec.storageClassName === 'tree';
  if (named && name !== undefined && (name.includes('..') || (name.includes('/') && !slashes))) {
    return { why: 'its name is not one', says: /path segment|may not hold|"\/"|slash/i };
  }
  if (!named) return undefined;
  const path = `${PREFIXES[spec.storageClassName ?? ''] ?? ''}${name}`;
  const holder = holderOf(truth, claim, path);
  if (holder || !slashes || (fs.at(path)?.entries.size ?? 0) === 0) return holder;
  return { why: `its class adopts nothing, and ${path} holds data`, says: /is not empty and was never a volume of/ };
}

const PREFIXES: Readonly<Record<string, string>> = {
  'glusterfs-nfs': 'glusterfs_',
  scratch: 'scratch_',
  archived: 'archive_',
  tree: 'tree_',
};

/** Another volume that has, or keeps, the directory. */
function holderOf(truth: Truth, claim: ClaimTruth, path: string): Cause | undefined {
  const modes = claim.object.spec.accessModes ?? [];
  for (const volume of truth.volumes.values()) {
    const owner = truth.claims.get(volume.spec.claimRef?.uid ?? '');
    if (!owner || owner === claim || owner.path === '') continue;
    const nested = owner.path.startsWith(`${path}/`) || path.startsWith(`${owner.path}/`);
    if (owner.path !== path && !nested) continue;
    const shared = [...modes, ...(volume.spec.accessModes ?? [])].every((mode) => mode === 'ReadWriteMany');
    if (!nested && owner.namespace === claim.namespace && (shared || owner.goneMs !== undefined)) continue;
    return {
      why: `${owner.key} has ${owner.path}`,
      says: new RegExp(`${owner.path}.*(belongs to|overlaps)|overlaps ${owner.path}`),
    };
  }
  return undefined;
}

/**
 * What must not depend on when somebody crashed: whether claims are bound, and how large they became. Where several
 * claims want one directory the order decides, and crashes change orders; those are left out.
 */
export function digestOf({ history, truth }: Pick<Calm, 'history' | 'truth'>): ReadonlyMap<string, string> {
  const digest = new Map<string, string>();
  const timed = history.acts.some(({ kind }) => kind === 'clock' || kind === 'lie');
  for (const claim of truth.living()) {
    const creates = history.acts.filter((act) => act.kind === 'create' && `${act.namespace}/${act.name}` === claim.key);
    if (creates.some((act) => act.kind === 'create' && isContended(history, act))) continue;
    if (isRaced(history, claim)) continue;
    const steady = company(history, claim).every((key) => isSteady(history, key));
    const size = steady && !timed && !isGrowing(claim, history) ? ` ${claim.request >> 20n}Mi` : '';
    digest.set(claim.key, `${claim.object.status?.phase ?? 'Pending'}${size}`);
  }
  return digest;
}

/** The claims that may share the directory of this one, itself included: what they write it sees. */
function company({ acts }: History, { key, object }: ClaimTruth): readonly string[] {
  const { storageClassName = '' } = object.spec;
  if (!(storageClassName in PREFIXES)) return [key];
  const name = object.metadata.annotations?.['volume-name'];
  return acts.flatMap((act) =>
    act.kind === 'create' && act.className === storageClassName && act.volumeName === name
      ? [`${act.namespace}/${act.name}`]
      : [],
  );
}

/** Made once and never deleted. */
function isSteady({ acts }: History, key: string): boolean {
  const mine = acts.filter((act) => 'name' in act && `${act.namespace}/${act.name}` === key);
  const firm = mine.every(({ kind }) => kind !== 'delete' && kind !== 'resize');
  return mine.filter(({ kind }) => kind === 'create').length === 1 && firm;
}

/** Deleted and made at nearly the same time: which comes first is anybody's guess. */
function isRaced({ acts }: History, { key }: ClaimTruth): boolean {
  const mine = acts.filter((act) => 'name' in act && `${act.namespace}/${act.name}` === key);
  if (mine.some(({ kind }) => kind === 'undelete')) return true; // it depends on who could be asked
  const deletes = mine.filter(({ kind }) => kind === 'delete');
  const creates = mine.filter(({ kind }) => kind === 'create');
  return deletes.some((one) => creates.some((other) => Math.abs(one.atMs - other.atMs) < RACE_MS));
}
const RACE_MS = 70_000;

function isContended(history: History, one: { className: string; volumeName: string }): boolean {
  if (one.className === 'larder' || one.className === 'broken') return false;
  const top = (name: string): string => name.split('/', 1)[0] ?? '';
  const namespaces = new Set<string>();
  for (const act of history.acts) {
    if (act.kind !== 'create' || act.className !== one.className || top(act.volumeName) !== top(one.volumeName))
      continue;
    if (act.mode !== 'ReadWriteMany' || act.volumeName !== one.volumeName) return true;
    namespaces.add(act.namespace);
  }
  return namespaces.size > 1;
}

/** Invariant 6. */
export function compareDigests(
  crashed: ReadonlyMap<string, string>,
  spared: ReadonlyMap<string, string>,
): Violation | undefined {
  for (const key of new Set([...crashed.keys(), ...spared.keys()])) {
    const [one, other] = [crashed.get(key) ?? 'absent', spared.get(key) ?? 'absent'];
    if (one !== other) {
      return { invariant: 6, message: `${key} ends as ${one} after the crash, and as ${other} without it` };
    }
  }
  return undefined;
}
