/** Tells the health of each export, and wakes whoever waited for it. A key is an export's address. */
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { metrics as declared } from '../registry.ts';
import type { Storage } from '../storage.ts';
import { addressOf } from '../volume.ts';
import type { Waiting } from '../waiting.ts';

const INTERVAL_MS = 10_000;
/** An export's process takes a moment to start; until then being down is not worth a warning. */
const START_MS = 5_000;
const START_LOOK_MS = 500;

export interface ExportsOptions {
  /** Of the kube room; absent: queues and reconciles are not counted. */
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly storages: readonly Storage[];
  readonly metrics: Metrics<typeof declared>;
  /** Controllers with those of their keys that wait for an export. */
  readonly waiters: readonly { readonly controller: Controller; readonly waiting: Waiting }[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export function createExports(options: ExportsOptions): Controller {
  const { clock, random, log, metrics, storages, waiters } = options;
  const byAddress = new Map(storages.map((storage) => [addressOf(storage.description), storage]));
  const told = new Map<string, string>();
  const startedMs = clock.monotonic();
  const reconcile = (address: string): Outcome => {
    const health = byAddress.get(address)?.health();
    if (!health) return { kind: 'done' };
    metrics.set('larder_export_up', { export: address }, health.kind === 'up' ? 1 : 0);
    const starting = !told.has(address) && clock.monotonic() - startedMs < START_MS;
    if (health.kind === 'down' && starting) return { kind: 'again', afterMs: START_LOOK_MS, reason: 'starting' };
    const state = health.kind === 'up' ? 'up' : health.problem.problem;
    if ((told.get(address) ?? 'up') !== state) {
      log.warn({ controller: 'exports', export: address, reason: state }, 'health of an export changed');
    }
    told.set(address, state);
    return { kind: 'again', afterMs: INTERVAL_MS, reason: state };
  };
  const controller = createController({
    name: 'exports',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    reconcile: (address) => Promise.resolve(reconcile(address)),
  });
  for (const [address, storage] of byAddress) {
    controller.enqueue(address);
    storage.onHealthy(() => {
      controller.enqueue(address);
      for (const waiter of waiters) {
        for (const key of waiter.waiting.take(`export/${address}`)) waiter.controller.enqueue(key);
      }
    });
  }
  return controller;
}
