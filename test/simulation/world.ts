/** Plays one history: an API, an export, a binder, replicas of Larder, users and misfortune, judged after every step. */
import { createVolumeControllers } from '../../src/embedded/volumes.ts';
import type { SampleStore } from '../../src/expand/usage/samples.ts';
import type { AdmissionQuestion } from '../../src/kube/admission-review.ts';
import { createClient } from '../../src/kube/client.ts';
import { kinds } from '../../src/kube/kinds.ts';
import { createManager } from '../../src/kube/manager.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import { onceEach } from '../../src/provision/export/roots.ts';
import { sleep } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { judgeApart } from './apart.ts';
import { type Api, createApi } from './api.ts';
import { type Calm, digestOf, judgeCalm, judgeSilence, type Written } from './calm.ts';
import { type Cloud, createCloud } from './cloud.ts';
import { unmountAll } from './descriptor.ts';
import { ExportFs, type Inode } from './export-fs.ts';
import { createGovernors } from './governors.ts';
import type { GrowthAct } from './growth-acts.ts';
import { judgeGrowthInCalm } from './growth-calm.ts';
import { type Act, type ClaimName, type History, isFault, isGoverned, SETTLE_MS } from './history.ts';
import { judge, type Reported, type Scene, type Violation } from './invariants.ts';
import { type Larder, startLarder, WATCH_INTERVAL_MS } from './larder.ts';
import { createLiar, createSamples, type Liar } from './liar.ts';
import { judgeLimitsInCalm } from './limits.ts';
import { freshFor, snapshotsOf } from './moments.ts';
import type { Wished } from './raises.ts';
import { Rulings } from './rulings.ts';
import { createScheduler, type Host, type Scheduler, START_MS } from './scheduler.ts';
import type { Server } from './server.ts';
import { pathOfVolume, pathOn, prepare } from './setting.ts';
import { takeSnapshot } from './snapshots.ts';
import { createWire, type Exchange, type Weather } from './transport.ts';
import { type ClaimTruth, Truth } from './truth.ts';
import { createUsers, type Users } from './users.ts';
import { judgeVolumesInCalm, type Promised } from './volumes.ts';

export interface Played {
  readonly violation: Violation | undefined;
  readonly steps: number;
  readonly traceHash: number;
  readonly digest: ReadonlyMap<string, string>;
}

/** What late operations of dead children must be undone within, once nothing fails any more. */
const UNDONE_WITHIN_MS = 30 * 60_000;

export async function play(history: History, trace?: (line: string) => void): Promise<Played> {
  const world = new World(history, trace);
  try {
    await world.run();
    return world.result(world.judgeEnd() ?? (await world.judgeTrash()));
  } catch (error) {
    if (error instanceof Violated) return world.result(error.violation);
    throw error;
  } finally {
    unmountAll();
  }
}

/** The directory of such a claim leaves when the claim does. */
function isRemovable({ volume, retained }: ClaimTruth): boolean {
  const notes = volume?.metadata.annotations ?? {};
  const isKept = notes['larder.dev/adopted'] === 'true' || notes['larder.dev/on-delete'] === 'retain';
  return volume?.spec.persistentVolumeReclaimPolicy === 'Delete' && !retained && !isKept;
}

const WEBHOOK_MS = 3_000;
/** Nobody has so much to say of one group or policy within a history. */
const TALKATIVE = 400;
/** Writes in the silence, after which it is judged before its end: something that writes for ever would take long. */
const NOISE = 50;

function questionOf(claim: object): AdmissionQuestion {
  const { namespace = '', name } = kinds.PersistentVolumeClaim.project(claim).metadata;
  const asked = { uid: 'question', operation: 'CREATE', group: '', subresource: '', oldObject: undefined } as const;
  return { ...asked, resource: 'persistentvolumeclaims', namespace, name, object: claim };
}

/** Ends a history at the step that broke something. */
class Violated extends Error {
  readonly violation: Violation;
  constructor(violation: Violation) {
    super(violation.message);
    this.violation = violation;
  }
}

interface Replica {
  readonly index: number;
  /** Survives crashes, as the file on its node does. */
  readonly samples: SampleStore;
  generation: number;
  /** Its node's wall clock against the true time. */
  wallMs: number;
  cutOff: boolean;
  host: Host | undefined;
  larder: Larder | undefined;
}

