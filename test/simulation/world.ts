/** Plays one history: an API, an export, a binder, replicas of Larder, users and misfortune, judged after every step. */
import { createVolumeControllers } from '../../src/embedded/volumes.ts';
import type { SampleStore } from '../../src/expand/usage/samples.ts';
import { createClient } from '../../src/kube/client.ts';
import { createManager } from '../../src/kube/manager.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { type Api, createApi } from './api.ts';
import { type Calm, digestOf, judgeCalm, type Written } from './calm.ts';
import { unmountAll } from './descriptor.ts';
import { ExportFs } from './export-fs.ts';
import { type Act, type ClaimName, type History, isFault, SETTLE_MS } from './history.ts';
import { judge, type Reported, type Scene, type Violation } from './invariants.ts';
import { type Larder, startLarder, WATCH_INTERVAL_MS } from './larder.ts';
import { createLiar, createSamples, type Liar } from './liar.ts';
import { createScheduler, type Host, type Scheduler, START_MS } from './scheduler.ts';
import { pathOfVolume, prepare } from './setting.ts';
import { createWire, type Exchange, type Weather } from './transport.ts';
import { type ClaimTruth, Truth } from './truth.ts';
import { createUsers, type Users } from './users.ts';

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
  /** The API server's own, for what it does long after it was asked. */
  readonly #late: Host;
  #binder: Host | undefined;
  /** What ails the export, or did last. */
  #trouble: Act | undefined;
  #binders = 0;

  constructor(history: History, trace: ((line: string) => void) | undefined) {
    const { seed, unrest } = history;
    this.#history = history;
    this.#scheduler = createScheduler({ seed, unrest, ...(trace ? { trace } : {}) });
    this.#fs = new ExportFs(this.#scheduler, seed);
    this.#late = this.#scheduler.host('late');
    this.#api = createApi(this.#scheduler.host('api'));
    this.#truth = new Truth({ ...this.#api, fs: this.#fs, scheduler: this.#scheduler, pathOf: pathOfVolume });
    this.#liar = createLiar(this.#reported, this.#scheduler);
    this.#scene = {
      truth: this.#truth,
      fs: this.#fs,
      scheduler: this.#scheduler,
      reported: this.#reported,
      clocksStepped: history.acts.some(({ kind }) => kind === 'clock'),
      undoneByMs: history.calmMs + UNDONE_WITHIN_MS,
      usageEveryMs: WATCH_INTERVAL_MS,
    };
    const host = this.#scheduler.host('users');
    const { calmMs } = history;
    this.#users = createUsers({
      host,
      client: this.#calmClient(host),
      truth: this.#truth,
      fs: this.#fs,
      calmMs,
      undelete: (claim) => this.#undelete(claim),
    });
    this.#schedule(host);
  }

  async run(): Promise<void> {
    const { history, scheduler } = { history: this.#history, scheduler: this.#scheduler };
    const host = scheduler.host('administrator');
    void prepare(this.#calmClient(host));
    this.#startBinder();
    for (let index = 0; index < history.replicas; index += 1) this.#startReplica(index);
    await scheduler.runUntil(history.calmMs, () => this.#judge());
    this.#endTrouble();
    await scheduler.runUntil(history.endMs, () => this.#judge());
  }

  judgeEnd(): Violation | undefined {
    return judgeCalm(this.#calm());
  }

  /** What was moved away and is still kept can be found again through Larder itself. */
  async judgeTrash(): Promise<Violation | undefined> {
    const storage = this.#replicas[0]?.larder?.storages[0];
    let found: Awaited<ReturnType<NonNullable<typeof storage>['entries']>> | undefined;
    void storage?.entries().then((entries) => {
      found = entries;
    });
    await this.#scheduler.runUntil(this.#scheduler.elapsedMs + 60_000);
    const wrong = (message: string): Violation => ({ invariant: 1, message });
    if (found?.kind !== 'entries') return wrong(`the trash cannot be listed: ${found?.detail ?? 'no answer'}`);
    const listed = new Set(found.entries.map(({ identity, path }) => `${identity} ${path.join('/')}`));
    for (const claim of this.#truth.claims.values()) {
      if (claim.goneMs === undefined || !claim.inode || claim.files.length === 0) continue;
      const away = this.#fs.at(claim.path) !== claim.inode;
      const forgotten = claim.volumes.size > 0 && ![...claim.volumes].some((name) => this.#truth.volumes.has(name));
      if (!away && forgotten && isRemovable(claim) && !this.#isKnown(claim)) {
        return wrong(`${claim.key}: its data was left in ${claim.path}, in no volume and in no trash`);
      }
      if (away && !listed.has(`${claim.inode.number} ${claim.path}`)) {
        return wrong(`${claim.key}: its data in ${this.#fs.pathOf(claim.inode)} is not listed in the trash`);
      }
    }
    return undefined;
  }

  /** Somebody else has, had or keeps the directory. */
  #isKnown(claim: ClaimTruth): boolean {
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
    };
  }

  /** Asks whichever replica is there; one that dies meanwhile never answers. */
  async #undelete({ namespace, name }: ClaimName): Promise<boolean> {
    const { larder } = this.#replicas.find(({ host }) => host?.alive) ?? {};
    try {
      await larder?.operations.undelete({ namespace, name, dryRun: false }, new AbortController().signal);
      return larder !== undefined;
    } catch {
      return false; // nothing to bring back, or no way to: it says so, and the person gives up
    }
  }

  #judge(): void {
    if (!this.#truth.dirty) return;
    this.#truth.dirty = false;
    this.#truth.follow();
    const violation = judge(this.#scene);
    if (violation) throw new Violated(violation);
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
        this.#fs.afflict(act.trouble);
        this.#trouble = act;
        later(act.forMs, () => {
          if (this.#trouble === act) this.#fs.afflict({});
        });
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
        this.#withReplica(act.replica, ({ host }) => host?.pauseAfter(act.steps, act.forMs));
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
        });
        return;
      case 'lie':
        this.#liar.tell(act.lie, this.#scheduler.elapsedMs + act.forMs);
        return;
      default:
        throw new RangeError(`${act.kind} is no misfortune`);
    }
  }

  #withReplica(index: number, work: (replica: Replica) => void): void {
    const replica = this.#replicas[index % this.#history.replicas];
    if (replica) work(replica);
  }

  #endTrouble(): void {
    this.#fs.afflict({});
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
