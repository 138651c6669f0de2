/** What users, administrators and misfortune do over the days of one seed. Every act can be left out, to shrink a history. */
import type { Trouble } from './export-fs.ts';
import { drawGovernance, drawMoments } from './governance.ts';
import { CLOUD, type GrowthAct, growthKinds } from './growth-acts.ts';
import { createRandom, type SeededRandom } from './random.ts';
import type { Counting } from './server.ts';

export interface ClaimName {
  readonly namespace: string;
  readonly name: string;
}

export type ApiFault =
  | 'conflict' /** 409 without anything written */
  | 'gone' /** 410 to watches */
  | 'throttled' /** 429 with Retry-After */
  | 'error' /** 500 without anything done */
  | 'error-applied' /** 500 after the write */
  | 'timeout' /** no answer, nothing done */
  | 'timeout-applied' /** no answer, written */
  | 'timeout-late' /** no answer, and written when nobody reckons with it any more */
  | 'reset' /** watches close and lose what was under way */
  | 'duplicate' /** watch events come twice */
  | 'delay'; /** watch events come late */

export type UsageLie =
  | 'frozen' /** the same old measurement for ever */
  | 'nothing' /** nothing is used */
  | 'future' /** measured in an hour */
  | 'silent';

export type Act = { readonly atMs: number } & (
  | (ClaimName & {
      readonly kind: 'create';
      readonly className: string;
      /** The annotation `volume-name`; empty: none. */
      readonly volumeName: string;
      readonly sizeMi: number;
      readonly mode: 'ReadWriteMany' | 'ReadWriteOnce';
      /** Undefined: not managed by the expander. */
      readonly growth: { readonly maxMi: number; readonly increase: string; readonly minMi: number } | undefined;
      /** Name of the claim of the same namespace that it is to be a copy of; absent: none. */
      readonly source?: string;
    })
  | (ClaimName & { readonly kind: 'delete' })
  /** `kubectl delete pv` of the claim's volume, before its claim. */
  | (ClaimName & { readonly kind: 'delete-volume' })
  /** Somebody sets the claim's volume to Retain. */
  | (ClaimName & { readonly kind: 'retain-volume' })
  /** The application writes until its directory holds so much. */
  | (ClaimName & { readonly kind: 'fill'; readonly toMi: number })
  /** A pod that uses the claim, for a while: the claim cannot go before it. */
  | (ClaimName & { readonly kind: 'pod'; readonly forMs: number })
  /** Somebody edits the claim: so many times what it asks for now. */
  | (ClaimName & { readonly kind: 'resize'; readonly times: number })
  /** Somebody brings the data of a deleted claim back, and makes the claim again. */
  | (ClaimName & { readonly kind: 'undelete'; readonly className: string; readonly volumeName: string })
  /** The same under another name: what it left in the trash or the archives goes to a directory and a claim of that name. */
  | (ClaimName & { readonly kind: 'restore'; readonly className: string; readonly as: string })
  /** Somebody deletes a class, and makes it again after a while. */
  | { readonly kind: 'class-outage'; readonly className: string; readonly forMs: number }
  /** Somebody made a directory with data long ago. */
  | { readonly kind: 'seed-directory'; readonly path: string }
  /** `server`: see Server; absent: the first. */
  | { readonly kind: 'export'; readonly trouble: Trouble; readonly forMs: number; readonly server?: string }
  | { readonly kind: 'api'; readonly faults: readonly ApiFault[]; readonly share: number; readonly forMs: number }
  /** One replica cannot reach the API at all, as when a node is cut off. */
  | { readonly kind: 'partition'; readonly replica: number; readonly forMs: number }
  /** At its `steps`-th step from now. */
  | { readonly kind: 'crash'; readonly replica: number; readonly steps: number; readonly downMs: number }
  /** As `crash`, but it only stands still, and goes on as if nothing had been: a stopped process, a machine that slept. */
  | {
      readonly kind: 'pause';
      readonly replica: number;
      readonly steps: number;
      readonly forMs: number;
      /** The whole machine sleeps, also the processes of its exports, which have this many steps left. */
      readonly childSteps?: number;
    }
  | { readonly kind: 'crash-children'; readonly steps: number }
  | { readonly kind: 'crash-binder'; readonly steps: number; readonly downMs: number }
  | { readonly kind: 'clock'; readonly replica: number; readonly byMs: number }
  | { readonly kind: 'lie'; readonly lie: UsageLie; readonly forMs: number }
  | GrowthAct
);

