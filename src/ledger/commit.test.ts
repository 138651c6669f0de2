import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock, systemRandom } from '../telemetry/clock.ts';
import { commitRecords } from './commit.ts';
import { trailerSource } from './head-trailer.ts';
import { keySigner } from './key-signer.ts';
import { type LedgerRecord, recordPath, recordText } from './record.ts';
import {
  HEAD_NAMESPACE,
  headJson,
  headText,
  readHead,
  readHeadWords,
  type SignedHead,
  signHead,
} from './signed-head.ts';
import { publicKeyText, sshBlob } from './ssh-public-key.ts';
import { verifySignature } from './ssh-signature.ts';

const by = { clock: systemClock, random: systemRandom };

function repositoryFor(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'larder-commit-'));
  t.after(() => rmSync(root, { recursive: true }));
  gitIn(root, 'init', '-q', '-b', 'main');
  gitIn(root, 'config', 'user.name', 'ana');
  gitIn(root, 'config', 'user.email', 'ana@example.org');
  return root;
}

function gitIn(root: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', root, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** On disk, with an artifact of its own. What is in it does not matter to a commit. */
function recordIn(root: string, seq: number): LedgerRecord {
  const artifact = `docs/governance/reviews/2026-03-01-x/${String(seq).padStart(12, '0')}-notes.txt`;
  const record: LedgerRecord = {
    ...{ schemaVersion: 1, seq, prev: 'ab'.repeat(32), id: randomUUID(), at: '2026-03-01T12:00:00.000Z' },
    type: 'operator-removed',
    operator: 'ana',
    data: { operatorId: 'ben', reason: 'left' },
    artifacts: [{ path: artifact, sha256: 'cd'.repeat(32), bytes: 5 }],
    gitCommit: null,
    ...{ hash: String(seq).padStart(64, '0'), signature: '-----BEGIN SSH SIGNATURE-----\n' },
  };
  write(root, artifact, 'notes');
  write(root, recordPath(record), recordText(record));
  return record;
}

async function headOf(record: LedgerRecord): Promise<SignedHead> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
  const signer = keySigner(privateKey, publicKeyText(sshBlob(publicKey) ?? Buffer.alloc(0)));
  return signHead(record, { operator: 'ana', signer });
}

test('a head is itself again from the trailer of a commit, whatever git is set to, and its signature holds', async (t) => {
  const root = repositoryFor(t);
  const record = recordIn(root, 42);
  const head = await headOf(record);
  assert.equal((await trailerSource(root).look()).kind, 'looked');
  const settings = ['grep.patternType=fixed', 'log.showSignature=true', 'color.ui=always', 'commit.cleanup=scissors'];
  for (const setting of [...settings, 'commit.verbose=true', 'core.quotePath=true', 'status.showUntrackedFiles=no']) {
    const [name = '', value = ''] = setting.split('=');
    gitIn(root, 'config', name, value);
  }
  const committed = await commitRecords({ ...by, root, records: [record], head });
  assert.equal(committed.kind, 'committed');
  assert.equal(gitIn(root, 'log', '-1', '--format=%s').trim(), `ledger: 42 operator-removed ${record.id}`);
  const looked = await trailerSource(root).look();
  assert.ok(looked.kind === 'looked' && looked.heads.length === 1);
  const [remembered] = looked.heads;
  assert.deepEqual(remembered?.head, head);
  assert.match(remembered?.where ?? '', /^commit [0-9a-f]{7,}$/);
  const { kind } = await verifySignature({
    message: headText(head),
    namespace: HEAD_NAMESPACE,
    signature: head.signature,
  });
  assert.equal(kind, 'valid');
  assert.ok(
    gitIn(root, 'log', '-1', '--format=%B')
      .split('\n')
      .every((line) => line.length <= 72),
    'a long line',
  );
  assert.deepEqual(readHead(headJson(head)), head);
});

test('a commit takes nothing that is not the ledger’s, and leaves the index as it was', async (t) => {
  const root = repositoryFor(t);
  write(root, 'README.md', 'one');
  gitIn(root, 'add', '.');
  gitIn(root, 'commit', '-qm', 'first');
  write(root, 'staged.txt', 'staged');
  gitIn(root, 'add', 'staged.txt');
  write(root, 'README.md', 'two');
  write(root, 'docs/governance/reviews/2026-03-01-x/mine.txt', 'mine');
  write(root, 'docs/governance/ledger/notes.txt', 'foreign');
  const record = recordIn(root, 1);
  await commitRecords({ ...by, root, records: [record] });
  const committed = gitIn(root, 'show', '--name-only', '--format=').trim().split('\n');
  assert.deepEqual(committed.sort(), [record.artifacts[0]?.path, recordPath(record)].sort());
  const lines = ['A  staged.txt', ' M README.md', '?? docs/governance/ledger/notes.txt'];
  const status = gitIn(root, 'status', '--porcelain').trimEnd().split('\n');
  assert.deepEqual(status.sort(), [...lines, '?? docs/governance/reviews/2026-03-01-x/mine.txt'].sort());
  assert.equal((await commitRecords({ ...by, root, records: [record] })).kind, 'nothing');
});

