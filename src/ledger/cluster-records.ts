/** What the records say of the cluster as it stands: its last drift report, its drills, rotations and rebuilds. Pure. */
import type { Acknowledgement, DriftReport, Drill, SecretsRotation } from './entity.ts';
import { momentOf } from './moment.ts';
import { drillStandings, type Standing } from './report/drills.ts';
import { quarterOf } from './report/quarter.ts';
import type { State } from './state.ts';

type Finding = DriftReport['findings'][number];

export interface RecordedFinding extends Finding {
  /** Epoch ms of the first of the reports in a row that have it. */
  readonly since: number;
}

export interface RecordedDrift {
  readonly observedAt: number;
  readonly verdict: DriftReport['verdict'];
  readonly findings: readonly RecordedFinding[];
  /** What could not be looked at, and why. */
  readonly unknown: readonly string[];
  readonly record: string;
}

interface DrillTry {
  readonly at: number;
  readonly result: Drill['result'];
  readonly minutes: number;
  readonly nodeIds: readonly string[];
  readonly notes: string;
  readonly record: string;
}

export interface RecordedDrill {
  readonly kind: Standing['kind'];
  readonly due: Standing['due'];
  /** Epoch ms of the last that was held; absent: none ever was. */
  readonly heldAt?: number;
  /** The last, however it ended. */
  readonly last?: DrillTry;
}

export interface RecordedRotation {
  /** What is rotated, as `age` or `k3s-token`. */
  readonly scope: string;
  /** Epoch ms of the last that was verified. */
  readonly verifiedAt?: number;
  /** As it was said then; epoch ms. */
  readonly dueAt?: number;
  /** One was begun after that, and never verified. */
  readonly isUnfinished: boolean;
}

export interface RecordedNode {
  readonly nodeId: string;
  /** Epoch ms of the end of the last run that built it. */
  readonly builtAt?: number;
  /** The run that ended last. */
  readonly run?: { readonly type: string; readonly result: string; readonly at: number; readonly minutes: number };
}

export interface RecordedRoute {
  readonly routeId: string;
  readonly alertName: string;
  readonly severity: string;
  readonly channel: string;
  /** Epoch ms of the newest test that succeeded. */
  readonly testedAt?: number;
}

export interface ClusterRecords {
  readonly quarter: { readonly name: string; readonly endsAt: number };
  /** Absent: nobody has recorded one. */
  readonly drift?: RecordedDrift;
  readonly drills: readonly RecordedDrill[];
  readonly rotations: readonly RecordedRotation[];
  readonly nodes: readonly RecordedNode[];
  readonly routes: readonly RecordedRoute[];
  readonly acknowledgements: readonly Acknowledgement[];
}

/** `now`: epoch ms. */
export function clusterRecords(state: State, now: number): ClusterRecords {
  const { name, to } = quarterOf(now);
  const drift = driftOf(state);
  return {
    quarter: { name, endsAt: to - 1 },
    ...(drift === undefined ? {} : { drift }),
    drills: drillStandings(state, now).map((standing) => drillOf(state, standing)),
    rotations: [...Map.groupBy(state.rotations.values(), ({ rotationScope }) => rotationScope)].map(rotationOf),
    nodes: nodesOf(state),
    routes: [...state.alertRoutes.values()]
      .filter(({ archived }) => !archived)
      .map(({ routeId, alertName = '', severity = '', channel = '', lastTestedAt }) => ({
        ...{ routeId, alertName, severity, channel },
        ...(lastTestedAt === undefined ? {} : { testedAt: momentOf(lastTestedAt) }),
      })),
    acknowledgements: [...state.acknowledgements.values()],
  };
}

function driftOf({ drift, driftReports }: State): RecordedDrift | undefined {
  if (drift === undefined) return undefined;
  const observedAt = momentOf(drift.observedAt);
  const newestFirst = [...driftReports.values()]
    .filter((report) => report.record !== drift.record && momentOf(report.observedAt) <= observedAt)
    .toSorted((a, b) => momentOf(b.observedAt) - momentOf(a.observedAt));
  const { verdict, unknown = [], record } = drift;
  const findings = drift.findings.map((finding) => ({
    ...finding,
    since: sinceOf(finding, newestFirst) ?? observedAt,
  }));
  return { observedAt, verdict, findings, unknown, record };
}

/** A report that could not look at everything does not end the row: that it is silent says nothing. */
function sinceOf({ kind, object }: Finding, newestFirst: readonly DriftReport[]): number | undefined {
  let since: number | undefined;
  for (const { findings, unknown = [], observedAt } of newestFirst) {
    if (findings.some((each) => each.kind === kind && each.object === object)) since = momentOf(observedAt);
    else if (unknown.length === 0) break;
  }
  return since;
}

function drillOf({ drills }: State, { kind, due, last: held }: Standing): RecordedDrill {
  const last = [...drills.values()]
    .filter((drill) => drill.kind === kind)
    .reduce<Drill | undefined>(
      (before, drill) =>
        before !== undefined && momentOf(before.completedAt) > momentOf(drill.completedAt) ? before : drill,
      undefined,
    );
  return {
    ...{ kind, due },
    ...(held === undefined ? {} : { heldAt: momentOf(held.at) }),
    ...(last === undefined ? {} : { last: tryOf(last) }),
  };
}

function tryOf({ completedAt, result, durationMinutes, nodeIds = [], notes = '', record }: Drill): DrillTry {
  return { at: momentOf(completedAt), result, minutes: durationMinutes, nodeIds, notes, record };
}

function rotationOf([scope, rotations]: [string, SecretsRotation[]]): RecordedRotation {
  const verified = rotations.filter(({ status, completedAt }) => status === 'verified' && completedAt !== undefined);
  const last = verified.toSorted((a, b) => momentOf(b.nextRotationDue) - momentOf(a.nextRotationDue))[0];
  const begun = last === undefined ? Number.NEGATIVE_INFINITY : momentOf(last.initiatedAt);
  const isUnfinished = rotations.some(
    ({ status, initiatedAt }) => status !== 'verified' && momentOf(initiatedAt) > begun,
  );
  if (last?.completedAt === undefined) return { scope, isUnfinished };
  return { scope, isUnfinished, verifiedAt: momentOf(last.completedAt), dueAt: momentOf(last.nextRotationDue) };
}

/** Also machines that only runs know. */
function nodesOf({ nodes, nodeRuns, runs }: State): readonly RecordedNode[] {
  const removed = new Set([...nodes.values()].filter((node) => node.removed).map(({ nodeId }) => nodeId));
  const known = new Set([...[...nodes.values()].map(({ nodeId }) => nodeId), ...nodeRuns.keys()]);
  return [...known]
    .filter((nodeId) => !removed.has(nodeId))
    .map((nodeId) => {
      const { builtAt, runId = '' } = nodeRuns.get(nodeId) ?? {};
      const run = runs.get(runId);
      return {
        nodeId,
        ...(builtAt === undefined ? {} : { builtAt: momentOf(builtAt) }),
        ...(run?.completedAt === undefined
          ? {}
          : {
              run: {
                ...{ type: run.triggerType, result: run.status, minutes: run.durationMinutes ?? 0 },
                at: momentOf(run.completedAt),
              },
            }),
      };
    });
}
