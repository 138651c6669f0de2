/** Steps of the fold for what keeps a cluster well: rotations, alerts, drift, incidents, drills, runbooks. */
import type { AlertRoute, SecretsRotation } from '../entity.ts';
import { isBefore, minutesBetween } from '../moment.ts';
import type { RecordOf } from '../record.ts';
import type { State } from '../state.ts';
import { linked } from './changes.ts';

/** A rotation that ended unverified is one that is still to be done. */
export function recordRotation(state: State, record: RecordOf<'rotation-recorded'>): State {
  const { rotationId, completedAt, status } = record.data;
  const records = [...(state.rotations.get(rotationId)?.records ?? []), record.id];
  const unverified = status === 'in-progress' && completedAt !== undefined;
  const rotation: SecretsRotation = { ...record.data, status: unverified ? 'scheduled' : status, records };
  return { ...state, rotations: state.rotations.with(rotationId, rotation) };
}

export function recordAlertRoute(state: State, record: RecordOf<'alert-route-recorded'>): State {
  const { routeId } = record.data;
  const before = state.alertRoutes.get(routeId);
  const route: AlertRoute = {
    ...record.data,
    archived: record.data.archived ?? false,
    lastTestedAt: before?.lastTestedAt,
    records: [...(before?.records ?? []), record.id],
  };
  return { ...state, alertRoutes: state.alertRoutes.with(routeId, route) };
}

export function testAlert(state: State, record: RecordOf<'alert-tested'>): State {
  const { routeId, result, completedAt } = record.data;
  const before = state.alertRoutes.get(routeId) ?? { routeId, archived: false, records: [] };
  const isNewer = before.lastTestedAt === undefined || !isBefore(completedAt, before.lastTestedAt);
  const route: AlertRoute = {
    ...before,
    lastTestedAt: result === 'success' && isNewer ? completedAt : before.lastTestedAt,
    records: [...before.records, record.id],
  };
  return {
    ...state,
    alertRoutes: state.alertRoutes.with(routeId, route),
    alertTests: state.alertTests.with(record.id, { ...record.data, record: record.id }),
  };
}

export function deliverAlert(state: State, record: RecordOf<'alert-delivered'>): State {
  return { ...state, deliveries: state.deliveries.with(record.id, { ...record.data, record: record.id }) };
}

export function acknowledgeAlert(state: State, { id, at, data }: RecordOf<'alert-acknowledged'>): State {
  const acknowledgement = { ...data, acknowledgedAt: at, record: id };
  return { ...state, acknowledgements: state.acknowledgements.with(data.fingerprint, acknowledgement) };
}

export function reportDrift(state: State, { id, data }: RecordOf<'drift-reported'>): State {
  const report = { ...data, record: id };
  return {
    ...state,
    driftReports: state.driftReports.with(data.reportId, report),
    drift: state.drift && isBefore(data.observedAt, state.drift.observedAt) ? state.drift : report,
  };
}

export function recordProbe(state: State, { id, data }: RecordOf<'probe-recorded'>): State {
  if (state.probe && isBefore(data.observedAt, state.probe.observedAt)) return state;
  return { ...state, probe: { ...data, record: id } };
}

/** Runs and changes know their incidents from either side. */
export function openIncident(state: State, { id, data }: RecordOf<'incident-opened'>): State {
  const { incidentId, title, severity, openedAt, remediation } = data;
  const { runIds = [], changeIds = [], nodeIds = [] } = data;
  const told = { incidentId, title, severity, openedAt, remediation, runIds, changeIds, nodeIds };
  const incident = { ...told, status: 'open', records: [id] } as const;
  return {
    ...state,
    incidents: state.incidents.with(incidentId, incident),
    runs: runIds.reduce((runs, runId) => withIncident(runs, runId, incidentId), state.runs),
    changes: changeIds.reduce((changes, changeId) => withIncident(changes, changeId, incidentId), state.changes),
  };
}

interface Linked<Entity> {
  get(id: string): Entity | undefined;
  with(id: string, entity: Entity): this;
}

function withIncident<Entity extends { readonly incidentIds: readonly string[] }, Map extends Linked<Entity>>(
  entities: Map,
  id: string,
  incidentId: string,
): Map {
  const entity = entities.get(id);
  return entity ? entities.with(id, { ...entity, incidentIds: linked(entity.incidentIds, incidentId) }) : entities;
}

export function updateIncident(state: State, record: RecordOf<'incident-updated'>): State {
  const { incidentId, status, remediation, closedAt, notes } = record.data;
  const before = state.incidents.get(incidentId);
  if (!before) return state;
  const next = {
    ...before,
    status: status ?? before.status,
    remediation: remediation ?? before.remediation,
    closedAt: closedAt ?? (status === 'closed' ? record.at : before.closedAt),
    notes: notes ?? before.notes,
    records: [...before.records, record.id],
  };
  return { ...state, incidents: state.incidents.with(incidentId, next) };
}

export function recordDrill(state: State, { id, data }: RecordOf<'drill-recorded'>): State {
  const durationMinutes = minutesBetween(data.startedAt, data.completedAt);
  return { ...state, drills: state.drills.with(data.drillId, { ...data, durationMinutes, record: id }) };
}

export function recordRunbook(state: State, { id, data }: RecordOf<'runbook-recorded'>): State {
  const records = [...(state.runbooks.get(data.path)?.records ?? []), id];
  return { ...state, runbooks: state.runbooks.with(data.path, { ...data, records }) };
}

export function recordDeviation(state: State, { id, at, data }: RecordOf<'deviation-recorded'>): State {
  const deviation = { ...data, recordedAt: at, record: id };
  return { ...state, deviations: state.deviations.with(data.deviationId, deviation) };
}

export function recordAction(state: State, { id, operator, data }: RecordOf<'action-recorded'>): State {
  return { ...state, actions: state.actions.with(data.actionId, { ...data, operator, record: id }) };
}

export function buryArtifact(state: State, { id, at, data }: RecordOf<'artifact-tombstoned'>): State {
  return { ...state, tombstones: state.tombstones.with(data.path, { ...data, at, record: id }) };
}
