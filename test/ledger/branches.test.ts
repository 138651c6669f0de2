/** Two clones that go on from the same record, and git between them. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ALLOWED_SIGNERS, allowedSigners } from '../../src/ledger/allowed-signers.ts';
import { drafted } from '../../src/ledger/draft.ts';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { recordPath, recordText, SIGNATURE_NAMESPACE, unsignedText } from '../../src/ledger/record.ts';
import { hashOf } from '../../src/ledger/record-file.ts';
import type { Signer } from '../../src/ledger/signer.ts';
import { ann, appended, bob, folder, gitIn, incident, openLedger, repository, signerOf, startLedger } from './site.ts';

const carol = signerOf(3);

function adding(operatorId: string, { publicKey }: Signer): LedgerEvent {
  return { type: 'operator-added', data: { operatorId, role: 'operator', keys: [publicKey] } };
}

function commit(root: string, message: string): void {
  gitIn(root, 'add', '--all');
  gitIn(root, 'commit', '--quiet', '--allow-empty', '--message', message);
}

interface Clones {
  /** Ann's, whose ledger it is. */
  readonly here: Ledger;
  /** Bob's. */
  readonly there: Ledger;
}

/** Ann's repository and bob's clone of it, with both as operators. */
async function clones(t: TestContext): Promise<Clones> {
  const root = repository(t);
  const here = await startLedger(root);
  appended(await here.append({ event: adding('bob', bob) }));
  appended(await here.append({ event: incident('before') }));
  commit(root, 'ledger');
  const clone = folder(t);
  gitIn(clone, 'clone', '--quiet', root, 'clone');
  return { here, there: await openLedger(join(clone, 'clone'), { signer: bob }) };
}

/** Both commit what they have, and ann's repository gets bob's. Whether git could put them together alone. */
function pull({ here, there }: Clones): boolean {
  commit(there.root, 'bob went on');
  commit(here.root, 'ann went on');
  gitIn(here.root, 'fetch', '--quiet', there.root, 'HEAD');
  try {
    gitIn(here.root, 'merge', '--quiet', '--no-edit', 'FETCH_HEAD');
    return true;
  } catch {
    return false;
  }
}

test('git puts two branches together, and a merge makes one history of them', async (t) => {
  const both = await clones(t);
  const { here, there } = both;
  for (const name of ['a', 'b', 'c']) appended(await here.append({ event: incident(`ann-${name}`) }));
  for (const name of ['a', 'b']) appended(await there.append({ event: incident(`bob-${name}`) }));
  assert.equal((await here.merge()).kind, 'one-branch');
  const ends = [here.head.hash, there.head.hash];
  assert.ok(pull(both), 'no file stands on both sides');
  await here.refresh();
  assert.deepEqual(
    here.findings.map(({ kind }) => kind),
    ['unmerged'],
  );
  const refused = await here.append({ event: incident('too early') });
  assert.deepEqual(refused.kind === 'broken' && refused.findings.map(({ kind }) => kind), ['unmerged']);
  const { record } = appended(await here.merge());
  assert.ok(record.type === 'ledger-merged');
  assert.deepEqual(record.data, { parents: ends, conflicts: [] });
  assert.equal(record.seq, 7);
  assert.equal(record.prev, ends[0]);
  assert.deepEqual((await here.verify()).findings, []);
  assert.deepEqual([...here.state.incidents.keys()].sort(), ['ann-a', 'ann-b', 'ann-c', 'before', 'bob-a', 'bob-b']);
  appended(await here.append({ event: incident('after') }));
  commit(here.root, 'merged');
  gitIn(there.root, 'pull', '--quiet', here.root);
  assert.equal((await there.verify()).kind, 'whole');
  assert.equal(appended(await there.append({ event: incident('bob-after') })).record.seq, 9);
  assert.deepEqual((await openLedger(there.root)).records, there.records);
});

