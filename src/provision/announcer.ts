/** Says on a claim, and on the pods that wait for it, why there is no volume: once per cause, not once per attempt. */
import type { EventRecorder } from '../kube/events.ts';
import type { PersistentVolumeClaim, Pod } from '../kube/kinds.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ProvisionCaches } from './catalog.ts';
import { classNameOf } from './plan.ts';
import { type metrics as declared, type EventReason, events } from './registry.ts';

/** Events of a cluster live an hour; a cause that lasts is said again before it is forgotten. */
export const REPEAT_MS = 30 * 60_000;

interface Said {
  readonly cause: string;
  readonly message: string;
  readonly atMs: number;
  readonly pods: Set<string>;
}

/** Invariant: `#said` has an entry for exactly those claims whose last outcome was a failure that was told. */
export class Announcer {
  readonly #said = new Map<string, Said>();
  readonly #recorder: EventRecorder;
  readonly #caches: ProvisionCaches;
  readonly #clock: Clock;
  readonly #metrics: Metrics<typeof declared>;

  constructor(options: {
    readonly recorder: EventRecorder;
    readonly caches: ProvisionCaches;
    readonly clock: Clock;
    readonly metrics: Metrics<typeof declared>;
  }) {
    this.#recorder = options.recorder;
    this.#caches = options.caches;
    this.#clock = options.clock;
    this.#metrics = options.metrics;
  }

  /** `cause` identifies the failure where the message has figures that change. */
  failure(claim: PersistentVolumeClaim, message: string, cause: string = message): void {
    const key = claimKey(claim);
    const labels = { class: classNameOf(claim), source: claim.spec.dataSource?.kind ?? '' };
    this.#metrics.count('controller_persistentvolumeclaim_provision_failed_total', labels);
    const before = this.#said.get(key);
    const now = this.#clock.monotonic();
    const repeated = before !== undefined && before.cause === cause && now - before.atMs < REPEAT_MS;
    if (!repeated) this.#recorder.record(claim, 'Warning', 'ProvisioningFailed' satisfies EventReason, message);
    const said = repeated ? before : { cause, message, atMs: now, pods: new Set<string>() };
    this.#said.set(key, said);
    for (const pod of this.#caches.pods?.byIndex('larder/pending-by-claim', key) ?? []) this.#tell(pod, said);
  }

  note(claim: PersistentVolumeClaim, reason: EventReason, message: string): void {
    this.#recorder.record(claim, events[reason].type, reason, message);
  }

  /** What was told last of the claim; undefined: nothing stands in the way of its volume. */
  problemOf(key: string): string | undefined {
    return this.#said.get(key)?.message;
  }

  /** The claim has a volume, or is gone. */
  forget(key: string): void {
    this.#said.delete(key);
  }

  /** A pod that came after the failure was told. */
  podSeen(pod: Pod): void {
    if (this.#said.size === 0 || pod.status?.phase !== 'Pending') return;
    for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
      if (!persistentVolumeClaim) continue;
      const said = this.#said.get(`${pod.metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`);
      if (said) this.#tell(pod, said);
    }
  }

  #tell(pod: Pod, said: Said): void {
    if (said.pods.has(pod.metadata.uid)) return;
    said.pods.add(pod.metadata.uid);
    this.#recorder.record(pod, 'Warning', 'ProvisioningFailed' satisfies EventReason, said.message);
  }
}

const claimKey = (claim: PersistentVolumeClaim): string => `${claim.metadata.namespace ?? ''}/${claim.metadata.name}`;
