/** Rotations, alerts, drift, incidents, drills: what contradicts itself or what was recorded before. */
import type { EventData } from '../event.ts';
import { isBefore, momentOf } from '../moment.ts';
import { type Rule, rule } from './rule.ts';

const DAY_MS = 86_400_000;
/** From the end of a rotation to the next. */
const ROTATION_DAYS_AT_MOST = 90;

type RotationStatus = EventData<'rotation-recorded'>['status'];
/** What may follow a status; another record of the same status may tell more. */
const ROTATION_STEPS: Readonly<Record<'none' | RotationStatus, readonly RotationStatus[]>> = {
  none: ['scheduled', 'in-progress'],
  scheduled: ['scheduled', 'in-progress'],
  'in-progress': ['in-progress', 'scheduled', 'verified'],
  verified: [],
};
const INCIDENT_STEPS = ['open', 'mitigated', 'closed'] as const;

export const upkeepRules: readonly Rule[] = [
  rule('rotation-order', ['rotation-recorded'], ({ state }, { data: { rotationId, status } }) => {
    const before = state.rotations.get(rotationId)?.status ?? 'none';
    if (ROTATION_STEPS[before].includes(status)) return undefined;
    const was = before === 'none' ? 'not recorded yet' : before;
    return { message: `rotation ${rotationId} is ${was} and cannot become ${status}`, field: 'status' };
  }),
  rule('rotation-verified', ['rotation-recorded'], (_, { data }) => {
    const { rotationId, status, completedAt, verificationSteps } = data;
    const lacks = completedAt === undefined ? 'completedAt' : 'verificationSteps';
    const isShown = completedAt !== undefined && verificationSteps.some((step) => step.trim() !== '');
    if (status === 'verified' && !isShown)
      return { message: `rotation ${rotationId} is verified without ${lacks}`, field: lacks };
    if (status !== 'scheduled' || completedAt === undefined) return undefined;
    return { message: `rotation ${rotationId} is scheduled and says when it was completed`, field: 'completedAt' };
  }),
  rule('rotation-due', ['rotation-recorded'], (_, { data }) => {
    const { rotationId, nextRotationDue, initiatedAt, completedAt = initiatedAt } = data;
    const days = (momentOf(nextRotationDue) - momentOf(completedAt)) / DAY_MS;
    if (days > 0 && days <= ROTATION_DAYS_AT_MOST) return undefined;
    const message = `the rotation after ${rotationId} is due on ${nextRotationDue}, not within ${ROTATION_DAYS_AT_MOST} days of ${completedAt}`;
    return { message, field: 'nextRotationDue' };
  }),
  rule('route-archived', ['alert-tested'], ({ state }, { data: { routeId } }) =>
    state.alertRoutes.get(routeId)?.archived
      ? { message: `alert route ${routeId} is archived`, field: 'routeId' }
      : undefined,
  ),
  rule('acknowledgement-ends', ['alert-acknowledged'], (_, { at, data: { fingerprint, expiresAt } }) =>
    isBefore(at, expiresAt)
      ? undefined
      : {
          message: `the acknowledgement of ${fingerprint} ended on ${expiresAt}, before it was made`,
          field: 'expiresAt',
        },
  ),
  rule('drift-verdict', ['drift-reported'], (_, { data }) => {
    const counted = data.findings.filter(
      ({ ignored }) => ignored === undefined || !isBefore(data.observedAt, ignored.expiresAt),
    );
    const blind = (data.unknown ?? []).length > 0;
    const allowed = counted.length > 0 ? ['drift'] : blind ? ['unknown'] : ['none', 'unknown'];
    if (allowed.includes(data.verdict)) return undefined;
    const why =
      counted.length > 0 ? `${counted.length} findings count` : blind ? 'some was not looked at' : 'no finding counts';
    return { message: `drift report ${data.reportId} says ${data.verdict}, but ${why}`, field: 'verdict' };
  }),
  rule('incident-order', ['incident-updated'], ({ state }, { data: { incidentId, status } }) => {
    const before = state.incidents.get(incidentId)?.status;
    if (!before || status === undefined || status === before) return undefined;
    if (INCIDENT_STEPS.indexOf(status) > INCIDENT_STEPS.indexOf(before)) return undefined;
    return { message: `incident ${incidentId} is ${before} and cannot become ${status}`, field: 'status' };
  }),
  rule('incident-closed-at', ['incident-updated'], ({ state }, { data: { incidentId, status, closedAt } }) => {
    const after = status ?? state.incidents.get(incidentId)?.status;
    if (closedAt === undefined || after === undefined || after === 'closed') return undefined;
    return { message: `incident ${incidentId} is ${after} and says when it was closed`, field: 'closedAt' };
  }),
  rule('drill-result', ['drill-recorded'], (_, { data: { drillId, result, steps = [] } }) => {
    const failed = steps.find((step) => step.result === 'failed');
    if (result !== 'success' || !failed) return undefined;
    return { message: `drill ${drillId} succeeded, but step ${failed.step} failed`, field: 'result' };
  }),
];
