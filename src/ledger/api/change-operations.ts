/** Changes of the configuration, and the evidence that was taken before they were applied. */
import { z } from 'zod';
import { changeStatus, changeUpdate } from '../event.ts';
import { done, notFound, refused } from './answer.ts';
import { changeBody, evidenceBody, notClientId } from './client-body.ts';
import { type Desk, record } from './desk.ts';
import { anyQuery, noBody, type Operation, operation } from './operation.ts';
import { page, paging } from './paging.ts';
import { changeView, evidenceView, pageOf, showChange, showEvidence } from './view.ts';

const tag = 'Changes';
const answer = { name: 'ConfigurationChange', schema: changeView };
const CHANGE = '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1b001';

const changeExample = {
  changeId: CHANGE,
  featureBranch: 'ingress-timeouts',
  manifestPaths: ['cluster/base/ingress.yaml'],
  status: 'draft',
  diffSummary: 'Longer timeouts for uploads',
  reviewers: ['bob'],
  runbookUpdates: ['docs/runbooks/manual-apply.md'],
};

const evidenceExample = {
  evidenceId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1b002',
  command: 'kubectl diff -f cluster/base/ingress.yaml',
  outputPath: 'docs/governance/reviews/2026-03-10-ingress-timeouts/diff.txt',
  timestamp: '2026-03-10T19:30:00Z',
  operatorId: 'alice',
};

function shownChange(changeId: string) {
  return ({ changes }: Desk['ledger']['state']): unknown => {
    const change = changes.get(changeId);
    return change && showChange(change);
  };
}

function noChange(changeId: string) {
  return notFound(`change ${changeId}`);
}

export const changeOperations: readonly Operation[] = [
  operation({
    id: 'createConfigurationChange',
    method: 'post',
    path: '/operations/configuration-changes',
    tag,
    summary: 'Records a change of the configuration',
    query: anyQuery,
    body: {
      name: 'ConfigurationChangeRequest',
      schema: changeBody,
      examples: [{ summary: 'A draft', value: changeExample }],
    },
    answer,
    makes: true,
    handle(desk, { body }) {
      const { changeId } = body;
      const refusal = notClientId('changeId', changeId);
      if (refusal !== undefined) return refusal;
      return record(desk, {
        type: 'change-created',
        data: body,
        repeated: { kind: 'id', is: (data) => data['changeId'] === changeId },
        shown: shownChange(changeId),
        location: `/operations/configuration-changes/${encodeURIComponent(changeId)}`,
      });
    },
  }),
  operation({
    id: 'attachEvidence',
    method: 'post',
    path: '/operations/configuration-changes/{changeId}/evidence',
    tag,
    summary: 'Attaches what a diff or a dry run showed',
    description: '`outputPath` is kept as text. Larder never opens it.',
    query: anyQuery,
    body: {
      name: 'ManualApplyEvidenceRequest',
      schema: evidenceBody,
      examples: [{ summary: 'The output of kubectl diff', value: evidenceExample }],
    },
    answer: { name: 'ManualApplyEvidence', schema: evidenceView },
    makes: true,
    problems: [404],
    handle(desk, { body, params: { changeId = '' } }) {
      if (!desk.ledger.state.changes.has(changeId)) return noChange(changeId);
      const refusal = notClientId('evidenceId', body.evidenceId);
      if (refusal !== undefined) return refusal;
      if ('changeId' in body && body['changeId'] !== changeId) return otherChange(changeId);
      return record(desk, {
        type: 'evidence-attached',
        data: { ...body, changeId },
        repeated: {
          kind: 'id',
          is: (data) => data['evidenceId'] === body.evidenceId && data['changeId'] === changeId,
        },
        shown({ changes }) {
          const found = changes.get(changeId)?.evidence.find(({ evidenceId }) => evidenceId === body.evidenceId);
          return found && showEvidence(found);
        },
      });
    },
  }),
  operation({
    id: 'updateConfigurationChange',
    method: 'patch',
    path: '/operations/configuration-changes/{changeId}',
    tag,
    summary: 'Records another state of a change; what is given replaces what was there',
    query: anyQuery,
    body: {
      name: 'ConfigurationChangeUpdate',
      schema: changeUpdate.omit({ changeId: true }),
      examples: [{ summary: 'Ready for review', value: { status: 'pending-review' } }],
    },
    answer,
    problems: [404, 409],
    handle(desk, { body, params: { changeId = '' } }) {
      const change = desk.ledger.state.changes.get(changeId);
      if (change === undefined) return noChange(changeId);
      if (Object.keys(body).length === 0) return done(showChange(change));
      return record(desk, {
        type: 'change-updated',
        data: { ...body, changeId },
        repeated: { kind: 'state', records: ({ changes }) => changes.get(changeId)?.records },
        shown: shownChange(changeId),
      });
    },
  }),
  operation({
    id: 'listConfigurationChanges',
    method: 'get',
    path: '/operations/changes',
    tag,
    summary: 'Lists changes, oldest first',
    query: z.strictObject({ ...paging, status: changeStatus.optional() }),
    body: noBody,
    answer: { name: 'ConfigurationChangePage', schema: pageOf(changeView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = [...ledger.state.changes].filter(([, { status }]) => (query.status ?? status) === status);
      return page(wanted, query, showChange);
    },
  }),
  operation({
    id: 'getConfigurationChange',
    method: 'get',
    path: '/operations/configuration-changes/{changeId}',
    tag,
    summary: 'One change with its evidence, approvals and applies',
    query: anyQuery,
    body: noBody,
    answer,
    problems: [404],
    handle({ ledger }, { params: { changeId = '' } }) {
      const change = ledger.state.changes.get(changeId);
      return change === undefined ? noChange(changeId) : done(showChange(change));
    },
  }),
];

function otherChange(changeId: string) {
  const detail = `the body names another change than the path, which says ${changeId}`;
  return refused(409, 'LARDER_LEDGER_CONFLICT', detail);
}
