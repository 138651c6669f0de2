/** Runs that built, rebuilt or upgraded nodes. */
import { z } from 'zod';
import type { EventType } from '../event.ts';
import { done, notFound } from './answer.ts';
import { bootstrapBody, notClientId, rebuildBody, upgradeBody } from './client-body.ts';
import { type Desk, record } from './desk.ts';
import { anyQuery, noBody, type Operation, operation } from './operation.ts';
import { page, paging } from './paging.ts';
import { pageOf, runView, showRun } from './view.ts';

const tag = 'Runs';
const answer = { name: 'ProvisioningRun', schema: runView };

const bootstrapExample = {
  runId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001',
  nodes: [
    { nodeId: 'pi-cluster-1.local', role: 'server-agent' },
    { nodeId: 'pi-cluster-2.local', role: 'server-agent' },
    { nodeId: 'pi-cluster-3.local', role: 'server-agent' },
    { nodeId: 'pi-cluster-4.local', role: 'worker' },
  ],
  startedAt: '2026-03-01T09:00:00Z',
  completedAt: '2026-03-01T09:42:10Z',
  initiatedBy: 'alice',
  diffArtifactsPath: 'docs/governance/reviews/2026-03-01-bootstrap',
};

const rebuildExample = {
  runId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a002',
  nodeId: 'pi-cluster-2.local',
  startedAt: '2026-03-08T18:00:00Z',
  completedAt: '2026-03-08T18:51:30Z',
  initiatedBy: 'alice',
  status: 'success',
  logsPath: 'docs/governance/reviews/2026-03-08-rebuild/ansible.log',
};

const upgradeExample = {
  runId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a003',
  nodes: [{ nodeId: 'pi-cluster-1.local', role: 'server-agent' }],
  fromVersion: 'v1.29.6+k3s2',
  toVersion: 'v1.30.2+k3s1',
  startedAt: '2026-03-15T18:00:00Z',
  completedAt: '2026-03-15T18:12:00+00:00',
  initiatedBy: 'bob',
  status: 'success',
};

function recordRun(desk: Desk, type: EventType, body: { readonly runId: string }) {
  const { runId } = body;
  const refusal = notClientId('runId', runId);
  if (refusal !== undefined) return refusal;
  return record(desk, {
    type,
    data: body,
    repeated: { kind: 'id', is: (data) => data['runId'] === runId },
    shown({ runs }) {
      const run = runs.get(runId);
      return run && showRun(run);
    },
    location: `/operations/runs/${encodeURIComponent(runId)}`,
  });
}

export const runOperations: readonly Operation[] = [
  operation({
    id: 'recordBootstrap',
    method: 'post',
    path: '/operations/bootstrap',
    tag,
    summary: 'Records that a cluster was bootstrapped',
    query: anyQuery,
    body: {
      name: 'BootstrapEvent',
      schema: bootstrapBody,
      examples: [{ summary: 'Four nodes in 43 minutes', value: bootstrapExample }],
    },
    answer,
    makes: true,
    handle: (desk, { body }) => recordRun(desk, 'bootstrap-recorded', body),
  }),
  operation({
    id: 'recordRebuild',
    method: 'post',
    path: '/operations/rebuild',
    tag,
    summary: 'Records that a node was rebuilt, or that this failed',
    description:
      'How long it took is computed from the times. A rebuild of more than 60 minutes is recorded, as a missed objective.',
    query: anyQuery,
    body: {
      name: 'RebuildEvent',
      schema: rebuildBody,
      examples: [{ summary: 'A node in 52 minutes', value: rebuildExample }],
    },
    answer,
    makes: true,
    handle: (desk, { body }) => recordRun(desk, 'rebuild-recorded', body),
  }),
  operation({
    id: 'recordUpgrade',
    method: 'post',
    path: '/operations/upgrade',
    tag,
    summary: 'Records that nodes got another version of k3s, or that this failed',
    query: anyQuery,
    body: {
      name: 'UpgradeEvent',
      schema: upgradeBody,
      examples: [{ summary: 'One server to the next minor', value: upgradeExample }],
    },
    answer,
    makes: true,
    handle: (desk, { body }) => recordRun(desk, 'upgrade-recorded', body),
  }),
  operation({
    id: 'listRuns',
    method: 'get',
    path: '/operations/runs',
    tag,
    summary: 'Lists runs, oldest first',
    query: z.strictObject(paging),
    body: noBody,
    answer: { name: 'ProvisioningRunPage', schema: pageOf(runView) },
    problems: [404],
    handle: ({ ledger }, { query }) => page(ledger.state.runs, query, showRun),
  }),
  operation({
    id: 'getRun',
    method: 'get',
    path: '/operations/runs/{runId}',
    tag,
    summary: 'One run',
    query: anyQuery,
    body: noBody,
    answer,
    problems: [404],
    handle({ ledger }, { params: { runId = '' } }) {
      const run = ledger.state.runs.get(runId);
      return run === undefined ? notFound(`run ${runId}`) : done(showRun(run));
    },
  }),
];
