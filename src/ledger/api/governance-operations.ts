/** Incidents, drills and rotations of secrets. */
import { z } from 'zod';
import { drill, incidentOpened, incidentUpdated, secretsRotation } from '../event.ts';
import { newId } from '../new-id.ts';
import { done, notFound } from './answer.ts';
import { record } from './desk.ts';
import { anyQuery, noBody, type Operation, operation } from './operation.ts';
import { page, paging } from './paging.ts';
import { drillView, incidentView, pageOf, rotationView } from './view.ts';

const tag = 'Governance';
const answer = { name: 'Incident', schema: incidentView };

const incidentExample = {
  incidentId: 'INC-2026-03-09',
  title: 'pi-cluster-3 lost its card',
  severity: 'critical',
  openedAt: '2026-03-09T11:20:00Z',
  nodeIds: ['pi-cluster-3.local'],
};

const drillExample = {
  drillId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1c001',
  kind: 'rebuild',
  nodeIds: ['pi-cluster-2.local'],
  initiatedBy: 'alice',
  startedAt: '2026-03-08T18:00:00Z',
  completedAt: '2026-03-08T18:51:30Z',
  result: 'success',
};

const scheduled = {
  rotationScope: 'cluster/base secrets',
  initiatedAt: '2026-03-02T10:00:00Z',
  verificationSteps: ['sops decrypts with the new key', 'the old key is removed'],
  nextRotationDue: '2026-05-30T00:00:00Z',
  status: 'scheduled',
};
const verified = { ...scheduled, completedAt: '2026-03-02T10:20:00Z', status: 'verified' };

export const governanceOperations: readonly Operation[] = [
  operation({
    id: 'openIncident',
    method: 'post',
    path: '/incidents',
    tag,
    summary: 'Records an incident',
    query: anyQuery,
    body: {
      name: 'IncidentRequest',
      schema: incidentOpened.extend({ incidentId: newId }),
      examples: [{ summary: 'A node', value: incidentExample }],
    },
    answer,
    makes: true,
    handle: (desk, { body }) =>
      record(desk, {
        type: 'incident-opened',
        data: body,
        repeated: { kind: 'id', is: (data) => data['incidentId'] === body.incidentId },
        shown: ({ incidents }) => incidents.get(body.incidentId),
        location: `/incidents/${encodeURIComponent(body.incidentId)}`,
      }),
  }),
  operation({
    id: 'listIncidents',
    method: 'get',
    path: '/incidents',
    tag,
    summary: 'Lists incidents, oldest first',
    query: z.strictObject({ ...paging, status: incidentView.shape.status.optional() }),
    body: noBody,
    answer: { name: 'IncidentPage', schema: pageOf(incidentView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = [...ledger.state.incidents].filter(([, { status }]) => (query.status ?? status) === status);
      return page(wanted, query, (each) => each);
    },
  }),
  operation({
    id: 'getIncident',
    method: 'get',
    path: '/incidents/{incidentId}',
    tag,
    summary: 'One incident',
    query: anyQuery,
    body: noBody,
    answer,
    problems: [404],
    handle({ ledger }, { params: { incidentId = '' } }) {
      const found = ledger.state.incidents.get(incidentId);
      return found === undefined ? notFound(`incident ${incidentId}`) : done(found);
    },
  }),
  operation({
    id: 'updateIncident',
    method: 'patch',
    path: '/incidents/{incidentId}',
    tag,
    summary: 'Records what became of an incident; what is given replaces what was there',
    query: anyQuery,
    body: {
      name: 'IncidentUpdate',
      schema: incidentUpdated.omit({ incidentId: true }),
      examples: [
        { summary: 'What will be done', value: { status: 'mitigated', remediation: 'An SSD instead of the card' } },
      ],
    },
    answer,
    problems: [404],
    handle(desk, { body, params: { incidentId = '' } }) {
      const incident = desk.ledger.state.incidents.get(incidentId);
      if (incident === undefined) return notFound(`incident ${incidentId}`);
      if (Object.keys(body).length === 0) return done(incident);
      return record(desk, {
        type: 'incident-updated',
        data: { ...body, incidentId },
        repeated: { kind: 'state', records: ({ incidents }) => incidents.get(incidentId)?.records },
        shown: ({ incidents }) => incidents.get(incidentId),
      });
    },
  }),
  operation({
    id: 'recordDrill',
    method: 'post',
    path: '/drills',
    tag,
    summary: 'Records a drill',
    query: anyQuery,
    body: {
      name: 'DrillRequest',
      schema: drill.extend({ drillId: newId }),
      examples: [{ summary: 'A rebuild in 52 minutes', value: drillExample }],
    },
    answer: { name: 'Drill', schema: drillView },
    makes: true,
    handle: (desk, { body }) =>
      record(desk, {
        type: 'drill-recorded',
        data: body,
        repeated: { kind: 'id', is: (data) => data['drillId'] === body.drillId },
        shown: ({ drills }) => drills.get(body.drillId),
      }),
  }),
  operation({
    id: 'listDrills',
    method: 'get',
    path: '/drills',
    tag,
    summary: 'Lists drills, oldest first',
    query: z.strictObject({ ...paging, kind: drill.shape.kind.optional() }),
    body: noBody,
    answer: { name: 'DrillPage', schema: pageOf(drillView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = [...ledger.state.drills].filter(([, { kind }]) => (query.kind ?? kind) === kind);
      return page(wanted, query, (each) => each);
    },
  }),
  operation({
    id: 'putRotation',
    method: 'put',
    path: '/rotations/{rotationId}',
    tag,
    summary: 'Records a rotation of secrets, or how far it is',
    query: anyQuery,
    body: {
      name: 'SecretsRotationRequest',
      schema: secretsRotation.omit({ rotationId: true }),
      examples: [
        { summary: 'Planned', value: scheduled },
        { summary: 'Begun', value: { ...scheduled, status: 'in-progress' } },
        { summary: 'Done and verified', value: verified },
      ],
    },
    answer: { name: 'SecretsRotation', schema: rotationView },
    makes: true,
    handle: (desk, { body, params: { rotationId = '' } }) =>
      record(desk, {
        type: 'rotation-recorded',
        data: { ...body, rotationId },
        repeated: { kind: 'state', records: ({ rotations }) => rotations.get(rotationId)?.records },
        shown: ({ rotations }) => rotations.get(rotationId),
      }),
  }),
  operation({
    id: 'listRotations',
    method: 'get',
    path: '/rotations',
    tag,
    summary: 'Lists rotations of secrets',
    query: z.strictObject({ ...paging, status: secretsRotation.shape.status.optional() }),
    body: noBody,
    answer: { name: 'SecretsRotationPage', schema: pageOf(rotationView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = [...ledger.state.rotations].filter(([, { status }]) => (query.status ?? status) === status);
      return page(wanted, query, (each) => each);
    },
  }),
];