class World {
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #api: Api;
  readonly #fs: ExportFs;
  readonly #truth: Truth;
  readonly #scene: Scene;
  readonly #weather: Weather = { faults: [], share: 0 };
  readonly #replicas: Replica[] = [];
  readonly #reported = new Map<string, Reported[]>();
  readonly #liar: Liar;
  readonly #written: Written[] = [];
  readonly #users: Users;
  readonly #promised: Promised[] = [];
  /** `namespace/name` of claims whose people were told that what came back is in no volume, and where it is. */
  readonly #copiedBy = new Set<string>();
  readonly #rulings: Rulings;
  readonly #wishes = new Map<string, Wished[]>();
  readonly #cloud: Cloud;
  /** The API server's own, for what it does long after it was asked. */
  readonly #late: Host;
  #binder: Host | undefined;
  /** What ails each of them, or did last. */
  readonly #trouble = new Map<Server, Act>();
  readonly #restoredAs = new Set<string>();
  #binders = 0;
  /** How often the status of each group and policy was written, by path. */
  readonly #said = new Map<string, number>();
  /** Writes in the silence from which on it is judged again. */
  #noise = NOISE;

  constructor(history: History, trace: ((line: string) => void) | undefined) {
    const { seed, unrest } = history;
    this.#history = history;
    this.#scheduler = createScheduler({ seed, unrest, ...(trace ? { trace } : {}) });
    this.#fs = new ExportFs(this.#scheduler, seed, history.second);
    this.#late = this.#scheduler.host('late');
    this.#api = createApi(this.#scheduler.host('api'));
    this.#truth = new Truth({ ...this.#api, fs: this.#fs, scheduler: this.#scheduler, pathOf: pathOfVolume });
    this.#liar = createLiar({ reported: this.#reported, scheduler: this.#scheduler, fs: this.#fs });
    this.#rulings = new Rulings(this.#api);
    this.#scene = {
      truth: this.#truth,
      fs: this.#fs,
      scheduler: this.#scheduler,
      reported: this.#reported,
      clocksStepped: history.acts.some(({ kind }) => kind === 'clock'),
      undoneByMs: history.calmMs + UNDONE_WITHIN_MS,
      usageEveryMs: WATCH_INTERVAL_MS,
      undisturbed: !history.acts.some(isFault),
      outOfTouch: history.acts.some(({ kind }) => kind === 'partition' || kind === 'pause'),
      rulings: this.#rulings,
      wishes: this.#wishes,
      refusals: () => this.#cloud.refusals,
      restoredAs: this.#restoredAs,
      budgetBytes: bytesOf(history.configured?.['bytesPerNamespaceDay']),
      snapshots: { of: (key) => snapshotsOf(this.#api.ledger, key), freshMs: freshFor(history.configured) },
    };
    const host = this.#scheduler.host('users');
    const { calmMs } = history;
    const client = this.#calmClient(host);
    const cloudHost = this.#scheduler.host('cloud');
    this.#cloud = createCloud({
      host: cloudHost,
      client: this.#calmClient(cloudHost),
      truth: this.#truth,
      liar: this.#liar,
      clockMs: () => this.#scheduler.elapsedMs,
    });
    this.#users = createUsers({
      host,
      client,
      truth: this.#truth,
      fs: this.#fs,
      calmMs,
      admit: (claim) => this.#admit(claim),
      fillElsewhere: (act) => this.#cloud.fill(act),
      govern: createGovernors({
        client,
        wish: (act) => this.#wish(act),
        driver: (act) => this.#cloud.change(act),
        files: (act) => this.#cloud.files(act),
        snapshot: (act) => takeSnapshot({ client, clock: host.clock }, act),
      }),
      undelete: (claim) => this.#undelete(claim),
      restore: (claim, as) => this.#restore(claim, as),
    });
    this.#schedule(host);
  }

  async run(): Promise<void> {
    const { history, scheduler } = { history: this.#history, scheduler: this.#scheduler };
    const host = scheduler.host('administrator');
    const governed = isGoverned(history);
    const snapshots = history.acts.some(({ kind }) => kind === 'snapshot');
    void prepare(this.#calmClient(host), { growth: governed, snapshots, second: history.second !== undefined });
    if (governed) void this.#cloud.run();
    this.#startBinder();
    for (let index = 0; index < history.replicas; index += 1) this.#startReplica(index);
    await scheduler.runUntil(history.calmMs, () => this.#judge());
    this.#endTrouble();
    await scheduler.runUntil(history.endMs, () => this.#judge());
  }

  judgeEnd(): Violation | undefined {
    const [truth, fs, promised] = [this.#truth, this.#fs, this.#promised];
    const calm = this.#calm();
    return (
      judgeCalm(calm) ??
      judgeVolumesInCalm({ truth, fs, promised, removed: this.#users.removed, pathOf: pathOfVolume }) ??
      judgeGrowthInCalm(calm, this.#rulings) ??
      judgeLimitsInCalm(this.#scene)
    );
  }

  /** What was moved away and is still kept can be found again through Larder itself. */
  async judgeTrash(): Promise<Violation | undefined> {
    const listed = new Set<string>();
    const folders = onceEach(this.#replicas[0]?.larder?.storages ?? []);
    const asked = folders.map(async (storage) => {
      const entries = await storage.entries();
      if (entries.kind !== 'entries') return entries.detail;
      for (const { identity, path } of entries.entries) listed.add(`${identity} ${pathOn(storage.description, path)}`);
      return undefined;
    });
    let answers: readonly (string | undefined)[] = ['no answer'];
    void Promise.all(asked).then((all) => {
      answers = all;
    });
    await this.#scheduler.runUntil(this.#scheduler.elapsedMs + 60_000);
    const wrong = (message: string): Violation => ({ invariant: 1, message });
    const refused = answers.find((answer) => answer !== undefined);
    if (refused !== undefined || folders.length === 0) return wrong(`the trash cannot be listed: ${refused}`);
    for (const claim of this.#truth.claims.values()) {
      if (claim.goneMs === undefined || !claim.inode || claim.files.length === 0) continue;
      const away = this.#fs.at(claim.path) !== claim.inode;
      const forgotten = claim.volumes.size > 0 && ![...claim.volumes].some((name) => this.#truth.volumes.has(name));
      if (!away && forgotten && isRemovable(claim) && !this.#isKnown(claim)) {
        return wrong(`${claim.key}: its data was left in ${claim.path}, in no volume and in no trash`);
      }
      if (away && !this.#isVolume(claim.inode) && !listed.has(`${claim.inode.number} ${claim.path}`)) {
        return wrong(`${claim.key}: its data in ${this.#fs.pathOf(claim.inode)} is not listed in the trash`);
      }
    }
    return undefined;
  }

  /** It has become the directory of a volume of another name. */
  #isVolume(inode: Inode): boolean {
    return [...this.#truth.volumes.values()].some((volume) => pathOfVolume(volume) === this.#fs.pathOf(inode));
  }

  /** Somebody else has, had or keeps the directory, a volume waits with it, or waited until somebody deleted that. */
  #isKnown(claim: ClaimTruth): boolean {
    if (this.#copiedBy.has(claim.key)) return true;
    if (this.#promised.some(({ key, volume }) => key === claim.key && this.#users.removed.has(volume))) return true;
    if ([...this.#truth.volumes.values()].some((volume) => pathOfVolume(volume) === claim.path)) return true;
    const others = [...this.#truth.claims.values()].filter((other) => other !== claim);
    return others.some((other) => other.inode === claim.inode);
  }

  result(violation: Violation | undefined): Played {
    const { steps, traceHash } = this.#scheduler;
    return { violation, steps, traceHash, digest: digestOf(this.#calm()) };
  }

  #calm(): Calm {
    const nowMs = START_MS + this.#scheduler.elapsedMs;
    return {
      history: this.#history,
      truth: this.#truth,
      fs: this.#fs,
      written: this.#written,
      events: this.#api.events(),
      nowMs,
      unfilled: this.#users.unfilled,
    };
  }

  /** Asks whichever replica is there; one that dies meanwhile never answers. */
  #undelete({ namespace, name }: ClaimName): Promise<boolean> {
    return this.#bringBack(`${namespace}/${name}`, (operations) =>
      operations.undelete({ namespace, name, dryRun: false }, new AbortController().signal),
    );
  }

  #restore({ namespace, name }: ClaimName, as: string): Promise<boolean> {
    const { signal } = new AbortController();
    this.#restoredAs.add(as);
    return this.#bringBack(`${namespace}/${as}`, async (operations) => {
      const { entries: rows } = await operations.trash(signal);
      const entry = rows.findLast(({ claim }) => claim === `${namespace}/${name}`)?.entry;
      if (entry === undefined) return { next: '' };
      return operations.restore({ entry, to: as, claim: `${namespace}/${as}`, dryRun: false }, signal);
    });
  }

  /** The API server asks whichever replica answers first in the list, and stores the claim as it is when none does in time. */
  async #admit(claim: object): Promise<string | undefined> {
    const { admission } = this.#replicas.find(({ host }) => host?.alive)?.larder ?? {};
    if (!admission || !isGoverned(this.#history)) return undefined;
    const host = this.#scheduler.host('webhook');
    const given = new AbortController();
    const late = sleep(host.clock, WEBHOOK_MS).then(() => undefined);
    const answer = admission.claim(questionOf(claim), given.signal).catch(() => undefined);
    const first = await Promise.race([answer, late]);
    given.abort(new Error('the webhook took too long'));
    if (first?.kind !== 'allowed') return undefined;
    const [change] = first.patch ?? [];
    return change && 'value' in change && typeof change.value === 'string' ? change.value : undefined;
  }

  /** A person asks each replica until one of them leads. */
  async #wish({ namespace, name, toMi }: GrowthAct & { kind: 'wish' }): Promise<void> {
    const key = `${namespace}/${name}`;
    const wish = { atMs: this.#scheduler.elapsedMs, bytes: BigInt(toMi) << 20n };
    this.#wishes.set(key, [...(this.#wishes.get(key) ?? []), wish]);
    const request = { namespace, name, action: 'grow', size: `${toMi}Mi`, dryRun: false } as const;
    for (const { larder } of this.#replicas) {
      try {
        await larder?.operations.act(request, new AbortController().signal);
      } catch {
        // refused: it does not lead, or there is no such claim; the person gives up, or asks the next one
      }
    }
  }

  async #bringBack(
    key: string,
    work: (operations: Larder['operations']) => Promise<{ readonly next: string }>,
  ): Promise<boolean> {
    const { larder } = this.#replicas.find(({ host }) => host?.alive) ?? {};
    if (!larder) return false;
    try {
      const { next } = await work(larder.operations);
      if (next.includes('copy what you need from')) this.#copiedBy.add(key);
      const volume = /\bpv (\S+) waits for it/.exec(next)?.[1];
      if (volume === undefined) return false;
      this.#promised.push({ key, volume, atMs: this.#scheduler.elapsedMs });
      return true;
    } catch {
      return false; // nothing to bring back, or no way to: it says so, and the person gives up
    }
  }

  #judge(): void {
    const { dirty } = this.#truth;
    this.#truth.dirty = false;
    if (dirty) this.#truth.follow();
    this.#rulings.follow(this.#truth.living(), this.#scheduler.elapsedMs);
    const violation = (dirty ? (judge(this.#scene) ?? this.#judgeApart()) : undefined) ?? this.#judgeNoise();
    if (violation) throw new Violated(violation);
  }

  #judgeApart(): Violation | undefined {
    const [truth, fs, nowMs] = [this.#truth, this.#fs, this.#scheduler.elapsedMs];
    return judgeApart({ truth, fs, nowMs, history: this.#history });
  }

  #judgeNoise(): Violation | undefined {
    const [path] = [...this.#said].find(([, count]) => count > TALKATIVE) ?? [];
    if (path !== undefined) return { invariant: 4, message: `${path} was written more than ${TALKATIVE} times` };
    if (this.#written.length < this.#noise) return undefined;
    this.#noise = 2 * this.#written.length;
    return judgeSilence({ written: this.#written, truth: this.#truth, history: this.#history });
  }

  #schedule(host: Host): void {
    void this.#users.run();
    for (const act of this.#history.acts) {
      host.clock.after(act.atMs, () => {
        if (isFault(act)) this.#begin(act);
        else void this.#users.perform(act);
      });
    }
  }

  #begin(act: Act): void {
    const later = (ms: number, work: () => void): void => void this.#scheduler.host('fate').clock.after(ms, work);
    switch (act.kind) {
      case 'export':
        this.#afflict(act, later);
        return;
      case 'api':
        Object.assign(this.#weather, { faults: act.faults, share: act.share });
        later(act.forMs, () => {
          if (this.#weather.faults === act.faults) this.#weather.faults = [];
        });
        return;
      case 'partition':
        this.#withReplica(act.replica, (replica) => {
          replica.cutOff = true;
          later(act.forMs, () => {
            replica.cutOff = false;
          });
        });
        return;
      case 'crash':
        this.#withReplica(act.replica, (replica) => {
          replica.host?.onKill(() => later(act.downMs, () => this.#startReplica(replica.index)));
          replica.host?.killAfter(act.steps);
        });
        return;
      case 'pause':
        this.#withReplica(act.replica, ({ host, larder }) => {
          host?.pauseAfter(act.steps, act.forMs);
          if (act.childSteps === undefined) return;
          for (const child of larder?.children() ?? []) child.pauseAfter(act.childSteps, act.forMs);
        });
        return;
      case 'crash-children':
        for (const { larder } of this.#replicas)
          for (const child of larder?.children() ?? []) child.killAfter(act.steps);
        return;
      case 'crash-binder':
        this.#binder?.onKill(() => later(act.downMs, () => this.#startBinder()));
        this.#binder?.killAfter(act.steps);
        return;
      case 'clock':
        this.#withReplica(act.replica, (replica) => {
          replica.wallMs += act.byMs;
          replica.host?.stepWall(act.byMs);
          for (const child of replica.larder?.children() ?? []) child.stepWall(act.byMs);
        });
        return;
      case 'lie':
        this.#liar.tell(act.lie, this.#scheduler.elapsedMs + act.forMs);
        return;
      default:
        throw new RangeError(`${act.kind} is no misfortune`);
    }
  }

  #afflict(act: Act & { kind: 'export' }, later: (ms: number, work: () => void) => void): void {
    const server = this.#fs.serverNamed(act.server ?? '');
    server.afflict(act.trouble);
    this.#trouble.set(server, act);
    later(act.forMs, () => {
      if (this.#trouble.get(server) === act) server.afflict({});
    });
  }

  #withReplica(index: number, work: (replica: Replica) => void): void {
    const replica = this.#replicas[index % this.#history.replicas];
    if (replica) work(replica);
  }

  #endTrouble(): void {
    for (const server of this.#fs.servers) server.afflict({});
    this.#weather.faults = [];
    for (const replica of this.#replicas) {
      replica.cutOff = false;
      if (replica.host?.alive === false) this.#startReplica(replica.index);
    }
    if (this.#binder?.alive === false) this.#startBinder();
  }

  #startReplica(index: number): void {
    const replica = this.#replicas[index] ?? this.#newReplica(index);
    if (replica.host?.alive) return;
    replica.generation += 1;
    const host = this.#scheduler.host(`larder-${index}#${replica.generation}`);
    host.stepWall(replica.wallMs);
    replica.host = host;
    const transport = createWire(
      {
        api: this.#api.transport,
        host,
        late: this.#late,
        weather: this.#weather,
        cutOff: () => replica.cutOff,
        observe: (exchange) => this.#observe(exchange),
      },
      this.#history.seed,
    );
    replica.larder = startLarder({
      scheduler: this.#scheduler,
      host,
      transport,
      fs: this.#fs,
      identity: this.#history.replicas > 1 ? host.name : undefined,
      samples: replica.samples,
      usage: isGoverned(this.#history) ? [this.#cloud.source(host)] : [],
      configured: this.#history.configured ?? {},
      between: (storage) => this.#liar.between(storage, host),
    });
  }

  #newReplica(index: number): Replica {
    const samples = createSamples();
    const replica: Replica = {
      index,
      samples,
      generation: 0,
      wallMs: 0,
      cutOff: false,
      host: undefined,
      larder: undefined,
    };
    this.#replicas[index] = replica;
    return replica;
  }

  /** Kubernetes' own controllers. */
  #startBinder(): void {
    if (this.#binder?.alive) return;
    this.#binders += 1;
    const host = this.#scheduler.host(`binder#${this.#binders}`);
    this.#binder = host;
    const client = createClient({
      transport: createWire(
        {
          api: this.#api.transport,
          host,
          late: this.#late,
          weather: this.#weather,
          cutOff: () => false,
          observe: (exchange) => this.#observe(exchange),
        },
        this.#history.seed,
      ),
      clock: host.clock,
      random: host.random,
      userAgent: 'binder/0',
    });
    const { caches, controllers } = createVolumeControllers({
      client,
      clock: host.clock,
      random: host.random,
      log: silentLog,
    });
    const manager = createManager({ log: silentLog });
    for (const cache of caches) manager.addCache(cache);
    for (const controller of controllers) manager.addController(controller);
    void manager.run(new AbortController().signal);
  }

  #observe(exchange: Exchange): void {
    const atMs = this.#scheduler.elapsedMs;
    const [path = ''] = exchange.request.path.split('?', 1);
    if (/\/pvc(groups|policies)\/.*\/status$/.test(path)) this.#said.set(path, (this.#said.get(path) ?? 0) + 1);
    const silent = atMs >= this.#history.calmMs + SETTLE_MS;
    if (silent && exchange.request.method !== 'GET') this.#written.push({ atMs, exchange });
  }

  /** Users and administrators have no trouble of their own. */
  #calmClient(host: Host): ReturnType<typeof createClient> {
    const calm: Weather = { faults: [], share: 0 };
    const wire = {
      api: this.#api.transport,
      host,
      late: this.#late,
      weather: calm,
      cutOff: () => false,
      observe: () => undefined,
    };
    const { clock, random } = host;
    return createClient({ transport: createWire(wire, this.#history.seed), clock, random, userAgent: 'kubectl/0' });
  }
}