export interface History {
  readonly seed: string;
  readonly replicas: number;
  readonly unrest: number;
  readonly acts: readonly Act[];
  /** From here on nothing happens any more, and nothing fails. */
  readonly calmMs: number;
  readonly endMs: number;
  /** What an administrator configured, by key; absent: nothing. */
  readonly configured?: Readonly<Record<string, string>>;
  /** What a second server with a folder of its own is on; absent: there is none. */
  readonly second?: Counting;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** After the last trouble: everything that was under way comes to its end. */
export const SETTLE_MS = 2.5 * HOUR;
/** Then nothing may be written any more. */
const SILENCE_MS = 0.75 * HOUR;
export const NAMESPACES = ['blog', 'shop'] as const;
const VOLUME_NAMES = ['media_data', 'media_config', 'mail_data'] as const;

interface Draft {
  readonly random: SeededRandom;
  readonly acts: Act[];
  readonly known: ClaimName[];
}

/** The history of a seed. */
export function writeHistory(seed: string): History {
  const random = createRandom(`${seed}/history`);
  const draft: Draft = { random, acts: [], known: [] };
  if (random.chance(0.4)) seedDirectories(draft);
  const bursts = random.between(3, 7);
  let atMs = 5_000;
  for (let burst = 0; burst < bursts; burst += 1) {
    random.pick(BURSTS)(draft, atMs);
    if (random.chance(0.75)) misfortune(draft, atMs);
    if (random.chance(0.3)) misfortune(draft, atMs);
    atMs += random.chance(0.5)
      ? random.between(2_000, 90_000)
      : random.between(5 * MINUTE, random.chance(0.1) ? 6 * HOUR : HOUR / 2);
  }
  const moved = moveSome(createRandom(`${seed}/second`), draft.acts);
  return completed({
    seed,
    replicas: random.chance(0.4) ? 2 : 1,
    unrest: random.pick([0.5, 1, 1, 3]),
    ...(moved.second ? { second: moved.second } : {}),
    acts: [
      ...moved.acts,
      ...drawGovernance(createRandom(`${seed}/governance`), atMs),
      ...drawMoments(createRandom(`${seed}/moments`), atMs),
    ],
    busyMs: atMs,
  });
}

/** Some have a second server: limited directories are on it, and some of the trouble is its own. */
function moveSome(random: SeededRandom, acts: readonly Act[]): Pick<History, 'acts' | 'second'> {
  if (!random.chance(0.25)) return { acts };
  const second = random.pick(['ext4', 'glusterfs'] as const);
  const moved = acts.map((act): Act => {
    if (act.kind === 'export') return random.chance(0.5) ? { ...act, server: 'second' } : act;
    if (act.kind === 'seed-directory' && act.path.startsWith('limited_')) return { ...act, path: `second:${act.path}` };
    return 'className' in act && act.className === 'limited' ? { ...act, className: 'second' } : act;
  });
  return { acts: moved, second };
}

/** What happens, and until when at least something may; then calm, silence and the end. */
export function completed(
  events: Pick<History, 'seed' | 'replicas' | 'unrest' | 'acts' | 'configured' | 'second'> & {
    readonly busyMs: number;
  },
): History {
  const { busyMs, ...rest } = events;
  const acts = [...rest.acts].sort((one, other) => one.atMs - other.atMs);
  const calmMs = Math.max(...acts.map(endOf), busyMs) + MINUTE;
  return { ...rest, acts, calmMs, endMs: calmMs + SETTLE_MS + SILENCE_MS };
}

/** Its people rule on growth, so that there is something to rule with. */
export function isGoverned({ acts, configured }: History): boolean {
  return (
    configured !== undefined ||
    acts.some(({ kind, ...act }) => growthKinds.includes(kind) || ('className' in act && act.className === CLOUD))
  );
}

/** When an act and what it starts is over. */
function endOf(act: Act): number {
  if ('forMs' in act) return act.atMs + act.forMs;
  return 'downMs' in act ? act.atMs + act.downMs : act.atMs;
}

/** Whether an act is trouble rather than work. */
export function isFault(act: Act): boolean {
  return !WORK.includes(act.kind);
}

const WORK: readonly string[] = [
  ...growthKinds,
  'create',
  'delete',
  'delete-volume',
  'retain-volume',
  'fill',
  'pod',
  'resize',
  'undelete',
  'restore',
  'class-outage',
  'seed-directory',
];

const BURSTS: readonly ((draft: Draft, atMs: number) => void)[] = [
  contend,
  contend,
  createSeveral,
  createSeveral,
  deleteSeveral,
  recreate,
  evict,
  evict,
  takeBack,
  copy,
  fill,
  fill,
  reconsider,
];

/** Several claims ask for one directory at the same moment. */
function contend(draft: Draft, atMs: number): void {
  const { random } = draft;
  const seeded = draft.acts.filter((act) => act.kind === 'seed-directory');
  const { className, volumeName } =
    seeded.length > 0 && random.chance(0.5)
      ? ownerOf(random.pick(seeded).path)
      : {
          className: random.pick(['glusterfs-nfs', 'glusterfs-nfs', 'scratch', 'archived', 'tree', 'limited']),
          volumeName: random.pick(VOLUME_NAMES),
        };
  for (let count = random.between(2, 4); count > 0; count -= 1) {
    const inner = className === 'tree' && random.chance(0.5) ? `${volumeName}/inner` : volumeName;
    create(draft, atMs + random.between(0, 40), { className, volumeName: inner });
  }
}

const CLASSES = ['larder', 'larder', 'scratch', 'archived', 'glusterfs-nfs', 'limited', 'late', 'broken'] as const;

function createSeveral(draft: Draft, atMs: number): void {
  const { random } = draft;
  for (let count = random.between(1, 4); count > 0; count -= 1) {
    const className = random.pick(CLASSES);
    const volumeName = random.chance(0.9) ? random.pick(VOLUME_NAMES) : random.pick(['', '../etc', 'a/b']);
    create(draft, atMs + random.between(0, 3_000), { className, volumeName });
  }
}

function create(
  draft: Draft,
  atMs: number,
  asked: { className: string; volumeName: string; name?: ClaimName; source?: string },
): void {
  const { className, volumeName, name, source } = asked;
  const { random } = draft;
  const claim = name ?? { namespace: random.pick(NAMESPACES), name: `claim-${random.between(0, 7)}` };
  const sizeMi = random.pick([100, 256, 1024]);
  const growth = random.chance(0.6)
    ? {
        maxMi: Math.floor(sizeMi * random.pick([1.1, 2, 2.005])),
        ...random.pick([
          { increase: '20%', minMi: 1 },
          { increase: '10%', minMi: 32 },
          { increase: '64Mi', minMi: 32 },
          { increase: '1%', minMi: 1 }, // SMALL_STEPS
        ]),
      }
    : undefined;
  const mode = random.chance(0.8) ? 'ReadWriteMany' : 'ReadWriteOnce';
  const what = { className, volumeName, sizeMi, mode, growth, ...(source === undefined ? {} : { source }) } as const;
  draft.acts.push({ atMs, kind: 'create', ...claim, ...what });
  if (!draft.known.some((known) => known.name === claim.name && known.namespace === claim.namespace)) {
    draft.known.push(claim);
  }
  if (random.chance(0.3))
    draft.acts.push({ atMs: atMs + 200, kind: 'pod', ...claim, forMs: random.between(1, 40) * MINUTE });
}

function deleteSeveral(draft: Draft, atMs: number): void {
  const { random } = draft;
  for (let count = random.between(1, 4); count > 0 && draft.known.length > 0; count -= 1) {
    const claim = random.pick(draft.known);
    const goneMs = atMs + random.between(0, 2_000);
    draft.acts.push({ atMs: goneMs, kind: 'delete', ...claim });
    if (random.chance(0.2)) draft.acts.push({ atMs: goneMs - random.between(1, 500), kind: 'delete-volume', ...claim });
    const latestMs = random.pick([30, 100, 1_000]);
    if (random.chance(0.35))
      draft.acts.push({ atMs: goneMs + random.between(0, latestMs), kind: 'retain-volume', ...claim });
  }
}

/** Delete and at once the same name again, with the same directory. */
function recreate(draft: Draft, atMs: number): void {
  const { random } = draft;
  const before = [...draft.acts].filter((act) => act.kind === 'create');
  if (before.length === 0) {
    contend(draft, atMs);
    return;
  }
  for (let count = random.between(1, 2); count > 0; count -= 1) {
    const act = random.pick(before);
    const name = { namespace: act.namespace, name: act.name };
    const goneMs = atMs + random.between(0, 500);
    draft.acts.push({ atMs: goneMs, kind: 'delete', ...name });
    const backMs = goneMs + random.pick([1, 20, 300, 5_000, 20_000]);
    create(draft, backMs, { className: act.className, volumeName: act.volumeName, name });
  }
}

/** A directory is on its way to the trash while the export hangs in the middle of it, and the name is wanted again. */
function evict(draft: Draft, atMs: number): void {
  const { random } = draft;
  const candidates = draft.acts.filter(
    (act) => act.kind === 'create' && ['scratch', 'archived', 'tree', 'limited'].includes(act.className),
  );
  const before = candidates.length > 0 ? random.pick(candidates) : undefined;
  if (before?.kind !== 'create') {
    contend(draft, atMs);
    return;
  }
  const { namespace, name, className, volumeName } = before;
  const trouble = random.pick([{ hangAt: 'rename' }, { hangAt: 'rename' }, { slowMs: 1_500 }] as const);
  draft.acts.push({ atMs: atMs - 50, kind: 'export', trouble, forMs: random.pick([700, 4_000, 12_000, 40_000]) });
  draft.acts.push({ atMs, kind: 'delete', namespace, name });
  const again = random.chance(0.7) ? { namespace, name } : { namespace, name: `claim-${random.between(8, 9)}` };
  create(draft, atMs + random.pick([20, 300, 5_000, 20_000, 60_000]), { className, volumeName, name: again });
}

/** What was deleted is wanted back: at once, or when it has been in the trash or the archives for a while. */
function takeBack(draft: Draft, atMs: number): void {
  const { random, acts } = draft;
  const before = acts.filter((act) => act.kind === 'create' && LEAVING.includes(act.className));
  if (before.length === 0) createSeveral(draft, atMs);
  for (let count = random.between(1, 3); count > 0 && before.length > 0; count -= 1) {
    const act = random.pick(before);
    if (act.kind !== 'create') continue;
    const { namespace, name, className, volumeName } = act;
    acts.push({ atMs, kind: 'delete', namespace, name });
    const backMs = atMs + random.pick([300, 5_000, 90_000, 20 * MINUTE, 2.5 * HOUR]);
    if (random.chance(0.7)) acts.push({ atMs: backMs, kind: 'undelete', namespace, name, className, volumeName });
    else acts.push({ atMs: backMs, kind: 'restore', namespace, name, className, as: `back-${random.between(0, 2)}` });
  }
}

/** Copies of a claim, while it goes, changes or is not there yet, and while what is to be the copy is wanted by others. */
function copy(draft: Draft, atMs: number): void {
  const { random, acts } = draft;
  const before = acts.filter((act) => act.kind === 'create');
  if (before.length === 0) createSeveral(draft, atMs);
  for (let count = random.between(1, 3); count > 0 && before.length > 0; count -= 1) {
    const { namespace, name, className, volumeName } = random.pick(before);
    const copied = { namespace, name: `copy-${random.between(0, 3)}` };
    const asked = random.pick([
      { className, volumeName: 'copy' },
      { className: 'scratch', volumeName: 'copy' },
      { className: 'larder', volumeName: '' },
      { className, volumeName },
    ]);
    const beganMs = atMs + random.between(0, 3_000);
    create(draft, beganMs, { ...asked, name: copied, source: name });
    if (random.chance(0.25)) acts.push({ atMs: beganMs + random.between(0, 400), kind: 'delete', namespace, name });
    if (random.chance(0.25)) acts.push({ atMs: beganMs + random.between(0, 400), kind: 'delete', ...copied });
    if (random.chance(0.3)) acts.push({ atMs: beganMs + random.between(0, 300), kind: 'crash-children', steps: 5 });
  }
}

/** Classes whose directories go to the trash or the archives. */
const LEAVING: readonly string[] = ['scratch', 'archived', 'tree', 'larder', 'limited'];

function fill(draft: Draft, atMs: number): void {
  const { random } = draft;
  if (draft.known.length === 0) createSeveral(draft, atMs);
  for (let count = random.between(1, 4); count > 0; count -= 1) {
    const claim = random.pick(draft.known);
    const toMi = random.pick([60, 85, 99, 200, 230, 900, 1_500]);
    draft.acts.push({ atMs: atMs + random.between(0, 20 * MINUTE), kind: 'fill', ...claim, toMi });
  }
}

/** What people change their minds about: sizes, classes. */
function reconsider(draft: Draft, atMs: number): void {
  const { random, acts } = draft;
  const before = acts.filter((act) => act.kind === 'create');
  if (before.length === 0) createSeveral(draft, atMs);
  for (let count = random.between(1, 3); count > 0 && before.length > 0; count -= 1) {
    const { namespace, name, className } = random.pick(before);
    const kind = random.pick(['resize', 'class-outage'] as const);
    if (kind === 'resize') acts.push({ atMs, kind, namespace, name, times: random.between(2, 3) });
    else acts.push({ atMs, kind, className, forMs: random.pick([3_000, 5 * MINUTE]) });
  }
}

function seedDirectories({ random, acts }: Draft): void {
  for (const volumeName of VOLUME_NAMES) {
    if (!random.chance(0.5)) continue;
    acts.push({
      atMs: 1,
      kind: 'seed-directory',
      path: `${random.pick(['glusterfs', 'scratch', 'scratch', 'archive', 'limited'])}_${volumeName}`,
    });
  }
}

/** Whose claims would get a directory that was there before. */
function ownerOf(path: string): { className: string; volumeName: string } {
  const [prefix = '', ...rest] = path.split('_');
  const classNames: Readonly<Record<string, string>> = { glusterfs: 'glusterfs-nfs', archive: 'archived' };
  return { className: classNames[prefix] ?? prefix, volumeName: rest.join('_') };
}

const API_FAULTS: readonly ApiFault[] = [
  'conflict',
  'gone',
  'throttled',
  'error',
  'error-applied',
  'timeout',
  'timeout-applied',
  'timeout-late',
  'reset',
  'duplicate',
  'delay',
];

/** Begins around the burst, so that it hits what the burst sets off. */
function misfortune(draft: Draft, burstMs: number): void {
  const { random, acts } = draft;
  const atMs = Math.max(2_000, burstMs + random.between(-3_000, 4_000));
  const shortly = (): number => random.pick([700, 4_000, 20_000, 90_000, 10 * MINUTE]);
  const replica = random.between(0, 1);
  switch (random.between(0, 11)) {
    case 0:
    case 1:
    case 2: {
      const faults = [random.pick(API_FAULTS), random.pick(API_FAULTS), random.pick(API_FAULTS)];
      acts.push({ atMs, kind: 'api', faults, share: random.pick([0.1, 0.4, 0.9]), forMs: shortly() });
      return;
    }
    case 3:
    case 4:
    case 5:
    case 6:
      acts.push({ atMs, kind: 'export', trouble: random.pick(TROUBLES), forMs: shortly() });
      return;
    case 7:
    case 8:
      acts.push({
        atMs,
        kind: 'crash',
        replica,
        steps: random.between(1, 400),
        downMs: random.pick([50, 3_000, 60_000, HOUR]),
      });
      return;
    case 9:
      if (random.chance(0.5)) acts.push({ atMs, kind: 'crash-children', steps: random.between(1, 60) });
      else acts.push({ atMs, kind: 'pause', replica, steps: random.between(1, 200), forMs: random.pick(PAUSES_MS) });
      return;
    case 10:
      acts.push({ atMs, kind: 'partition', replica, forMs: random.pick([5_000, 6 * MINUTE, 15 * MINUTE]) });
      return;
    default:
      oddity(draft, atMs, replica);
  }
}

function oddity({ random, acts }: Draft, atMs: number, replica: number): void {
  const kind = random.pick(['clock', 'lie', 'crash-binder'] as const);
  if (kind === 'clock') {
    acts.push({ atMs, kind, replica, byMs: random.pick([-2 * HOUR, -30_000, 40_000, 3 * HOUR]) });
  } else if (kind === 'lie') {
    acts.push({
      atMs,
      kind,
      lie: random.pick(['frozen', 'nothing', 'future', 'silent']),
      forMs: random.between(5, 300) * MINUTE,
    });
  } else {
    acts.push({ atMs, kind, steps: random.between(1, 100), downMs: random.pick([100, 20_000]) });
  }
}

const PAUSES_MS = [3_000, 6 * MINUTE, 20 * MINUTE] as const;

const TROUBLES: readonly Trouble[] = [
  { hang: true },
  { hang: true },
  { hang: true },
  { hangAt: 'rename' },
  { hangAt: 'rename' },
  { hangAt: 'mkdir' },
  { hangAt: 'create' },
  { hangAt: 'rmdir' },
  { slowMs: 1_500 },
  { slowMs: 6_000 },
  { full: true },
  { readOnly: true },
  { errno: 'EIO', share: 0.3 },
  { errno: 'EIO' },
  { errno: 'ESTALE', share: 0.5 },
  { errno: 'EACCES' },
  { errno: 'ETIMEDOUT', share: 0.5 },
  { unmounted: true },
];
