/** The ledger itself: its records, its end, whether it is whole, who is in it. */
import { z } from 'zod';
import { eventTypes, operatorRole, sha256, time } from '../event.ts';
import { report } from '../report.ts';
import { done, notFound } from './answer.ts';
import { anyQuery, noBody, type Operation, operation } from './operation.ts';
import { page, paging, queryText } from './paging.ts';
import { append, submission } from './submit.ts';
import { pageOf, traced } from './view.ts';

const tag = 'Ledger';

const recordView = z.looseObject({
  schemaVersion: z.int(),
  seq: z.int().min(1),
  prev: sha256.nullable(),
  id: z.uuid(),
  type: z.string(),
  at: time,
  operator: z.string(),
  data: z.record(z.string(), z.unknown()),
  artifacts: z.array(z.looseObject({ path: z.string(), sha256, bytes: z.int().min(0) })),
  gitCommit: z.string().nullable(),
  hash: sha256,
  signature: z.string(),
});

const headView = z.looseObject({
  seq: z.int().min(1),
  hash: sha256,
  at: time,
  operator: z.string(),
  signature: z.string().meta({
    description: 'Of larder-ledger-head, seq, hash and at, a line each, in the namespace larder-ledger-head.',
  }),
});

const verificationView = z.looseObject({
  kind: z.enum(['whole', 'broken']),
  findings: z
    .array(z.looseObject({ kind: z.string(), message: z.string(), path: z.string().optional() }))
    .meta({ description: 'The first broken link comes first.' }),
});

const criterionView = z.looseObject({
  id: z.string(),
  verdict: z.looseObject({ kind: z.enum(['met', 'missed', 'not-known']) }),
});

const reportView = z.looseObject({
  from: time,
  at: time,
  quarter: z.string(),
  records: z.looseObject({ read: z.int(), notCounted: z.int() }),
  counts: z.looseObject({ met: z.int(), missed: z.int(), 'not-known': z.int() }),
  criteria: z.array(criterionView),
});

const operatorView = z.looseObject({
  operatorId: z.string(),
  role: operatorRole,
  keys: z.array(z.looseObject({ publicKey: z.string(), addedAt: time, endedAt: time.optional() })),
  expiresAt: time.optional(),
  addedAt: time,
  removed: z.looseObject({ at: time, reason: z.string() }).optional(),
  ...traced,
});

export const recordOperations: readonly Operation[] = [
  operation({
    id: 'getHead',
    method: 'get',
    path: '/ledger/head',
    tag,
    summary: 'The newest record, by number and hash, signed',
    query: anyQuery,
    body: noBody,
    answer: { name: 'Head', schema: headView },
    problems: [409],
    handle: async ({ head }) => done(await head()),
  }),
  operation({
    id: 'verifyLedger',
    method: 'get',
    path: '/ledger/verify',
    tag,
    summary: 'Whether the ledger is whole, looked at now',
    description: 'What `larder ledger verify` says. A broken ledger is an answer too: 200, with `kind: broken`.',
    query: anyQuery,
    body: noBody,
    answer: { name: 'Verification', schema: verificationView },
    handle: async ({ verify }) => done(await verify()),
  }),
  operation({
    id: 'listRecords',
    method: 'get',
    path: '/ledger/records',
    tag,
    summary: 'Lists records, oldest first',
    query: z.strictObject({ ...paging, type: z.enum(eventTypes).optional(), operator: queryText.optional() }),
    body: noBody,
    answer: { name: 'RecordPage', schema: pageOf(recordView) },
    problems: [404],
    handle({ ledger }, { query }) {
      const wanted = ledger.records.filter(
        ({ type, operator }) => (query.type ?? type) === type && (query.operator ?? operator) === operator,
      );
      return page(
        wanted.map((record) => [record.id, record]),
        query,
        (record) => record,
      );
    },
  }),
  operation({
    id: 'getRecord',
    method: 'get',
    path: '/ledger/records/{id}',
    tag,
    summary: 'One record, as it was signed',
    query: anyQuery,
    body: noBody,
    answer: { name: 'Record', schema: recordView },
    problems: [404],
    handle({ ledger }, { params: { id = '' } }) {
      const found = ledger.records.find((record) => record.id === id);
      return found === undefined ? notFound(`record ${id}`) : done(found);
    },
  }),
  operation({
    id: 'appendRecord',
    method: 'post',
    path: '/ledger/records',
    tag,
    summary: 'Appends a record that the client has signed',
    description:
      'The record must follow the head that `GET /ledger/head` names. When another record came in between the answer is 409 with the new `head`: sign again.',
    query: anyQuery,
    body: { name: 'Submission', schema: submission, examples: [] },
    answer: { name: 'Record', schema: recordView },
    makes: true,
    bodyLimitBytes: 32 * 1024 * 1024,
    handle: append,
  }),
  operation({
    id: 'listOperators',
    method: 'get',
    path: '/ledger/operators',
    tag,
    summary: 'Lists who signs in this ledger, with their public keys, also those who were removed',
    query: z.strictObject(paging),
    body: noBody,
    answer: { name: 'OperatorPage', schema: pageOf(operatorView) },
    problems: [404],
    handle: ({ ledger }, { query }) => page(ledger.state.operators, query, (each) => each),
  }),
  operation({
    id: 'getReport',
    method: 'get',
    path: '/report',
    tag,
    summary: 'The success criteria, computed from the records',
    query: z.strictObject({
      from: time.optional().meta({ description: 'Begin of what is measured over days (default: 30 days ago).' }),
    }),
    body: noBody,
    answer: { name: 'Report', schema: reportView },
    handle: ({ ledger, clock }, { query: { from } }) =>
      done(report(ledger.state, clock.now(), from === undefined ? undefined : Math.min(Date.parse(from), clock.now()))),
  }),
];
