/** Records that clients sign themselves, and the client that does so for `--ledger URL`. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { storedArtifact } from '../../src/ledger/artifact.ts';
import { drafted, sealed } from '../../src/ledger/draft.ts';
import { type LedgerRecord, SIGNATURE_NAMESPACE, unsignedText } from '../../src/ledger/record.ts';
import { remoteLedger } from '../../src/ledger/remote.ts';
import type { Signer } from '../../src/ledger/signer.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { type ApiSite, apiSite, TOKEN } from './api-site.ts';
import { ann, bob, incident, openLedger } from './site.ts';

interface Making {
  readonly by?: Signer;
  readonly operator?: string;
  readonly at?: string;
  readonly files?: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
}

async function signed(name: string, parent: LedgerRecord, { by = ann, operator = 'ann', at, files = [] }: Making = {}) {
  const draft = drafted({
    ...{ event: incident(name), id: randomUUID(), operator, parents: [parent], artifacts: files, gitCommit: null },
    at: at ?? new Date(Math.max(Date.now(), Date.parse(parent.at))).toISOString(),
  });
  const file = sealed(draft, await by.sign(unsignedText(draft), SIGNATURE_NAMESPACE));
  if (file.kind === 'bad') throw new Error(file.finding.message);
  return file.record;
}

const submit = ({ ask }: ApiSite, record: unknown, artifacts?: unknown) =>
  ask('POST', '/ledger/records', { record, ...(artifacts === undefined ? {} : { artifacts }) });

test('a signed record is taken as it stands, once; one that does not follow the head is told the head', async (t) => {
  const site = await apiSite(t);
  const { ledger, ask } = site;
  const first = ledger.head;
  const record = await signed('one', first);
  const made = await submit(site, record);
  assert.deepEqual([made.status, made.headers['location']], [201, `/ledger/records/${record.id}`], made.text);
  assert.deepEqual(made.body, JSON.parse(JSON.stringify(record)));
  assert.deepEqual(ledger.head, record);
  assert.equal((await submit(site, record)).status, 200, 'sent again, because the answer was lost');
  const late = await submit(site, await signed('late', first));
  assert.deepEqual([late.status, late.body['code']], [409, 'LARDER_LEDGER_STALE']);
  assert.deepEqual(late.body['head'], { seq: 2, hash: record.hash, at: record.at });
  const twin = await submit(site, { ...(await signed('twin', ledger.head)), id: record.id });
  assert.deepEqual([twin.status, twin.body['code']], [409, 'LARDER_LEDGER_CONFLICT']);
  assert.equal(ledger.records.length, 2);
  assert.equal((await ask('GET', '/ledger/verify')).body['kind'], 'whole');
});

test('what is not what its signer signed, or is signed by nobody, is refused and leaves nothing behind', async (t) => {
  const site = await apiSite(t);
  const { ledger } = site;
  const record = await signed('one', ledger.head);
  const other = await signed('other', ledger.head);
  const wrong: readonly (readonly [string, unknown])[] = [
    ['another hash', { ...record, hash: other.hash }],
    ['another signature', { ...record, signature: other.signature }],
    ['other data', { ...record, data: other.data }],
    ['another number', { ...record, seq: 7 }],
    ['a key of nobody', await signed('bob', ledger.head, { by: bob })],
    ['an operator that is none', await signed('bob', ledger.head, { by: bob, operator: 'bob' })],
    ['a time before the head', await signed('early', ledger.head, { at: '2020-01-01T00:00:00.000Z' })],
    ['an unknown type', { ...record, type: 'cheque' }],
    ['no signature', { ...record, signature: '' }],
  ];
  for (const [what, sent] of wrong) {
    const refused = await submit(site, sent);
    assert.ok([409, 422].includes(refused.status), `${what}: ${refused.status} ${refused.text}`);
    assert.equal(refused.type, 'application/problem+json', what);
    assert.equal(ledger.records.length, 1, what);
  }
  assert.deepEqual((await ledger.verify()).findings, []);
});

test('artifacts come with the record, and only those that it names, as it names them', async (t) => {
  const site = await apiSite(t);
  const { ledger, root } = site;
  const content = Buffer.from('--- a\n+++ b\n');
  const at = new Date().toISOString();
  const { path, sha256, bytes } = storedArtifact({ folder: 'one', name: 'kubectl.diff', content }, at);
  const files = [{ path, sha256, bytes }];
  const sent = { path, content: content.toString('base64') };
  const wrong: readonly (readonly [string, unknown])[] = [
    ['none', undefined],
    ['another content', [{ path, content: Buffer.from('nothing').toString('base64') }]],
    ['one that it does not name', [sent, { ...sent, path: path.replace('kubectl', 'helm') }]],
    ['a path that leaves the folder', [{ ...sent, path: 'docs/governance/reviews/../../escaped' }]],
    ['no base64', [{ path, content: '*' }]],
  ];
  for (const [what, artifacts] of wrong) {
    const refused = await submit(site, await signed('one', ledger.head, { at, files }), artifacts);
    assert.ok([409, 422].includes(refused.status), `${what}: ${refused.status} ${refused.text}`);
    assert.equal(existsSync(join(root, path)), false, what);
  }
  const record = await signed('one', ledger.head, { at: new Date().toISOString(), files });
  const made = await submit(site, record, [sent]);
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(readFileSync(join(root, path)), content);
  assert.deepEqual((await ledger.verify()).findings, []);
});

test('the client for --ledger URL signs here, follows a head that moves, and says why it was declined', async (t) => {
  const site = await apiSite(t);
  const url = await site.listen();
  const options = { url, token: TOKEN, signer: ann, clock: systemClock, random: systemRandom };
  const remote = remoteLedger(options);
  assert.equal(await remote.obstacle(), undefined);
  const names = ['a', 'b', 'c', 'd'];
  const elsewhere = await openLedger(site.root);
  const [sent] = await Promise.all([
    Promise.all(names.map((name) => remote.append({ event: incident(name) }))),
    elsewhere.append({ event: incident('beside') }),
  ]);
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    names.map(() => 'appended'),
  );
  const artifact = { folder: 'e', name: 'note.txt', content: Buffer.from('seen') };
  const withFile = await remote.append({ event: incident('e'), artifacts: [artifact] });
  assert.ok(withFile.kind === 'appended' && withFile.record.artifacts.length === 1);
  const again = await remote.append({ event: incident('e') });
  assert.ok(again.kind === 'declined' && again.rules.includes('id-new'), JSON.stringify(again));
  const stranger = remoteLedger({ ...options, signer: bob });
  assert.match((await stranger.obstacle()) ?? '', /no operator .* has the key/);
  const secret = ['AKIA', 'QWERTYUIOP', 'ASDFGH'].join('');
  const leaked = await remote.append({ event: incident(secret) });
  assert.ok(leaked.kind === 'declined' && !leaked.why.includes(secret), JSON.stringify(leaked));
  await assert.rejects(remoteLedger({ ...options, token: 'wrong' }).append({ event: incident('x') }), /no valid token/);
  const { kind, findings, counts } = await site.ledger.verify();
  assert.deepEqual([kind, findings, counts.records], ['whole', [], 7]);
});