test('what one branch did to the other is listed, does not count, and verify finds a list that says otherwise', async (t) => {
  const both = await clones(t);
  const { here, there } = both;
  const revoked = { operatorId: 'bob', key: bob.publicKey, reason: 'his notebook was stolen' };
  appended(await here.append({ event: { type: 'key-revoked', data: revoked } }));
  appended(await here.append({ event: incident('twice') }));
  // Bob's clone knows nothing of it.
  appended(await there.append({ event: incident('twice') }));
  const late = appended(await there.append({ event: incident('bob-b') }));
  const last = appended(await there.append({ event: incident('bob-c') }));
  pull(both);
  await here.refresh();
  const { record } = appended(await here.merge());
  assert.ok(record.type === 'ledger-merged');
  const listed = new Map(record.data.conflicts.map(({ id, rule }) => [id, rule]));
  assert.equal(listed.get(late.record.id), 'signer-key');
  assert.equal(listed.get(last.record.id), 'signer-key');
  assert.deepEqual((await here.verify()).findings, []);
  assert.deepEqual([...here.state.incidents.keys()], ['before', 'twice']);
  const bobs = await openLedger(here.root, { signer: bob });
  const refused = await bobs.append({ event: incident('bob-d') });
  assert.deepEqual(refused.kind === 'refused' && refused.violations.map(({ rule }) => rule), ['signer-key']);
});

test('a merge is no excuse for what was broken in one branch alone', async (t) => {
  const both = await clones(t);
  const { here, there } = both;
  appended(await here.append({ event: incident('a') }));
  // Bob is no admin. His own program lets him add somebody all the same.
  const event = adding('carol', carol);
  const id = '00000000-0000-4000-8000-000000000001';
  const at = there.head.at;
  const draft = drafted({ event, id, at, operator: 'bob', parents: [there.head], artifacts: [], gitCommit: null });
  const record = { ...draft, hash: hashOf(draft), signature: await bob.sign(unsignedText(draft), SIGNATURE_NAMESPACE) };
  writeFileSync(join(there.root, recordPath(record)), recordText(record));
  await there.refresh();
  assert.deepEqual(
    there.findings.map(({ kind, path }) => ({ kind, path })),
    [{ kind: 'rule', path: recordPath(record) }],
  );
  pull(both);
  const merged = await here.merge();
  assert.deepEqual(merged.kind === 'broken' && merged.findings.map(({ kind, path }) => ({ kind, path })), [
    { kind: 'rule', path: recordPath(record) },
  ]);
  assert.equal((await openLedger(here.root)).records.length, 5, 'nothing was written');
});

test('people on both branches: whatever git makes of allowed_signers, the merge writes it', async (t) => {
  const both = await clones(t);
  const { here, there } = both;
  appended(await here.append({ event: adding('carol', carol) }));
  const annThere = await openLedger(there.root, { signer: ann });
  appended(await annThere.append({ event: adding('dave', signerOf(4)) }));
  await there.refresh();
  assert.ok(pull(both));
  const file = join(here.root, ALLOWED_SIGNERS);
  writeFileSync(file, `<<<<<<< ours\n${readFileSync(file, 'utf8')}>>>>>>> theirs\n`); // as where .gitattributes does not count
  const { paths } = appended(await here.merge());
  assert.ok(paths.includes(ALLOWED_SIGNERS));
  assert.equal(readFileSync(file, 'utf8'), allowedSigners(here.state));
  assert.deepEqual([...here.state.operators.keys()].sort(), ['ann', 'bob', 'carol', 'dave']);
  assert.deepEqual((await here.verify()).findings, []);
});

test('three branches, one after the other and together', async (t) => {
  const both = await clones(t);
  const { here, there } = both;
  const third = folder(t);
  gitIn(third, 'clone', '--quiet', here.root, 'clone');
  const thirds = await openLedger(join(third, 'clone'));
  for (const [ledger, name] of [
    [here, 'a'],
    [there, 'b'],
    [thirds, 'c'],
    [thirds, 'd'],
  ] as const) {
    appended(await ledger.append({ event: incident(name) }));
  }
  pull(both);
  pull({ here, there: thirds });
  const { record } = appended(await here.merge());
  assert.ok(record.type === 'ledger-merged');
  assert.equal(record.data.parents.length, 3);
  assert.equal(record.seq, 6);
  appended(await thirds.append({ event: incident('e') }));
  appended(await thirds.append({ event: incident('f') }));
  appended(await thirds.append({ event: incident('g') }));
  commit(here.root, 'merged');
  pull({ here, there: thirds });
  appended(await here.merge());
  assert.deepEqual([...here.state.incidents.keys()].sort(), ['a', 'b', 'before', 'c', 'd', 'e', 'f', 'g']);
  assert.deepEqual((await here.verify()).findings, []);
});

