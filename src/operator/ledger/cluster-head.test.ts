import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Remembered } from '../../ledger/head-source.ts';
import { type AskHead, clusterHead } from './cluster-head.ts';
import type { LedgerReader, Reply } from './reader.ts';

const never = new AbortController().signal;
const head = { seq: 2, hash: 'a'.repeat(64), at: '2026-01-01T00:00:00.000Z', operator: 'ana', signature: 'x' };

/** One that answers an overview, and the standing of whatever head it is asked about. */
function reader(overview: Reply<object>, asked: unknown[] = []): LedgerReader {
  return {
    where: 'https://ledger',
    async ask(name, question): Promise<Reply<never>> {
      asked.push([name, question]);
      const reply: Reply<object> = name === 'overview' ? overview : { kind: 'answer', value: { kind: 'same' } };
      return JSON.parse(JSON.stringify(reply));
    },
    verifyAnew: () => undefined,
    close: async () => undefined,
  };
}

const known: Reply<object> = { kind: 'answer', value: { kind: 'ledger', ledgerId: 'l-1' } };
const remembering =
  (remembered: Remembered): AskHead =>
  async () =>
    remembered;

test('the head that the cluster has of this ledger is what is compared', async () => {
  const asked: unknown[] = [];
  const ids: string[] = [];
  const askHead: AskHead = async (id) => {
    ids.push(id);
    return { kind: 'looked', heads: [{ where: 'ConfigMap a/b', head, counts: async () => true }] };
  };
  assert.deepEqual(await clusterHead(reader(known, asked), askHead, never), { kind: 'same' });
  assert.deepEqual(ids, ['l-1']);
  assert.deepEqual(asked[1], ['standing', { where: 'ConfigMap a/b', head }], 'what a thread can be sent');
});

test('what cannot be read is said with the reason, and is never taken for agreement', async () => {
  const at = async (ledger: LedgerReader | undefined, askHead: AskHead | undefined) =>
    clusterHead(ledger, askHead, never);
  const forbidden = 'get configmaps larder-system/larder-ledger-head: forbidden (403 Forbidden)';
  const failed: Reply<object> = { kind: 'failed', code: 'LARDER_LEDGER_UNREACHABLE', message: 'no answer' };
  assert.deepEqual(await at(undefined, undefined), { kind: 'none' });
  assert.deepEqual(await at(reader(known), remembering({ kind: 'not-looked', why: forbidden })), {
    kind: 'not read',
    why: forbidden,
  });
  assert.deepEqual(await at(reader(known), () => Promise.reject(new Error('connect ECONNREFUSED'))), {
    kind: 'not read',
    why: 'connect ECONNREFUSED',
  });
  assert.deepEqual(await at(reader(failed), remembering({ kind: 'looked', heads: [] })), {
    kind: 'not read',
    why: 'the ledger was not read: no answer (LARDER_LEDGER_UNREACHABLE)',
  });
  const empty: Reply<object> = { kind: 'answer', value: { kind: 'ledger', ledgerId: '' } };
  assert.equal((await at(reader(empty), remembering({ kind: 'looked', heads: [] }))).kind, 'not read');
  assert.equal((await at(reader(known), undefined)).kind, 'not read');
  const silent = remembering({ kind: 'looked', heads: [], note: 'ConfigMap a/b says nothing of this ledger' });
  assert.deepEqual(await at(reader(known), silent), {
    kind: 'silent',
    said: 'ConfigMap a/b says nothing of this ledger',
  });
});
