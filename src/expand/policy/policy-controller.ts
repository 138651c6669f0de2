/** Keeps the status of every PVCPolicy: one look per namespace, some time after something of it changed. */
import type { CacheChange } from '../../kube/cache.ts';
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { sameJson } from '../../kube/patch.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { pvcPolicies } from '../api/pvc-policy.ts';
import { claimOf } from '../claim.ts';
import { ANNOTATION_PREFIX, settingKeys } from '../settings/settings.ts';
import { type ExpanderCaches, viewOf } from '../view.ts';
import { writeStatus } from '../write-status.ts';
import { policyNameOf } from './layers.ts';
import { censusOf, policyStatus } from './policy-status.ts';

export interface PolicyControllerOptions {
  readonly client: Client;
  readonly caches: ExpanderCaches;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
}

/** Works until aborted, as a controller does; does nothing where there are no policies. */
export interface PolicyController extends Pick<Controller, 'name' | 'run' | 'idle'> {}

/** A burst of claims changes the count of a policy once in a while, not with each. */
const GATHER_MS = 2_000;
const MAX_BACKOFF_MS = 60_000;

export function createPolicyController(options: PolicyControllerOptions): PolicyController {
  const { client, caches, clock, random, log } = options;
  const { claims, namespaces, classes, policies } = caches;
  const view = viewOf(caches);

  const reconcile = async (namespace: string, signal: AbortSignal): Promise<Outcome> => {
    const here = view.policies(namespace).policies;
    if (here.length === 0) return { kind: 'done' };
    const own = [...claims.list()].filter(({ metadata }) => metadata.namespace === namespace);
    const census = censusOf(here, own, namer(caches));
    for (const policy of here) {
      const status = policyStatus(policy, census, clock.now());
      if (status) await writeStatus(client, pvcPolicies, { object: policy, status }, signal);
    }
    return { kind: 'done' };
  };

  const controller = createController({
    name: 'policies',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    maxBackoffMs: MAX_BACKOFF_MS,
    reconcile: (namespace, { signal }) => reconcile(namespace, signal),
  });
  const look = (namespace: string): void => {
    if (view.policies(namespace).policies.length > 0) controller.enqueueAfter(namespace, GATHER_MS);
  };
  const lookEverywhere = (): void => {
    for (const namespace of new Set([...(policies?.list() ?? [])].map(({ metadata }) => metadata.namespace ?? ''))) {
      controller.enqueueAfter(namespace, GATHER_MS);
    }
  };

  return {
    name: controller.name,
    idle: () => controller.idle(),
    async run(signal) {
      const offs = [
        policies?.onChange(({ object }) => look(object.metadata.namespace ?? '')),
        claims.onChange((change) => {
          if (matters(change)) look(change.object.metadata.namespace ?? '');
        }),
        namespaces.onChange((change) => {
          if (matters(change)) look(change.object.metadata.name);
        }),
        classes.onChange((change) => {
          if (matters(change)) lookEverywhere();
        }),
      ];
      lookEverywhere();
      await controller.run(signal);
      for (const off of offs) off?.();
    },
  };
}

const NAME = ANNOTATION_PREFIX + settingKeys.policy;

/** Whether the matches of a policy may be others now. */
function matters(change: CacheChange<KubeObject>): boolean {
  if (change.kind !== 'updated') return true;
  const { metadata: now } = change.object;
  const { metadata: before } = change.previous;
  return now.annotations?.[NAME] !== before.annotations?.[NAME] || !sameJson(now.labels, before.labels);
}

function namer({ namespaces, classes }: ExpanderCaches): (claim: PersistentVolumeClaim) => string | undefined {
  return (claim) => {
    const { namespace, className } = claimOf(claim);
    return policyNameOf(claim, namespaces.get(namespace), className === '' ? undefined : classes.get(className));
  };
}
