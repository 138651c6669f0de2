/** Health, drift and nodes of the cluster, as somebody observed and recorded them. */
import { z } from 'zod';
import { clusterNode, driftReport, nodeRole, probe } from '../event.ts';
import { newId } from '../new-id.ts';
import { done, notFound } from './answer.ts';
import { record } from './desk.ts';
import { health } from './health.ts';
import { anyQuery, noBody, type Operation, operation } from './operation.ts';
import { page, paging } from './paging.ts';
import { driftView, healthView, nodeView, pageOf } from './view.ts';

const tag = 'Cluster';
const node = { name: 'ClusterNode', schema: nodeView };

const nodeExample = {
  hostname: 'pi-cluster-1',
  role: 'server-agent',
  hardwareProfile: 'Raspberry Pi 4B 8 GB',
  ipAddress: '192.168.10.11',
  etcdPeer: '192.168.10.11',
  labels: { 'topology.kubernetes.io/zone': 'shelf' },
  ansibleInventoryGroup: 'k3s_server',
};

const probeExample = {
  observedAt: '2026-03-12T07:00:00Z',
  controlPlaneHealthy: true,
  workerCount: 1,
  etcdQuorum: true,
};

const driftExample = {
  reportId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1d001',
  observedAt: '2026-03-12T07:05:00Z',
  verdict: 'drift',
  findings: [{ kind: 'manifest', object: 'Deployment/ingress', message: 'replicas: 2 in git, 3 on the cluster' }],
};

export const clusterOperations: readonly Operation[] = [
  operation({
    id: 'getClusterHealth',
    method: 'get',
    path: '/health/cluster',
    tag,
    summary: 'What the last probe said',
    description:
      'Larder does not ask the cluster here. `status` is unknown, and nothing counts as healthy, until a probe is recorded; `observedAt` says how old the answer is.',
    query: anyQuery,
    body: noBody,
    answer: { name: 'ClusterHealth', schema: healthView },
    handle: ({ ledger }) => done(health(ledger.state)),
  }),
  operation({
    id: 'recordClusterHealth',
    method: 'post',
    path: '/health/probes',
    tag,
    summary: 'Records a probe of the cluster',
    query: anyQuery,
    body: { name: 'Probe', schema: probe, examples: [{ summary: 'All is well', value: probeExample }] },
    answer: { name: 'ClusterHealth', schema: healthView },
    makes: true,
    handle: (desk, { body }) =>
      record(desk, { type: 'probe-recorded', data: body, repeated: { kind: 'fact' }, shown: health }),
  }),
  operation({
    id: 'getDrift',
    method: 'get',
    path: '/drift',
    tag,
    summary: 'The last drift report',
    query: anyQuery,
    body: noBody,
    answer: { name: 'Drift', schema: driftView },
    handle: ({ ledger }) => done(ledger.state.drift ?? { verdict: 'unknown', findings: [], observedAt: null }),
  }),
  operation({
    id: 'recordDrift',
    method: 'post',
    path: '/drift',
    tag,
    summary: 'Records a drift report',
    query: anyQuery,
    body: {
      name: 'DriftReport',
      schema: driftReport.extend({ reportId: newId }),
      examples: [{ summary: 'One finding', value: driftExample }],
    },
    answer: { name: 'Drift', schema: driftView },
    makes: true,
    handle: (desk, { body }) =>
      record(desk, {
        type: 'drift-reported',
        data: body,
        repeated: { kind: 'id', is: (data) => data['reportId'] === body.reportId },
        shown: ({ driftReports }) => driftReports.get(body.reportId),
      }),
  }),
  operation({
    id: 'listNodes',
    method: 'get',
    path: '/nodes',
    tag,
    summary: 'Lists nodes, also removed ones',
    query: z.strictObject({ ...paging, role: nodeRole.optional() }),
    body: noBody,
    answer: { name: 'ClusterNodePage', schema: pageOf(nodeView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = [...ledger.state.nodes].filter(([, { role }]) => (query.role ?? role) === role);
      return page(wanted, query, (each) => each);
    },
  }),
  operation({
    id: 'getNode',
    method: 'get',
    path: '/nodes/{nodeId}',
    tag,
    summary: 'One node',
    query: anyQuery,
    body: noBody,
    answer: node,
    problems: [404],
    handle({ ledger }, { params: { nodeId = '' } }) {
      const found = ledger.state.nodes.get(nodeId);
      return found === undefined ? notFound(`node ${nodeId}`) : done(found);
    },
  }),
  operation({
    id: 'putNode',
    method: 'put',
    path: '/nodes/{nodeId}',
    tag,
    summary: 'Records a node as it is now',
    query: anyQuery,
    body: {
      name: 'ClusterNodeRequest',
      schema: clusterNode.omit({ nodeId: true }),
      examples: [{ summary: 'A server', value: nodeExample }],
    },
    answer: node,
    makes: true,
    handle: (desk, { body, params: { nodeId = '' } }) =>
      record(desk, {
        type: 'node-recorded',
        data: { ...body, nodeId },
        repeated: { kind: 'state', records: ({ nodes }) => nodes.get(nodeId)?.records },
        shown: ({ nodes }) => nodes.get(nodeId),
        location: `/nodes/${encodeURIComponent(nodeId)}`,
      }),
  }),
];
