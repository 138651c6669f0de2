/** The things that records are about, as they stand after a record: the data model of the requirement, in camelCase. */
import type { EventData } from './event.ts';

export interface Traced {
  /** Ids of the records that say it, oldest first. */
  readonly records: readonly string[];
}

export interface OperatorKey {
  /** OpenSSH, `type base64`. */
  readonly publicKey: string;
  readonly addedAt: string;
  /** From then on it signs nothing. */
  readonly endedAt?: string;
  readonly ended?: 'replaced' | 'revoked' | 'removed';
}

export interface Operator extends Traced {
  readonly operatorId: string;
  readonly role: EventData<'operator-added'>['role'];
  readonly keys: readonly OperatorKey[];
  readonly expiresAt?: string;
  /** When that end was said, where it was not said from the beginning: what was signed before stands. */
  readonly expirySaidAt?: string;
  readonly addedAt: string;
  readonly removed?: { readonly at: string; readonly reason: string };
}

export interface ClusterNode extends Traced, EventData<'node-recorded'> {
  readonly recordedAt: string;
  /** End of the last run that built it successfully. */
  readonly lastRebuildAt?: string;
  readonly removed?: { readonly at: string; readonly reason: string };
}

/** A node with the role that it had during the run; none where neither the run nor the ledger said it. */
export interface RunNode {
  readonly nodeId: string;
  readonly role?: EventData<'node-recorded'>['role'];
}

export interface ProvisioningRun extends Traced {
  readonly runId: string;
  readonly triggerType: EventData<'run-started'>['triggerType'];
  readonly nodes: readonly RunNode[];
  readonly initiatedBy: string;
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly status: 'pending' | 'success' | 'failed';
  /** From the times, to a hundredth; what a client says of it is not used. */
  readonly durationMinutes?: number;
  /** A success that took more than 60 minutes. Absent while the run is not over. */
  readonly objectiveBreached?: boolean;
  readonly ansibleCommit?: string;
  readonly diffArtifactsPath?: string;
  readonly logsPath?: string;
  readonly fromVersion?: string;
  readonly toVersion?: string;
  readonly incidentIds: readonly string[];
}

export interface ManualApplyEvidence extends EventData<'evidence-attached'> {
  /** Who signed it, and who took it where the record says so: none of them approves it. */
  readonly authors: readonly string[];
  readonly recordedAt: string;
  readonly record: string;
}

export interface Approval {
  readonly evidenceId: string;
  readonly operator: string;
  readonly at: string;
  readonly comment?: string;
  readonly record: string;
}

export interface ApplyEvent extends EventData<'change-applied'> {
  readonly operator: string;
  readonly recordedAt: string;
  readonly record: string;
}

export interface ConfigurationChange extends Traced {
  readonly changeId: string;
  readonly featureBranch: string;
  readonly manifestPaths: readonly string[];
  readonly status: EventData<'change-created'>['status'];
  readonly diffSummary?: string;
  readonly reviewers: readonly string[];
  readonly appliedAt?: string;
  /** Operators who approved any of its evidence. */
  readonly approvedBy: readonly string[];
  readonly runbookUpdates: readonly string[];
  readonly critical: boolean;
  /** Who signed `change-created`. */
  readonly author: string;
  /** Also who made it where the record says so (`operatorId`): none of them approves it. */
  readonly authors: readonly string[];
  readonly createdAt: string;
  /** In the order in which they were recorded; the last one counts for an apply. */
  readonly evidence: readonly ManualApplyEvidence[];
  readonly approvals: readonly Approval[];
  readonly applies: readonly ApplyEvent[];
  readonly incidentIds: readonly string[];
}

export interface SecretsRotation extends Traced, EventData<'rotation-recorded'> {}

export interface AlertRoute extends Traced {
  readonly routeId: string;
  /** Absent, as severity and channel, where tests were recorded of a route that nobody recorded. */
  readonly alertName?: string;
  readonly severity?: EventData<'alert-route-recorded'>['severity'];
  readonly channel?: EventData<'alert-route-recorded'>['channel'];
  readonly acknowledgementTarget?: string;
  readonly archived: boolean;
  /** End of the newest successful test. */
  readonly lastTestedAt?: string;
}

export interface AlertTest extends EventData<'alert-tested'> {
  readonly record: string;
}
export interface AlertDelivery extends EventData<'alert-delivered'> {
  readonly record: string;
}
export interface Acknowledgement extends EventData<'alert-acknowledged'> {
  readonly acknowledgedAt: string;
  readonly record: string;
}
export interface DriftReport extends EventData<'drift-reported'> {
  readonly record: string;
}
export interface Probe extends EventData<'probe-recorded'> {
  readonly record: string;
}

export interface Incident extends Traced {
  readonly incidentId: string;
  readonly title: string;
  readonly severity: EventData<'incident-opened'>['severity'];
  readonly status: 'open' | 'mitigated' | 'closed';
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly remediation?: string;
  readonly notes?: string;
  readonly runIds: readonly string[];
  readonly changeIds: readonly string[];
  readonly nodeIds: readonly string[];
}

export interface Drill extends EventData<'drill-recorded'> {
  readonly durationMinutes: number;
  readonly record: string;
}
export interface RunbookEntry extends Traced, EventData<'runbook-recorded'> {}
export interface Deviation extends EventData<'deviation-recorded'> {
  readonly recordedAt: string;
  readonly record: string;
}
export interface Action extends EventData<'action-recorded'> {
  readonly operator: string;
  readonly record: string;
}
export interface Tombstone extends EventData<'artifact-tombstoned'> {
  readonly at: string;
  readonly record: string;
}