test('a record that was changed after it was committed is not committed', async (t) => {
  const root = repositoryFor(t);
  const record = recordIn(root, 1);
  await commitRecords({ ...by, root, records: [record] });
  write(root, recordPath(record), `${recordText(record)} `);
  assert.equal((await commitRecords({ ...by, root, records: [record] })).kind, 'nothing');
});

test('a hook that refuses is told; the next commit takes what was left', async (t) => {
  const root = repositoryFor(t);
  write(root, '.git/hooks/pre-commit', '#!/bin/sh\necho "not today" >&2\nexit 1\n');
  execFileSync('chmod', ['+x', join(root, '.git/hooks/pre-commit')]);
  const first = recordIn(root, 1);
  assert.deepEqual(await commitRecords({ ...by, root, records: [first] }), { kind: 'failed', why: 'not today' });
  assert.match(gitIn(root, 'status', '--porcelain', '-uall'), /^\?\? docs\/governance\/ledger/m);
  assert.equal(readFileSync(join(root, recordPath(first)), 'utf8'), recordText(first));
  rmSync(join(root, '.git/hooks/pre-commit'));
  const second = recordIn(root, 2);
  const committed = await commitRecords({ ...by, root, records: [first, second] });
  assert.ok(committed.kind === 'committed' && committed.records === 2);
  assert.equal(gitIn(root, 'log', '-1', '--format=%s').trim(), 'ledger: 1-2, 2 records');
});

/** Each wait is over at once, takes a second, and `waited` is told. */
function quickClock(waited: () => void): Clock {
  let ms = 0;
  return {
    ...systemClock,
    monotonic: () => ms,
    after(_length, fire) {
      ms += 1_000;
      setImmediate(fire);
      waited();
      return { cancel: () => undefined };
    },
  };
}

test('where another git holds the index, the commit waits for it, and gives up in the end', async (t) => {
  const root = repositoryFor(t);
  const record = recordIn(root, 1);
  const lock = join(root, '.git/index.lock');
  writeFileSync(lock, '');
  let waits = 0;
  const freed = quickClock(() => {
    waits += 1;
    if (waits === 3) rmSync(lock);
  });
  const committed = await commitRecords({ ...by, clock: freed, root, records: [record] });
  assert.equal(committed.kind, 'committed', JSON.stringify(committed));
  writeFileSync(lock, '');
  const more = recordIn(root, 2);
  const never = await commitRecords({ ...by, clock: quickClock(() => undefined), root, records: [record, more] });
  assert.ok(never.kind === 'failed' && /index\.lock': File exists/.test(never.why), JSON.stringify(never));
});

test('of many who commit at once each one ends well, and all is committed', async (t) => {
  const root = repositoryFor(t);
  const records = [1, 2, 3, 4, 5, 6].map((seq) => recordIn(root, seq));
  const outcomes = await Promise.all(
    records.map((_, index) => commitRecords({ ...by, root, records: records.slice(0, index + 1) })),
  );
  assert.deepEqual(
    outcomes.filter(({ kind }) => kind === 'failed'),
    [],
  );
  assert.equal(gitIn(root, 'status', '--porcelain'), '');
});

test('a commit that git cannot sign as its user wants is told', async (t) => {
  const root = repositoryFor(t);
  gitIn(root, 'config', 'commit.gpgSign', 'true');
  gitIn(root, 'config', 'gpg.program', 'false');
  const committed = await commitRecords({ ...by, root, records: [recordIn(root, 1)] });
  assert.ok(committed.kind === 'failed' && /sign/.test(committed.why), JSON.stringify(committed));
});

test('trailers of branches that were merged, and of commits that took the ledger away, are found', async (t) => {
  const root = repositoryFor(t);
  const first = recordIn(root, 1);
  await commitRecords({ ...by, root, records: [first], head: await headOf(first) });
  gitIn(root, 'checkout', '-qb', 'other');
  const second = recordIn(root, 2);
  await commitRecords({ ...by, root, records: [first, second], head: await headOf(second) });
  gitIn(root, 'checkout', '-q', 'main');
  write(root, 'README.md', 'main goes on');
  gitIn(root, 'add', 'README.md');
  gitIn(root, 'commit', '-qm', 'main');
  gitIn(root, 'merge', '-q', '-s', 'ours', '-m', 'drops what the branch had', 'other');
  gitIn(root, 'rm', '-rq', 'docs');
  gitIn(root, 'commit', '-qm', 'no ledger any more');
  const looked = await trailerSource(root).look();
  assert.ok(looked.kind === 'looked');
  assert.deepEqual(looked.heads.map(({ head }) => head?.seq).sort(), [1, 2]);
});

test('words and texts that are no head are none', () => {
  for (const text of ['', '{', 'null', '{"seq":1}', '[]']) assert.equal(readHead(text), undefined, text);
  for (const line of ['', '1', '0 a b c', `1 ${'a'.repeat(64)} yesterday ana AAAA`, '-1', '1e3']) {
    assert.equal(readHeadWords(line.split(' ')), undefined, line);
  }
});
