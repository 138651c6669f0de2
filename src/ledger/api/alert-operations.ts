/** Alert routes and their tests, alerts that arrived, alerts that somebody has taken on. */
import { z } from 'zod';
import { alertAcknowledged, alertDelivered, alertRoute } from '../event.ts';
import { alertTestBody } from './client-body.ts';
import { record } from './desk.ts';
import { anyQuery, noBody, type Operation, operation } from './operation.ts';
import { page, paging, queryText } from './paging.ts';
import { acknowledgementView, alertRouteView, deliveryView, pageOf } from './view.ts';

const tag = 'Alerts';
const answer = { name: 'AlertRoute', schema: alertRouteView };

const testExample = {
  routeId: 'node-offline-pager',
  initiatedBy: 'alice',
  startedAt: '2026-03-12T08:00:00Z',
  completedAt: '2026-03-12T08:01:40Z',
  result: 'success',
  notes: 'The pager rang after 100 seconds',
};

const routeExample = {
  alertName: 'NodeOffline',
  severity: 'critical',
  channel: 'pager',
  acknowledgementTarget: 'on-call',
};

const deliveryExample = {
  fingerprint: 'a1b2c3d4e5f60718',
  alertName: 'NodeOffline',
  severity: 'critical',
  routeId: 'node-offline-pager',
  firedAt: '2026-03-12T09:00:00Z',
  deliveredAt: '2026-03-12T09:01:10Z',
};

const acknowledgementExample = {
  alertName: 'NodeOffline',
  acknowledgedBy: 'alice',
  expiresAt: '2099-01-01T00:00:00Z',
  comment: 'The node is on my desk',
};

export const alertOperations: readonly Operation[] = [
  operation({
    id: 'putAlertRoute',
    method: 'put',
    path: '/alerts/routes/{routeId}',
    tag,
    summary: 'Records where an alert goes',
    query: anyQuery,
    body: {
      name: 'AlertRouteRequest',
      schema: alertRoute.omit({ routeId: true }),
      examples: [{ summary: 'A pager', value: routeExample }],
    },
    answer,
    makes: true,
    handle: (desk, { body, params: { routeId = '' } }) =>
      record(desk, {
        type: 'alert-route-recorded',
        data: { ...body, routeId },
        repeated: { kind: 'state', records: ({ alertRoutes }) => alertRoutes.get(routeId)?.records },
        shown: ({ alertRoutes }) => alertRoutes.get(routeId),
      }),
  }),
  operation({
    id: 'recordAlertTest',
    method: 'post',
    path: '/alerts/tests',
    tag,
    summary: 'Records that an alert route was tried',
    description: 'A route that was not recorded before is shown without its name and channel.',
    query: anyQuery,
    body: { name: 'AlertTest', schema: alertTestBody, examples: [{ summary: 'It rang', value: testExample }] },
    answer,
    makes: true,
    handle: (desk, { body }) =>
      record(desk, {
        type: 'alert-tested',
        data: body,
        repeated: { kind: 'fact' },
        shown: ({ alertRoutes }) => alertRoutes.get(body.routeId),
      }),
  }),
  operation({
    id: 'listAlertRoutes',
    method: 'get',
    path: '/alerts/routes',
    tag,
    summary: 'Lists alert routes, also archived ones',
    query: z.strictObject(paging),
    body: noBody,
    answer: { name: 'AlertRoutePage', schema: pageOf(alertRouteView) },
    problems: [404],
    handle: ({ ledger }, { query }) => page(ledger.state.alertRoutes, query, (route) => route),
  }),
  operation({
    id: 'recordAlertDelivery',
    method: 'post',
    path: '/alerts/deliveries',
    tag,
    summary: 'Records when an alert fired and when it arrived',
    query: anyQuery,
    body: {
      name: 'AlertDelivery',
      schema: alertDelivered,
      examples: [{ summary: 'After 70 seconds', value: deliveryExample }],
    },
    answer: { name: 'RecordedAlertDelivery', schema: deliveryView },
    makes: true,
    handle: (desk, { body }) =>
      record(desk, {
        type: 'alert-delivered',
        data: body,
        repeated: { kind: 'fact' },
        shown: ({ deliveries }, id) => deliveries.get(id),
      }),
  }),
  operation({
    id: 'acknowledgeAlert',
    method: 'post',
    path: '/alerts/{fingerprint}/acknowledgements',
    tag,
    summary: 'Records that somebody takes an alert on, until a time',
    query: anyQuery,
    body: {
      name: 'AcknowledgementRequest',
      schema: alertAcknowledged.omit({ fingerprint: true }),
      examples: [{ summary: 'Until somebody ends it', value: acknowledgementExample }],
    },
    answer: { name: 'Acknowledgement', schema: acknowledgementView },
    makes: true,
    handle: (desk, { body, params: { fingerprint = '' } }) =>
      record(desk, {
        type: 'alert-acknowledged',
        data: { ...body, fingerprint },
        repeated: { kind: 'fact' },
        shown: ({ acknowledgements }) => acknowledgements.get(fingerprint),
      }),
  }),
  operation({
    id: 'listAcknowledgements',
    method: 'get',
    path: '/alerts/acknowledgements',
    tag,
    summary: 'Lists the last acknowledgement of each alert',
    query: z.strictObject({ ...paging, acknowledgedBy: queryText.optional() }),
    body: noBody,
    answer: { name: 'AcknowledgementPage', schema: pageOf(acknowledgementView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = [...ledger.state.acknowledgements].filter(
        ([, { acknowledgedBy }]) => (query.acknowledgedBy ?? acknowledgedBy) === acknowledgedBy,
      );
      return page(wanted, query, (each) => each);
    },
  }),
];
