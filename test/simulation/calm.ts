/** Invariants 4 to 6: what holds when nothing has happened and nothing has failed for a long time. */
import { bytesOf } from '../../src/kube/quantity.ts';
import { causeOf, PREFIXES } from './causes.ts';
import type { ExportFs } from './export-fs.ts';
import { CLOUD } from './growth-acts.ts';
import { type Act, type History, isGoverned } from './history.ts';
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
  /** See Users. */
  readonly unfilled: ReadonlySet<string>;
}

/** Events that still hold are said again after half an hour, and a little jitter. */
const REPEAT_MS = 30 * 60_000;

export function judgeCalm(calm: Calm): Violation | undefined {
  return judgeSilence(calm) ?? judgeClaims(calm);
}

/** Invariant 4: what is a violation while the silence lasts is one at its end. */
export function judgeSilence({
  written,
  truth,
  history,
}: Pick<Calm, 'written' | 'truth' | 'history'>): Violation | undefined {
  const told = new Map<string, number>();
  for (const { atMs, exchange } of written) {
    const { request, host } = exchange;
    const path = request.path.split('?', 1)[0] ?? '';
    const forgotten = path.includes('/events') && exchange.status === 404; // made anew in the next request
    if (path.includes('/leases') || forgotten) continue;
    const echoMs = path.includes('/events') ? LONGEST_COOLDOWN_MS + ECHO_MS : ECHO_MS;
    const goesOn = (each: ClaimTruth): boolean => isGrowing(each, history) || hasGrown(each, history, atMs, echoMs);
    if (path.includes('/pvcgroups/') && [...truth.living()].some(goesOn)) continue;
    const uid = uidOf(exchange.body);
    const claim = truth.claims.get(uid) ?? claimAt(path, truth);
    if (claim && goesOn(claim)) continue;
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

/** The answer to a write that came too late does not say whose object it is. */
function claimAt(path: string, truth: Truth): ClaimTruth | undefined {
  const [, namespace, name] = /\/namespaces\/([^/]+)\/persistentvolumeclaims\/([^/]+)/.exec(path) ?? [];
  if (name !== undefined) return truth.livingNamed(`${namespace}/${name}`);
  const volume = truth.volumes.get(/\/persistentvolumes\/([^/]+)/.exec(path)?.[1] ?? '');
  return truth.claims.get(volume?.spec.claimRef?.uid ?? '');
}

/** Those that grow in small steps go on for days, and where there are groups, others follow them. */
function isGrowing(claim: ClaimTruth, history: History): boolean {
  const grouped = history.acts.some(({ kind }) => kind === 'group');
  return history.acts.some(
    (act) =>
      act.kind === 'create' &&
      (grouped || `${act.namespace}/${act.name}` === claim.key) &&
      act.growth?.increase === SMALL_STEPS,
  );
}
const SMALL_STEPS = '1%';

/**
 * Where people rule on growth the next step may come after a cooldown longer than that of claims that rule themselves.
 * Whether it had to be made at all is a question of its own, which is asked at the moment when it is (see raises.ts).
 */
function hasGrown({ raises }: ClaimTruth, history: History, nowMs: number, echoMs: number): boolean {
  return isGoverned(history) && raises.some(({ atMs }) => atMs <= nowMs && nowMs - atMs < echoMs);
}
/** Until a growth is granted and everybody has said so. */
const ECHO_MS = 5 * 60_000;
/** Then it is looked at again, and what stands in the way of the next step is told: see the rules that people make (governance.ts). */
const LONGEST_COOLDOWN_MS = 45 * 60_000;

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
  const { status, metadata } = claim.object;
  if (status?.phase === 'Bound') return wrongAboutSize(calm, claim);
  if (metadata.deletionTimestamp !== undefined) return 'it is still being deleted';
  if (status?.phase === 'Lost') return 'it is Lost';
  if (waitsForPod(claim)) return undefined;
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
  if (isInCloud(claim) && isRefused(claim)) return undefined;
  const volume = bytesOf(truth.volumeOf(claim)?.spec.capacity['storage']) ?? 0n;
  const shown = bytesOf(claim.object.status?.capacity?.['storage']) ?? 0n;
  const kept = claim.object.spec.volumeName !== `pvc-${claim.uid}`; // a volume that was there may be larger
  if ((kept ? volume >= claim.request : volume === claim.request) && shown === volume) return undefined;
  return `it asks for ${claim.request}, its volume has ${volume} and it shows ${shown}`;
}

/**
 * The scheduler's stand-in chooses a node when it sees a pod, and whether it sees one that soon goes again depends on its
 * own trouble: until then nothing is Larder's to do. From then on the claim must be Bound, however short the pod lived.
 */
const waitsForPod = ({ object }: ClaimTruth): boolean =>
  object.spec.storageClassName === 'late' && object.metadata.annotations?.[SELECTED_NODE] === undefined;
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** What a person asked for is not taken back, and of one step there is no half. */
function isRefused({ object, edited, request }: ClaimTruth): boolean {
  const capacity = bytesOf(object.status?.capacity?.['storage']) ?? 0n;
  return edited.has(request) || request - capacity === 1n << 30n;
}

const isInCloud = ({ object }: ClaimTruth): boolean => object.spec.storageClassName === CLOUD;

const metadataIsLeaving = ({ object }: ClaimTruth): boolean => object.metadata.deletionTimestamp !== undefined;

/**
 * What must not depend on when somebody crashed: whether claims are bound, and how large they became. Where several
 * claims want one directory the order decides, and crashes change orders; those are left out.
 */
export function digestOf({ history, truth, fs, unfilled }: Calm): ReadonlyMap<string, string> {
  const digest = new Map<string, string>();
  // Where people rule on growth, who answered when decides how large a claim is made; growth-calm.ts says whether it is enough.
  const timed = isGoverned(history) || history.acts.some(({ kind }) => kind === 'clock' || kind === 'lie');
  for (const claim of truth.living()) {
    const creates = history.acts.filter((act) => act.kind === 'create' && `${act.namespace}/${act.name}` === claim.key);
    if (creates.some((act) => act.kind === 'create' && isContended(history, act))) continue;
    if (isRaced(history, claim) || claim.object.spec.storageClassName === 'late') continue; // see waitsForPod
    if (creates.some((act) => act.kind === 'create' && isUnsteadyCopy(history, act))) continue;
    const around = company(history, claim);
    const steady = around.every((key) => isSteady(history, key));
    const copied = claim.object.spec.dataSource !== undefined; // when it was copied decides how full it is
    const managed = claim.object.metadata.annotations?.['pvc-chonker.io/enabled'] === 'true';
    const alone = !managed && !isGoverned(history) && isSteady(history, claim.key); // whatever is in it, its size stays
    const measured = steady && !timed && !copied && !isGrowing(claim, history);
    const filled = around.every((key) => !unfilled.has(key));
    const size = !filled && !alone ? UNFILLED : alone || measured ? ` ${sizeOf(claim, fs)}` : '';
    digest.set(claim.key, `${claim.object.status?.phase ?? 'Pending'}${size}`);
  }
  return digest;
}

/**
 * How far a claim grows at once follows from how fast it was filling, which a crash changes: the sizes themselves differ.
 * What a crash does not change is that it grew at all, that this is enough, and that it is not more than the largest step
 * from where it was full: a claim of which 80 % was used at most doubles, or takes the smallest step that is set.
 */
function sizeOf({ inode, object, raises, request }: ClaimTruth, fs: ExportFs): string {
  if (raises.length === 0 || !inode) return `${request >> 20n}Mi`;
  const most = bytesOf(object.metadata.annotations?.['pvc-chonker.io/max-size']) ?? 0n;
  const enough = fs.measure(inode).bytes * 100n < request * 80n || request === most || raises.length >= PER_DAY;
  if (!enough) return `${request >> 20n}Mi, which is too small`;
  const tooMuch = request * 2n > fs.measure(inode).bytes * 5n + 2n * SMALLEST_STEP;
  return tooMuch ? `${request >> 20n}Mi, which is too large` : 'grown';
}
const PER_DAY = 6;
/** The largest of those that histories set. */
const SMALLEST_STEP = 64n << 20n;

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
  if (acts.some((act) => act.kind === 'restore' && `${act.namespace}/${act.as}` === key)) return true;
  if (mine.some(({ kind }) => kind === 'undelete' || kind === 'restore')) return true; // it depends on who could be asked
  const deletes = mine.filter(({ kind }) => kind === 'delete');
  const creates = mine.filter(({ kind }) => kind === 'create');
  return deletes.some((one) => creates.some((other) => Math.abs(one.atMs - other.atMs) < RACE_MS));
}
const RACE_MS = 70_000;

