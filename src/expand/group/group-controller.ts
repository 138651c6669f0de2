/** Keeps the status of every PVCGroup, some time after something of it changed. */
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { keyOf } from '../../kube/object.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type PVCGroup, pvcGroups } from '../api/pvc-group.ts';
import { writeStatus } from '../write-status.ts';
import { groupsAround } from './follow.ts';
import { sharedOf } from './group.ts';
import { groupStatus } from './group-status.ts';
import type { Roster, RosterCaches } from './roster.ts';

export interface GroupControllerOptions {
  readonly client: Client;
  readonly caches: RosterCaches;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
}

/** Works until aborted, as a controller does; does nothing where there are no groups. */
export interface GroupController extends Pick<Controller, 'name' | 'run' | 'idle'> {}

/** A member changes several times while it grows; the status is written when that is over. */
const GATHER_MS = 2_000;
const MAX_BACKOFF_MS = 60_000;

export function createGroupController(options: GroupControllerOptions): GroupController {
  const { client, caches, roster, clock, random, log } = options;
  const { claims, groups, namespaces, classes } = caches;

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const group = groups?.get(key);
    if (!group) return { kind: 'done' };
    const muster = {
      members: roster.members(group),
      refused: roster.refused(group),
      missing: missingOf(group, claims),
      peers: roster.peers(group),
      shared: sharedOf(group, roster),
    };
    const status = groupStatus(group, muster, clock.now());
    if (status) await writeStatus(client, pvcGroups, { object: group, status }, signal);
    return { kind: 'done' };
  };

  const controller = createController({
    name: 'groups',
    metrics: options.kubeMetrics,
    clock,
    random,
    log,
    maxBackoffMs: MAX_BACKOFF_MS,
    reconcile: (key, { signal }) => reconcile(key, signal),
  });
  const lookEverywhere = (): void => {
    for (const group of groups?.list() ?? []) controller.enqueueAfter(keyOf(group.metadata), GATHER_MS);
  };

  return {
    name: controller.name,
    idle: () => controller.idle(),
    async run(signal) {
      const offs = [
        groups?.onChange(({ key }) => controller.enqueueAfter(key, GATHER_MS)),
        claims.onChange((change) => {
          if (roster.isEmpty) return;
          for (const { metadata } of groupsAround(change, roster)) controller.enqueueAfter(keyOf(metadata), GATHER_MS);
        }),
        namespaces.onChange(lookEverywhere),
        classes.onChange(lookEverywhere),
      ];
      lookEverywhere();
      await controller.run(signal);
      for (const off of offs) off?.();
    },
  };
}

function missingOf({ metadata, spec }: PVCGroup, claims: RosterCaches['claims']): readonly string[] {
  const listed = spec.members.ok ? spec.members.value : [];
  const own = listed.filter(({ namespace }) => namespace === metadata.namespace);
  return own.filter((member) => !claims.get(keyOf(member))).map(({ name }) => name);
}
