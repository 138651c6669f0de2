/** The state as the entities of the requirement's data model: names in snake_case, one object per entity, flat. */
import type { Json, JsonObject } from './canonical.ts';
import type { State } from './state.ts';

/** Each entity with its fields, in their order. What a client recorded beside them is in the records. */
const fields = {
  ClusterNode: [
    ...['nodeId', 'hostname', 'role', 'hardwareProfile', 'ipAddress', 'etcdPeer', 'labels', 'taints'],
    ...['lastRebuildAt', 'ansibleInventoryGroup', 'removed'],
  ],
  ProvisioningRun: [
    ...['runId', 'triggerType', 'nodes', 'initiatedBy', 'startedAt', 'completedAt', 'durationMinutes', 'status'],
    ...[
      'objectiveBreached',
      'ansibleCommit',
      'diffArtifactsPath',
      'logsPath',
      'fromVersion',
      'toVersion',
      'incidentIds',
    ],
  ],
  ConfigurationChange: [
    ...['changeId', 'featureBranch', 'manifestPaths', 'diffSummary', 'appliedAt', 'approvedBy', 'runbookUpdates'],
    ...['status', 'reviewers', 'critical', 'author', 'createdAt', 'incidentIds'],
  ],
  ManualApplyEvidence: [
    ...['evidenceId', 'changeId', 'command', 'outputPath', 'timestamp', 'operatorId', 'manifestHash', 'exitCode'],
  ],
  ApplyEvent: [
    ...['changeId', 'evidenceId', 'command', 'exitCode', 'manifestHash', 'objects', 'startedAt', 'completedAt'],
    ...['operator', 'rollback'],
  ],
  SecretsRotation: [
    ...['rotationId', 'rotationScope', 'ageKeyFingerprint', 'initiatedAt', 'completedAt', 'verificationSteps'],
    ...['nextRotationDue', 'status'],
  ],
  AlertRoute: [...['routeId', 'alertName', 'severity', 'channel', 'acknowledgementTarget', 'lastTestedAt', 'archived']],
  DriftReport: ['reportId', 'observedAt', 'verdict', 'findings', 'unknown'],
  Probe: ['observedAt', 'controlPlaneHealthy', 'workerCount', 'etcdQuorum', 'notes'],
  Incident: [
    ...['incidentId', 'title', 'severity', 'status', 'openedAt', 'closedAt', 'remediation', 'notes'],
    ...['runIds', 'changeIds', 'nodeIds'],
  ],
  Drill: [
    ...['drillId', 'kind', 'nodeIds', 'initiatedBy', 'startedAt', 'completedAt', 'durationMinutes', 'result', 'steps'],
    'notes',
  ],
  RunbookEntry: ['path', 'title', 'sha256', 'reviewedAt'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type EntityName = keyof typeof fields;
export interface Entity extends JsonObject {
  readonly entity: EntityName;
}

/** In the order of the table; within an entity in that of their records. */
export function dataModel(state: State): readonly Entity[] {
  const changes = [...state.changes.values()];
  const found: readonly (readonly [EntityName, Iterable<object>])[] = [
    ['ClusterNode', state.nodes.values()],
    ['ProvisioningRun', state.runs.values()],
    ['ConfigurationChange', changes],
    [
      'ManualApplyEvidence',
      changes.flatMap(({ changeId, evidence }) => evidence.map((each) => ({ ...each, changeId }))),
    ],
    ['ApplyEvent', changes.flatMap(({ applies }) => applies)],
    ['SecretsRotation', state.rotations.values()],
    ['AlertRoute', state.alertRoutes.values()],
    ['DriftReport', state.driftReports.values()],
    ['Probe', state.probe === undefined ? [] : [state.probe]],
    ['Incident', state.incidents.values()],
    ['Drill', state.drills.values()],
    ['RunbookEntry', state.runbooks.values()],
  ];
  return found.flatMap(([name, entities]) => [...entities].map((entity) => flat(name, entity)));
}

function flat(name: EntityName, entity: object): Entity {
  const plain: JsonObject = JSON.parse(JSON.stringify(entity));
  const known = fields[name].flatMap((field) => {
    const value = plain[field];
    return value === undefined ? [] : [[snake(field), field === 'labels' ? value : renamed(value)] as const];
  });
  return { entity: name, ...Object.fromEntries(known) };
}

/** Of what the schemas name. Labels are somebody's own words. */
function renamed(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(renamed);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [snake(name), renamed(each)]));
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