/** Of a claim that comes and goes, or that may not get its own directory. */
function isUnsteadyCopy(history: History, { source, namespace }: Act & { readonly kind: 'create' }): boolean {
  if (source === undefined) return false;
  const key = `${namespace}/${source}`;
  const made = history.acts.filter((act) => act.kind === 'create' && `${act.namespace}/${act.name}` === key);
  const firm = isSteady(history, key) && made.every((act) => act.kind === 'create' && act.source === undefined);
  return !firm || made.some((act) => act.kind === 'create' && isContended(history, act));
}

function isContended(history: History, one: { className: string; volumeName: string }): boolean {
  if (one.className === 'larder' || one.className === 'broken') return false;
  const top = (name: string): string => name.split('/', 1)[0] ?? '';
  const namespaces = new Set<string>();
  for (const act of history.acts) {
    if (act.kind !== 'create' || act.className !== one.className || top(act.volumeName) !== top(one.volumeName))
      continue;
    if (act.mode !== 'ReadWriteMany' || act.volumeName !== one.volumeName || act.source !== undefined) return true;
    namespaces.add(act.namespace);
  }
  return namespaces.size > 1;
}

/** What was to be in it is not, because the claim came too late for that: how large it became cannot be compared. */
const UNFILLED = ' unfilled';

const phaseIn = (text: string): string => text.split(' ', 1)[0] ?? '';

/** Invariant 6. */
export function compareDigests(
  crashed: ReadonlyMap<string, string>,
  spared: ReadonlyMap<string, string>,
): Violation | undefined {
  for (const key of new Set([...crashed.keys(), ...spared.keys()])) {
    const [one, other] = [crashed.get(key) ?? 'absent', spared.get(key) ?? 'absent'];
    const phaseOnly = one.endsWith(UNFILLED) || other.endsWith(UNFILLED);
    if (phaseOnly ? phaseIn(one) !== phaseIn(other) : one !== other) {
      return { invariant: 6, message: `${key} ends as ${one} after the crash, and as ${other} without it` };
    }
  }
  return undefined;
}