test('another branch of git is no truncation; going back on the same branch is', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  commit(root, 'begun');
  gitIn(root, 'switch', '--quiet', '--create', 'web');
  appended(await ledger.append({ event: incident('on web') }));
  commit(root, 'web');
  gitIn(root, 'switch', '--quiet', 'main');
  const back = await ledger.verify();
  assert.deepEqual(back.findings, []);
  assert.equal(back.counts.records, 1);
  gitIn(root, 'switch', '--quiet', 'web');
  gitIn(root, 'reset', '--quiet', '--hard', 'main');
  const gone = await ledger.verify();
  assert.deepEqual(
    gone.findings.map(({ kind }) => kind),
    ['truncated'],
  );
  assert.match(
    gone.findings[0]?.message ?? '',
    /record 2 .* which this clone \(.*ledger-head\.json\) has seen, is not there: the records here end with 1$/,
  );
  assert.equal((await ledger.append({ event: incident('again') })).kind, 'broken');
});

test('a branch with as many records is another history all the same', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  commit(root, 'begun');
  gitIn(root, 'branch', 'web');
  const main = appended(await ledger.append({ event: incident('on main') })).record;
  commit(root, 'main');
  gitIn(root, 'switch', '--quiet', 'web');
  const web = appended(await ledger.append({ event: incident('on web') })).record;
  assert.equal(web.prev, main.prev);
  commit(root, 'web');
  gitIn(root, 'switch', '--quiet', 'main');
  const next = appended(await ledger.append({ event: incident('on main again') })).record;
  assert.equal(next.prev, main.hash);
  assert.deepEqual((await ledger.verify()).findings, []);
});

test('line ends that git changes do not change hashes', async (t) => {
  const root = repository(t);
  writeFileSync(join(root, '.gitattributes'), '* text=auto eol=crlf\n');
  const ledger = await startLedger(root);
  const content = Buffer.from('one\r\ntwo\nthree\r\n');
  appended(
    await ledger.append({ event: incident('a'), artifacts: [{ folder: 'web', name: 'kubectl.diff', content }] }),
  );
  commit(root, 'ledger');
  const clone = folder(t);
  gitIn(clone, 'clone', '--quiet', root, 'clone');
  const { kind, findings, counts } = await (await openLedger(join(clone, 'clone'))).verify();
  assert.deepEqual(findings, []);
  assert.equal(kind, 'whole');
  assert.deepEqual(counts, { records: 2, artifacts: 1 });
});

test('evidence that leaked is buried with a tombstone: its hash stays, its absence is no finding', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  const artifact = { folder: 'web', name: 'values.yaml', content: Buffer.from('replicas: 3\n') };
  const { record } = appended(await ledger.append({ event: incident('a'), artifacts: [artifact] }));
  const [stored] = record.artifacts;
  assert.ok(stored);
  const { path, sha256 } = stored;
  const wrong = await ledger.append({
    event: { type: 'artifact-tombstoned', data: { path, sha256: '0'.repeat(64), reason: 'it held a key' } },
  });
  assert.equal(wrong.kind, 'refused');
  gitIn(root, 'add', '--all');
  gitIn(root, 'rm', '--quiet', '--force', path);
  assert.deepEqual(
    (await ledger.verify()).findings.map(({ kind }) => kind),
    ['artifact-missing'],
  );
  appended(
    await ledger.append({ event: { type: 'artifact-tombstoned', data: { path, sha256, reason: 'it held a key' } } }),
  );
  assert.deepEqual((await ledger.verify()).findings, []);
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), 'replicas: 4\n');
  assert.deepEqual(
    (await ledger.verify()).findings.map(({ kind }) => kind),
    ['artifact-altered'],
    'another file is not excused',
  );
});
