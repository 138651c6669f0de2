/**
 * What a record can say: one schema of data per type of event. The same schemas check the bodies of the HTTP API and make
 * its OpenAPI document. JSON is camelCase; the data model of the requirement (snake_case) has the same fields.
 *
 * Ids are text that somebody else chose. They are compared, never made into a path.
 */
import { z } from 'zod';
import { operatorId } from './operator-id.ts';

/** The largest text that a field takes, in code points as JSON Schema counts. Long text belongs into an artifact. */
export const TEXT_AT_MOST = 4096;

/** Text of a person or a program; empty is allowed where nothing else is said. */
export const text = z
  .string()
  .refine((value) => value.isWellFormed(), 'is not well-formed Unicode')
  .refine((value) => isShort(value), `is longer than ${TEXT_AT_MOST} characters`)
  .meta({ maxLength: TEXT_AT_MOST });
/** What something is called by; compared as it stands. */
const name = text.min(1);
/** RFC 3339 with an offset, as 2026-03-01T12:00:00Z. */
export const time = z.iso.datetime({ offset: true });
/** SHA-256 in lower-case hexadecimal. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in 64 lower-case hexadecimal digits');
const gitCommit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'is not the full name of a commit');

export const nodeRole = z.enum(['server-agent', 'worker']);
export const runTrigger = z.enum(['bootstrap', 'rebuild', 'upgrade']);
export const changeStatus = z.enum(['draft', 'pending-review', 'applied', 'rolled-back']);
const rotationStatus = z.enum(['scheduled', 'in-progress', 'verified']);
export const severity = z.enum(['critical', 'warning', 'info']);
export const channel = z.enum(['pager', 'matrix', 'email']);
/** admin: may also change who is in the ledger · operator: records and approves · server: records for others, never approves. */
export const operatorRole = z.enum(['admin', 'operator', 'server']);

const publicKey = z
  .string()
  .regex(
    /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+$/,
    'is not an OpenSSH public key: type and base64, without a comment',
  );

const operator = z.strictObject({
  operatorId,
  role: operatorRole,
  /** OpenSSH, `type base64`. */
  keys: z.array(publicKey).min(1),
  /** From then on records of the operator are refused; without it there is no end. */
  expiresAt: time.optional(),
});

