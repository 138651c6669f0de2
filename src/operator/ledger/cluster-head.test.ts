import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Remembered } from '../../ledger/head-source.ts';
import { clusterHead, type HeadMemory } from './cluster-head.ts';
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
const publish = 'larder ledger publish --namespace storage';
const remembering = (remembered: Remembered): HeadMemory => ({ publish, look: async () => remembered });

test('the head that the cluster has of this ledger is what is compared', async () => {
  const asked: unknown[] = [];
  const ids: string[] = [];
  const memory: HeadMemory = {
    publish,
    async look(id) {
      ids.push(id);
      return { kind: 'looked', heads: [{ where: 'ConfigMap a/b', head, counts: async () => true }] };
    },
  };
  assert.deepEqual(await clusterHead(reader(known, asked), [memory], never), { kind: 'same' });
  assert.deepEqual(ids, ['l-1']);
  assert.deepEqual(asked[1], ['standing', { where: 'ConfigMap a/b', head }], 'what a thread can be sent');
});

test('what cannot be read is said with the reason, and is never taken for agreement', async () => {
  const at = async (ledger: LedgerReader | undefined, ...memories: readonly HeadMemory[]) =>
    clusterHead(ledger, memories, never);
  const failing = { publish, look: () => Promise.reject(new Error('connect ECONNREFUSED')) };
  const forbidden = 'get configmaps larder-system/larder-ledger-head: forbidden (403 Forbidden)';
  const failed: Reply<object> = { kind: 'failed', code: 'LARDER_LEDGER_UNREACHABLE', message: 'no answer' };
  assert.deepEqual(await at(undefined), { kind: 'none' });
  assert.deepEqual(await at(reader(known), remembering({ kind: 'not-looked', why: forbidden })), {
    kind: 'not read',
    why: forbidden,
  });
  assert.deepEqual(await at(reader(known), failing), {
    kind: 'not read',
    why: 'connect ECONNREFUSED',
  });
  assert.deepEqual(await at(reader(failed), remembering({ kind: 'looked', heads: [] })), {
    kind: 'not read',
    why: 'the ledger was not read: no answer (LARDER_LEDGER_UNREACHABLE)',
  });
  const empty: Reply<object> = { kind: 'answer', value: { kind: 'ledger', ledgerId: '' } };
  assert.equal((await at(reader(empty), remembering({ kind: 'looked', heads: [] }))).kind, 'not read');
  assert.equal((await at(reader(known))).kind, 'not read');
  const silent = remembering({ kind: 'looked', heads: [], note: 'ConfigMap a/b says nothing of this ledger' });
  assert.deepEqual(await at(reader(known), silent), {
    kind: 'silent',
    said: 'ConfigMap a/b says nothing of this ledger',
    command: publish,
  });
});

test('of several places the alarm counts first, then that one has the newest; what one says never hides the other', async () => {
  const finding = { weight: 'break', code: 'x', message: 'm', remedy: 'r', subject: '' };
  const at = (where: string): HeadMemory => ({
    publish: `publish to ${where}`,
    look: async () => ({ kind: 'looked', heads: [{ where, head }] }),
  });
  const silent = {
    publish: 'publish to silent',
    look: async () => ({ kind: 'looked', heads: [], note: 'n' }) as const,
  };
  const dumb = remembering({ kind: 'not-looked', why: 'forbidden' });
  const standings: Readonly<Record<string, object>> = {
    differs: { kind: 'differs', where: 'differs', finding },
    same: { kind: 'same', where: 'same', seq: 2 },
    behind: { kind: 'behind', where: 'behind', seq: 1, behind: 1 },
  };
  const ledger: LedgerReader = {
    ...reader(known),
    async ask(name, question): Promise<Reply<never>> {
      const where = 'where' in question ? question.where : '';
      const reply: Reply<object> = name === 'overview' ? known : { kind: 'answer', value: standings[where] ?? {} };
      return JSON.parse(JSON.stringify(reply));
    },
  };
  const kinds = async (...memories: readonly HeadMemory[]) => {
    const [one, other] = [
      await clusterHead(ledger, memories, never),
      await clusterHead(ledger, memories.toReversed(), never),
    ];
    assert.equal(one.kind, other.kind, 'whichever is asked first');
    return one;
  };
  assert.equal((await kinds(at('same'), at('differs'))).kind, 'differs');
  assert.equal((await kinds(dumb, at('differs'))).kind, 'differs');
  assert.equal((await kinds(at('behind'), at('same'))).kind, 'same');
  assert.equal((await kinds(dumb, at('same'))).kind, 'same');
  assert.equal((await kinds(silent, dumb)).kind, 'not read');
  assert.deepEqual(await kinds(silent, at('behind')), { ...standings['behind'], command: 'publish to behind' });
  assert.deepEqual(await clusterHead(ledger, [silent, remembering({ kind: 'looked', heads: [], note: 'o' })], never), {
    kind: 'silent',
    said: 'n; o',
    command: 'publish to silent',
  });
});
