/** What the API shows of the things that the ledger knows, and the schemas of it. Members may be added, never taken away. */
import { z } from 'zod';
import type { ConfigurationChange, ManualApplyEvidence, ProvisioningRun } from '../entity.ts';
import {
  alertAcknowledged,
  alertDelivered,
  changeStatus,
  channel,
  clusterNode,
  driftReport,
  drill,
  evidence,
  incidentOpened,
  nodeRole,
  runTrigger,
  secretsRotation,
  severity,
  time,
} from '../event.ts';

const ids = z.array(z.string());
export const traced = { records: ids.meta({ description: 'Ids of the records that say it, oldest first.' }) };

export const runView = z.looseObject({
  runId: z.string(),
  triggerType: runTrigger,
  initiatedBy: z.string(),
  startedAt: time,
  completedAt: time.optional(),
  durationMinutes: z.int().min(0).optional().meta({
    description: 'From the times, in whole minutes, rounded up: what took 60.5 minutes did not take 60.',
  }),
  status: z.enum(['pending', 'success', 'failed']),
  objectiveBreached: z.boolean().optional(),
  nodes: z.array(z.looseObject({ nodeId: z.string(), role: nodeRole.optional() })),
  ansibleCommit: z.string().optional(),
  diffArtifactsPath: z.string().optional(),
  logsPath: z.string().optional(),
  incidentIds: ids,
  ...traced,
});

export function showRun({ durationMinutes, ...run }: ProvisioningRun): z.infer<typeof runView> {
  return {
    ...run,
    nodes: run.nodes.map((node) => ({ ...node })),
    incidentIds: [...run.incidentIds],
    records: [...run.records],
    ...(durationMinutes === undefined ? {} : { durationMinutes: Math.ceil(durationMinutes) }),
  };
}

export const evidenceView = z.looseObject({
  ...evidence.shape,
  changeId: z.string(),
  record: z.string(),
});

export function showEvidence({ authors: _authors, ...shown }: ManualApplyEvidence): unknown {
  return shown;
}

export const changeView = z.looseObject({
  changeId: z.string(),
  featureBranch: z.string(),
  manifestPaths: z.array(z.string()),
  status: changeStatus,
  diffSummary: z.string().optional(),
  reviewers: z.array(z.string()),
  appliedAt: time.optional(),
  approvedBy: z.array(z.string()),
  runbookUpdates: z.array(z.string()),
  critical: z.boolean(),
  author: z.string(),
  createdAt: time,
  evidence: z.array(evidenceView),
  incidentIds: ids,
  ...traced,
});

export function showChange({ evidence: attached, ...change }: ConfigurationChange): unknown {
  return { ...change, evidence: attached.map(showEvidence) };
}

export const alertRouteView = z.looseObject({
  routeId: z.string(),
  alertName: z.string().optional(),
  severity: severity.optional(),
  channel: channel.optional(),
  acknowledgementTarget: z.string().optional(),
  archived: z.boolean(),
  lastTestedAt: time.optional(),
  ...traced,
});

export const acknowledgementView = z.looseObject({
  ...alertAcknowledged.shape,
  acknowledgedAt: time,
  record: z.string(),
});
export const deliveryView = z.looseObject({ ...alertDelivered.shape, record: z.string() });
export const nodeView = z.looseObject({
  ...clusterNode.shape,
  recordedAt: time,
  lastRebuildAt: time.optional(),
  removed: z.looseObject({ at: time, reason: z.string() }).optional(),
  ...traced,
});
export const drillView = z.looseObject({ ...drill.shape, durationMinutes: z.number(), record: z.string() });
export const rotationView = z.looseObject({ ...secretsRotation.shape, ...traced });
export const incidentView = z.looseObject({
  ...incidentOpened.shape,
  status: z.enum(['open', 'mitigated', 'closed']),
  closedAt: time.optional(),
  notes: z.string().optional(),
  runIds: ids,
  changeIds: ids,
  nodeIds: ids,
  ...traced,
});

/** The last one that was recorded; `unknown` without `reportId` where there is none. */
export const driftView = z.looseObject({
  ...driftReport.partial().shape,
  verdict: driftReport.shape.verdict,
  findings: driftReport.shape.findings,
  observedAt: time.nullable().meta({ description: 'When somebody looked; null: nobody has.' }),
});

/** The last probe that was recorded. */
export const healthView = z.looseObject({
  controlPlaneHealthy: z.boolean(),
  workerCount: z.int().min(0),
  etcdQuorum: z.boolean(),
  lastAlertTest: time.meta({
    description: 'End of the newest successful test of a route; 1970-01-01T00:00:00Z where none was recorded.',
  }),
  outstandingIncidents: z.int().min(0),
  status: z.enum(['healthy', 'degraded', 'unknown']).meta({
    description: 'unknown: no probe was recorded, and false and 0 say that nothing is known to be well.',
  }),
  observedAt: time.nullable().meta({ description: 'When somebody looked; null: nobody has.' }),
});

export const problemView = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().meta({ description: 'Stable; the reference of errors has an entry.' }),
});

/** A part of a list, in the order in which its things were first recorded. */
export function pageOf(item: z.ZodType) {
  return z.looseObject({
    items: z.array(item),
    next: z.string().optional().meta({ description: 'The cursor of what follows; absent at the end.' }),
  });
}