const taint = z.strictObject({
  key: name,
  value: text.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

export const clusterNode = z.strictObject({
  nodeId: name,
  hostname: name,
  role: nodeRole,
  hardwareProfile: text.optional(),
  ipAddress: z.union([z.ipv4(), z.ipv6()]),
  /** Of a server: where its etcd is reached by the others. Unique. */
  etcdPeer: name.optional(),
  labels: z.record(z.string(), text).optional(),
  taints: z.array(taint).optional(),
  ansibleInventoryGroup: text.optional(),
});

/** A node as it was when the run used it. */
const runNode = z.looseObject({ nodeId: name, role: nodeRole });

/** POST /operations/bootstrap. Fields beside these are kept. */
export const bootstrapEvent = z.looseObject({
  runId: name,
  nodes: z.array(runNode).min(1),
  startedAt: time,
  completedAt: time,
  initiatedBy: text,
  diffArtifactsPath: text.optional(),
});

/** POST /operations/rebuild. `durationMinutes` is derived from the times; what a client says is kept beside it. */
export const rebuildEvent = z.looseObject({
  runId: name,
  nodeId: name,
  startedAt: time,
  completedAt: time,
  initiatedBy: text,
  status: z.enum(['success', 'failed']),
  durationMinutes: z.number().optional(),
  logsPath: text.optional(),
});

export const upgradeEvent = z.looseObject({
  runId: name,
  nodes: z.array(runNode).min(1),
  fromVersion: name,
  toVersion: name,
  startedAt: time,
  completedAt: time,
  initiatedBy: text,
  status: z.enum(['success', 'failed']),
  logsPath: text.optional(),
});

const runStarted = z.strictObject({
  runId: name,
  triggerType: runTrigger,
  nodes: z.array(runNode).min(1),
  startedAt: time,
  initiatedBy: text,
  ansibleCommit: gitCommit.optional(),
  diffArtifactsPath: text.optional(),
  /** Needed where the last run on one of the nodes failed: the incident whose remediation this run follows. */
  incidentId: name.optional(),
});

const runFinished = z.strictObject({
  runId: name,
  completedAt: time,
  status: z.enum(['success', 'failed']),
  incidentId: name.optional(),
  logsPath: text.optional(),
});

/** POST /operations/configuration-changes. */
export const configurationChange = z.looseObject({
  changeId: name,
  featureBranch: text,
  manifestPaths: z.array(text),
  status: changeStatus,
  diffSummary: text.optional(),
  reviewers: z.array(text).optional(),
  appliedAt: time.optional(),
  runbookUpdates: z.array(text).optional(),
  /** A critical change is applied only with the approval of somebody who is not its author. */
  critical: z.boolean().optional(),
});

/** PATCH /operations/configuration-changes/{changeId}: what is given replaces what was there. */
export const changeUpdate = z.strictObject({
  changeId: name,
  status: changeStatus.optional(),
  manifestPaths: z.array(text).optional(),
  diffSummary: text.optional(),
  reviewers: z.array(text).optional(),
  appliedAt: time.optional(),
  runbookUpdates: z.array(text).optional(),
  critical: z.boolean().optional(),
  /** Needed for rolled-back. */
  incidentId: name.optional(),
});

const changeApproved = z.strictObject({
  changeId: name,
  /** Of the evidence that was looked at; newer evidence needs a newer approval. */
  evidenceId: name,
  comment: text.optional(),
});

/** A live object as it was when the evidence was taken. */
export const observedObject = z.strictObject({
  apiVersion: name,
  kind: name,
  namespace: text.optional(),
  name,
  /** Absent: the object did not exist. */
  uid: name.optional(),
  resourceVersion: name.optional(),
  change: z.enum(['created', 'changed', 'unchanged', 'deleted', 'unknown']),
});

/** POST /operations/configuration-changes/{changeId}/evidence. */
export const evidence = z.looseObject({
  evidenceId: name,
  command: text,
  outputPath: text,
  timestamp: time,
  operatorId: text.optional(),
  /** Of the manifests that were compared, in canonical form; what an apply must be about. */
  manifestHash: sha256.optional(),
  exitCode: z.int().optional(),
  objects: z.array(observedObject).optional(),
});

const evidenceAttached = z.looseObject({ ...evidence.shape, changeId: name });

const changeApplied = z.strictObject({
  changeId: name,
  evidenceId: name,
  command: text,
  exitCode: z.int(),
  manifestHash: sha256,
  objects: z.array(
    z.strictObject({
      apiVersion: name,
      kind: name,
      namespace: text.optional(),
      name,
      outcome: z.enum(['created', 'configured', 'unchanged', 'deleted', 'failed', 'not-tried']),
      resourceVersion: name.optional(),
      /** Why, where it failed; without values of Secrets. */
      message: text.optional(),
    }),
  ),
  startedAt: time,
  completedAt: time,
  /** The apply puts back what a change did. */
  rollback: z.boolean().optional(),
});

export const secretsRotation = z.strictObject({
  rotationId: name,
  rotationScope: name,
  ageKeyFingerprint: text.optional(),
  initiatedAt: time,
  completedAt: time.optional(),
  verificationSteps: z.array(text),
  nextRotationDue: time,
  status: rotationStatus,
});

export const alertRoute = z.strictObject({
  routeId: name,
  alertName: name,
  severity,
  channel,
  acknowledgementTarget: text.optional(),
  archived: z.boolean().optional(),
});

/** POST /alerts/tests. */
export const alertTest = z.looseObject({
  routeId: name,
  initiatedBy: text,
  startedAt: time,
  completedAt: time,
  result: z.enum(['success', 'failed']),
  notes: text.optional(),
});

/** An alert that arrived at a receiver: the time between is what the objective of five minutes is about. */
export const alertDelivered = z.strictObject({
  fingerprint: name,
  alertName: name,
  severity,
  routeId: name.optional(),
  firedAt: time,
  deliveredAt: time,
});

export const alertAcknowledged = z.strictObject({
  fingerprint: name,
  alertName: text.optional(),
  acknowledgedBy: text,
  /** After it the alert counts as unacknowledged again. */
  expiresAt: time,
  silenceId: name.optional(),
  comment: text.optional(),
});

const driftFinding = z.strictObject({
  kind: z.enum(['host', 'host-state', 'manifest', 'orphan', 'node', 'version', 'certificate', 'unlogged-change']),
  object: name,
  message: text,
  /** Left out of the verdict, by a rule of the ignore list with this reason. */
  ignored: z.strictObject({ reason: name, expiresAt: time }).optional(),
});

export const driftReport = z.strictObject({
  reportId: name,
  observedAt: time,
  verdict: z.enum(['none', 'drift', 'unknown']),
  findings: z.array(driftFinding),
  /** What could not be looked at, and why. */
  unknown: z.array(text).optional(),
});

export const probe = z.strictObject({
  observedAt: time,
  controlPlaneHealthy: z.boolean(),
  workerCount: z.int().min(0),
  etcdQuorum: z.boolean(),
  notes: text.optional(),
});

export const incidentOpened = z.strictObject({
  incidentId: name,
  title: name,
  severity,
  openedAt: time,
  runIds: z.array(name).optional(),
  changeIds: z.array(name).optional(),
  nodeIds: z.array(name).optional(),
  remediation: text.optional(),
});

export const incidentUpdated = z.strictObject({
  incidentId: name,
  status: z.enum(['open', 'mitigated', 'closed']).optional(),
  remediation: text.optional(),
  closedAt: time.optional(),
  notes: text.optional(),
});

export const drill = z.strictObject({
  drillId: name,
  kind: z.enum(['failover', 'rebuild', 'alert', 'restore', 'quorum']),
  nodeIds: z.array(name).optional(),
  initiatedBy: text,
  startedAt: time,
  completedAt: time,
  result: z.enum(['success', 'failed', 'aborted']),
  steps: z
    .array(
      z.strictObject({
        step: name,
        startedAt: time,
        completedAt: time,
        result: z.enum(['success', 'failed', 'skipped']),
        note: text.optional(),
      }),
    )
    .optional(),
  notes: text.optional(),
});

const runbookEntry = z.strictObject({ path: name, title: name, sha256: sha256.optional(), reviewedAt: time });

/** What the console or the command line did to the cluster. */
const action = z.strictObject({
  actionId: name,
  /** The command line that does it, without values of secrets. */
  command: name,
  surface: z.enum(['cli', 'console']),
  /** The user of the cluster on whose behalf it was done, where it is not the signer. */
  user: text.optional(),
  startedAt: time,
  completedAt: time,
  result: z.enum(['success', 'failed']),
  message: text.optional(),
  objects: z.array(
    z.strictObject({ apiVersion: text.optional(), kind: name, namespace: text.optional(), name, verb: name }),
  ),
});

function isShort(value: string): boolean {
  return value.length <= TEXT_AT_MOST || [...value].length <= TEXT_AT_MOST;
}

function event<const T extends string, S extends z.ZodType>(type: T, data: S) {
  return z.strictObject({ type: z.literal(type), data });
}

/** Every event by its type. Types are parts of file names: lower case and hyphens. */
export const ledgerEvent = z.discriminatedUnion('type', [
  event('ledger-opened', z.strictObject({ ledgerId: z.uuid(), title: text, operators: z.array(operator).min(1) })),
  /** Two branches of history become one; `prev` is the first of them. */
  event(
    'ledger-merged',
    z.strictObject({
      parents: z.array(sha256).min(2),
      /** Records that break a rule only because of the other branch; what they say does not count. */
      conflicts: z.array(z.strictObject({ id: z.uuid(), rule: name })),
    }),
  ),
  /** What a record should have said: replay reads `data` in its place. The record itself stays. */
  event('correction', z.strictObject({ amends: z.uuid(), reason: name, data: z.record(z.string(), z.json()) })),
  /** The file may be gone from now on; its hash stays. */
  event('artifact-tombstoned', z.strictObject({ path: name, sha256, reason: name, rotationId: name.optional() })),

  event('operator-added', operator),
  event(
    'operator-changed',
    z.strictObject({ operatorId: name, role: operatorRole.optional(), expiresAt: time.nullable().optional() }),
  ),
  event('operator-removed', z.strictObject({ operatorId: name, reason: name })),
  /** Signed by the old key. */
  event('key-rotated', z.strictObject({ operatorId: name, oldKey: publicKey, newKey: publicKey })),
  /** What the key signs from here on is refused. */
  event('key-revoked', z.strictObject({ operatorId: name, key: publicKey, reason: name })),

  event('node-recorded', clusterNode),
  event('node-removed', z.strictObject({ nodeId: name, reason: text })),
  event(
    'deviation-recorded',
    z.strictObject({ deviationId: name, rule: name, reason: name, expiresAt: time.optional() }),
  ),

  event('bootstrap-recorded', bootstrapEvent),
  event('rebuild-recorded', rebuildEvent),
  event('upgrade-recorded', upgradeEvent),
  event('run-started', runStarted),
  event('run-finished', runFinished),

  event('change-created', configurationChange),
  event('change-updated', changeUpdate),
  event('change-approved', changeApproved),
  event('evidence-attached', evidenceAttached),
  event('change-applied', changeApplied),

  event('rotation-recorded', secretsRotation),
  event('alert-route-recorded', alertRoute),
  event('alert-tested', alertTest),
  event('alert-delivered', alertDelivered),
  event('alert-acknowledged', alertAcknowledged),
  event('drift-reported', driftReport),
  event('probe-recorded', probe),
  event('incident-opened', incidentOpened),
  event('incident-updated', incidentUpdated),
  event('drill-recorded', drill),
  event('runbook-recorded', runbookEntry),
  event('action-recorded', action),
]);

export type LedgerEvent = z.infer<typeof ledgerEvent>;
export type EventType = LedgerEvent['type'];
export type EventData<T extends EventType> = Extract<LedgerEvent, { type: T }>['data'];

export const eventTypes: readonly EventType[] = ledgerEvent.options.map(({ shape }) => shape.type.value);

export function isEventType(word: string): word is EventType {
  return eventTypes.some((type) => type === word);
}
